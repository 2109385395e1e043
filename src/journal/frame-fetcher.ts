import { EverytickError } from "../errors.ts";
import { FrameFlag, frameHeaderSize, readFrameHeader, type FrameHeader } from "../format/frame.ts";
import type { Segment } from "./segment-reader.ts";
import { isFrameIntact } from "./segment-reader.ts";

/** A frame as read: checked, with its body as a view. */
export interface Frame {
  readonly header: FrameHeader;
  readonly body: Uint8Array;
}

/** Where the next read will be. */
type Direction = "forward" | "back";

/** Bytes fetched beyond what is asked for, in the direction of travel. */
const readAheadBytes = 256 * 1024;

/** Reads single frames through one window of bytes, so that neighbours cost no further reads. */
export class FrameFetcher {
  #segment: Segment | undefined;
  #offset = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * The frames of the group that begins at `position`, one by one; each is valid until the next is asked for. What the
   * whole group says stands in the header of the last.
   * @param direction where the next fetch will be.
   * @throws JOURNAL_DAMAGED with file, offset and tick
   */
  async *group(
    segment: Segment,
    position: number,
    direction: Direction,
  ): AsyncGenerator<Frame, void, undefined> {
    const end = segment.table.groupEnd(position);
    for (let at = position; at < end; at++) yield await this.#frame(segment, at, direction);
  }

  /** The header that speaks for the group that begins at `position`: that of its last frame. */
  async header(segment: Segment, position: number, direction: Direction): Promise<FrameHeader> {
    const last = segment.table.groupEnd(position) - 1;
    return (await this.#frame(segment, last, direction)).header;
  }

  async #frame(segment: Segment, position: number, direction: Direction): Promise<Frame> {
    const { table } = segment;
    const [offset, length] = [table.offset(position), table.length(position)];
    await this.#load(segment, offset, length, direction);
    const bytes = this.#bytes.subarray(offset - this.#offset, offset - this.#offset + length);
    const header = readFrameHeader(bytes);
    const isRight =
      header !== undefined &&
      header.length === length &&
      bytes.length === length &&
      header.tick === table.tick(position) &&
      header.kind === table.kind(position) &&
      isContinued(header) === table.isContinued(position) &&
      isFrameIntact(bytes, header, segment.checksum, offset);
    if (isRight) return { header, body: bytes.subarray(frameHeaderSize) };
    // What was read wrongly is not what the next look is answered from.
    this.#segment = undefined;
    throw new EverytickError("JOURNAL_DAMAGED", {
      where: `${segment.name}, byte ${offset}, tick ${table.tick(position)}`,
      expected: `a frame of ${length} bytes that matches its checksums`,
      found: header === undefined ? "other bytes" : "other checksums",
      next: "Run `everytick verify` to see all damage.",
    });
  }

  async #load(
    segment: Segment,
    offset: number,
    length: number,
    direction: Direction,
  ): Promise<void> {
    const isThere =
      segment === this.#segment &&
      offset >= this.#offset &&
      offset + length <= this.#offset + this.#bytes.length;
    if (isThere) return;
    const wanted = Math.max(length, readAheadBytes);
    const from = direction === "forward" ? offset : Math.max(0, offset + length - wanted);
    const end = Math.max(from + wanted, offset + length);
    // Frames behind the table's end may still be changing.
    this.#bytes = await segment.source.read(from, Math.min(end, segment.table.end) - from);
    this.#offset = from;
    this.#segment = segment;
  }
}

function isContinued({ flags }: FrameHeader): boolean {
  return (flags & FrameFlag.continued) !== 0;
}
