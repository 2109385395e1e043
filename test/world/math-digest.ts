/**
 * Digests of what the elementary functions return, to compare one machine with another:
 *
 *     node test/world/math-digest.ts portable native
 *
 * prints `portable sin <SHA-256>` and so on for 100,000 arguments each, and `portable all …` over
 * them together. `native` calls `Math` instead. To audit the accuracy of the functions:
 *
 *     node test/world/math-digest.ts sample 20000 | python3 tools/math-vectors.py audit
 */
import { createHash } from "node:crypto";
import * as portable from "../../src/world/math.ts";

export type MathName = keyof typeof portable;
type Library = Readonly<Record<MathName, (x: number, y: number) => number>>;

/** What is tested, and what it replaces; `y` is left alone by functions of one argument. */
export const libraries: { readonly portable: Library; readonly native: Library } = {
  portable,
  native: Math,
};

/**
 * Arguments are ±m·2^e with a mantissa m and an exponent e, both uniform; here the bounds of e for
 * x, and for y. Every eighth argument is any 64 bits instead, so zeros, subnormal numbers,
 * infinities and NaN come up too (`rare` below makes sure), and every eighth an integer.
 */
interface Spread {
  readonly x: readonly [number, number];
  readonly y?: readonly [number, number];
  /** Whether negative arguments have mostly no result. */
  readonly positive?: true;
}

const spreads: Readonly<Record<MathName, Spread>> = {
  sin: { x: [-12, 40] },
  cos: { x: [-12, 40] },
  tan: { x: [-12, 40] },
  asin: { x: [-12, -1] },
  acos: { x: [-12, -1] },
  atan: { x: [-12, 12] },
  atan2: { x: [-8, 8], y: [-8, 8] },
  sinh: { x: [-12, 9] },
  cosh: { x: [-12, 9] },
  tanh: { x: [-12, 4] },
  asinh: { x: [-12, 30] },
  acosh: { x: [0, 30], positive: true },
  atanh: { x: [-12, -1] },
  exp: { x: [-12, 9] },
  expm1: { x: [-12, 9] },
  log: { x: [-4, 40], positive: true },
  log1p: { x: [-12, 12], positive: true },
  log2: { x: [-4, 40], positive: true },
  log10: { x: [-4, 40], positive: true },
  pow: { x: [-4, 6], y: [-6, 7], positive: true },
  cbrt: { x: [-40, 40] },
  hypot: { x: [-8, 8], y: [-8, 8] },
};

export const names = Object.keys(spreads) as readonly MathName[];

export function takesTwo(name: MathName): boolean {
  return spreads[name].y !== undefined;
}

/** sfc32, "small fast counting", of C. Doty-Humphrey's PractRand: 32 bits a call. */
function sfc32(seed: number): () => number {
  let a = seed;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next = (): number => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

const rare = [0, -0, Infinity, -Infinity, NaN, 1, -1, 5e-324, 1e300, -1e300, 0.5, -2];

/** `count` seeded arguments, the same on every machine: only integers make them. */
export function argumentsOf(
  name: MathName,
  count: number,
  seed = 1,
): { readonly x: Float64Array; readonly y: Float64Array } {
  const spread = spreads[name];
  const next = sfc32(seed);
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  fill(x, spread.x, spread.positive === true, next);
  if (spread.y !== undefined) fill(y, spread.y, false, next);
  const pairs = Math.min(count, spread.y === undefined ? rare.length : rare.length * rare.length);
  for (let i = 0; i < pairs; i++) {
    x[i] = rare[i % rare.length] as number;
    if (spread.y !== undefined) y[i] = rare[Math.floor(i / rare.length)] as number;
  }
  return { x, y };
}

function fill(
  out: Float64Array,
  exponents: readonly [number, number],
  positive: boolean,
  next: () => number,
): void {
  const words = new Int32Array(out.buffer);
  const [least, greatest] = exponents;
  for (let i = 0; i < out.length; i++) {
    const bits = next();
    const exponent = 1023 + least + ((next() >>> 0) % (greatest - least + 1));
    // Where negative arguments have no result, one of 16 is left negative.
    const sign = positive && (next() & 15) !== 0 ? 0 : bits & 0x80000000;
    words[2 * i] = next();
    words[2 * i + 1] = (i & 7) === 7 ? bits : sign | (exponent << 20) | (bits & 0xfffff);
    if ((i & 7) === 6) out[i] = Math.trunc(out[i] as number);
  }
}

function results(library: Library, name: MathName, count: number, seed?: number): Float64Array {
  const { x, y } = argumentsOf(name, count, seed);
  const call = library[name];
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = call(x[i] as number, y[i] as number);
  return out;
}

/**
 * Which of the many bit patterns a NaN has is left open by ECMAScript, and machines differ: x64
 * computes a negative one, arm64 a positive one.
 */
function withOneNaN(values: Float64Array): Uint8Array {
  const words = new Int32Array(values.buffer);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    words[2 * i] = 0;
    words[2 * i + 1] = 0x7ff80000;
  }
  return new Uint8Array(values.buffer);
}

function digests(label: keyof typeof libraries, count: number): string[] {
  const all = createHash("sha256");
  const lines: string[] = [];
  for (const name of names) {
    const bytes = withOneNaN(results(libraries[label], name, count));
    all.update(bytes);
    lines.push(`${label} ${name} ${createHash("sha256").update(bytes).digest("hex")}`);
  }
  lines.push(`${label} all ${all.digest("hex")}`);
  return lines;
}

function sample(count: number): string[] {
  const text = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
  const lines: string[] = [];
  for (const name of names) {
    const { x, y } = argumentsOf(name, count, 2);
    const out = results(libraries.portable, name, count, 2);
    for (let i = 0; i < count; i++) {
      const values = takesTwo(name) ? [x[i], y[i], out[i]] : [x[i], out[i]];
      lines.push(`${name} ${values.map((value) => text(value as number)).join(" ")}`);
    }
  }
  return lines;
}

function main(args: readonly string[]): void {
  const lines = args[0] === "sample" ? sample(Number(args[1])) : [];
  if (args.includes("portable")) lines.push(...digests("portable", 100_000));
  if (args.includes("native")) lines.push(...digests("native", 100_000));
  process.stdout.write(`${lines.join("\n")}\n`);
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
