import type { SimInode } from "./sim-content.ts";

export type SimEntry = SimInode | SimFolder;

/** What happened to the names of one folder in one step: a rename within a folder is one. */
export type NameChange = ReadonlyMap<string, SimEntry | undefined>;

/** The names in a simulated folder. They are volatile until the folder is synced; each step is there or not. */
export class SimFolder {
  #durable: Map<string, SimEntry>;
  readonly #cached: Map<string, SimEntry>;
  #changes: NameChange[] = [];

  constructor(names: ReadonlyMap<string, SimEntry> = new Map()) {
    this.#durable = new Map(names);
    this.#cached = new Map(names);
  }

  get names(): ReadonlyMap<string, SimEntry> {
    return this.#cached;
  }

  /** Steps that are not known to be on the disk, in the order in which they were done. */
  get changes(): readonly NameChange[] {
    return this.#changes;
  }

  change(change: NameChange): void {
    this.#changes.push(change);
    apply(this.#cached, change);
  }

  sync(): void {
    this.#durable = new Map(this.#cached);
    this.#changes = [];
  }

  /** Every entry that may be there after a loss of power. */
  possible(): Set<SimEntry> {
    const found = new Set(this.#durable.values());
    for (const change of this.#changes) {
      for (const entry of change.values()) if (entry !== undefined) found.add(entry);
    }
    return found;
  }

  /** The names that power loss leaves, by whether each step was kept. */
  afterPowerLoss(isKept: readonly boolean[]): ReadonlyMap<string, SimEntry> {
    const names = new Map(this.#durable);
    this.#changes.forEach((change, i) => {
      if (isKept[i] === true) apply(names, change);
    });
    return names;
  }
}

function apply(names: Map<string, SimEntry>, change: NameChange): void {
  for (const [name, entry] of change) {
    if (entry === undefined) names.delete(name);
    else names.set(name, entry);
  }
}

export const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "");
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export function findBelow(root: SimFolder, path: string): SimEntry | undefined {
  let found: SimEntry | undefined = root;
  for (const name of partsOf(path)) {
    found = found instanceof SimFolder ? found.names.get(name) : undefined;
  }
  return found;
}

/** What all files below a folder have together, as the system's cache shows them. */
export function bytesBelow(folder: SimFolder): number {
  let bytes = 0;
  for (const entry of folder.names.values()) {
    bytes += entry instanceof SimFolder ? bytesBelow(entry) : entry.size;
  }
  return bytes;
}
