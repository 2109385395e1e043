import { assert } from "../assert.ts";
import { limits } from "../limits.ts";
import type { Clock, Codecs } from "../types.ts";
import { emptyReport, type Part, type RowReport, withPart } from "./report.ts";
import { keptViolations, type Row, type RowContext, type RowResult, type Tier } from "./row.ts";

export interface TortureOptions {
  readonly tier: Tier;
  readonly seed: number;
  /** Milliseconds for all rows together; a row gets an equal share of what is left. Without: what the tier says. */
  readonly milliseconds?: number | undefined;
  readonly signal?: AbortSignal;
  /** What an earlier call found of a row: the row goes on from there, to what the tier asks. */
  readonly earlier?: ReadonlyMap<string, RowReport>;
  /** Called with a row's report whenever there is more to keep. */
  readonly keep?: (report: RowReport) => void;
  /** In words, such as `linux x64, Node 24.21.0`. */
  readonly machine: string;
}
export interface TorturePorts {
  readonly codecs: Codecs;
  readonly clock: Clock;
}

/** With a time given and nothing kept, rows of chance go on until it is over. */
const endless = Number.MAX_SAFE_INTEGER;
/** So often a report is kept. */
const partMilliseconds = 60_000;

/** Runs rows one behind the other. */
export async function* torture(
  rows: readonly Row[],
  options: TortureOptions,
  ports: TorturePorts,
): AsyncGenerator<RowReport, void, undefined> {
  const { clock } = ports;
  const startedAt = clock.monotonic();
  for (const [number, row] of rows.entries()) {
    if (options.signal?.aborted === true) return;
    const now = clock.monotonic();
    const left = (options.milliseconds ?? endless) - (now - startedAt);
    yield await runRow(row, now + left / (rows.length - number), options, ports);
  }
}

async function runRow(
  row: Row,
  until: number,
  options: TortureOptions,
  ports: TorturePorts,
): Promise<RowReport> {
  const { tier, keep } = options;
  const known = options.earlier?.get(row.id);
  const missing = row.missing?.();
  if (row.run === undefined || missing !== undefined) {
    const report = known ?? emptyReport(row, missing);
    keep?.(report);
    return report;
  }
  const asked = options.milliseconds === undefined || keep ? row.cases[tier] : endless;
  // What was violated is run anew: what it counted before a repair says nothing of what is there now.
  const isNew = known === undefined || known.violations.length > 0;
  let report = isNew ? emptyReport(row) : { ...known, title: row.title };
  while (!(report.isComplete && report.casesAsked >= asked)) {
    const part = new RowPart(report, { asked, until, options, ports });
    report = await part.run(row.run);
    keep?.(report);
    if (part.isOver || report.violations.length >= keptViolations) break;
  }
  return report;
}

interface PartOptions {
  readonly asked: number;
  readonly until: number;
  readonly options: TortureOptions;
  readonly ports: TorturePorts;
}

/** As much of a row as is kept at once. */
class RowPart {
  readonly #before: RowReport;
  readonly #part: PartOptions;
  readonly #startedAt: number;
  /** Seeds that were drawn. */
  #drawn = 0;
  /** Whether the row's time was used up, or it was interrupted. */
  isOver = false;

  constructor(before: RowReport, part: PartOptions) {
    this.#before = before;
    this.#part = part;
    this.#startedAt = part.ports.clock.monotonic();
  }

  get #seconds(): number {
    return (this.#part.ports.clock.monotonic() - this.#startedAt) / 1000;
  }

  async run(work: (context: RowContext) => Promise<RowResult>): Promise<RowReport> {
    const { asked, options, ports } = this.#part;
    const left = Math.max(0, asked - this.#before.cases);
    const isContinued = this.#before.parts.length > 0;
    const result = await work({
      ...ports,
      tier: options.tier,
      seed: options.seed + this.#before.cases,
      seeds: this.#seeds(left),
      isContinued,
      isOver: () => this.#checkOver(),
    });
    const isComplete = !this.isOver && this.#drawn === left;
    assert(isComplete || this.isOver || this.#drawn > 0, "a row draws no seed");
    // Half of what is exhaustive is nothing to go on from.
    if (
      this.isOver &&
      !isContinued &&
      options.keep &&
      result.violations.length === 0 &&
      this.#drawn === 0
    )
      return this.#before;
    const part: Part = {
      date: new Date(ports.clock.wallTime()).toISOString().slice(0, 10),
      machine: options.machine,
      seconds: this.#seconds,
      tried: result.tried,
    };
    return withPart(this.#before, {
      result,
      cases: this.#drawn,
      casesAsked: asked,
      isComplete,
      part,
    });
  }

  async *#seeds(count: number): AsyncGenerator<number> {
    const { options, ports } = this.#part;
    const first = options.seed + this.#before.cases;
    const { clock } = ports;
    // What is exhaustive came first, and is no part of this.
    const startedAt = clock.monotonic();
    let lastYield = 0;
    while (this.#drawn < count && !this.#checkOver()) {
      if (options.keep && clock.monotonic() - startedAt > partMilliseconds) return;
      if (clock.monotonic() - lastYield > limits.yieldMilliseconds) {
        await clock.yield();
        lastYield = clock.monotonic();
      }
      yield first + this.#drawn++;
    }
  }

  #checkOver(): boolean {
    const { options, ports, until } = this.#part;
    this.isOver ||= options.signal?.aborted === true || ports.clock.monotonic() > until;
    return this.isOver;
  }
}
