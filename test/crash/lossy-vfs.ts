/** Files as a disk with a cache has them: what was not synced may be there after a loss of power, or not, or in parts. */
import { EverytickError } from "everytick";
import { MemoryVfs } from "../../src/testing/index.ts";
import type { ByteSource, Lock, Vfs, VfsFile } from "../../src/types.ts";

/** What happened to a file since it was last synced, in order. */
type Change =
  | { readonly kind: "write"; readonly bytes: Uint8Array; readonly offset: number }
  | { readonly kind: "truncate"; readonly size: number };

class Inode {
  durable: Uint8Array = new Uint8Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  changes: Change[] = [];
}

type Entry = Inode | Folder;

/** What happened to the names of a folder since it was last synced; a rename is one step. */
type NameChange = ReadonlyMap<string, Entry | undefined>;

class Folder {
  durable = new Map<string, Entry>();
  names = new Map<string, Entry>();
  changes: NameChange[] = [];

  change(change: NameChange): void {
    this.changes.push(change);
    applyNames(this.names, change);
  }
}

function applyNames(names: Map<string, Entry>, change: NameChange): void {
  for (const [name, entry] of change) {
    if (entry === undefined) names.delete(name);
    else names.set(name, entry);
  }
}

/** Decides the fate of one change that was not synced. */
export type Fate = () => "kept" | "lost" | "torn";

export class LossyVfs implements Vfs {
  readonly #root = new Folder();
  readonly #locks = new Set<string>();
  /** Called after each operation that changes something; may throw, as a process that is killed there. */
  onOperation: (operation: string) => void = () => undefined;

  /** What stands on the disk when power comes back. */
  afterPowerLoss(fate: Fate): MemoryVfs {
    const left = new MemoryVfs();
    copyFolder(this.#root, "", fate, left);
    return left;
  }

  /** The process that holds locks is gone; everything else is as it was. */
  forgetLocks(): void {
    this.#locks.clear();
  }

  makeDirectory(path: string): void {
    let folder = this.#root;
    for (const name of partsOf(path)) {
      let next = folder.names.get(name);
      if (next === undefined) {
        next = new Folder();
        folder.names.set(name, next);
        folder.durable.set(name, next);
      }
      if (next instanceof Inode) throw systemError("EEXIST", path);
      folder = next;
    }
    this.onOperation(`makeDirectory ${path}`);
  }

  list(path: string): string[] | undefined {
    const found = this.#find(path);
    return found instanceof Folder ? [...found.names.keys()].sort() : undefined;
  }

  stat(path: string): { size: number; directory: boolean } | undefined {
    const found = this.#find(path);
    if (found === undefined) return undefined;
    return {
      size: found instanceof Inode ? found.bytes.length : 0,
      directory: found instanceof Folder,
    };
  }

  read(path: string): Uint8Array {
    return this.#file(path).bytes.slice();
  }

  open(path: string, mode: "create" | "update"): VfsFile {
    if (mode === "update") return this.#handle(path, this.#file(path));
    if (this.#find(path) !== undefined) throw systemError("EEXIST", path);
    const inode = new Inode();
    this.#folder(path).change(new Map([[nameOf(path), inode]]));
    this.onOperation(`create ${path}`);
    return this.#handle(path, inode);
  }

  rename(from: string, to: string): void {
    const [source, target] = [this.#folder(from), this.#folder(to)];
    const inode = this.#file(from);
    if (source === target) {
      source.change(
        new Map<string, Entry | undefined>([
          [nameOf(from), undefined],
          [nameOf(to), inode],
        ]),
      );
    } else {
      target.change(new Map([[nameOf(to), inode]]));
      source.change(new Map([[nameOf(from), undefined]]));
    }
    this.onOperation(`rename ${from}`);
  }

  remove(path: string): void {
    this.#file(path);
    this.#folder(path).change(new Map([[nameOf(path), undefined]]));
    this.onOperation(`remove ${path}`);
  }

  syncDirectory(path: string): void {
    const folder = this.#find(path);
    if (!(folder instanceof Folder)) throw systemError("ENOENT", path);
    folder.durable = new Map(folder.names);
    folder.changes = [];
    this.onOperation(`syncDirectory ${path}`);
  }

  source(path: string): ByteSource {
    return {
      size: async () => Promise.resolve(this.#file(path).bytes.length),
      read: async (offset, length) => {
        return Promise.resolve(this.#file(path).bytes.slice(offset, offset + Math.max(0, length)));
      },
      close: async () => Promise.resolve(),
    };
  }

  lock(directory: string): Lock {
    if (this.#locks.has(directory))
      throw new EverytickError("JOURNAL_LOCKED", { where: directory });
    this.#locks.add(directory);
    return { release: () => void this.#locks.delete(directory) };
  }

  lockHolder(directory: string): string | undefined {
    return this.#locks.has(directory) ? "this process" : undefined;
  }

  #handle(path: string, inode: Inode): VfsFile {
    const change = (made: Change): void => {
      inode.changes.push(made);
      inode.bytes = applyChange(inode.bytes, made);
      this.onOperation(`${made.kind} ${path}`);
    };
    return {
      write: (bytes, offset) => change({ kind: "write", bytes: bytes.slice(), offset }),
      truncate: (size) => change({ kind: "truncate", size }),
      sync: () => {
        inode.durable = inode.bytes.slice();
        inode.changes = [];
        this.onOperation(`sync ${path}`);
      },
      close: () => undefined,
    };
  }

  #find(path: string): Entry | undefined {
    let found: Entry | undefined = this.#root;
    for (const name of partsOf(path)) {
      found = found instanceof Folder ? found.names.get(name) : undefined;
    }
    return found;
  }

  #file(path: string): Inode {
    const found = this.#find(path);
    if (found instanceof Inode) return found;
    throw systemError("ENOENT", path);
  }

  #folder(path: string): Folder {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const found = this.#find(parent);
    if (found instanceof Folder) return found;
    throw systemError("ENOENT", parent);
  }
}

function copyFolder(folder: Folder, path: string, fate: Fate, to: MemoryVfs): void {
  const names = new Map(folder.durable);
  for (const change of folder.changes) if (fate() === "kept") applyNames(names, change);
  for (const [name, entry] of names) {
    const full = path === "" ? name : `${path}/${name}`;
    if (entry instanceof Folder) {
      to.makeDirectory(full);
      copyFolder(entry, full, fate, to);
    } else {
      const file = to.open(full, "create");
      file.write(contentAfterLoss(entry, fate), 0);
    }
  }
}

/** Of a torn write the first half is there; where a later one was kept, what lies before it reads as zeros. */
function contentAfterLoss({ durable, changes }: Inode, fate: Fate): Uint8Array {
  let bytes = durable;
  for (const change of changes) {
    const decided = fate();
    if (decided === "lost") continue;
    const isTorn = decided === "torn" && change.kind === "write";
    const done = isTorn
      ? { ...change, bytes: change.bytes.subarray(0, change.bytes.length >> 1) }
      : change;
    bytes = applyChange(bytes, done);
  }
  return bytes;
}

function applyChange(before: Uint8Array, change: Change): Uint8Array {
  const size =
    change.kind === "truncate"
      ? change.size
      : Math.max(before.length, change.offset + change.bytes.length);
  const after = new Uint8Array(size);
  after.set(before.subarray(0, size));
  if (change.kind === "write") after.set(change.bytes, change.offset);
  return after;
}

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "");
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
