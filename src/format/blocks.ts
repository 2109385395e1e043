import { EverytickError } from "../errors.ts";
import type { Codecs } from "../types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/**
 * The blocks of a body (`docs/format.md`, section 5): row numbers and column values, each encoding a pure pair with its
 * inverse. The ids are on disk: never change one, add another.
 */
const IndexEncoding = { gaps: 1, gapsZstd: 2 } as const;
const ColumnEncoding = { words: 0, planes: 1, heap: 2, heapZstd: 3 } as const;
const PlaneEncoding = { raw: 0, constant: 1, zstd: 2 } as const;

/** zstd cannot win on less: its own frame takes 9 bytes and more. */
const zstdBytesMin = 48;
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
  if (encoding !== IndexEncoding.gapsZstd) throw unknown("index encoding", encoding);
  const rawLength = block.varint();
  if (rawLength > 5 * count) throw block.damaged(`at most ${5 * count} bytes`, String(rawLength));
  return new ByteReader(unpacked(block, block.remaining, rawLength, codecs), "a row index");
}

/** Writes fixed-width values: old XOR new of each row. */
export function writeNumbers(
  out: ByteWriter,
  xor: Uint8Array,
  width: number,
  codecs: Codecs,
): void {
  const rows = xor.length / width;
  if (rows < planeRowsMin && width > 1) {
    out.u8(ColumnEncoding.words);
    out.bytes(xor);
    return;
  }
  out.u8(ColumnEncoding.planes);
  for (let byte = 0; byte < width; byte++) {
    writePlane(out, width === 1 ? xor : gatherPlane(xor, width, byte, rows), codecs);
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

/** @returns `rows` × `width` bytes, the caller's own. */
export function readNumbers(
  block: ByteReader,
  rows: number,
  width: number,
  codecs: Codecs,
): Uint8Array {
  const encoding = block.u8();
  if (encoding === ColumnEncoding.words) {
    const words = block.borrow(rows * width).slice();
    block.end();
    return words;
  }
  if (encoding !== ColumnEncoding.planes) throw unknown("column encoding", encoding);
  const values = new Uint8Array(rows * width);
  for (let byte = 0; byte < width; byte++) readPlane(block, values, rows, width, byte, codecs);
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
  if (encoding !== PlaneEncoding.zstd) throw unknown("plane encoding", encoding);
  return unpacked(block, block.varint(), rows, codecs);
}

/** Writes values of variable length, old and new of each row. */
export function writeValues(
  out: ByteWriter,
  oldValues: readonly Uint8Array[],
  newValues: readonly Uint8Array[],
  codecs: Codecs,
): void {
  scratch.clear();
  newValues.forEach((value, i) => {
    const old = oldValues[i] as Uint8Array;
    scratch.varint(old.length);
    scratch.bytes(old);
    scratch.varint(value.length);
    scratch.bytes(value);
  });
  const raw = scratch.borrow();
  const packed = packedIfSmaller(raw, codecs);
  out.u8(packed === undefined ? ColumnEncoding.heap : ColumnEncoding.heapZstd);
  if (packed !== undefined) out.varint(raw.length);
  out.bytes(packed ?? raw);
}

/** @returns old and new values of each row, the caller's own. */
export function readValues(
  block: ByteReader,
  rows: number,
  rawLengthMax: number,
  codecs: Codecs,
): { oldValues: Uint8Array[]; newValues: Uint8Array[] } {
  const heap = heapReader(block, rawLengthMax, codecs);
  const oldValues: Uint8Array[] = [];
  const newValues: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    oldValues.push(heap.borrow(heap.varint()).slice());
    newValues.push(heap.borrow(heap.varint()).slice());
  }
  heap.end();
  return { oldValues, newValues };
}

function heapReader(block: ByteReader, rawLengthMax: number, codecs: Codecs): ByteReader {
  const encoding = block.u8();
  if (encoding === ColumnEncoding.heap) return block;
  if (encoding !== ColumnEncoding.heapZstd) throw unknown("column encoding", encoding);
  const rawLength = block.varint();
  if (rawLength > rawLengthMax) {
    throw block.damaged(`at most ${rawLengthMax} bytes`, String(rawLength));
  }
  return new ByteReader(unpacked(block, block.remaining, rawLength, codecs), "a heap of values");
}

function packedIfSmaller(raw: Uint8Array, codecs: Codecs): Uint8Array | undefined {
  if (raw.length < zstdBytesMin) return undefined;
  const packed = codecs.zstdCompress(raw);
  return packed.length + 4 < raw.length ? packed : undefined;
}

function unpacked(
  block: ByteReader,
  length: number,
  rawLength: number,
  codecs: Codecs,
): Uint8Array {
  const packed = block.borrow(length);
  try {
    return codecs.zstdDecompress(packed, rawLength);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const details = { where: "a zstd frame", expected: `${rawLength} bytes of content`, found };
    throw new EverytickError("FORMAT_DAMAGED", details, { cause });
  }
}

function unknown(what: string, id: number): EverytickError {
  const next = "Read it with the version of everytick that wrote it.";
  return new EverytickError("FORMAT_UNKNOWN", { where: what, found: String(id), next });
}
