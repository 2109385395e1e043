import { exponentAroundOne, powerOfTwo, toInteger } from "./bits.ts";
import { productError } from "./two-fold.ts";

/** What the last reduction left, `remainder[0] + remainder[1]`: one buffer, no allocation. */
export const remainder = new Float64Array(2);

// π/2 in three steps of 33 bits, and what each step leaves (fdlibm, `e_rem_pio2.c`).
const twoOverPi = 6.36619772367581382433e-1;
const step1 = 1.57079632673412561417;
const rest1 = 6.0771005065061922493e-11;
const step2 = 6.0771005063039659766e-11;
const rest2 = 2.02226624879595063154e-21;
const step3 = 2.0222662487111664558e-21;
const rest3 = 8.47842766036889956997e-32;

/** 2^20·π/2. Below it a multiple of a step is exact: 20 bits and 33 bits make 53. */
const medium = 1647099.3291;

/**
 * Reduces a finite x to x - n·π/2, roughly within ±π/4, left in `remainder` with an error far below
 * an ulp of the sum. Returns the lowest two bits of n.
 * Source: fdlibm, `e_rem_pio2.c`, after Cody and Waite.
 */
export function reducePiOverTwo(x: number): number {
  const size = Math.abs(x);
  if (size > medium) return reduceHuge(x);
  const n = x * twoOverPi + toInteger - toInteger;
  let head = x - n * step1;
  let rest = n * rest1;
  let y = head - rest;
  // Each further step is taken only when so much cancelled that the one before is not good enough.
  if (Math.abs(y) * 65536 < size) {
    const before = head;
    rest = n * step2;
    head = before - rest;
    rest = n * rest2 - (before - head - rest);
    y = head - rest;
    if (Math.abs(y) * 562949953421312 < size) {
      const before2 = head;
      rest = n * step3;
      head = before2 - rest;
      rest = n * rest3 - (before2 - head - rest);
      y = head - rest;
    }
  }
  remainder[0] = y;
  remainder[1] = head - y - rest;
  return n & 3;
}

/** The bits of 2/π below the point, in digits of 24 bits (fdlibm, `k_rem_pio2.c`). */
// prettier-ignore
const digits = Float64Array.of(
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041,
  0xfe5163, 0xabdebb, 0xc561b7, 0x246e3a, 0x424dd2, 0xe00649, 0x2eea09, 0xd1921c,
  0xfe1deb, 0x1cb129, 0xa73ee8, 0x8235f5, 0x2ebb44, 0x84e99c, 0x7026b4, 0x5f7e41,
  0x3991d6, 0x398353, 0x39f49c, 0x845f8b, 0xbdf928, 0x3b1ff8, 0x97ffde, 0x05980f,
  0xef2f11, 0x8b5a0a, 0x6d1f6d, 0x367ecf, 0x27cb09, 0xb74f46, 0x3f669e, 0x5fea2d,
  0x7527ba, 0xc7ebe5, 0xf17b3d, 0x0739f7, 0x8a5292, 0xea6bfb, 0x5fb11f, 0x8d5d08,
  0x560330, 0x46fc7b, 0x6babf0, 0xcfbc20, 0x9af436, 0x1da9e3, 0x91615e, 0xe61b08,
);

const base = 16777216;
const inverseBase = 1 / base;

/**
 * Digits of the product that are kept: two around the point and eight below. No number comes closer
 * to a multiple of π/2 than about 2^-62 (J.-M. Muller, "Elementary Functions", on range reduction),
 * so about 100 significant bits are left.
 */
const kept = 10;
const product = new Float64Array(kept);

const piOverTwoHigh = 1.570796326794896558;
const piOverTwoLow = 6.12323399573676603587e-17;

/**
 * The same for |x| above 2^20, where n has more bits than fit: only those digits of 2/π are
 * multiplied that decide the lowest bits of n and the fraction.
 * Source: M. Payne and R. Hanek, "Radian reduction for trigonometric functions", SIGNUM Newsletter
 * 18 (1983). Unlike `k_rem_pio2.c` it always takes enough digits, so it needs no second pass.
 */
function reduceHuge(x: number): number {
  const size = Math.abs(x);
  const k = exponentAroundOne(size);
  // size·2/π is the sum of product[j]·2^(shift + 24 - 24·j), up to multiples of 2^25, which n does
  // not need.
  const blocks = Math.floor((k - 1) / 24);
  const shift = k - 24 - 24 * blocks;
  multiply(size * powerOfTwo(-k) * base, blocks - 2);
  const unit = powerOfTwo(shift);
  const point = (product[1] as number) * unit;
  const whole = Math.floor(point);
  const below = unit * inverseBase;
  let fraction = point - whole;
  let n = whole + (shift === -23 ? 2 * ((product[0] as number) % 2) : 0);
  let sign = x < 0 ? -1 : 1;
  if (fraction + (product[2] as number) * below >= 0.5) {
    fraction = 1 - fraction - unit;
    complement();
    sign = -sign;
    n += 1;
  }
  toRadians(sign, fraction, below);
  return (x < 0 ? -n : n) & 3;
}

/** product[j] becomes digit j of `mantissa` times 2/π, counted from the digit `first` of 2/π. */
function multiply(mantissa: number, first: number): void {
  const m0 = Math.floor(mantissa);
  const middle = (mantissa - m0) * base;
  const m1 = Math.floor(middle);
  const m2 = (middle - m1) * base;
  // Three products of 25 and 24 bits and a carry stay below 2^53, so every sum is exact.
  let carry = 0;
  for (let j = kept - 1; j >= 0; j--) {
    const i = first + j;
    const sum = m0 * digit(i) + m1 * digit(i - 1) + m2 * digit(i - 2) + carry;
    carry = Math.floor(sum * inverseBase);
    product[j] = sum - carry * base;
  }
}

function digit(i: number): number {
  return i < 0 ? 0 : (digits[i] as number);
}

/** One unit of product[1] less what is below it. */
function complement(): void {
  for (let j = 2; j < kept; j++) product[j] = base - 1 - (product[j] as number);
  product[kept - 1] = (product[kept - 1] as number) + 1;
}

/** Adds the digits below the point up, smallest first, and multiplies by ±π/2. */
function toRadians(sign: number, fraction: number, below: number): void {
  let weight = below * powerOfTwo(-24 * (kept - 3));
  let high = 0;
  let low = 0;
  for (let j = kept - 1; j >= 2; j--) {
    const term = (product[j] as number) * weight;
    const sum = term + high;
    low += high - (sum - term);
    high = sum;
    weight *= base;
  }
  const sum = fraction + high;
  low += high - (sum - fraction);
  high = sum;
  const radians = high * piOverTwoHigh;
  const rest =
    productError(high, piOverTwoHigh, radians) + (high * piOverTwoLow + low * piOverTwoHigh);
  const head = radians + rest;
  remainder[0] = sign * head;
  remainder[1] = sign * (rest - (head - radians));
}
