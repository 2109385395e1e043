import { productError } from "./two-fold.ts";

/** 2^-27: below it, x³ changes no bit of x. */
const tiny = 7.450580596923828e-9;

const pi = 3.141592653589793116;
const piLow = 1.2246467991473531772e-16;
const half = 1.570796326794896558;
const halfLow = 6.12323399573676603587e-17;
const quarter = 7.85398163397448278999e-1;

// Coefficients of a rational approximation of (asin(x) - x)/x³ on ±½ (fdlibm, `e_asin.c`).
const p0 = 1.66666666666666657415e-1;
const p1 = -3.25565818622400915405e-1;
const p2 = 2.01212532134862925881e-1;
const p3 = -4.00555345006794114027e-2;
const p4 = 7.91534994289814532176e-4;
const p5 = 3.4793310759602116757e-5;
const q1 = -2.40339491173441421878;
const q2 = 2.02094576023350569471;
const q3 = -6.8828397160545329303e-1;
const q4 = 7.70381505559019352791e-2;

/** asin(x)/x - 1 for z = x² up to ¼. */
function asinKernel(z: number): number {
  const p = z * (p0 + z * (p1 + z * (p2 + z * (p3 + z * (p4 + z * p5)))));
  const q = 1 + z * (q1 + z * (q2 + z * (q3 + z * q4)));
  return p / q;
}

/**
 * The angle in radians whose sine is x.
 *
 * Domain: [-1, 1]. Range: [-π/2, π/2]. Error: below 1 ulp.
 * Special cases: `asin(±0)` is ±0; NaN outside the domain. Odd.
 * Source: fdlibm, `e_asin.c`.
 */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  if (size < 0.5) return size < tiny ? x : x + x * asinKernel(x * x);
  if (size === 1) return x * half;
  // asin(x) = π/2 - 2·asin(√((1 - x)/2)).
  const z = (1 - size) * 0.5;
  const root = Math.sqrt(z);
  const r = asinKernel(z);
  let value: number;
  if (size >= 0.975) {
    value = half - (2 * (root + root * r) - halfLow);
  } else {
    const head = Math.fround(root);
    const tail = (z - head * head) / (root + head);
    value = quarter - (2 * root * r - (halfLow - 2 * tail) - (quarter - 2 * head));
  }
  return x < 0 ? -value : value;
}

/**
 * The angle in radians whose cosine is x.
 *
 * Domain: [-1, 1]. Range: [0, π]. Error: below 1 ulp.
 * Special cases: `acos(1)` is +0; NaN outside the domain.
 * Source: fdlibm, `e_acos.c`.
 */
export function acos(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return NaN;
  if (size < 0.5) return half - (x - (halfLow - x * asinKernel(x * x)));
  if (x < 0) {
    const z = (1 + x) * 0.5;
    const root = Math.sqrt(z);
    return 2 * (half - (root + (asinKernel(z) * root - halfLow)));
  }
  if (x === 1) return 0;
  const z = (1 - x) * 0.5;
  const root = Math.sqrt(z);
  const head = Math.fround(root);
  const tail = (z - head * head) / (root + head);
  return 2 * (head + (asinKernel(z) * root + tail));
}

// Coefficients of (x - atan(x))/x³ on ±7/16 (fdlibm, `s_atan.c`).
const a0 = 3.33333333333329318027e-1;
const a1 = -1.99999999998764832476e-1;
const a2 = 1.42857142725034663711e-1;
const a3 = -1.1111110405462355788e-1;
const a4 = 9.09088713343650656196e-2;
const a5 = -7.69187620504482999495e-2;
const a6 = 6.66107313738753120669e-2;
const a7 = -5.83357013379057348645e-2;
const a8 = 4.97687799461593236017e-2;
const a9 = -3.6531572744216915527e-2;
const a10 = 1.62858201153657823623e-2;

/** 1 - atan(x)/x for |x| up to 7/16. */
function atanKernel(x: number): number {
  const z = x * x;
  const w = z * z;
  const even = z * (a0 + w * (a2 + w * (a4 + w * (a6 + w * (a8 + w * a10)))));
  const odd = w * (a1 + w * (a3 + w * (a5 + w * (a7 + w * a9))));
  return even + odd;
}

// atan(½), atan(1) and atan(3/2), each as the sum of two numbers.
const atanHalf = 4.63647609000806093515e-1;
const atanHalfLow = 2.26987774529616870924e-17;
const quarterLow = 3.06161699786838301793e-17;
const atanThreeHalves = 9.82793723247329054082e-1;
const atanThreeHalvesLow = 1.39033110312309984516e-17;

/** 2^60: beyond such a quotient, the smaller coordinate changes no bit of the angle. */
const far = 1152921504606846976;

/** The last angle of `atanParts` is `parts[0] + parts[1]`. One buffer, so nothing is allocated. */
const parts = new Float64Array(2);

/**
 * The angle of x + tail in two parts, for x of at least 0, where tail is below an ulp of x: near an
 * angle c that is known, atan(x) = atan(c) + atan((x - c)/(1 + c·x)).
 */
function atanParts(x: number, tail: number): void {
  const correction = tail / (1 + x * x);
  let head = 0;
  let low = 0;
  let t = x;
  if (x >= 2.4375) {
    head = half;
    low = halfLow;
    t = -1 / x;
  } else if (x >= 1.1875) {
    head = atanThreeHalves;
    low = atanThreeHalvesLow;
    t = (x - 1.5) / (1 + 1.5 * x);
  } else if (x >= 0.6875) {
    head = quarter;
    low = quarterLow;
    t = (x - 1) / (x + 1);
  } else if (x >= 0.4375) {
    head = atanHalf;
    low = atanHalfLow;
    t = (2 * x - 1) / (2 + x);
  } else {
    parts[0] = x;
    parts[1] = correction - x * atanKernel(x);
    return;
  }
  parts[0] = head;
  parts[1] = t - (t * atanKernel(t) - (low + correction));
}

/**
 * The angle in radians whose tangent is x.
 *
 * Domain: all numbers. Range: [-π/2, π/2]. Error: below 1 ulp.
 * Special cases: `atan(±0)` is ±0; `atan(±Infinity)` is ±π/2; `atan(NaN)` is NaN. Odd.
 * Source: fdlibm, `s_atan.c`.
 */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (size < tiny || x !== x) return x;
  if (size >= far) return x < 0 ? -half : half;
  atanParts(size, 0);
  const value = (parts[0] as number) + (parts[1] as number);
  return x < 0 ? -value : value;
}

/**
 * The angle in radians from the positive x axis to the point (x, y).
 *
 * Domain: all pairs of numbers. Range: [-π, π]. Error: below 1 ulp.
 * Special cases: NaN if either argument is NaN; `atan2(±0, x)` is ±0 for x of +0 and above, ±π for
 * x of -0 and below; `atan2(y, ±0)` is ±π/2 with the sign of y; infinities count as limits, two of
 * them as equally far: `atan2(±Infinity, Infinity)` is ±π/4, `atan2(±Infinity, -Infinity)` ±3π/4.
 * Source: fdlibm, `e_atan2.c`. Unlike there, the rounding error of the quotient is put right.
 */
export function atan2(y: number, x: number): number {
  if (x !== x || y !== y) return NaN;
  const value = upperAngle(Math.abs(y), x);
  return y < 0 || (y === 0 && 1 / y < 0) ? -value : value;
}

/** The angle of (x, y) for y of at least +0. */
function upperAngle(y: number, x: number): number {
  const left = x < 0 || (x === 0 && 1 / x < 0);
  if (y === 0) return left ? pi : 0;
  const size = Math.abs(x);
  if (y === Infinity && size === Infinity) return left ? 3 * quarter : quarter;
  const quotient = y / size;
  if (quotient > far) return half;
  if (quotient < 1 / far) return left ? pi : quotient;
  dividedAngle(y, size);
  const head = parts[0] as number;
  const tail = parts[1] as number;
  if (!left) return head + tail;
  const rest = pi - head;
  return rest + (pi - rest - head + (piLow - tail));
}

/** Leaves the angle of y/x in `parts`, as if the quotient were not rounded. */
function dividedAngle(y: number, x: number): void {
  // Scaled by 2^±600, so that no product over- or underflows.
  const factor = x > 1e150 || y > 1e150 ? 2.409919865102884e-181 : 4.149515568880993e180;
  const plain = x < 1e150 && y < 1e150 && x > 1e-120 && y > 1e-120;
  const top = plain ? y : y * factor;
  const bottom = plain ? x : x * factor;
  const quotient = top / bottom;
  const product = quotient * bottom;
  const rest = top - product - productError(quotient, bottom, product);
  atanParts(quotient, rest / bottom);
}
