import { scale, toInteger } from "./bits.ts";

/** The largest x with a finite e^x, and the smallest whose e^x does not round to zero. */
const overflow = 7.09782712893383973096e2;
const underflow = -7.4513321910194110842e2;

const inverseLn2 = 1.442695040888963387;
const halfLn2 = 0.34657359027997264;
// ln 2 in two parts, the first of 33 bits, so that its products with integers are exact.
const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;

// Coefficients of r·(e^r + 1)/(e^r - 1) - 2 on ±½·ln 2 (fdlibm, `e_exp.c`).
const p1 = 1.66666666666666019037e-1;
const p2 = -2.77777777770155933842e-3;
const p3 = 6.61375632143793436117e-5;
const p4 = -1.6533902205465251539e-6;
const p5 = 4.13813679705723846039e-8;

/** r - c of the formula e^r = 1 + r + r·c/(2 - c) on ±½·ln 2. The power function uses it too. */
export function expKernel(r: number): number {
  const t = r * r;
  return t * (p1 + t * (p2 + t * (p3 + t * (p4 + t * p5))));
}

/**
 * e to the power of x.
 *
 * Domain: all numbers. Range: [0, Infinity]. Error: below 1 ulp.
 * Special cases: `exp(±0)` is 1; `exp(-Infinity)` is +0; `exp(Infinity)` is Infinity; `exp(NaN)` is
 * NaN; above 709.78 Infinity, below -745.13 +0.
 * Source: fdlibm, `e_exp.c`.
 */
export function exp(x: number): number {
  return expScaled(x, 0);
}

/** e^x·2^n for n of 0 or -1, which overflows as late as the product does. */
export function expScaled(x: number, n: number): number {
  if (x !== x) return NaN;
  if (x > overflow - n) return Infinity;
  if (x < underflow) return 0;
  // x = k·ln 2 + r with |r| up to ½·ln 2.
  const k = (inverseLn2 * x + toInteger - toInteger) | 0;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const c = r - expKernel(r);
  // Unlike in `e_exp.c`, what 1 + high loses is put back: that saves a quarter of an ulp.
  const one = 1 + high;
  return scale(one + (high - (one - 1) + ((r * c) / (2 - c) - low)), k + n);
}

/** The last result of `expTwoFold` is its value plus `expTail[0]`. */
export const expTail = new Float64Array(1);

/** e^x as a sum of two numbers, to about 2^-55 of it, for x from 0 to 50. */
export function expTwoFold(x: number): number {
  const k = (inverseLn2 * x + toInteger - toInteger) | 0;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const c = r - expKernel(r);
  const one = 1 + high;
  const tail = high - (one - 1) + ((r * c) / (2 - c) - low);
  const sum = one + tail;
  expTail[0] = scale(tail - (sum - one), k);
  return scale(sum, k);
}

// Coefficients of 6/r·((e^r + 1)/(e^r - 1) - 2/r), in z = r²/2 (fdlibm, `s_expm1.c`).
const q1 = -3.33333333333331316428e-2;
const q2 = 1.58730158725481460165e-3;
const q3 = -7.93650757867487942473e-5;
const q4 = 4.00821782732936239552e-6;
const q5 = -2.01099218183624371326e-7;

/**
 * e to the power of x, less 1: precise where x is near zero.
 *
 * Domain: all numbers. Range: [-1, Infinity]. Error: below 1 ulp.
 * Special cases: `expm1(±0)` is ±0; `expm1(-Infinity)` is -1; `expm1(Infinity)` is Infinity;
 * `expm1(NaN)` is NaN; above 709.78 Infinity.
 * Source: fdlibm, `s_expm1.c`.
 */
export function expm1(x: number): number {
  if (x !== x) return NaN;
  if (x > overflow) return Infinity;
  // Below -56·ln 2 the power is less than half an ulp of 1.
  if (x < -38.816242111356935) return -1;
  const size = Math.abs(x);
  if (size <= halfLn2) {
    // Below 2^-54, x² changes no bit of x.
    if (size < 5.551115123125783e-17) return x;
    const half = x * (0.5 * x);
    return x - (x * expm1Kernel(x, half) - half);
  }
  const k = (inverseLn2 * x + toInteger - toInteger) | 0;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const lost = high - r - low;
  const half = r * (0.5 * r);
  // e^r - 1 = r - e.
  const e = r * (expm1Kernel(r, half) - lost) - lost - half;
  return expm1Joined(k, r, e);
}

/** The correction E of `s_expm1.c`: e^r - 1 = r - (r·E - r²/2), where half is r²/2. */
function expm1Kernel(r: number, half: number): number {
  const r1 = 1 + half * (q1 + half * (q2 + half * (q3 + half * (q4 + half * q5))));
  const t = 3 - r1 * (0.5 * r);
  return half * ((r1 - t) / (6 - r * t));
}

/** 2^k·(1 + r - e) - 1, in the order that loses least for each k. */
function expm1Joined(k: number, r: number, e: number): number {
  if (k === 0) return r - e;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scale(1 - (e - r), k) - 1;
  const unit = scale(1, -k);
  if (k < 20) return scale(1 - unit - (e - r), k);
  return scale(r - (e + unit) + 1, k);
}
