import type { Codecs } from "../types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { packedIfSmaller, unknownEncoding, unpacked } from "./packing.ts";

/**
 * The blocks of row numbers (`docs/format.md`, section 5). The ids are on disk: never change one, add another.
 */
const IndexEncoding = { gaps: 1, gapsZstd: 2 } as const;

const scratch = new ByteWriter(64 * 1024);

/** Writes rising row numbers as gaps. */
export function writeIndex(out: ByteWriter, rows: Uint32Array, codecs: Codecs): void {
  scratch.clear();
  const room = scratch.borrowRoom(5 * rows.length);
  let length = 0;
  let next = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    let gap = row - next;
    next = row + 1;
    while (gap >= 0x80) {
      room[length++] = (gap & 0x7f) | 0x80;
      gap = gap >>> 7;
    }
    room[length++] = gap;
  }
  const raw = room.subarray(0, length);
  const packed = packedIfSmaller(raw, codecs);
  out.u8(packed === undefined ? IndexEncoding.gaps : IndexEncoding.gapsZstd);
  if (packed !== undefined) out.varint(length);
  out.bytes(packed ?? raw);
}

/** @returns `count` rising row numbers below `rowsEnd`. */
export function readIndex(
  block: ByteReader,
  count: number,
  rowsEnd: number,
  codecs: Codecs,
): Uint32Array {
  const rows = new Uint32Array(count);
  const gaps = gapsReader(block, count, codecs);
  let next = 0;
  for (let i = 0; i < count; i++) {
    const row = next + gaps.varint();
    if (row >= rowsEnd) throw gaps.damaged(`a row below ${rowsEnd}`, String(row));
    rows[i] = row;
    next = row + 1;
  }
  gaps.end();
  return rows;
}

function gapsReader(block: ByteReader, count: number, codecs: Codecs): ByteReader {
  const encoding = block.u8();
  if (encoding === IndexEncoding.gaps) return block;
  if (encoding !== IndexEncoding.gapsZstd) throw unknownEncoding("index encoding", encoding);
  const rawLength = block.varint();
  if (rawLength > 5 * count) throw block.damaged(`at most ${5 * count} bytes`, String(rawLength));
  return new ByteReader(unpacked(block, block.remaining, rawLength, codecs), "a row index");
}
