import { isEverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { RunFiles, Runs, RunSummary } from "../runs/index.ts";
import type { Clock, RunCard } from "../types.ts";
import type { ListedRun, ListQuery } from "./schemas.ts";

type Sort = NonNullable<ListQuery["sort"]>;

const pageSize = 100;

/** The runs of a folder. What was read of a run is kept until its files change, so that ten thousand are listed quickly. */
export class Catalogue {
  readonly #runs: Runs;
  readonly #clock: Clock;
  readonly #facts = new Kept<CardFacts>();
  readonly #rows = new Kept<ListedRun | undefined>();

  constructor(runs: Runs, clock: Clock) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /** Runs in the order asked for; those that hold no tick are left out. */
  async page({ filter = "", sort = "id", limit = pageSize, cursor }: ListQuery): Promise<{
    runs: ListedRun[];
    next?: string;
  }> {
    const isBack = sort.startsWith("-");
    const runs: ListedRun[] = [];
    let last = cursor;
    for (const key of await this.#keys(sort, wordsOf(filter))) {
      if (cursor !== undefined && (isBack ? key >= cursor : key <= cursor)) continue;
      if (runs.length === limit && last !== undefined) return { runs, next: last };
      const row = await this.#row(idOf(key));
      if (row !== undefined) runs.push(row);
      last = key;
    }
    return { runs };
  }

  /** What each run is sorted by; its id stands at the end. Cards are read only if they are asked about. */
  async #keys(sort: Sort, words: readonly string[]): Promise<string[]> {
    const ids = this.#runs.ids();
    this.#facts.keepOnly(ids);
    this.#rows.keepOnly(ids);
    const keys: string[] = [];
    let lastYield = this.#clock.monotonic();
    for (const id of ids) {
      const facts = sort.endsWith("id") && words.length === 0 ? undefined : this.#factsOf(id);
      const isFound = words.every((word) => facts?.text.includes(word));
      if (isFound) keys.push(sort.endsWith("id") ? id : `${facts?.createdAt ?? ""} ${id}`);
      if (this.#clock.monotonic() - lastYield > limits.yieldMilliseconds) {
        await this.#clock.yield();
        lastYield = this.#clock.monotonic();
      }
    }
    keys.sort();
    return sort.startsWith("-") ? keys.reverse() : keys;
  }

  #factsOf(id: string): CardFacts {
    const files = this.#runs.files(id);
    return this.#facts.get(id, files.cardVersion, () => factsOf(files));
  }

  async #row(id: string): Promise<ListedRun | undefined> {
    const { version } = this.#runs.files(id);
    const kept = this.#rows.find(id, version);
    if (kept !== undefined) return kept.value;
    const summary = await this.#runs.summary(id);
    const row = summary === undefined ? undefined : rowOf(summary);
    // A run that is being recorded can end without a trace.
    if (row?.state !== "recording") this.#rows.set(id, version, row);
    return row;
  }
}

/** What a list is sorted and searched by. */
interface CardFacts {
  readonly createdAt: string;
  /** In small letters. */
  readonly text: string;
}

function factsOf(files: RunFiles): CardFacts {
  try {
    const { world, params, labels, createdAt } = files.card();
    const words = [files.id, world.name, ...pairs(params), ...pairs(labels)];
    return { createdAt, text: words.join("\n").slice(0, limits.searchedText).toLowerCase() };
  } catch (error) {
    // It is a row all the same, and says what is wrong with it.
    if (!isEverytickError(error)) throw error;
    return { createdAt: "", text: files.id };
  }
}

function pairs(record: RunCard["params"]): string[] {
  return Object.entries(record).map(([name, value]) => `${name}=${value}`);
}

function wordsOf(filter: string): string[] {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf(" ") + 1);
}

function rowOf({ id, card, state, error, recorded }: RunSummary): ListedRun {
  return {
    id,
    uuid: card?.uuid ?? null,
    world: card === undefined ? null : { name: card.world.name, version: card.world.version },
    seed: card?.seed ?? null,
    params: card?.params ?? {},
    labels: card?.labels ?? {},
    createdAt: card?.createdAt ?? null,
    state,
    error: error?.code ?? null,
    firstTick: recorded?.firstTick ?? null,
    tick: recorded?.tick ?? null,
    bytes: recorded?.bytes ?? null,
  };
}

/** Values by id, each with the version of the files that it was made of. */
class Kept<T> {
  readonly #values = new Map<string, { readonly version: string; readonly value: T }>();

  get(id: string, version: string | undefined, make: () => T): T {
    const kept = this.find(id, version);
    if (kept !== undefined) return kept.value;
    const value = make();
    this.set(id, version, value);
    return value;
  }

  find(id: string, version: string | undefined): { readonly value: T } | undefined {
    const kept = this.#values.get(id);
    return kept !== undefined && kept.version === version ? kept : undefined;
  }

  /** Without a version nothing is kept: nobody could say when it is out of date. */
  set(id: string, version: string | undefined, value: T): void {
    if (version === undefined) this.#values.delete(id);
    else this.#values.set(id, { version, value });
  }

  keepOnly(ids: readonly string[]): void {
    if (this.#values.size <= ids.length) return;
    const wanted = new Set(ids);
    for (const id of this.#values.keys()) if (!wanted.has(id)) this.#values.delete(id);
  }
}
