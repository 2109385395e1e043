/**
 * What is needed of arithmetic on unevaluated sums of two numbers.
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision",
 * Numerische Mathematik 18 (1971).
 */

/** 2^27 + 1 splits 53 bits into two halves of at most 26 bits and a sign. */
const splitter = 134217729;

/**
 * a·b - product, exactly, where product is the rounded a·b.
 * For operands below 2^996 whose product, to its last bit, neither overflows nor underflows.
 */
export function productError(a: number, b: number, product: number): number {
  const aSplit = a * splitter;
  const aHigh = aSplit - (aSplit - a);
  const aLow = a - aHigh;
  const bSplit = b * splitter;
  const bHigh = bSplit - (bSplit - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** a² - square, exactly, under the same conditions. */
export function squareError(a: number, square: number): number {
  const split = a * splitter;
  const high = split - (split - a);
  const low = a - high;
  return low * low - (square - high * high - 2 * high * low);
}
