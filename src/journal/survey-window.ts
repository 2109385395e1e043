import {
  frameHeaderSize,
  isHeaderIntact,
  readFrameHeader,
  type FrameHeader,
  type PlaceChecksum,
} from "../format/frame.ts";
import { limits } from "../limits.ts";
import type { ByteSource } from "../types.ts";
import { isFrameIntact } from "./segment-reader.ts";

const windowBytes = 1 << 20;

/** Reads a file that may be damaged anywhere, and finds the frames in it by their checksums alone. */
export class SurveyWindow {
  readonly size: number;
  readonly #source: ByteSource;
  #offset = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  private constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.size = size;
  }

  static async over(source: ByteSource): Promise<SurveyWindow> {
    return new SurveyWindow(source, await source.size());
  }

  /** The bytes from `offset` on, fewer only at the end; valid until the next call. */
  async at(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    const isThere = offset >= this.#offset && end <= this.#offset + this.#bytes.length;
    if (!isThere) {
      this.#bytes = await this.#source.read(offset, Math.max(length, windowBytes));
      this.#offset = offset;
    }
    return this.#bytes.subarray(offset - this.#offset, offset - this.#offset + length);
  }

  /** The header at `offset` if it is intact at this place, whatever its body is. */
  async header(offset: number, place: PlaceChecksum): Promise<FrameHeader | undefined> {
    const bytes = await this.at(offset, frameHeaderSize);
    const header = readFrameHeader(bytes);
    if (header === undefined || !isHeaderIntact(bytes, 0, header, place, offset)) return undefined;
    return isPossible(header) ? header : undefined;
  }

  /** Whether both checksums of the frame with this header hold. */
  async isIntact(header: FrameHeader, offset: number, place: PlaceChecksum): Promise<boolean> {
    if (offset + header.length > this.size) return false;
    return isFrameIntact(await this.at(offset, header.length), header, place, offset);
  }

  /** The next place behind `offset` where the header of a frame is intact; the end of the file if there is none. */
  async nextHeader(offset: number, place: PlaceChecksum): Promise<number> {
    for (let from = offset + 1; from < this.size; from += windowBytes) {
      const bytes = await this.#source.read(from, windowBytes + frameHeaderSize);
      const end = Math.min(windowBytes, bytes.length);
      for (let at = bytes.indexOf(0x54); at !== -1 && at < end; at = bytes.indexOf(0x54, at + 1)) {
        const header = readFrameHeader(bytes, at);
        if (header === undefined || !isPossible(header)) continue;
        if (isHeaderIntact(bytes, at, header, place, from + at)) return from + at;
      }
    }
    return this.size;
  }
}

function isPossible({ length }: FrameHeader): boolean {
  return length >= frameHeaderSize && length <= frameHeaderSize + limits.frameBodyBytes;
}
