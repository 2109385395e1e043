import { NumberEncoding } from "./number-blocks.ts";

/** Bytes that the numbers of a column take in each encoding that was tried. */
export type EncodingSizes = { readonly [E in NumberEncoding]?: number };

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
export function chooseEncoding(sizes: EncodingSizes): EncodingChoice {
  const tried = Object.entries(sizes)
    .map(([encoding, size]) => ({ encoding: Number(encoding) as NumberEncoding, size }))
    .sort((a, b) => a.size - b.size || a.encoding - b.encoding);
  const [best, next] = tried;
  if (best === undefined) return { encoding: NumberEncoding.planes, reason: "nothing was tried" };
  if (next === undefined) return { encoding: best.encoding, reason: "nothing else was tried" };
  const saved = ((100 * (next.size - best.size)) / next.size).toFixed(1);
  const reason = `${best.size} bytes, ${saved} % below ${encodingNames[next.encoding]}`;
  return { encoding: best.encoding, reason };
}
