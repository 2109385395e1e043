import type { Clock, Codecs } from "../types.ts";

export const tiers = ["pr", "nightly", "release"] as const;
export type Tier = (typeof tiers)[number];

/** What a row is given. */
export interface RowContext {
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly tier: Tier;
  /** Where chance begins. */
  readonly seed: number;
  /** How many random cases the row is asked for; what is exhaustive comes on top. */
  readonly cases: number;
  /** Whether the time given is used up: the row ends with what it has. */
  readonly isOver: () => boolean;
}
/** A promise that was not kept, and how to meet it again. */
export interface RowViolation {
  readonly seed: number;
  readonly where: string;
  readonly what: string;
}
export interface RowResult {
  /** What was tried, in words, such as `41,230 states, 1,204 distinct`. */
  readonly figure: string;
  readonly tried: number;
  readonly violations: readonly RowViolation[];
}
/** One fault of the catalogue: how it is injected, and what must hold. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** Cases for each tier. */
  readonly cases: Readonly<Record<Tier, number>>;
  /** Absent where what it tests does not exist yet. */
  readonly run?: (context: RowContext) => Promise<RowResult>;
  /** Why it cannot run on this machine, if so. */
  readonly missing?: () => string | undefined;
}

/** Violations that a row keeps; further ones are counted alone. */
const keptViolations = 20;

/** Counts cases and gathers violations. */
export class Tally {
  tried = 0;
  violations: RowViolation[] = [];

  /** Runs one case; whatever it throws is a violation. */
  async try(seed: number, where: string, work: () => Promise<void> | void): Promise<void> {
    this.tried += 1;
    try {
      await work();
    } catch (error) {
      this.add(seed, where, error instanceof Error ? error.message : String(error));
    }
  }

  add(seed: number, where: string, what: string): void {
    if (this.violations.length < keptViolations) this.violations.push({ seed, where, what });
  }

  result(figure: string): RowResult {
    return { figure, tried: this.tried, violations: this.violations };
  }
}

/** Whether the time is used up, or enough was found. */
export function isDone({ isOver }: RowContext, { violations }: Tally): boolean {
  return isOver() || violations.length >= keptViolations;
}

export function counted(count: number, what: string): string {
  const many = what.replace(/life$/, "live").replace(/(sh|ch|s)$/, "$1e");
  return `${count.toLocaleString("en")} ${count === 1 ? what : `${many}s`}`;
}
