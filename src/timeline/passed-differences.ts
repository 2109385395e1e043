import type { LastDifferences } from "../format/last-differences.ts";
import { limits } from "../limits.ts";
import type { Tick } from "../types.ts";

/**
 * The differences of ticks that a timeline came over, so that the way back, tick by tick, does not come from the keyframe
 * each time. The earliest are forgotten first.
 */
export class PassedDifferences {
  readonly #byTick = new Map<Tick, LastDifferences>();
  #bytes = 0;

  /** Ticks are kept as they rise. */
  keep(tick: Tick, differences: LastDifferences): void {
    this.#byTick.set(tick, differences);
    this.#bytes += differences.bytes;
    for (const [earliest, { bytes }] of this.#byTick) {
      if (this.#bytes <= limits.passedBytes || earliest === tick) return;
      this.#byTick.delete(earliest);
      this.#bytes -= bytes;
    }
  }

  of(tick: Tick): LastDifferences | undefined {
    return this.#byTick.get(tick);
  }
}
