import { reducePiOverTwo, remainder } from "./reduce-pi-over-two.ts";

/** 2^-27: below it, x³ changes no bit of x. */
const tiny = 7.450580596923828e-9;

/** Below π/4 the kernels need no reduction. */
const quarter = 7.85398163397448278999e-1;
const quarterLow = 3.06161699786838301793e-17;

/**
 * The sine of x in radians.
 *
 * Domain: all numbers. Range: [-1, 1]. Error: below 1 ulp, for huge arguments too.
 * Special cases: `sin(±0)` is ±0; `sin(±Infinity)` and `sin(NaN)` are NaN. Odd.
 * Source: fdlibm, `s_sin.c`.
 */
export function sin(x: number): number {
  const size = Math.abs(x);
  if (size <= quarter) return size < tiny ? x : sinKernel(x, 0);
  if (!(size < Infinity)) return NaN;
  const n = reducePiOverTwo(x);
  const head = remainder[0] as number;
  const tail = remainder[1] as number;
  const value = (n & 1) === 0 ? sinKernel(head, tail) : cosKernel(head, tail);
  return n < 2 ? value : -value;
}

/**
 * The cosine of x in radians.
 *
 * Domain: all numbers. Range: [-1, 1]. Error: below 1 ulp, for huge arguments too.
 * Special cases: `cos(±0)` is 1; `cos(±Infinity)` and `cos(NaN)` are NaN. Even.
 * Source: fdlibm, `s_cos.c`.
 */
export function cos(x: number): number {
  const size = Math.abs(x);
  if (size <= quarter) return cosKernel(x, 0);
  if (!(size < Infinity)) return NaN;
  const n = reducePiOverTwo(x);
  const head = remainder[0] as number;
  const tail = remainder[1] as number;
  const value = (n & 1) === 0 ? cosKernel(head, tail) : sinKernel(head, tail);
  return n === 1 || n === 2 ? -value : value;
}

/**
 * The tangent of x in radians.
 *
 * Domain: all numbers. Range: all numbers. Error: below 1 ulp, for huge arguments too.
 * Special cases: `tan(±0)` is ±0; `tan(±Infinity)` and `tan(NaN)` are NaN. No number is exactly an
 * odd multiple of π/2, so the result is always finite. Odd.
 * Source: fdlibm, `s_tan.c`.
 */
export function tan(x: number): number {
  const size = Math.abs(x);
  if (size <= quarter) return size < tiny ? x : tanKernel(x, 0, false);
  if (!(size < Infinity)) return NaN;
  const n = reducePiOverTwo(x);
  return tanKernel(remainder[0] as number, remainder[1] as number, (n & 1) === 1);
}

// Minimax coefficients of sine on ±π/4 (fdlibm, `k_sin.c`).
const s1 = -1.66666666666666324348e-1;
const s2 = 8.33333333332248946124e-3;
const s3 = -1.98412698298579493134e-4;
const s4 = 2.75573137070700676789e-6;
const s5 = -2.50507602534068634195e-8;
const s6 = 1.58969099521155010221e-10;

/** The sine of x + tail within ±π/4, where tail is below an ulp of x. */
function sinKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r = s2 + z * (s3 + z * s4) + z * w * (s5 + z * s6);
  const v = z * x;
  return x - (z * (0.5 * tail - v * r) - tail - v * s1);
}

// Minimax coefficients of cosine on ±π/4 (fdlibm, `k_cos.c`).
const c1 = 4.16666666666666019037e-2;
const c2 = -1.38888888888741095749e-3;
const c3 = 2.48015872894767294178e-5;
const c4 = -2.75573143513906633035e-7;
const c5 = 2.0875723212981748279e-9;
const c6 = -1.13596475577881948265e-11;

/** The cosine of x + tail within ±π/4. */
function cosKernel(x: number, tail: number): number {
  const z = x * x;
  const w = z * z;
  const r = z * (c1 + z * (c2 + z * c3)) + w * w * (c4 + z * (c5 + z * c6));
  const half = 0.5 * z;
  const head = 1 - half;
  return head + (1 - head - half + (z * r - x * tail));
}

// Minimax coefficients of tangent on ±0.67434 (fdlibm, `k_tan.c`).
const t0 = 3.33333333333334091986e-1;
const t1 = 1.33333333333201242699e-1;
const t2 = 5.39682539762260521377e-2;
const t3 = 2.18694882948595424599e-2;
const t4 = 8.86323982359930005737e-3;
const t5 = 3.59207910759131235356e-3;
const t6 = 1.45620945432529025516e-3;
const t7 = 5.88041240820264096874e-4;
const t8 = 2.46463134818469906812e-4;
const t9 = 7.817944429395570923e-5;
const t10 = 7.14072491382608190305e-5;
const t11 = -1.85586374855275456654e-5;
const t12 = 2.59073051863633712884e-5;

/** The tangent of x + tail within ±π/4, or for `inverted` -1 over it. */
function tanKernel(x: number, tail: number, inverted: boolean): number {
  const big = Math.abs(x) >= 0.67434;
  let head = x;
  let rest = tail;
  if (big) {
    // tan(π/4 - y) = (1 - tan y)/(1 + tan y) brings the argument near zero.
    head = x < 0 ? quarter + x + (quarterLow + tail) : quarter - x + (quarterLow - tail);
    rest = 0;
  }
  const z = head * head;
  const w = z * z;
  const odd = t1 + w * (t3 + w * (t5 + w * (t7 + w * (t9 + w * t11))));
  const even = z * (t2 + w * (t4 + w * (t6 + w * (t8 + w * (t10 + w * t12)))));
  const cube = z * head;
  const r = rest + z * (cube * (odd + even) + rest) + cube * t0;
  const value = head + r;
  if (big) {
    const s = inverted ? -1 : 1;
    const v = s - 2 * (head + (r - (value * value) / (value + s)));
    return x < 0 ? -v : v;
  }
  if (!inverted) return value;
  // -1/(head + r) directly would be off by 2 ulp, so its remainder is added. Heads of 24 bits make
  // the products exact; fdlibm takes the high word.
  const valueHead = Math.fround(value);
  const valueTail = r - (valueHead - head);
  const inverse = -1 / value;
  const inverseHead = Math.fround(inverse);
  return inverseHead + inverse * (1 + inverseHead * valueHead + inverseHead * valueTail);
}
