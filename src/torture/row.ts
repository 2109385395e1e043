import type { Clock, Codecs } from "../types.ts";

export const tiers = ["pr", "nightly", "release"] as const;
export type Tier = (typeof tiers)[number];

/** Between two of them timers and signals get their turn, and memory that is free is given back. */
export type Seeds = AsyncIterable<number> | Iterable<number>;

/** What a row is given. */
export interface RowContext {
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly tier: Tier;
  /** Where chance begins. */
  readonly seed: number;
  /** A seed for each random case, once; what is exhaustive comes on top. They end when enough were drawn, or time is up. */
  readonly seeds: Seeds;
  /** Whether what is exhaustive was done before, by an earlier part of the same row. */
  readonly isContinued: boolean;
  /** Whether the time given is used up: the row ends with what it has. */
  readonly isOver: () => boolean;
}
/** A promise that was not kept, and how to meet it again. */
export interface RowViolation {
  readonly seed: number;
  readonly where: string;
  readonly what: string;
}
/** Figures by what they count, in the singular: `{ state: 41_230, "checked state": 1_204 }`. */
export type Counts = Readonly<Record<string, number>>;

export interface RowResult {
  /** What was tried. Those of several parts are added up. */
  readonly counts: Counts;
  /** The most of something that was ever seen. */
  readonly most: Counts;
  /** What else is to be said. */
  readonly note?: string;
  readonly tried: number;
  readonly violations: readonly RowViolation[];
}
/** One fault of the catalogue: how it is injected, and what must hold. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** Random cases for each tier. */
  readonly cases: Readonly<Record<Tier, number>>;
  /** Absent where what it tests does not exist yet. */
  readonly run?: (context: RowContext) => Promise<RowResult>;
  /** Why it cannot run on this machine, if so. */
  readonly missing?: () => string | undefined;
}

/** Of rows that are exhaustive, and leave nothing to chance. */
export const none: Row["cases"] = { pr: 0, nightly: 0, release: 0 };

/** Violations that a row keeps; further ones are counted alone. */
export const keptViolations = 20;

/** Counts cases and gathers violations. */
export class Tally {
  tried = 0;
  violations: RowViolation[] = [];
  readonly #unit: string;
  readonly #counts: Record<string, number> = {};
  readonly #most: Record<string, number> = {};

  /** @param unit what one case is, in the singular */
  constructor(unit: string) {
    this.#unit = unit;
  }

  /** Runs one case; whatever it throws is a violation. */
  async try(seed: number, where: string, work: () => Promise<void> | void): Promise<void> {
    this.tried += 1;
    await this.guard(seed, where, work);
  }

  /** The same for work that counts its own cases. */
  async guard(seed: number, where: string, work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.add(seed, where, error instanceof Error ? error.message : String(error));
    }
  }

  add(seed: number, where: string, what: string): void {
    if (this.violations.length < keptViolations) this.violations.push({ seed, where, what });
  }

  /** Counts something else that happened. */
  count(what: string, times = 1): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + times;
  }

  /** Remembers the most of something. */
  most(what: string, value: number): void {
    this.#most[what] = Math.max(this.#most[what] ?? 0, value);
  }

  result(note?: string): RowResult {
    const { tried, violations } = this;
    const counts = { [this.#unit]: tried, ...this.#counts };
    const result = { counts, most: this.#most, tried, violations };
    return note === undefined ? result : { ...result, note };
  }
}

/** So many seeds, from one on. */
export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield first + number;
}

/** Whether the time is used up, or enough was found. */
export function isDone({ isOver }: RowContext, { violations }: Tally): boolean {
  return isOver() || violations.length >= keptViolations;
}

/** `3 sizes of a disk`: the plural is that of the last noun before the first preposition. */
export function counted(count: number, what: string): string {
  const [, thing = what, rest = ""] = /^(.+?)( (?:of|at|in|before) .*)?$/.exec(what) ?? [];
  const shown = count === 1 ? what : `${plural(thing)}${rest}`;
  return `${count.toLocaleString("en")} ${shown}`;
}

function plural(thing: string): string {
  if (/Mi?B$/.test(thing)) return thing;
  const stem = thing.replace(/life$/, "live").replace(/([^aeo])y$/, "$1ie");
  return `${stem.replace(/(sh|ch|s)$/, "$1e")}s`;
}
