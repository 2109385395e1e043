import { readFrameIndex, writeFrameIndex } from "../format/frame-index.ts";
import { FrameTable } from "../format/frame-table.ts";
import type { SegmentPlace } from "../format/frame.ts";
import type { Codecs } from "../types.ts";

const blockHeadSize = 8;
const identitySize = 28;

/** The name of the index cache of a segment; `docs/format.md`, section 10. */
export function indexCacheName(segment: string): string {
  return `${segment}.index`;
}

/** One block that covers the frames of the table from position `from` on. */
export function writeIndexBlock(
  table: FrameTable,
  from: number,
  place: SegmentPlace,
  codecs: Codecs,
): Uint8Array {
  const index = writeFrameIndex(table, from, 0, codecs);
  const block = new Uint8Array(blockHeadSize + identitySize + index.length);
  const view = new DataView(block.buffer);
  block.set(place.uuid, 8);
  view.setUint32(24, place.number, true);
  view.setUint32(28, place.generation, true);
  view.setUint32(32, table.offset(from), true);
  block.set(index, blockHeadSize + identitySize);
  view.setUint32(4, block.length - blockHeadSize, true);
  view.setUint32(0, codecs.crc32(block.subarray(4)), true);
  return block;
}

/**
 * The frames that the blocks of a cache file cover, from the segment's first frame on. Stops at the first block that is
 * damaged, out of order, or of another segment: a cache is never an error.
 */
export function readIndexBlocks(
  bytes: Uint8Array,
  place: SegmentPlace,
  begin: number,
  codecs: Codecs,
): FrameTable {
  const table = new FrameTable(begin);
  let at = 0;
  while (at + blockHeadSize + identitySize <= bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const end = at + blockHeadSize + view.getUint32(4, true);
    if (end > bytes.length) break;
    if (codecs.crc32(bytes.subarray(at + 4, end)) !== view.getUint32(0, true)) break;
    const isSame =
      place.uuid.every((byte, i) => bytes[at + 8 + i] === byte) &&
      view.getUint32(24, true) === place.number &&
      view.getUint32(28, true) === place.generation &&
      view.getUint32(32, true) === table.end;
    if (!isSame) break;
    readFrameIndex(bytes.subarray(at + blockHeadSize + identitySize, end), 0, table, codecs);
    at = end;
  }
  return table;
}
