import { FrameFlag, FrameKind } from "../../../src/format/frame.ts";
import type { FrameTable } from "../../../src/format/frame-table.ts";

/** What is known of a bucket of ticks. */
export const StripFlag = { keyframe: 1, gap: 2, damage: 4, unread: 8 } as const;

/** Ticks [from, end) in `max.length` buckets of equal width; exact, nothing is left out. */
export interface Strip {
  readonly from: number;
  readonly end: number;
  /** Changed elements of a tick: the least and the most in each bucket, 0 where no tick is recorded. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Recorded ticks in each bucket. */
  readonly ticks: Uint32Array;
  readonly flags: Uint8Array;
  /** The most of the whole run, so that heights do not jump while it is zoomed. */
  readonly peak: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** How much each tick of a run changed, from the indexes of its segments alone. Segments may come in any order. */
export class Activity {
  readonly #segments = new Map<number, SegmentActivity>();
  readonly #damage: Span[] = [];

  /** Takes over what a segment's index says, in place of what it said before. */
  take(firstTick: number, table: FrameTable): void {
    this.#segments.set(firstTick, segmentActivity(firstTick, table));
  }

  /** Ticks of a segment that cannot be read. */
  takeDamage(first: number, last: number): void {
    if (last >= first) this.#damage.push({ first, last });
  }

  get damage(): readonly Span[] {
    return this.#damage;
  }

  /** The nearest tick beyond `tick` in a direction that changed anything, among what was read. */
  nextChanged(tick: number, direction: 1 | -1): number | undefined {
    let found: number | undefined;
    for (const { ticks, changed } of this.#segments.values()) {
      const at = nearestChanged(ticks, changed, tick, direction);
      if (at === undefined) continue;
      if (found === undefined || (direction === 1 ? at < found : at > found)) found = at;
    }
    return found;
  }

  /** Elements that a tick changed; `undefined` if it is not recorded, or not read yet. */
  changedAt(tick: number): number | undefined {
    for (const { ticks, changed } of this.#segments.values()) {
      const at = lowerBound(ticks, tick);
      if (ticks[at] === tick) return changed[at];
    }
    return undefined;
  }

  /** @param isWhole whether all segments were taken over; what is missing is otherwise marked as unread. */
  strip(from: number, end: number, buckets: number, isWhole: boolean): Strip {
    const strip: Strip = {
      from,
      end,
      min: new Float64Array(buckets).fill(Infinity),
      max: new Float64Array(buckets),
      ticks: new Uint32Array(buckets),
      flags: new Uint8Array(buckets),
      peak: Math.max(0, ...[...this.#segments.values()].map(({ peak }) => peak)),
    };
    const bucketOf = (tick: number): number =>
      Math.min(buckets - 1, Math.max(0, Math.floor(((tick - from) * buckets) / (end - from))));
    for (const segment of this.#segments.values()) addSegment(strip, segment, bucketOf);
    const mark = ({ first, last }: Span, flag: number): void => {
      if (last < from || first >= end) return;
      for (let i = bucketOf(first); i <= bucketOf(last); i++) strip.flags[i]! |= flag;
    };
    for (const damage of this.#damage) mark(damage, StripFlag.damage);
    for (const { gaps } of this.#segments.values()) {
      for (const gap of gaps) mark(gap, StripFlag.gap);
    }
    for (let i = 0; i < buckets; i++) {
      if (strip.ticks[i]! > 0) continue;
      strip.min[i] = 0;
      if (!isWhole && end - from >= buckets) strip.flags[i]! |= StripFlag.unread;
    }
    return strip;
  }
}

interface SegmentActivity {
  readonly ticks: Float64Array;
  readonly changed: Float64Array;
  readonly keyframes: Float64Array;
  readonly gaps: readonly Span[];
  readonly peak: number;
}

function segmentActivity(firstTick: number, table: FrameTable): SegmentActivity {
  const ticks = new Float64Array(table.stepCount);
  const changed = new Float64Array(table.stepCount);
  let peak = 0;
  for (let step = 0; step < table.stepCount; step++) {
    const position = table.step(step);
    ticks[step] = table.tick(position);
    // A first tick changes everything from nothing: beside it no other tick would be seen.
    const isStart = table.kind(position) === FrameKind.keyframe;
    changed[step] = table.changedElements(position);
    if (!isStart && changed[step]! > peak) peak = changed[step]!;
  }
  const keyframes = Float64Array.from(table.keyframes(), (position) => table.tick(position));
  return { ticks, changed, keyframes, gaps: gapsOf(firstTick, table), peak };
}

function gapsOf(firstTick: number, table: FrameTable): Span[] {
  const gaps: Span[] = [];
  for (let position = 0; position < table.count; position++) {
    if (table.kind(position) !== FrameKind.gap) continue;
    const { tick, baseDistance, flags } = table.entry(position);
    if ((flags & FrameFlag.continued) !== 0) continue;
    gaps.push({ first: Math.max(tick - baseDistance + 1, Math.min(firstTick, tick)), last: tick });
  }
  return gaps;
}

function addSegment(
  { from, end, min, max, ticks, flags }: Strip,
  segment: SegmentActivity,
  bucketOf: (tick: number) => number,
): void {
  for (let i = lowerBound(segment.ticks, from); i < segment.ticks.length; i++) {
    const tick = segment.ticks[i]!;
    if (tick >= end) break;
    const bucket = bucketOf(tick);
    const changed = segment.changed[i]!;
    if (changed > max[bucket]!) max[bucket] = changed;
    if (changed < min[bucket]!) min[bucket] = changed;
    ticks[bucket]!++;
  }
  for (const tick of segment.keyframes) {
    if (tick >= from && tick < end) flags[bucketOf(tick)]! |= StripFlag.keyframe;
  }
}

function nearestChanged(
  ticks: Float64Array,
  changed: Float64Array,
  tick: number,
  direction: 1 | -1,
): number | undefined {
  let at = direction === 1 ? lowerBound(ticks, tick + 1) : lowerBound(ticks, tick) - 1;
  for (; at >= 0 && at < ticks.length; at += direction) if (changed[at]! > 0) return ticks[at];
  return undefined;
}

/** The position of the first tick that is at least `tick`. */
function lowerBound(ticks: Float64Array, tick: number): number {
  let [low, high] = [0, ticks.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ticks[middle]! < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}
