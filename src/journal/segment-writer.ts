import { ByteWriter } from "../format/bytes.ts";
import {
  FrameFlag,
  FrameKind,
  frameHeaderSize,
  PlaceChecksum,
  writeFrame,
  type FrameFields,
} from "../format/frame.ts";
import { trailerSize, writeFrameIndex, writeTrailer } from "../format/frame-index.ts";
import { FrameTable } from "../format/frame-table.ts";
import { writeSegmentHeader, type SegmentHeader } from "../format/segment.ts";
import { limits } from "../limits.ts";
import type { Codecs, Vfs, VfsFile } from "../types.ts";
import { segmentName } from "./segment-name.ts";

/** What the writer of frames decides; the segment adds its own place and chain. */
export type FrameToAppend = Omit<FrameFields, "flags" | "durableOffset" | "previousChecksum"> & {
  readonly flags?: number;
};

/** Where writing goes on in a segment that exists already. */
export interface SegmentTail {
  readonly name: string;
  readonly header: Omit<SegmentHeader, "length">;
  readonly table: FrameTable;
  readonly previousChecksum: number;
}

/**
 * Appends frames to one segment. Frames are staged in memory and written with one call, so a batch of ticks costs one
 * write and one sync.
 */
export class SegmentWriter {
  readonly name: string;
  readonly header: Omit<SegmentHeader, "length">;
  readonly table: FrameTable;
  readonly #codecs: Codecs;
  readonly #file: VfsFile;
  readonly #place: PlaceChecksum;
  readonly #staged = new ByteWriter(4096);
  #previousChecksum: number;
  #written: number;
  #durable: number;
  #isClosed = false;

  private constructor(file: VfsFile, tail: SegmentTail, codecs: Codecs) {
    this.#file = file;
    this.#codecs = codecs;
    this.name = tail.name;
    this.header = tail.header;
    this.table = tail.table;
    this.#place = new PlaceChecksum(codecs, tail.header);
    this.#previousChecksum = tail.previousChecksum;
    this.#written = tail.table.end;
    this.#durable = tail.table.end;
  }

  /** Makes the file durable with its header and its name, before any frame can be acknowledged in it. */
  static create(
    vfs: Vfs,
    directory: string,
    header: Omit<SegmentHeader, "length">,
    codecs: Codecs,
  ): SegmentWriter {
    const name = segmentName(header.firstTick, header.generation);
    const file = vfs.open(`${directory}/${name}`, "create");
    const bytes = writeSegmentHeader(header, codecs);
    orClose(file, () => {
      file.write(bytes, 0);
      file.sync();
      vfs.syncDirectory(directory);
    });
    const table = new FrameTable(bytes.length);
    return new SegmentWriter(file, { name, header, table, previousChecksum: 0 }, codecs);
  }

  /** Goes on behind the last valid frame; what lay there is cut, and the cut is durable before anything follows. */
  static resume(vfs: Vfs, directory: string, tail: SegmentTail, codecs: Codecs): SegmentWriter {
    const file = vfs.open(`${directory}/${tail.name}`, "update");
    orClose(file, () => {
      file.truncate(tail.table.end);
      file.sync();
      // Whoever made the segment may have been killed before its name was durable.
      vfs.syncDirectory(directory);
    });
    return new SegmentWriter(file, tail, codecs);
  }

  /** Bytes of the segment, staged ones included. */
  get size(): number {
    return this.table.end;
  }

  /** Frames from here on are not known to be synced. */
  get durableOffset(): number {
    return this.#durable;
  }

  /** Stages a frame. @returns its bytes. */
  append(frame: FrameToAppend, body: Uint8Array): number {
    const length = frameHeaderSize + body.length;
    const fields: FrameFields = {
      ...frame,
      flags: frame.flags ?? 0,
      durableOffset: this.#durable,
      previousChecksum: this.#previousChecksum,
    };
    const room = this.#staged.borrowRoom(length);
    this.#previousChecksum = writeFrame(room, fields, body, this.#place, this.size);
    const stateDigest = frame.stateDigest === undefined ? 0 : FrameFlag.stateDigest;
    this.table.push({ ...frame, flags: fields.flags | stateDigest, length });
    if (this.#staged.length >= limits.stagedBytes) this.write();
    return length;
  }

  /** Hands what is staged to the operating system. */
  write(): void {
    if (this.#staged.length === 0) return;
    this.#file.write(this.#staged.borrow(), this.#written);
    this.#written += this.#staged.length;
    this.#staged.clear();
  }

  /** Makes everything appended durable. */
  sync(): void {
    this.write();
    if (this.#durable === this.#written) return;
    this.#file.sync();
    this.#durable = this.#written;
  }

  /** Completes the segment with its index and closes the file. */
  seal(frame: Omit<FrameToAppend, "kind">): void {
    // A reader believes the index of a seal that survived, so everything before it must have survived, too.
    this.sync();
    const index = writeFrameIndex(this.table, 0, this.header.firstTick, this.#codecs);
    const body = new Uint8Array(index.length + trailerSize);
    body.set(index);
    body.set(writeTrailer(this.size), index.length);
    this.append({ ...frame, kind: FrameKind.seal }, body);
    this.sync();
    this.close();
  }

  /** Closing twice does nothing: after a seal the next segment may fail to be made. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
  }
}

/** Nobody else would close the file if this fails. */
function orClose(file: VfsFile, work: () => void): void {
  try {
    work();
  } catch (error) {
    file.close();
    throw error;
  }
}
