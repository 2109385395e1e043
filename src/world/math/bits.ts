import { assert } from "../../assert.ts";

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

float[0] = 1;
assert(words[1] === 0x3ff00000, "the machine is little-endian");

/** The smallest positive number with a full mantissa, 2^-1022. */
export const smallestNormal = 2.2250738585072014e-308;

/** Adding and subtracting 1.5·2^52 rounds to the nearest integer, halves to even. */
export const toInteger = 6755399441055744;

const leastExponent = -1074;

// Doubling and halving are exact, so every entry is.
const powersOfTwo = new Float64Array(1023 - leastExponent + 1);
powersOfTwo[-leastExponent] = 1;
for (let k = 1; k <= 1023; k++) {
  powersOfTwo[k - leastExponent] = (powersOfTwo[k - 1 - leastExponent] as number) * 2;
}
for (let k = -1; k >= leastExponent; k--) {
  powersOfTwo[k - leastExponent] = (powersOfTwo[k + 1 - leastExponent] as number) * 0.5;
}

/** 2^k for an integer k from -1074 to 1023. Reading it is faster than building it from words. */
export function powerOfTwo(k: number): number {
  return powersOfTwo[k - leastExponent] as number;
}

/** Sign, exponent and the upper 20 bits of the mantissa, as a signed integer. */
export function highWord(x: number): number {
  float[0] = x;
  return words[1] as number;
}

/**
 * The integer k for which x·2^-k lies in [√½, √2), up to the low word of the bounds.
 * For positive, finite and normal x. 0x3fe6a09e is the high word of √½ (FreeBSD, `k_log.h`).
 */
export function exponentAroundOne(x: number): number {
  return ((highWord(x) + (0x3ff00000 - 0x3fe6a09e)) >> 20) - 0x3ff;
}

/**
 * x·2^k, rounded once. For x from ½ to 2 (so that the first product is exact) and k from -1077 to
 * 1024.
 */
export function scale(x: number, k: number): number {
  if (k < -1021) return x * powerOfTwo(-1000) * powerOfTwo(k + 1000);
  if (k > 1023) return x * 2 * powerOfTwo(k - 1);
  return x * powerOfTwo(k);
}
