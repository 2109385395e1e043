import type { Codecs } from "../types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { packedIfSmaller, unknownEncoding, unpacked } from "./packing.ts";

/**
 * The blocks of row numbers and of numeric columns (`docs/format.md`, section 5), each encoding a pure pair with its
 * inverse. The ids are on disk: never change one, add another.
 */
const IndexEncoding = { gaps: 1, gapsZstd: 2 } as const;
const ColumnEncoding = { words: 0, planes: 1 } as const;
const PlaneEncoding = { raw: 0, constant: 1, zstd: 2 } as const;

/** Below this the heads of eight planes cost more than they save. */
const planeRowsMin = 16;

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

/**
 * Writes fixed-width values: old XOR new of each row.
 * @param unit bytes of a number; an element consists of one or more.
 */
export function writeNumbers(out: ByteWriter, xor: Uint8Array, unit: number, codecs: Codecs): void {
  const numbers = xor.length / unit;
  if (numbers < planeRowsMin && unit > 1) {
    out.u8(ColumnEncoding.words);
    out.bytes(xor);
    return;
  }
  out.u8(ColumnEncoding.planes);
  for (let byte = 0; byte < unit; byte++) {
    writePlane(out, unit === 1 ? xor : gatherPlane(xor, unit, byte, numbers), codecs);
  }
}

function gatherPlane(xor: Uint8Array, width: number, byte: number, rows: number): Uint8Array {
  scratch.clear();
  const bytes = scratch.borrowRoom(rows);
  for (let row = 0, at = byte; row < rows; row++, at += width) bytes[row] = xor[at] as number;
  return bytes;
}

function writePlane(out: ByteWriter, bytes: Uint8Array, codecs: Codecs): void {
  const first = bytes[0] ?? 0;
  if (isConstant(bytes)) {
    out.u8(PlaneEncoding.constant);
    out.u8(first);
    return;
  }
  const packed = packedIfSmaller(bytes, codecs);
  out.u8(packed === undefined ? PlaneEncoding.raw : PlaneEncoding.zstd);
  if (packed !== undefined) out.varint(packed.length);
  out.bytes(packed ?? bytes);
}

function isConstant(bytes: Uint8Array): boolean {
  for (let i = 1; i < bytes.length; i++) if (bytes[i] !== bytes[0]) return false;
  return true;
}

/** @returns `numbers` × `unit` bytes, the caller's own. */
export function readNumbers(
  block: ByteReader,
  numbers: number,
  unit: number,
  codecs: Codecs,
): Uint8Array {
  const encoding = block.u8();
  if (encoding === ColumnEncoding.words) {
    const words = block.borrow(numbers * unit).slice();
    block.end();
    return words;
  }
  if (encoding !== ColumnEncoding.planes) throw unknownEncoding("column encoding", encoding);
  const values = new Uint8Array(numbers * unit);
  for (let byte = 0; byte < unit; byte++) readPlane(block, values, numbers, unit, byte, codecs);
  block.end();
  return values;
}

function readPlane(
  block: ByteReader,
  values: Uint8Array,
  rows: number,
  width: number,
  byte: number,
  codecs: Codecs,
): void {
  const encoding = block.u8();
  if (encoding === PlaneEncoding.constant) {
    const value = block.u8();
    if (value === 0) return;
    for (let row = 0, at = byte; row < rows; row++, at += width) values[at] = value;
    return;
  }
  const plane = planeBytes(block, encoding, rows, codecs);
  if (width === 1) return values.set(plane);
  for (let row = 0, at = byte; row < rows; row++, at += width) values[at] = plane[row] as number;
}

function planeBytes(block: ByteReader, encoding: number, rows: number, codecs: Codecs): Uint8Array {
  if (encoding === PlaneEncoding.raw) return block.borrow(rows);
  if (encoding !== PlaneEncoding.zstd) throw unknownEncoding("plane encoding", encoding);
  return unpacked(block, block.varint(), rows, codecs);
}
