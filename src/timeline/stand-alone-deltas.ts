import type { FrameHeader } from "../format/frame.ts";
import type { FrameTable } from "../format/frame-table.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Tick } from "../types.ts";

/**
 * Tells which deltas hold no second differences, since a reader may begin where they start (`docs/format.md`, section 5).
 * It keeps what it knows of the segment that it was asked about last.
 */
export class StandAloneDeltas {
  #table: FrameTable | undefined;
  #frames = 0;
  #firstKeyframe = 0;
  readonly #named = new Set<Tick>();

  /** @param offset of the delta, or of any frame of its group. */
  has({ table }: Segment, offset: number, { tick, baseDistance }: FrameHeader): boolean {
    if (table !== this.#table || table.count !== this.#frames) this.#look(table);
    return offset < this.#firstKeyframe || this.#named.has(tick - baseDistance);
  }

  #look(table: FrameTable): void {
    this.#table = table;
    this.#frames = table.count;
    this.#firstKeyframe = Number.POSITIVE_INFINITY;
    this.#named.clear();
    for (const position of table.keyframes()) {
      this.#firstKeyframe = Math.min(this.#firstKeyframe, table.offset(position));
      this.#named.add(table.tick(position));
    }
  }
}
