import { counted, type Counts, type Row, type RowResult, type RowViolation } from "./row.ts";

/** Where and when some of a row was run. */
export interface Part {
  /** The day, as `2026-11-24`. */
  readonly date: string;
  readonly machine: string;
  readonly seconds: number;
  readonly tried: number;
}

/** What became of a row, over all its parts. One that could not run is never one that passed. */
export interface RowReport {
  readonly id: string;
  readonly title: string;
  readonly outcome: "held" | "violated" | "not run" | "not built";
  /** Counts, and what else is to be said, in words. */
  readonly figure: string;
  readonly counts: Counts;
  readonly most: Counts;
  readonly note: string | null;
  /** Cases of any kind. */
  readonly tried: number;
  /** Random cases, of which each has a seed of its own. */
  readonly cases: number;
  readonly casesAsked: number;
  /** Whether all that was asked was tried. */
  readonly isComplete: boolean;
  readonly seconds: number;
  readonly firstSeed: number | null;
  readonly violations: readonly RowViolation[];
  readonly parts: readonly Part[];
}

/** A row before its first part. */
export function emptyReport({ id, title, run }: Row, missing?: string): RowReport {
  const outcome = run === undefined ? "not built" : "not run";
  return {
    id,
    title,
    outcome,
    figure: missing ?? (run === undefined ? "comes with what it tests" : "nothing was tried"),
    counts: {},
    most: {},
    note: null,
    tried: 0,
    cases: 0,
    casesAsked: 0,
    isComplete: false,
    seconds: 0,
    firstSeed: null,
    violations: [],
    parts: [],
  };
}

/** What one more part adds. */
export interface Added {
  readonly result: RowResult;
  readonly cases: number;
  readonly casesAsked: number;
  readonly isComplete: boolean;
  readonly part: Part;
}

/** The report with one more part. */
export function withPart(before: RowReport, added: Added): RowReport {
  const { result, casesAsked, isComplete, part } = added;
  const counts = mapped(before.counts, result.counts, (a, b) => a + b);
  const most = mapped(before.most, result.most, Math.max);
  const note = result.note ?? before.note;
  const tried = before.tried + result.tried;
  const violations = [...before.violations, ...result.violations];
  return {
    ...before,
    // A row that tried nothing proves nothing.
    outcome: violations.length > 0 ? "violated" : tried === 0 ? "not run" : "held",
    figure: figureOf(counts, most, note),
    counts,
    most,
    note,
    tried,
    cases: before.cases + added.cases,
    casesAsked,
    isComplete,
    seconds: before.seconds + part.seconds,
    firstSeed: violations[0]?.seed ?? null,
    violations,
    parts: joined(before.parts, part),
  };
}

function mapped(one: Counts, other: Counts, join: (a: number, b: number) => number): Counts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [name, join(one[name] ?? 0, other[name] ?? 0)]),
  );
}

/** Parts of one day and machine are one. */
function joined(parts: readonly Part[], part: Part): readonly Part[] {
  const last = parts.at(-1);
  if (last?.date !== part.date || last.machine !== part.machine) return [...parts, part];
  const seconds = last.seconds + part.seconds;
  return [...parts.slice(0, -1), { ...last, seconds, tried: last.tried + part.tried }];
}

function figureOf(counts: Counts, most: Counts, note: string | null): string {
  const words = Object.entries(counts).map(([what, count]) => counted(count, what));
  for (const [what, count] of Object.entries(most)) words.push(`at most ${counted(count, what)}`);
  if (note !== null) words.push(note);
  return words.join(", ");
}
