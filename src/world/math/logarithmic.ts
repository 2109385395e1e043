import { exponentAroundOne, powerOfTwo, smallestNormal } from "./bits.ts";

// ln 2 and log10 2 in two parts each, the first short enough that its products with exponents are
// exact (fdlibm, `e_log.c`; FreeBSD, `e_log10.c`).
const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;
const log10Of2High = 3.01029995663611771306e-1;
const log10Of2Low = 3.69423907715893078616e-13;

// 1/ln 2 and 1/ln 10, the first part rounded to 24 bits.
const inverseLn2High = 1.4426950216293335;
const inverseLn2Low = 1.9259629911266175e-8;
const inverseLn10High = 0.4342944920063019;
const inverseLn10Low = -1.0103050052231683e-8;

// Minimax coefficients of (log(1 + s) - log(1 - s) - 2s)/s in s² (fdlibm, `e_log.c`).
const l1 = 6.66666666666673513e-1;
const l2 = 3.999999999940941908e-1;
const l3 = 2.857142874366239149e-1;
const l4 = 2.222219843214978396e-1;
const l5 = 1.818357216161805012e-1;
const l6 = 1.531383769920937332e-1;
const l7 = 1.479819860511658591e-1;

/** log(1 + f) - f + f²/2 for 1 + f in [√½, √2], where half is f²/2 (FreeBSD, `k_log.h`). */
function logKernel(f: number, half: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (l2 + w * (l4 + w * l6));
  const odd = z * (l1 + w * (l3 + w * (l5 + w * l7)));
  return s * (half + (odd + even));
}

/** What the last `split` found besides its value. */
const exponent = new Int32Array(1);

/** x = 2^k·(1 + f) with 1 + f in [√½, √2), for positive finite x. Returns f, leaves k. */
function split(x: number): number {
  const small = x < smallestNormal;
  const normal = small ? x * 18014398509481984 : x;
  const k = exponentAroundOne(normal);
  exponent[0] = small ? k - 54 : k;
  return normal * powerOfTwo(-k) - 1;
}

/** The logarithm where it is not finite: of zero, negative numbers, Infinity and NaN. */
function logOfSpecial(x: number): number {
  if (x === 0) return -Infinity;
  return x > 0 ? Infinity : NaN;
}

/**
 * The natural logarithm of x.
 *
 * Domain: [0, Infinity]. Range: all numbers. Error: below 1 ulp.
 * Special cases: `log(±0)` is -Infinity; `log(1)` is +0; `log(Infinity)` is Infinity; NaN below
 * zero and for NaN.
 * Source: fdlibm, `e_log.c`.
 */
export function log(x: number): number {
  return logScaled(x, 0);
}

/** log(x·2^n), also where the product would overflow. */
export function logScaled(x: number, n: number): number {
  if (!(x > 0 && x < Infinity)) return logOfSpecial(x);
  const f = split(x);
  const k = (exponent[0] as number) + n;
  const half = 0.5 * f * f;
  return k * ln2High - (half - (logKernel(f, half) + k * ln2Low) - f);
}

/**
 * The natural logarithm of 1 + x: precise where x is near zero.
 *
 * Domain: [-1, Infinity]. Range: all numbers. Error: below 1 ulp.
 * Special cases: `log1p(±0)` is ±0; `log1p(-1)` is -Infinity; `log1p(Infinity)` is Infinity; NaN
 * below -1 and for NaN.
 * Source: FreeBSD, `s_log1p.c`, after fdlibm.
 */
export function log1p(x: number): number {
  if (!(x > -1 && x < Infinity)) return logOfSpecial(1 + x);
  // Below 2^-53, x² changes no bit of x.
  return Math.abs(x) < 1.1102230246251565e-16 ? x : logOfOnePlus(x, 0);
}

/** log(1 + x + tail) for finite x above -1, where tail is below an ulp of x. */
export function logOfOnePlus(x: number, tail: number): number {
  let f = x;
  let k = 0;
  const sum = 1 + x;
  let lost = tail;
  if (x <= -0.2928932188134524 || x >= 0.41421356237309503) {
    lost += x >= 1 ? 1 - (sum - x) : x - (sum - 1);
    k = exponentAroundOne(sum);
    f = sum * powerOfTwo(-k) - 1;
  }
  const half = 0.5 * f * f;
  return k * ln2High - (half - (logKernel(f, half) + (k * ln2Low + lost / sum)) - f);
}

/**
 * The logarithm of x to the base 2.
 *
 * Domain: [0, Infinity]. Range: [-1074, 1024) and ±Infinity. Error: below 1 ulp; exact for powers
 * of 2.
 * Special cases: `log2(±0)` is -Infinity; `log2(1)` is +0; `log2(Infinity)` is Infinity; NaN below
 * zero and for NaN.
 * Source: FreeBSD, `e_log2.c`, with 1/ln 2 split after 24 bits as in fdlibm's `e_pow.c`.
 */
export function log2(x: number): number {
  if (!(x > 0 && x < Infinity)) return logOfSpecial(x);
  const f = split(x);
  const half = 0.5 * f * f;
  const high = Math.fround(f - half);
  const low = f - high - half + logKernel(f, half);
  const product = high * inverseLn2High;
  const rest = (low + high) * inverseLn2Low + low * inverseLn2High;
  const k = exponent[0] as number;
  const sum = k + product;
  return rest + (k - sum + product) + sum;
}

/**
 * The logarithm of x to the base 10.
 *
 * Domain: [0, Infinity]. Range: (-323.4, 308.3) and ±Infinity. Error: below 1 ulp; exact for those
 * powers of 10 that are exact numbers, 1 to 1e22.
 * Special cases: `log10(±0)` is -Infinity; `log10(1)` is +0; `log10(Infinity)` is Infinity; NaN
 * below zero and for NaN.
 * Source: FreeBSD, `e_log10.c`, with 1/ln 10 split after 24 bits.
 */
export function log10(x: number): number {
  if (!(x > 0 && x < Infinity)) return logOfSpecial(x);
  const f = split(x);
  const half = 0.5 * f * f;
  const high = Math.fround(f - half);
  const low = f - high - half + logKernel(f, half);
  const product = high * inverseLn10High;
  const k = exponent[0] as number;
  const rest = k * log10Of2Low + (low + high) * inverseLn10Low + low * inverseLn10High;
  const power = k * log10Of2High;
  const sum = power + product;
  return rest + (power - sum + product) + sum;
}
