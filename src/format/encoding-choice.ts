import type { Codecs } from "../types.ts";
import { ByteWriter } from "./bytes.ts";
import { subtract, zigzag } from "./differences.ts";
import { NumberEncoding, writePlanes } from "./number-blocks.ts";
import type { PlaneEncoding } from "./planes.ts";

/** What the numbers of a column weigh in an encoding. */
export interface EncodingSize {
  readonly encoding: NumberEncoding;
  /** Bytes. */
  readonly size: number;
}
export interface EncodingTrial extends EncodingSize {
  /** How each plane was the smallest. */
  readonly planes: (PlaneEncoding | undefined)[];
}

/** What was chosen, and why, for people. */
export interface EncodingChoice {
  readonly encoding: NumberEncoding;
  readonly reason: string;
}

export const encodingNames: { readonly [E in NumberEncoding]: string } = {
  [NumberEncoding.words]: "words",
  [NumberEncoding.planes]: "xor",
  [NumberEncoding.differences]: "differences",
  [NumberEncoding.secondDifferences]: "second differences",
};

/**
 * Chooses the smallest; of equal ones the first, which is the simplest to read. Never by time: equal input gives equal
 * bytes.
 */
export function chooseEncoding(sizes: readonly EncodingSize[]): EncodingChoice {
  const [best, next] = sizes.toSorted((a, b) => a.size - b.size || a.encoding - b.encoding);
  if (best === undefined) return { encoding: NumberEncoding.planes, reason: "nothing was tried" };
  if (next === undefined) return { encoding: best.encoding, reason: "nothing else was tried" };
  const saved = ((100 * (next.size - best.size)) / next.size).toFixed(1);
  const reason = `${best.size} bytes, ${saved} % below ${encodingNames[next.encoding]}`;
  return { encoding: best.encoding, reason };
}

const block = new ByteWriter(64 * 1024);

/**
 * Writes the numbers in every encoding of planes.
 * @param last the differences of the same rows in the tick before; without them there are no second differences.
 */
export function tryEncodings(
  xor: Uint8Array,
  differences: Uint8Array,
  last: Uint8Array | undefined,
  unit: number,
  codecs: Codecs,
): EncodingTrial[] {
  const { planes: whole, differences: first, secondDifferences: second } = NumberEncoding;
  const encodings = last === undefined ? [whole, first] : [whole, first, second];
  return encodings.map((encoding) => {
    const planes: (PlaneEncoding | undefined)[] = [];
    block.clear();
    const words = wordsFor(encoding, xor, differences, last, unit);
    writePlanes(block, encoding, words, unit, codecs, planes);
    return { encoding, size: block.length, planes };
  });
}

/** The words that stand in the planes of an encoding. */
export function wordsFor(
  encoding: NumberEncoding,
  xor: Uint8Array,
  differences: Uint8Array,
  last: Uint8Array | undefined,
  unit: number,
): Uint8Array {
  if (encoding === NumberEncoding.planes) return xor;
  const words = new Uint8Array(differences.length);
  if (encoding === NumberEncoding.secondDifferences) {
    subtract(differences, last as Uint8Array, unit, words);
    zigzag(words, unit, words);
  } else {
    zigzag(differences, unit, words);
  }
  return words;
}
