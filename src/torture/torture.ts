import type { Clock, Codecs } from "../types.ts";
import type { Row, RowResult, RowViolation, Tier } from "./row.ts";

export interface TortureOptions {
  readonly tier: Tier;
  readonly seed: number;
  /** Milliseconds for all rows together; a row gets an equal share of what is left. Without: what the tier says. */
  readonly milliseconds?: number | undefined;
  readonly signal?: AbortSignal;
}

/** What became of a row. One that could not run is never one that passed. */
export interface RowReport {
  readonly id: string;
  readonly title: string;
  readonly outcome: "held" | "violated" | "not run" | "not built";
  readonly figure: string;
  readonly tried: number;
  readonly seconds: number;
  readonly firstSeed: number | null;
  readonly violations: readonly RowViolation[];
}

/** With a time given, rows of chance go on until it is over. */
const endless = Number.MAX_SAFE_INTEGER;

/** Runs rows one behind the other. */
export async function* torture(
  rows: readonly Row[],
  options: TortureOptions,
  { codecs, clock }: { readonly codecs: Codecs; readonly clock: Clock },
): AsyncGenerator<RowReport, void, undefined> {
  const startedAt = clock.monotonic();
  for (const [number, row] of rows.entries()) {
    if (options.signal?.aborted === true) return;
    const now = clock.monotonic();
    const left = (options.milliseconds ?? endless) - (now - startedAt);
    const until = now + left / (rows.length - number);
    const isOver = (): boolean => options.signal?.aborted === true || clock.monotonic() > until;
    const { tier, seed } = options;
    const cases = options.milliseconds === undefined ? row.cases[tier] : endless;
    const missing = row.missing?.();
    if (row.run === undefined || missing !== undefined) {
      yield notRun(row, missing);
      continue;
    }
    const result = await row.run({ codecs, clock, tier, seed, cases, isOver });
    yield reportOf(row, result, (clock.monotonic() - now) / 1000);
  }
}

function notRun({ id, title }: Row, missing: string | undefined): RowReport {
  const outcome = missing === undefined ? "not built" : "not run";
  const figure = missing ?? "comes with what it tests";
  return { id, title, outcome, figure, tried: 0, seconds: 0, firstSeed: null, violations: [] };
}

function reportOf(
  { id, title }: Row,
  { figure, tried, violations }: RowResult,
  seconds: number,
): RowReport {
  // A row that tried nothing proves nothing.
  const outcome = violations.length > 0 ? "violated" : tried === 0 ? "not run" : "held";
  const firstSeed = violations[0]?.seed ?? null;
  return { id, title, outcome, figure, tried, seconds, firstSeed, violations };
}
