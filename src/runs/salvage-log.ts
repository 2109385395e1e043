import type { StoreLayout } from "../format/layout.ts";
import type { Hole, Survey } from "../journal/survey.ts";
import type { Writer } from "../journal/writer.ts";
import { limits } from "../limits.ts";
import type { StoreInput } from "../recorder/sink.ts";
import type { RecordedGap, RefusedTick, SalvagedTick } from "../timeline/salvage.ts";
import type { Clock, Damage, LostTicks, RunCard, Tick } from "../types.ts";

/** Writes salvaged ticks as a run of their own, and keeps the account of what is lost. */
export class SalvageLog {
  salvaged = 0;
  lost = 0;
  readonly lostTicks: LostTicks[] = [];
  readonly damage: Damage[] = [];
  readonly #writer: Writer;
  readonly #survey: Survey;
  readonly #gaps: readonly RecordedGap[];
  readonly #isSparse: boolean;
  readonly #clock: Clock;
  readonly #holes: readonly Hole[];
  #firstTick: Tick = -1;
  #lastTick: Tick = -1;
  /** The first gap that may end behind the last tick. */
  #gap = 0;

  constructor(
    writer: Writer,
    survey: Survey,
    gaps: readonly RecordedGap[],
    isSparse: boolean,
    clock: Clock,
  ) {
    this.#writer = writer;
    this.#survey = survey;
    this.#gaps = gaps;
    this.#isSparse = isSparse;
    this.#clock = clock;
    this.#holes = [...survey.strays, ...survey.segments.flatMap(({ holes }) => holes)];
  }

  /** The first and the last tick that were written. */
  get range(): readonly [Tick, Tick] {
    return [this.#firstTick, this.#lastTick];
  }

  take(tick: SalvagedTick): void {
    if (this.#firstTick === -1) {
      this.#firstTick = tick.tick;
      this.#lose(this.#begin, tick.tick - 1);
    } else {
      this.#passOver(tick);
    }
    const { simTime, wallTime, era } = tick;
    this.#writer.append({ tick: tick.tick, simTime, wallTime, era, stores: this.#stores(tick) });
    this.#lastTick = tick.tick;
    this.salvaged += 1;
  }

  /** @param refused ticks whose frames are intact and lead to no state. */
  end(refused: readonly RefusedTick[]): void {
    this.#lose(Math.max(this.#begin, this.#lastTick + 1), this.#survey.lastTick);
    const holes = this.#holes.map(({ file, offset, expected, found }) => {
      return { file, offset, expected, found };
    });
    const ticks = refused.map(({ tick, ...place }) => ({ ...place, ticks: [tick, tick] as const }));
    this.damage.push(...holes, ...ticks);
  }

  /** Where the new run comes from, for its card. */
  labels({ id, uuid }: RunCard): RunCard["labels"] {
    const ranges = this.lostTicks.map(({ ticks: [from, to] }) => `${from} to ${to}`);
    const shown = ranges.slice(0, limits.lostRangesShown);
    if (ranges.length > shown.length) shown.push(`${ranges.length - shown.length} more ranges`);
    const lost = shown.length === 0 ? {} : { lostTicks: shown.join(", ") };
    return { recoveredFrom: `${id} ${uuid}`, ...lost };
  }

  get #begin(): Tick {
    const [first] = this.#survey.segments;
    return first?.header.number === 0 ? first.header.firstTick : 0;
  }

  /** Between the last tick and this one: gaps that were declared, and ticks that are lost. */
  #passOver({ tick, changed }: SalvagedTick): void {
    let next = this.#lastTick + 1;
    for (; this.#gap < this.#gaps.length; this.#gap++) {
      const { from, until, reason } = this.#gaps[this.#gap] as RecordedGap;
      if (until < next) continue;
      if (from >= tick) break;
      this.#undeclared(next, Math.min(from, tick) - 1, changed);
      const end = Math.min(until, tick - 1);
      this.#writeGap(end, reason);
      next = end + 1;
    }
    this.#undeclared(next, tick - 1, changed);
  }

  #undeclared(from: Tick, to: Tick, changed: SalvagedTick["changed"]): void {
    if (to < from) return;
    if (changed === undefined) return this.#writeGap(to, this.#lose(from, to));
    // The delta itself says that nothing was recorded there; only the gap's own frame is damaged.
    if (!this.#isSparse) this.#writeGap(to, "a gap whose reason is lost");
  }

  #writeGap(lastTick: Tick, reason: string): void {
    const text = reason.slice(0, limits.gapReasonLength).toWellFormed();
    this.#writer.appendGap({ lastTick, wallTime: this.#clock.wallTime(), reason: text });
  }

  /** @returns the reason, in words. */
  #lose(from: Tick, to: Tick): string {
    if (to < from) return "";
    const declared = this.#gaps.reduce((sum, gap) => sum + overlap(gap, from, to), 0);
    const count = to - from + 1 - declared;
    if (count === 0) return "";
    this.lost += count;
    const causes = this.#holes.filter(({ behind }) => behind >= from - 1 && behind <= to);
    const [cause = unknownCause] = causes;
    const { file, offset, expected, found } = cause;
    this.lostTicks.push({ ticks: [from, to], file, offset, expected, found });
    const ticks = from === to ? `tick ${from}` : `ticks ${from} to ${to}`;
    return `${ticks} lost to damage: ${file}, byte ${offset}: expected ${expected}, found ${found}`;
  }

  /** Only what may have changed is compared with the tick before. */
  #stores({ image, changed }: SalvagedTick): StoreInput[] {
    const isTaken = ({ number, columns, lifetime }: StoreLayout): boolean => {
      if (columns.length === 0) return false;
      if (this.salvaged === 0) return true;
      if (lifetime.isStatic) return false;
      return lifetime.rows === "tick" || (changed?.has(number) ?? true);
    };
    return image.layout.stores.filter(isTaken).map(({ number }) => {
      return { store: number, state: image.stores[number] ?? [] };
    });
  }
}

const unknownCause: Omit<Hole, "behind"> = {
  file: "journal",
  offset: 0,
  expected: "a way to its state from a keyframe",
  found: "none",
};

function overlap({ from, until }: RecordedGap, begin: Tick, end: Tick): number {
  return Math.max(0, Math.min(until, end) - Math.max(from, begin) + 1);
}
