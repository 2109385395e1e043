import type { Codecs } from "../types.ts";
import { ByteWriter, type ByteReader } from "./bytes.ts";
import { unknownEncoding } from "./packing.ts";
import { readPlane, writePlane, type PlaneEncoding } from "./planes.ts";

/**
 * The blocks of columns of fixed width (`docs/format.md`, section 5). The ids are on disk: never change one, add another.
 * `words` and `planes` hold old XOR new; `differences` new − old as integers, `secondDifferences` what these differ by
 * from those of the tick before; both as zigzag, in planes.
 */
export const NumberEncoding = {
  words: 0,
  planes: 1,
  differences: 6,
  secondDifferences: 7,
} as const;
export type NumberEncoding = (typeof NumberEncoding)[keyof typeof NumberEncoding];

/** Below this the heads of eight planes cost more than they save. */
export const planeNumbersMin = 16;

const planes = new ByteWriter(64 * 1024);

/**
 * Writes numbers as planes, each in its smallest encoding.
 * @param unit bytes of a number.
 * @param known the encodings of the planes that were the smallest before, tried alone; overwritten with those of now.
 */
export function writePlanes(
  out: ByteWriter,
  encoding: NumberEncoding,
  words: Uint8Array,
  unit: number,
  codecs: Codecs,
  known: (PlaneEncoding | undefined)[] = [],
): void {
  const count = words.length / unit;
  out.u8(encoding);
  if (unit === 1) {
    known[0] = writePlane(out, words, codecs, known[0]);
    return;
  }
  planes.clear();
  // Each plane begins where words may lie, which makes looking at it cheap.
  const stride = 4 * Math.ceil(count / 4);
  const all = planes.borrowRoom(unit * stride);
  transpose(words, unit, stride, all);
  for (let byte = 0; byte < unit; byte++) {
    const bytes = all.subarray(byte * stride, byte * stride + count);
    known[byte] = writePlane(out, bytes, codecs, known[byte]);
  }
}

/** Brings the bytes of like weight together: byte *b* of number *i* to *b* × stride + *i*. */
function transpose(words: Uint8Array, unit: number, stride: number, out: Uint8Array): void {
  const count = words.length / unit;
  if (unit % 4 !== 0 || words.byteOffset % 4 !== 0) {
    for (let byte = 0; byte < unit; byte++) {
      for (let at = byte, to = byte * stride; at < words.length; at += unit) {
        out[to++] = words[at] as number;
      }
    }
    return;
  }
  const wide = new Int32Array(words.buffer, words.byteOffset, words.length >> 2);
  const step = unit >> 2;
  for (let part = 0; part < step; part++) {
    const first = 4 * part * stride;
    const [second, third, fourth] = [first + stride, first + 2 * stride, first + 3 * stride];
    for (let i = 0, at = part; i < count; i++, at += step) {
      const word = wide[at] as number;
      out[first + i] = word;
      out[second + i] = word >>> 8;
      out[third + i] = word >>> 16;
      out[fourth + i] = word >>> 24;
    }
  }
}

/** Writes numbers as they are: old XOR new. */
export function writeWords(out: ByteWriter, xor: Uint8Array): void {
  out.u8(NumberEncoding.words);
  out.bytes(xor);
}

/** @returns the encoding, and `count` × `unit` bytes, the caller's own. */
export function readNumbers(
  block: ByteReader,
  count: number,
  unit: number,
  codecs: Codecs,
): { readonly encoding: NumberEncoding; readonly words: Uint8Array } {
  const encoding = block.u8();
  if (encoding === NumberEncoding.words) {
    const words = block.borrow(count * unit).slice();
    block.end();
    return { encoding, words };
  }
  const isPlanes =
    encoding === NumberEncoding.planes ||
    encoding === NumberEncoding.differences ||
    encoding === NumberEncoding.secondDifferences;
  if (!isPlanes) throw unknownEncoding("column encoding", encoding);
  const words = new Uint8Array(count * unit);
  for (let byte = 0; byte < unit; byte++) readPlane(block, words, count, unit, byte, codecs);
  block.end();
  return { encoding, words };
}
