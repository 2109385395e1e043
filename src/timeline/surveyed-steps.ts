import { FrameFlag, FrameKind, type FrameHeader } from "../format/frame.ts";
import type { SurveyedSegment } from "../journal/survey.ts";
import type { Tick } from "../types.ts";

/** Where a group of intact frames begins. */
export interface SurveyedStep {
  readonly segment: SurveyedSegment;
  readonly position: number;
}

/** The recorded ticks of a surveyed journal, numbered over all segments. */
export class SurveyedSteps {
  readonly count: number;
  readonly #segments: readonly SurveyedSegment[];
  /** The number of the first step of each segment. */
  readonly #begins: readonly number[];

  constructor(segments: readonly SurveyedSegment[]) {
    this.#segments = segments;
    let count = 0;
    this.#begins = segments.map(({ table }) => (count += table.stepCount) - table.stepCount);
    this.count = count;
  }

  at(number: number): SurveyedStep {
    const at = this.#segmentOf(number);
    const segment = this.#segments[at] as SurveyedSegment;
    return { segment, position: segment.table.step(number - (this.#begins[at] as number)) };
  }

  /** The number of the first step whose tick is above this one. */
  firstAfter(tick: Tick): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { segment, position } = this.at(middle);
      if (segment.table.tick(position) <= tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Redundant keyframes of ticks from `from` on, in the segment of the step before this number and behind it. */
  *keyframesFrom(number: number, from: Tick): Generator<SurveyedStep> {
    const begin = number === 0 ? 0 : this.#segmentOf(number - 1);
    for (const segment of this.#segments.slice(begin)) {
      const { table } = segment;
      for (const position of table.keyframes()) {
        const { flags, tick } = table.entry(position);
        const isRequired = (flags & FrameFlag.required) !== 0;
        if (!isRequired && tick >= from) yield { segment, position };
      }
    }
  }

  *gaps(): Generator<SurveyedStep> {
    for (const segment of this.#segments) {
      const { table } = segment;
      for (let position = 0; position < table.count; position++) {
        if (table.kind(position) === FrameKind.gap) yield { segment, position };
      }
    }
  }

  factsOf(tick: Tick): FrameHeader | undefined {
    for (const { facts } of this.#segments) if (facts.has(tick)) return facts.get(tick);
    return undefined;
  }

  #segmentOf(number: number): number {
    let at = this.#begins.length - 1;
    while (at > 0 && (this.#begins[at] as number) > number) at -= 1;
    // Segments without a step share their number with the next.
    while ((this.#segments[at] as SurveyedSegment).table.stepCount === 0 && at > 0) at -= 1;
    return at;
  }
}
