import { limits } from "../limits.ts";
import type { Segment } from "./segment-reader.ts";

interface OpenSegment {
  readonly opening: Promise<Segment>;
  /** Bytes of its table, once it is open. */
  bytes: number;
}

/** Segments whose frames are known. Those that were used longest ago are forgotten when all together are too much to hold. */
export class OpenSegments {
  /** By name; the one that was used longest ago first. */
  readonly #segments = new Map<string, OpenSegment>();

  has(name: string): boolean {
    return this.#segments.has(name);
  }

  /** @param kept the name of a segment that is never forgotten: it grows, and all must see the same. */
  async get(
    name: string,
    open: () => Promise<Segment>,
    kept: string | undefined,
  ): Promise<Segment> {
    const known = this.#segments.get(name);
    const entry = known ?? { opening: open(), bytes: 0 };
    this.#segments.delete(name);
    this.#segments.set(name, entry);
    if (known !== undefined) return known.opening;
    try {
      const segment = await entry.opening;
      entry.bytes = segment.table.bytes;
      this.#forgetOldest(name, kept);
      return segment;
    } catch (error) {
      this.#segments.delete(name);
      throw error;
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#segments.clear();
  }

  #forgetOldest(...kept: readonly (string | undefined)[]): void {
    let bytes = 0;
    for (const segment of this.#segments.values()) bytes += segment.bytes;
    for (const [name, segment] of this.#segments) {
      if (bytes <= limits.indexBytes) return;
      // One that is being opened weighs nothing yet.
      if (kept.includes(name) || segment.bytes === 0) continue;
      this.#segments.delete(name);
      bytes -= segment.bytes;
    }
  }
}
