import { highWord, powerOfTwo } from "./bits.ts";
import { squareError } from "./two-fold.ts";

// Coefficients of 1/∛r for |r - 1| below 1/10 (FreeBSD, `s_cbrt.c`).
const p0 = 1.87595182427177009643;
const p1 = -1.88497979543377169875;
const p2 = 1.62142972010535446614;
const p3 = -7.58397934778766047437e-1;
const p4 = 1.45996192886612446982e-1;

/** The cube roots of 1, 2 and 4, to the few bits that the first guess needs. */
const roots = Float64Array.of(1, 1.26, 1.5874);

/** 2^29 + 1 rounds a number to 24 bits, so that its square is exact. */
const splitter = 536870913;

/**
 * The cube root of x.
 *
 * Domain: all numbers. Range: all numbers. Error: below 0.7 ulp, so the root of a cube is exact.
 * Special cases: `cbrt(±0)` is ±0; `cbrt(±Infinity)` is ±Infinity; `cbrt(NaN)` is NaN. Odd.
 * Source: FreeBSD, `s_cbrt.c`, after fdlibm.
 */
export function cbrt(x: number): number {
  if (x === 0 || !(x - x === 0)) return x;
  const size = Math.abs(x);
  // Subnormal numbers are scaled by 2^54, whose cube root is 2^18.
  if (size < 2.2250738585072014e-308) {
    const root = cbrtOfNormal(size * 18014398509481984) * 3.814697265625e-6;
    return x < 0 ? -root : root;
  }
  const root = cbrtOfNormal(size);
  return x < 0 ? -root : root;
}

function cbrtOfNormal(x: number): number {
  // A first guess to 6 bits: for x = m·8^third·2^rest, a straight line for ∛m. `s_cbrt.c` divides
  // the high word by 3 instead, but a number made of words is slow to read back.
  const exponent = (highWord(x) >> 20) - 0x3ff;
  const third = (((exponent + 1074) / 3) | 0) - 358;
  const m = x * powerOfTwo(-exponent);
  const rough = powerOfTwo(third) * (0.746 + 0.261 * m) * (roots[exponent - 3 * third] as number);
  // ∛x = t·∛(x/t³), to 23 bits.
  const r = rough * rough * (rough / x);
  const better = rough * (p0 + r * (p1 + r * p2) + r * r * r * (p3 + r * p4));
  const split = better * splitter;
  const t = split - (split - better);
  // One step that triples the precision (E. Halley), where t·t, t + t and the difference are exact.
  const quotient = x / (t * t);
  return t + t * ((quotient - t) / (t + t + quotient));
}

/** 2^600 and its inverse keep squares from over- and underflowing. */
const large = 4.149515568880993e180;
const small = 2.409919865102884e-181;

/**
 * The length of the vector (x, y), √(x² + y²), with no over- or underflow on the way.
 *
 * Domain: all pairs of numbers. Range: [0, Infinity]. Error: below 1 ulp.
 * Special cases: Infinity if either argument is infinite, even beside NaN; otherwise NaN if either
 * is NaN. Even in both arguments, and they can be swapped.
 * Source: the idea of musl's `hypot.c`: both squares, and here their sum too, are taken exactly
 * and rounded once before the root.
 */
export function hypot(x: number, y: number): number {
  const xSize = Math.abs(x);
  const ySize = Math.abs(y);
  if (xSize === Infinity || ySize === Infinity) return Infinity;
  if (x !== x || y !== y) return NaN;
  const long = xSize > ySize ? xSize : ySize;
  const short = xSize > ySize ? ySize : xSize;
  // 2^-60: a side so much shorter changes no bit.
  if (short <= long * 8.673617379884035e-19) return long;
  if (long > 1e150) return hypotExact(long * small, short * small) * large;
  if (short < 1e-130) return hypotExact(long * large, short * large) * small;
  return hypotExact(long, short);
}

/** √(long² + short²) for long ≥ short where no square, to its last bit, over- or underflows. */
function hypotExact(long: number, short: number): number {
  const longSquare = long * long;
  const shortSquare = short * short;
  const tail = squareError(short, shortSquare) + squareError(long, longSquare);
  const sum = longSquare + shortSquare;
  return Math.sqrt(sum + (longSquare - sum + shortSquare + tail));
}
