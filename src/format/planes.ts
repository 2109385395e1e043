import type { Codecs } from "../types.ts";
import { ByteWriter, type ByteReader } from "./bytes.ts";
import { countZeros, isConstant, splitZeros } from "./zero-bytes.ts";
import { packedIfSmaller, unknownEncoding, unpacked } from "./packing.ts";

/**
 * A plane holds the bytes of one weight of many numbers (`docs/format.md`, section 5). The ids are on disk: never change
 * one, add another.
 */
export const PlaneEncoding = { raw: 0, constant: 1, zstd: 2, sparse: 3 } as const;
export type PlaneEncoding = (typeof PlaneEncoding)[keyof typeof PlaneEncoding];

const pieceBytes = 2048;
const pieceCount = 3;
const bits = new ByteWriter(8 * 1024);
const others = new ByteWriter(64 * 1024);

/**
 * Writes a plane in its smallest encoding.
 * @param known the encoding that was the smallest before, tried alone; constants are always seen.
 * @returns the encoding.
 */
export function writePlane(
  out: ByteWriter,
  bytes: Uint8Array,
  codecs: Codecs,
  known?: PlaneEncoding,
): PlaneEncoding {
  if (isConstant(bytes)) {
    out.u8(PlaneEncoding.constant);
    out.u8(bytes[0] ?? 0);
    return PlaneEncoding.constant;
  }
  const isTried = known === undefined || known === PlaneEncoding.constant;
  if (known === PlaneEncoding.raw || (isTried && looksRandom(bytes, codecs))) {
    return writeRaw(out, bytes);
  }
  const packed =
    isTried || known === PlaneEncoding.zstd ? packedIfSmaller(bytes, codecs) : undefined;
  const sparse =
    isTried || known === PlaneEncoding.sparse
      ? sparseIfBelow(bytes, packed?.length ?? bytes.length, codecs)
      : undefined;
  if (sparse !== undefined) {
    out.u8(PlaneEncoding.sparse);
    out.bytes(sparse);
    return PlaneEncoding.sparse;
  }
  if (packed === undefined) return writeRaw(out, bytes);
  out.u8(PlaneEncoding.zstd);
  out.varint(packed.length);
  out.bytes(packed);
  return PlaneEncoding.zstd;
}

/**
 * Whether a few pieces of a large plane do not pack: then the whole is not tried, which would cost most of the time of a
 * keyframe. A plane whose rest packs well is then larger than it could be, and no less right.
 */
function looksRandom(bytes: Uint8Array, codecs: Codecs): boolean {
  if (bytes.length < 8 * pieceBytes) return false;
  const pieces = new Uint8Array(pieceCount * pieceBytes);
  for (let piece = 0; piece < pieceCount; piece++) {
    const begin = Math.floor((piece * (bytes.length - pieceBytes)) / (pieceCount - 1));
    pieces.set(bytes.subarray(begin, begin + pieceBytes), piece * pieceBytes);
  }
  return packedIfSmaller(pieces, codecs) === undefined;
}

function writeRaw(out: ByteWriter, bytes: Uint8Array): PlaneEncoding {
  out.u8(PlaneEncoding.raw);
  out.bytes(bytes);
  return PlaneEncoding.raw;
}

/**
 * A bit for each byte that is not zero, and those bytes: each half packs better alone, where most bytes are zero.
 * @returns the payload, or `undefined` if it has not fewer than `size` bytes.
 */
function sparseIfBelow(bytes: Uint8Array, size: number, codecs: Codecs): Uint8Array | undefined {
  const zeros = countZeros(bytes);
  // Few zeros never win; looking further would cost two calls of zstd.
  if (8 * zeros < bytes.length) return undefined;
  bits.clear();
  others.clear();
  const map = bits.borrowRoom(Math.ceil(bytes.length / 8));
  const room = others.borrowRoom(bytes.length - zeros + 1);
  splitZeros(bytes, map, room);
  const rest = room.subarray(0, bytes.length - zeros);
  const payload = new ByteWriter(map.length + rest.length + 8);
  for (const half of [map, rest]) {
    const packed = packedIfSmaller(half, codecs);
    payload.varint(packed?.length ?? 0);
    payload.bytes(packed ?? half);
  }
  return payload.length < size ? payload.borrow() : undefined;
}

/** Reads a plane of `count` bytes into every `unit`-th byte of `values`, from `byte` on; they are zero before. */
export function readPlane(
  block: ByteReader,
  values: Uint8Array,
  count: number,
  unit: number,
  byte: number,
  codecs: Codecs,
): void {
  const encoding = block.u8();
  if (encoding === PlaneEncoding.constant) {
    const value = block.u8();
    if (value === 0) return;
    for (let i = 0, at = byte; i < count; i++, at += unit) values[at] = value;
    return;
  }
  if (encoding === PlaneEncoding.sparse) {
    readSparse(block, values, count, unit, byte, codecs);
    return;
  }
  const plane = planeBytes(block, encoding, count, codecs);
  if (unit === 1) return values.set(plane);
  for (let i = 0, at = byte; i < count; i++, at += unit) values[at] = plane[i] as number;
}

function readSparse(
  block: ByteReader,
  values: Uint8Array,
  count: number,
  unit: number,
  byte: number,
  codecs: Codecs,
): void {
  const map = readHalf(block, Math.ceil(count / 8), codecs);
  let set = 0;
  for (const each of map) set += bitCount(each);
  const beyond = 8 * map.length - count;
  if (beyond > 0 && (map.at(-1) as number) >>> (8 - beyond) !== 0) {
    throw block.damaged(`bits for ${count} bytes`, "more");
  }
  const rest = readHalf(block, set, codecs);
  for (let i = 0, next = 0, at = byte; i < count; i++, at += unit) {
    const isSet = ((map[i >> 3] as number) >> (i & 7)) & 1;
    // Without a branch: behind the last there is nothing, and nothing is what an unset bit stands for.
    values[at] = (rest[next] as number) & -isSet;
    next += isSet;
  }
}

/** A half of a sparse plane: as it is, or packed. */
function readHalf(block: ByteReader, length: number, codecs: Codecs): Uint8Array {
  const stored = block.varint();
  return stored === 0 ? block.borrow(length) : unpacked(block, stored, length, codecs);
}

function bitCount(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function planeBytes(
  block: ByteReader,
  encoding: number,
  count: number,
  codecs: Codecs,
): Uint8Array {
  if (encoding === PlaneEncoding.raw) return block.borrow(count);
  if (encoding !== PlaneEncoding.zstd) throw unknownEncoding("plane encoding", encoding);
  return unpacked(block, block.varint(), count, codecs);
}
