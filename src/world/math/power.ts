import { highWord, powerOfTwo, scale, smallestNormal, toInteger } from "./bits.ts";
import { expKernel } from "./exponential.ts";

/**
 * x to the power of y.
 *
 * Domain: all y for x of at least 0, integers y for negative x. Range: all numbers. Error: below
 * 1 ulp; a power that is an exact number is exact.
 * Special cases are those of ECMAScript's `Math.pow`. They are those of C99 but for three: where
 * C99 has 1 for `pow(1, NaN)`, `pow(1, ±Infinity)` and `pow(-1, ±Infinity)`, the result is NaN.
 * `pow(x, ±0)` is 1 for every x, NaN too; any other NaN makes NaN; a negative finite x with a y
 * that is no integer makes NaN; zeros and infinities of x count as limits, with the sign of x only
 * for odd y.
 * Source: fdlibm, `e_pow.c`.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  const size = Math.abs(x);
  if (y === Infinity || y === -Infinity) return powInfinite(size, y);
  if (y === 1) return x;
  if (y === 2) return x * x;
  if (y === 0.5 && x > 0) return Math.sqrt(x);
  const sign = x > 0 ? 1 : signOfPower(x, y);
  if (size === 0 || size === 1 || size === Infinity) return sign * (y < 0 ? 1 / size : size);
  if (sign !== sign) return NaN;
  return sign * powPositive(size, y);
}

/** |x| to the power of ±Infinity. */
function powInfinite(size: number, y: number): number {
  if (size === 1) return NaN;
  return size > 1 === y > 0 ? Infinity : 0;
}

/** The sign of the power of a negative x or a zero: -1, 1, or NaN where there is no power. */
function signOfPower(x: number, y: number): number {
  const negative = x < 0 || 1 / x < 0;
  if (!negative) return 1;
  if (Math.floor(y) === y) return Math.floor(y * 0.5) * 2 === y ? 1 : -1;
  return x === 0 || x === -Infinity ? 1 : NaN;
}

/** The power for positive finite x other than 1, and finite y other than 0. */
function powPositive(x: number, y: number): number {
  const ySize = Math.abs(y);
  if (ySize > 2147483648) {
    // 2^31: the power over- or underflows unless x is within 2^-20 of 1. 2^64: it does for every x.
    const far = ySize > 18446744073709551616;
    if (x < 1 && (far || x < 0.99999904632568359375)) return y < 0 ? Infinity : 0;
    if (x > 1 && (far || x > 1.00000095367431640625)) return y > 0 ? Infinity : 0;
    log2NearOne(x);
  } else {
    log2TwoFold(x);
  }
  const head = logarithm[0] as number;
  const tail = logarithm[1] as number;
  // Heads of 24 bits make the product exact. A tiny y has no head: the power is 1 all but exactly.
  const yHead = ySize < 1e-30 ? 0 : Math.fround(y);
  return exp2TwoFold(yHead * head, (y - yHead) * head + y * tail);
}

/** log2(x) as a sum of two numbers, the first of 24 bits. One buffer, so nothing is allocated. */
const logarithm = new Float64Array(2);

const inverseLn2 = 1.442695040888963387;
const inverseLn2High = 1.44269502162933349609;
const inverseLn2Low = 1.92596299112661746887e-8;

/** For |x - 1| up to 2^-20, where four terms of the series suffice. */
function log2NearOne(x: number): void {
  const t = x - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25));
  const u = inverseLn2High * t;
  const v = t * inverseLn2Low - w * inverseLn2;
  const head = Math.fround(u + v);
  logarithm[0] = head;
  logarithm[1] = v - (head - u);
}

// Minimax coefficients of 3/2·(log(x) - 2s - 2/3·s³)/s⁵ in s² (fdlibm, `e_pow.c`).
const l1 = 5.99999999999994648725e-1;
const l2 = 4.28571428578550184252e-1;
const l3 = 3.33333329818377432918e-1;
const l4 = 2.72728123808534006489e-1;
const l5 = 2.30660745775561754067e-1;
const l6 = 2.06975017800338417784e-1;
// 2/(3·ln 2), and in two parts.
const scaleLog = 9.61796693925975554329e-1;
const scaleLogHigh = 9.61796700954437255859e-1;
const scaleLogLow = -7.02846165095275826516e-9;
// Below √(3/2) a mantissa lies near 1, below √3 near 3/2, else near 2; and the binary logarithms of
// these, in two parts.
const middles = Float64Array.of(1, 1.5, 2);
const offsets = Float64Array.of(0, 5.84962487220764160156e-1, 1);
const offsetsLow = Float64Array.of(0, 1.35003920212974897128e-8, 0);

function log2TwoFold(x: number): void {
  const small = x < smallestNormal;
  const normal = small ? x * 9007199254740992 : x;
  const high = highWord(normal);
  const exponent = (high >> 20) - 0x3ff;
  const m = normal * powerOfTwo(-exponent);
  const k = small ? exponent - 53 : exponent;
  // The sign bits of two differences count the bounds passed: a branch here is rarely predicted.
  const mantissa = high & 0xfffff;
  const index = ((0x3988e - mantissa) >>> 31) + ((0xbb679 - mantissa) >>> 31);
  const middle = middles[index] as number;
  // s = (m - middle)/(m + middle) as head and tail, where the head has 24 bits (fdlibm has 21).
  const u = m - middle;
  const v = 1 / (m + middle);
  const s = u * v;
  const sHead = Math.fround(s);
  let tHead = Math.fround(m + middle);
  let tTail = m - (tHead - middle);
  const sTail = v * (u - sHead * tHead - sHead * tTail);
  // log(m/middle) = 2/3·s·(3 + s² + r).
  let s2 = s * s;
  let r = s2 * s2 * (l1 + s2 * (l2 + s2 * (l3 + s2 * (l4 + s2 * (l5 + s2 * l6)))));
  r += sTail * (sHead + s);
  s2 = sHead * sHead;
  tHead = Math.fround(3 + s2 + r);
  tTail = r - (tHead - 3 - s2);
  const product = sHead * tHead;
  const rest = sTail * tHead + tTail * s;
  const pHead = Math.fround(product + rest);
  const pTail = rest - (pHead - product);
  const zHead = scaleLogHigh * pHead;
  const offset = offsets[index] as number;
  const zTail = scaleLogLow * pHead + pTail * scaleLog + (offsetsLow[index] as number);
  const head = Math.fround(zHead + zTail + offset + k);
  logarithm[0] = head;
  logarithm[1] = zTail - (head - k - offset - zHead);
}

// ln 2, and in two parts.
const ln2 = 6.93147180559945286227e-1;
const ln2High = 6.93147182464599609375e-1;
const ln2Low = -1.90465429995776804525e-9;
/**
 * 1024 - log2(greatest number + half an ulp of it): from so little below 1024 on, the power
 * overflows.
 */
const overflowTail = 8.0085662595372944372e-17;

/** 2^(head + tail), where the tail is small beside the head or both are below 1. */
function exp2TwoFold(head: number, tail: number): number {
  const z = tail + head;
  if (z >= 1024) {
    if (z > 1024 || tail + overflowTail > z - head) return Infinity;
  } else if (z <= -1075) {
    if (z < -1075 || tail <= z - head) return 0;
  }
  const n = z + toInteger - toInteger;
  const rest = head - n;
  const t = Math.fround(tail + rest);
  const u = t * ln2High;
  const v = (tail - (t - rest)) * ln2 + t * ln2Low;
  const w = u + v;
  const wTail = v - (w - u);
  const c = w - expKernel(w);
  const r = (w * c) / (c - 2) - (wTail + w * wTail);
  // Unlike in `e_pow.c`, what 1 + w loses is put back.
  const one = 1 + w;
  return scale(one + (w - (one - 1) - r), n | 0);
}
