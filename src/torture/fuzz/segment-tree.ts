import { writeFrameIndex, writeTrailer } from "../../format/frame-index.ts";
import { FrameTable } from "../../format/frame-table.ts";
import { frameHeaderSize, FrameKind, PlaceChecksum, readFrameHeader } from "../../format/frame.ts";
import type { Codecs } from "../../types.ts";
import { joined } from "./noise.ts";

/** Bytes of a segment's header in front of the world. */
export const headerFixedSize = 112;

/** A segment taken apart: bytes of its header, of each frame, and what follows them. */
export interface SegmentTree {
  header: Uint8Array;
  frames: Uint8Array[];
  rest: Uint8Array;
}

/** Without judging anything but lengths. `undefined` for what is no segment. */
export function parseSegment(bytes: Uint8Array): SegmentTree | undefined {
  if (bytes.length < headerFixedSize + 4) return undefined;
  const length = viewOf(bytes).getUint32(12, true);
  if (length < headerFixedSize + 4 || length > bytes.length) return undefined;
  const frames: Uint8Array[] = [];
  let at = length;
  for (;;) {
    const frame = readFrameHeader(bytes, at);
    if (frame === undefined || frame.length < frameHeaderSize) break;
    if (at + frame.length > bytes.length) break;
    frames.push(bytes.slice(at, at + frame.length));
    at += frame.length;
  }
  return { header: bytes.slice(0, length), frames, rest: bytes.slice(at) };
}

/** What is made right when a segment is put together. */
export interface Fixes {
  readonly header: boolean;
  /** Checksums of frames, and their chain. */
  readonly checksums: boolean;
  readonly lengths: boolean;
  /** The index and trailer of a seal. */
  readonly seal: boolean;
}

export const allFixed: Fixes = { header: true, checksums: true, lengths: true, seal: true };

export function writeSegment(tree: SegmentTree, codecs: Codecs, fixes: Fixes): Uint8Array {
  const header = fixes.header ? withHeaderFixed(tree.header, codecs) : tree.header;
  if (!fixes.checksums || header.length < headerFixedSize + 4) {
    return joined(header, ...tree.frames, tree.rest);
  }
  const checksum = placeOf(header, codecs);
  const table = new FrameTable(header.length);
  const frames: Uint8Array[] = [];
  let previous = 0;
  for (const frame of tree.frames) {
    const isSeal = frame[8] === FrameKind.seal;
    const made = isSeal && fixes.seal ? sealOf(frame, table, firstTickOf(header), codecs) : frame;
    const fixed = fixFrame(made.slice(), checksum, table.end, previous, fixes.lengths);
    const read = readFrameHeader(fixed);
    previous = viewOf(fixed).getUint32(92, true);
    if (read !== undefined) table.push({ ...read, length: fixed.length });
    frames.push(fixed);
  }
  return joined(header, ...frames, tree.rest);
}

/** Lengths and checksum of a segment's header. */
function withHeaderFixed(bytes: Uint8Array, codecs: Codecs): Uint8Array {
  if (bytes.length < headerFixedSize + 4) return bytes;
  const header = bytes.slice();
  const view = viewOf(header);
  view.setUint32(12, header.length, true);
  view.setUint32(60, header.length - headerFixedSize - 4, true);
  return withHeaderChecksum(header, codecs);
}

/** The checksum alone, at the end that the header itself states. */
export function withHeaderChecksum(header: Uint8Array, codecs: Codecs): Uint8Array {
  if (header.length < 20) return header;
  const view = viewOf(header);
  const length = Math.min(view.getUint32(12, true), header.length);
  if (length >= 20) view.setUint32(length - 4, codecs.crc32(header.subarray(0, length - 4)), true);
  return header;
}

function placeOf(header: Uint8Array, codecs: Codecs): PlaceChecksum {
  const view = viewOf(header);
  return new PlaceChecksum(codecs, {
    uuid: header.slice(16, 32),
    number: view.getUint32(32, true),
    generation: view.getUint32(36, true),
  });
}

function firstTickOf(header: Uint8Array): number {
  const view = viewOf(header);
  return view.getUint32(40, true) + 2 ** 32 * view.getUint32(44, true);
}

/** Makes a frame right at its place: length, chain, both checksums. */
function fixFrame(
  frame: Uint8Array,
  checksum: PlaceChecksum,
  offset: number,
  previous: number,
  isLengthFixed: boolean,
): Uint8Array {
  const view = viewOf(frame);
  if (isLengthFixed) view.setUint32(4, frame.length, true);
  const epoch = view.getUint32(12, true);
  view.setUint32(52, previous, true);
  view.setUint32(88, checksum.of(frame.subarray(frameHeaderSize), epoch, offset), true);
  view.setUint32(92, checksum.of(frame.subarray(0, 92), epoch, offset), true);
  return frame;
}

/** The seal of the frames before it. */
function sealOf(
  frame: Uint8Array,
  table: FrameTable,
  firstTick: number,
  codecs: Codecs,
): Uint8Array {
  try {
    const index = writeFrameIndex(table, 0, firstTick, codecs);
    return joined(frame.subarray(0, frameHeaderSize), index, writeTrailer(table.end));
  } catch {
    return frame;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
