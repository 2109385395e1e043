import { EverytickError, isEverytickError } from "../errors.ts";
import type { FrameTable } from "../format/frame-table.ts";
import { damagedError, type JournalReader } from "../journal/journal-reader.ts";
import { limits } from "../limits.ts";
import type { Tick } from "../types.ts";

/** `changes`: elements whose bits changed. `bytes`: of the frames of the tick; keyframes that stand beside them left out. */
type ActivityMeasure = "changes" | "bytes";

export interface ActivityOptions {
  readonly measure: ActivityMeasure;
  /** Default: the first recorded tick. */
  readonly from?: Tick | undefined;
  /** Included. Default: the last recorded tick. */
  readonly to?: Tick | undefined;
  /** At most so many buckets. */
  readonly points: number;
}

/** Bucket i covers the ticks [from + i · width, from + (i + 1) · width), the last one up to `to`. Nothing is sampled. */
export interface Activity {
  readonly from: Tick;
  readonly to: Tick;
  readonly width: number;
  /** Recorded ticks in each bucket; where it is 0, the others are, too. */
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  /** Why ticks of the range cannot be counted. */
  readonly damage: readonly EverytickError[];
}

/** How much each tick of a range changed, in buckets of equal width. @throws TIMELINE_TICK, RECORDER_OPTION */
export async function activityOf(
  journal: JournalReader,
  { measure, points, ...range }: ActivityOptions,
): Promise<Activity> {
  const [first, last] = [await journal.firstStep(), await journal.lastStep()];
  const from = range.from ?? first?.tick ?? 0;
  const to = range.to ?? last?.tick ?? from;
  checkRange(from, to);
  if (!Number.isSafeInteger(points) || points < 1 || points > limits.seriesPoints) {
    const expected = `a whole number from 1 to ${limits.seriesPoints}`;
    throw new EverytickError("RECORDER_OPTION", {
      where: "points",
      expected,
      found: String(points),
    });
  }
  const width = Math.ceil((to - from + 1) / points);
  const buckets = new Buckets(from, width, Math.ceil((to - from + 1) / width));
  const damage: EverytickError[] = [];
  for (const [number, { firstTick }] of journal.names.entries()) {
    const next = journal.names[number + 1]?.firstTick ?? Number.MAX_SAFE_INTEGER;
    if (firstTick > to || next <= from) continue;
    try {
      const { table, end, name } = await journal.segment(number);
      addSteps(table, measure, { from, to }, buckets);
      if (end.kind === "damaged") damage.push(damagedError(name, table, end.offset, end.problem));
    } catch (error) {
      if (!isEverytickError(error)) throw error;
      damage.push(error);
    }
  }
  const { count, min, max, sum } = buckets;
  return { from, to, width, count, min, max, sum, damage };
}

function checkRange(from: Tick, to: Tick): void {
  for (const tick of [from, to]) {
    if (Number.isSafeInteger(tick) && tick >= 0) continue;
    throw new EverytickError("TIMELINE_TICK", { expected: "a whole number", found: String(tick) });
  }
  if (from <= to) return;
  const found = `${from} to ${to}`;
  throw new EverytickError("TIMELINE_TICK", { expected: "a range that does not fall", found });
}

function addSteps(
  table: FrameTable,
  measure: ActivityMeasure,
  { from, to }: { readonly from: Tick; readonly to: Tick },
  buckets: Buckets,
): void {
  for (let step = table.stepAtOrBefore(from - 1) + 1; step < table.stepCount; step++) {
    const position = table.step(step);
    const tick = table.tick(position);
    if (tick > to) return;
    buckets.add(
      tick,
      measure === "changes" ? table.changedElements(position) : lengthOf(table, position),
    );
  }
}

function lengthOf(table: FrameTable, position: number): number {
  const end = table.groupEnd(position) - 1;
  return table.offset(end) + table.length(end) - table.offset(position);
}

class Buckets {
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly #from: Tick;
  readonly #width: number;

  constructor(from: Tick, width: number, length: number) {
    this.#from = from;
    this.#width = width;
    [this.count, this.min, this.max, this.sum] = Array.from(
      { length: 4 },
      () => new Float64Array(length),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  }

  add(tick: Tick, value: number): void {
    const at = Math.floor((tick - this.#from) / this.#width);
    const isFirst = this.count[at] === 0;
    this.min[at] = isFirst ? value : Math.min(this.min[at] as number, value);
    this.max[at] = isFirst ? value : Math.max(this.max[at] as number, value);
    this.count[at]! += 1;
    this.sum[at]! += value;
  }
}
