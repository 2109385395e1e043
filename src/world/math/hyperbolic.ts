import { expScaled, expTail, expTwoFold } from "./exponential.ts";
import { logOfOnePlus, logScaled } from "./logarithmic.ts";
import { productError, squareError } from "./two-fold.ts";

// fdlibm's own formulas for these six err by up to 2.7 ulp, because they round several times after
// `expm1`, or before `log1p`. Here the same identities are kept in sums of two numbers until the
// last rounding.

/** 2^-28: below it, x³ changes no bit of x. */
const tiny = 3.725290298461914e-9;

/** Above it, e^-x changes no bit beside e^x. */
const alone = 22;

// The series of sinh(x)/x - 1 in z = x², x up to ½: 1/(2k + 1)!.
const s3 = 1 / 6;
const s5 = 1 / 120;
const s7 = 1 / 5040;
const s9 = 1 / 362880;
const s11 = 1 / 39916800;
const s13 = 1 / 6227020800;
const s15 = 1 / 1307674368000;

/**
 * The hyperbolic sine of x.
 *
 * Domain: all numbers. Range: all numbers. Error: below 1 ulp.
 * Special cases: `sinh(±0)` is ±0; `sinh(±Infinity)` is ±Infinity; `sinh(NaN)` is NaN; beyond
 * ±710.4758 ±Infinity. Odd.
 * Source: its series below ½, then (e^x - e^-x)/2, as in fdlibm's `e_sinh.c`.
 */
export function sinh(x: number): number {
  const size = Math.abs(x);
  if (size < 0.5) {
    const z = x * x;
    const series = s3 + z * (s5 + z * (s7 + z * (s9 + z * (s11 + z * (s13 + z * s15)))));
    return x + x * z * series;
  }
  if (x !== x) return NaN;
  const value = size > alone ? expScaled(size, -1) : 0.5 * expAndInverse(size, -1);
  return x < 0 ? -value : value;
}

/**
 * The hyperbolic cosine of x.
 *
 * Domain: all numbers. Range: [1, Infinity]. Error: below 1 ulp.
 * Special cases: `cosh(±0)` is 1; `cosh(±Infinity)` is Infinity; `cosh(NaN)` is NaN; beyond
 * ±710.4758 Infinity. Even.
 * Source: (e^x + e^-x)/2, as in fdlibm's `e_cosh.c`.
 */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (!(size <= alone)) return expScaled(size, -1);
  return 0.5 * expAndInverse(size, 1);
}

/** e^x + sign·e^-x for x from 0 to 22. */
function expAndInverse(x: number, sign: number): number {
  const head = expTwoFold(x);
  const tail = expTail[0] as number;
  const inverse = 1 / head;
  const product = inverse * head;
  const rest = (1 - product - productError(inverse, head, product) - tail * inverse) * inverse;
  const signed = sign * inverse;
  const sum = head + signed;
  return sum + (head - sum + signed + (tail + sign * rest));
}

// sinh(x) - x·cosh(x) = -Σ x^(2k+1)·2k/(2k+1)!, over x³.
const n3 = 1 / 3;
const n5 = 1 / 30;
const n7 = 1 / 840;
const n9 = 1 / 45360;
const n11 = 1 / 3991680;
const n13 = 1 / 518918400;
const n15 = 1 / 93405312000;
const n17 = 1 / 22230464256000;
// cosh(x) = Σ x^(2k)/(2k)!.
const c2 = 1 / 2;
const c4 = 1 / 24;
const c6 = 1 / 720;
const c8 = 1 / 40320;
const c10 = 1 / 3628800;
const c12 = 1 / 479001600;
const c14 = 1 / 87178291200;

/**
 * The hyperbolic tangent of x.
 *
 * Domain: all numbers. Range: [-1, 1]. Error: below 1 ulp.
 * Special cases: `tanh(±0)` is ±0; `tanh(±Infinity)` is ±1; `tanh(NaN)` is NaN. Odd.
 * Source: x + (sinh(x) - x·cosh(x))/cosh(x) by their series below ½, then
 * (e^2x - 1)/(e^2x + 1), as in fdlibm's `s_tanh.c`.
 */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 0.5) {
    if (size < tiny) return x;
    const z = x * x;
    const n = n3 + z * (n5 + z * (n7 + z * (n9 + z * (n11 + z * (n13 + z * (n15 + z * n17))))));
    const d = 1 + z * (c2 + z * (c4 + z * (c6 + z * (c8 + z * (c10 + z * (c12 + z * c14))))));
    return x - (x * z * n) / d;
  }
  if (x !== x) return NaN;
  const value = size > alone ? 1 : tanhMiddle(size);
  return x < 0 ? -value : value;
}

/** For x from ½ to 22. */
function tanhMiddle(x: number): number {
  const head = expTwoFold(2 * x);
  const tail = expTail[0] as number;
  const above = head - 1;
  const aboveTail = head - above - 1 + tail;
  const below = head + 1;
  const belowTail = head - below + 1 + tail;
  const q = above / below;
  return q + quotientTail(q, above, aboveTail, below, belowTail);
}

/** What q, the rounded a/b, lacks of (a + aTail)/(b + bTail). */
function quotientTail(q: number, a: number, aTail: number, b: number, bTail: number): number {
  const product = q * b;
  return (a - product - productError(q, b, product) + aTail - q * bTail) / b;
}

/** 2^28: above it, x² ± 1 is x² to the last bit. */
const large = 268435456;

/**
 * The inverse of the hyperbolic sine.
 *
 * Domain: all numbers. Range: all numbers. Error: below 1 ulp.
 * Special cases: `asinh(±0)` is ±0; `asinh(±Infinity)` is ±Infinity; `asinh(NaN)` is NaN. Odd.
 * Source: log(x + √(x² + 1)), as in fdlibm's `s_asinh.c`.
 */
export function asinh(x: number): number {
  const size = Math.abs(x);
  if (size < tiny || x !== x) return x;
  const value = size > large ? logScaled(size, 1) : asinhMiddle(size);
  return x < 0 ? -value : value;
}

/** For x from 2^-28 to 2^28. */
function asinhMiddle(x: number): number {
  const square = x * x;
  const sum = square + 1;
  const rest = square < 1 ? 1 - sum + square : square - sum + 1;
  const root = Math.sqrt(sum);
  const rootTail = rootError(root, sum, rest + squareError(x, square));
  // x + (root - 1) keeps the bits of a small x.
  const above = root - 1;
  const head = x + above;
  const tail = x > above ? x - head + above : above - head + x;
  return logOfOnePlus(head, tail + rootTail);
}

/** What root, the rounded √square, lacks of the root of square + tail. */
function rootError(root: number, square: number, tail: number): number {
  const product = root * root;
  return (square - product - squareError(root, product) + tail) / (2 * root);
}

/**
 * The inverse of the hyperbolic cosine.
 *
 * Domain: [1, Infinity]. Range: [0, Infinity]. Error: below 1 ulp.
 * Special cases: `acosh(1)` is +0; `acosh(Infinity)` is Infinity; NaN below 1 and for NaN.
 * Source: log(x + √(x² - 1)), as in fdlibm's `e_acosh.c`.
 */
export function acosh(x: number): number {
  if (!(x > 1)) return x === 1 ? 0 : NaN;
  if (x > large) return logScaled(x, 1);
  // With t = x - 1, which is exact: log(1 + t + √(2t + t²)).
  const t = x - 1;
  const square = t * t;
  const twice = 2 * t;
  const sum = twice + square;
  const rest = twice > square ? twice - sum + square : square - sum + twice;
  const root = Math.sqrt(sum);
  const rootTail = rootError(root, sum, rest + squareError(t, square));
  const head = t + root;
  return logOfOnePlus(head, root - head + t + rootTail);
}

/**
 * The inverse of the hyperbolic tangent.
 *
 * Domain: [-1, 1]. Range: all numbers. Error: below 1 ulp.
 * Special cases: `atanh(±0)` is ±0; `atanh(±1)` is ±Infinity; NaN outside the domain. Odd.
 * Source: log(1 + 2x/(1 - x))/2, as in fdlibm's `e_atanh.c`.
 */
export function atanh(x: number): number {
  const size = Math.abs(x);
  if (size < tiny) return x;
  if (!(size <= 1)) return NaN;
  const value = size === 1 ? Infinity : atanhMiddle(size);
  return x < 0 ? -value : value;
}

/** For x from 2^-28 to below 1. */
function atanhMiddle(x: number): number {
  const twice = 2 * x;
  const rest = 1 - x;
  const q = twice / rest;
  return 0.5 * logOfOnePlus(q, quotientTail(q, twice, 0, rest, 1 - rest - x));
}
