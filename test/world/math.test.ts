/** The elementary functions of `everytick/math`: how exact they are, and their special cases. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import * as math from "../../src/world/math.ts";
import { argumentsOf, libraries, names, takesTwo, type MathName } from "./math-digest.ts";

const { portable, native } = libraries;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** The distance of the numbers around a finite x. */
function ulp(x: number): number {
  float[0] = x;
  const exponent = ((words[1] as number) >>> 20) & 0x7ff;
  return 2 ** (Math.max(exponent, 1) - 1075);
}

const text = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

// --- Accuracy --------------------------------------------------------------------------------

/** Rows of arguments, the correctly rounded result, and what is missing from it, in ulp. */
type Vectors = Readonly<Record<MathName, readonly (readonly number[])[]>>;

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "math-vectors.json"), "utf8"),
) as Vectors;

describe("every function is within an ulp of the exact results in math-vectors.json", () => {
  for (const name of names) {
    test(name, () => {
      const rows = vectors[name];
      assert(rows.length >= 60, "the table has rows");
      for (const row of rows) {
        const [missing, value] = [row.at(-1) as number, row.at(-2) as number];
        const [x, y] = [row[0] as number, takesTwo(name) ? (row[1] as number) : NaN];
        const got = portable[name](x, y);
        const error = Math.abs((got - value) / ulp(value) - missing);
        assert(error < 1, `${name}(${x}, ${y}) = ${got} is ${error} ulp off, not ${value}`);
      }
    });
  }
});

/** V8's own errors in these add up to more than one ulp beside ours. */
const loose: readonly MathName[] = ["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"];

describe("20,000 seeded arguments of each function give about what Math gives", () => {
  for (const name of names) {
    test(name, () => {
      const count = 20_000;
      const { x, y } = argumentsOf(name, count, 3);
      const allowed = loose.includes(name) ? 4 : 2;
      let finite = 0;
      for (let i = 0; i < count; i++) {
        const [a, b] = [x[i] as number, y[i] as number];
        const [got, other] = [portable[name](a, b), native[name](a, b)];
        if (Object.is(got, other)) {
          finite += Number.isFinite(got) ? 1 : 0;
          continue;
        }
        const error = Math.abs(got - other) / ulp(other);
        assert(error <= allowed, `${name}(${text(a)}, ${text(b)}): ${got}, not ${other}`);
        finite++;
      }
      assert(finite > count / 2, `only ${finite} results are finite`);
    });
  }
});

describe("results that are exact numbers are exact", () => {
  test("powers of integers, and of two", () => {
    for (let base = 2; base <= 30; base++) {
      let exact = 1;
      for (let y = 1; exact * base <= 2 ** 53; y++) {
        exact *= base;
        assert.equal(math.pow(base, y), exact, `${base}^${y}`);
        assert.equal(math.pow(-base, y), y % 2 === 0 ? exact : -exact, `${-base}^${y}`);
      }
    }
    for (let y = -1074, exact = 2 ** -1074; y < 1024; y++, exact *= 2) {
      assert.equal(math.pow(2, y), exact, `2^${y}`);
    }
  });

  test("logarithms of powers", () => {
    for (let k = -1074; k < 1024; k++) assert.equal(math.log2(2 ** k), k);
    for (let k = 0; k <= 22; k++) assert.equal(math.log10(Number(`1e${k}`)), k);
  });

  test("roots of cubes, and sides of triangles", () => {
    for (let root = 1; root <= 200_000; root += 7) {
      assert.equal(math.cbrt(root * root * root), root);
      assert.equal(math.cbrt(-root * root * root), -root);
    }
    for (let m = 2; m < 200; m++) {
      const [a, b, c] = [m * m - 1, 2 * m, m * m + 1];
      for (const scale of [1, 2 ** -1060, 2 ** 1000]) {
        assert.equal(math.hypot(a * scale, -b * scale), c * scale);
      }
    }
  });
});

// --- Special cases ---------------------------------------------------------------------------

const { PI } = Math;

/** Pairs of an argument and its result, most of them exact or a rounded constant. */
// prettier-ignore
const special: Readonly<Partial<Record<MathName, readonly (readonly [number, number])[]>>> = {
  sin: [[NaN, NaN], [0, 0], [Infinity, NaN], [5e-324, 5e-324], [1e300, -0.8178819121159085]],
  cos: [[NaN, NaN], [0, 1], [Infinity, NaN], [5e-324, 1], [1e300, -0.5753861119575491]],
  tan: [[NaN, NaN], [0, 0], [Infinity, NaN], [5e-324, 5e-324], [1e300, 1.4214488238747245]],
  asin: [[NaN, NaN], [0, 0], [1, PI / 2], [1.0000000000000002, NaN], [Infinity, NaN]],
  acos: [[NaN, NaN], [0, PI / 2], [1, 0], [-1, PI], [-1.0000000000000002, NaN], [Infinity, NaN]],
  atan: [[NaN, NaN], [0, 0], [Infinity, PI / 2], [1, PI / 4], [1e300, PI / 2], [5e-324, 5e-324]],
  sinh: [[NaN, NaN], [0, 0], [Infinity, Infinity], [711, Infinity], [5e-324, 5e-324]],
  cosh: [[NaN, NaN], [0, 1], [Infinity, Infinity], [711, Infinity], [5e-324, 1]],
  tanh: [[NaN, NaN], [0, 0], [Infinity, 1], [1e300, 1], [5e-324, 5e-324]],
  asinh: [[NaN, NaN], [0, 0], [Infinity, Infinity], [5e-324, 5e-324]],
  acosh: [[NaN, NaN], [0, NaN], [1, 0], [0.9999999999999999, NaN], [Infinity, Infinity]],
  atanh: [[NaN, NaN], [0, 0], [1, Infinity], [1.0000000000000002, NaN], [5e-324, 5e-324]],
  exp: [[NaN, NaN], [0, 1], [Infinity, Infinity], [-Infinity, 0], [709.8, Infinity], [-745.2, 0]],
  expm1: [[NaN, NaN], [0, 0], [Infinity, Infinity], [-Infinity, -1], [-1e300, -1], [710, Infinity]],
  log: [[NaN, NaN], [0, -Infinity], [-0, -Infinity], [1, 0], [-5e-324, NaN], [Infinity, Infinity]],
  log1p: [[NaN, NaN], [0, 0], [-1, -Infinity], [-1.0000000000000002, NaN], [Infinity, Infinity]],
  log2: [[NaN, NaN], [0, -Infinity], [-0, -Infinity], [1, 0], [-5e-324, NaN], [Infinity, Infinity]],
  log10: [[NaN, NaN], [0, -Infinity], [-0, -Infinity], [1, 0], [-1, NaN], [Infinity, Infinity]],
  cbrt: [[NaN, NaN], [0, 0], [Infinity, Infinity], [5e-324, 1.7031839360032603e-108]],
};

test("special cases of the functions of one argument", () => {
  for (const [name, rows] of Object.entries(special) as [MathName, [number, number][]][]) {
    for (const [x, expected] of rows) {
      const got = portable[name](x, NaN);
      assert(Object.is(got, expected), `${name}(${text(x)}) = ${text(got)}, not ${text(expected)}`);
    }
  }
});

const odd = names.filter((name) => /^a?(sin|tan)h?$|^cbrt$/.test(name));
const even: readonly MathName[] = ["cos", "cosh"];

test("odd and even functions are symmetric to the last bit, -0 too", () => {
  assert.equal(odd.length, 9);
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.double({ min: -2, max: 2 })), (x) => {
      for (const name of odd)
        assert(Object.is(portable[name](-x, NaN), -portable[name](x, NaN)), name);
      for (const name of even)
        assert(Object.is(portable[name](-x, NaN), portable[name](x, NaN)), name);
    }),
    { numRuns: 5000 },
  );
  for (const name of odd) assert(Object.is(portable[name](-0, NaN), -0), `${name}(-0)`);
  for (const name of ["expm1", "log1p"] as const) {
    assert(Object.is(portable[name](-0, NaN), -0), name);
  }
});

test("hypot and atan2 have the symmetries of the plane", () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), (x, y) => {
      const length = math.hypot(x, y);
      for (const same of [math.hypot(-x, y), math.hypot(x, -y), math.hypot(y, x)]) {
        assert(Object.is(same, length));
      }
      assert(Object.is(math.atan2(-y, x), -math.atan2(y, x)));
    }),
    { numRuns: 5000 },
  );
});

test("special cases of hypot and atan2", () => {
  const rows: readonly (readonly ["hypot" | "atan2", number, number, number])[] = [
    ["hypot", 0, -0, 0],
    ["hypot", NaN, -Infinity, Infinity],
    ["hypot", Infinity, NaN, Infinity],
    ["hypot", NaN, 0, NaN],
    ["hypot", 1e308, 1e308, 1.4142135623730951e308],
    ["hypot", 1.7e308, 1.7e308, Infinity],
    ["hypot", 5e-324, 0, 5e-324],
    ["atan2", NaN, 1, NaN],
    ["atan2", 1, NaN, NaN],
    ["atan2", 0, 0, 0],
    ["atan2", -0, 0, -0],
    ["atan2", 0, -0, PI],
    ["atan2", -0, -0, -PI],
    ["atan2", 0, -1, PI],
    ["atan2", -0, 1, -0],
    ["atan2", 1, -0, PI / 2],
    ["atan2", -1, 0, -PI / 2],
    ["atan2", 5e-324, -1e308, PI],
    ["atan2", 5e-324, 1e308, 0],
    ["atan2", 5e-324, 2, 0],
    ["atan2", 1e308, 5e-324, PI / 2],
    ["atan2", Infinity, Infinity, PI / 4],
    ["atan2", -Infinity, -Infinity, (-3 * PI) / 4],
    ["atan2", 1, Infinity, 0],
    ["atan2", -1, -Infinity, -PI],
    ["atan2", Infinity, -1, PI / 2],
  ];
  for (const [name, x, y, expected] of rows) {
    const got = portable[name](x, y);
    assert(Object.is(got, expected), `${name}(${text(x)}, ${text(y)}) = ${text(got)}`);
  }
});

const zeros = [0, -0];
const infinities = [Infinity, -Infinity];
const above = [1.0000000000000002, 1.5, 2, 1e300];
const below = [5e-324, 1e-300, 0.5, 0.9999999999999999];
const odds = [1, 3, 5, 9007199254740991];
const evens = [2, 4, 9007199254740992, 1e300];
const fractions = [5e-324, 0.5, 1.5, 4503599627370495.5];
const finite = [...above, ...below, ...odds, ...evens, ...fractions].flatMap((x) => [x, -x]);
const every = [NaN, ...zeros, ...infinities, ...finite];

function expectPowers(xs: readonly number[], ys: readonly number[], expected: number): void {
  for (const x of xs) {
    for (const y of ys) {
      const got = math.pow(x, y);
      assert(Object.is(got, expected), `pow(${text(x)}, ${text(y)}) = ${text(got)}`);
    }
  }
}

const negated = (values: readonly number[]): number[] => values.map((x) => -x);
const both = (values: readonly number[]): number[] => [...values, ...negated(values)];

/** ECMA-262, Number::exponentiate, in its order; what C99 has otherwise is marked. */
test("pow has the special cases of ECMAScript", () => {
  const limits = infinities.concat(NaN);
  const evenOrFraction = [...evens, ...fractions];
  expectPowers(every, [NaN], NaN); // C99: pow(1, NaN) is 1.
  expectPowers(every, zeros, 1);
  expectPowers([NaN], [...infinities, ...finite], NaN);
  expectPowers([Infinity], [Infinity, ...odds, ...evenOrFraction], Infinity);
  expectPowers([Infinity], negated([Infinity, ...odds, ...evenOrFraction]), 0);
  expectPowers([-Infinity], odds, -Infinity);
  expectPowers([-Infinity], [Infinity, ...evenOrFraction], Infinity);
  expectPowers([-Infinity], negated(odds), -0);
  expectPowers([-Infinity], negated([Infinity, ...evenOrFraction]), 0);
  expectPowers([0], [Infinity, ...odds, ...evenOrFraction], 0);
  expectPowers([0], negated([Infinity, ...odds, ...evenOrFraction]), Infinity);
  expectPowers([-0], odds, -0);
  expectPowers([-0], [Infinity, ...evenOrFraction], 0);
  expectPowers([-0], negated(odds), -Infinity);
  expectPowers([-0], negated([Infinity, ...evenOrFraction]), Infinity);
  expectPowers(both(above), [Infinity], Infinity);
  expectPowers(both(above), [-Infinity], 0);
  expectPowers([1, -1], limits, NaN); // C99: pow(1, ±Infinity) and pow(-1, ±Infinity) are 1.
  expectPowers(both(below), [Infinity], 0);
  expectPowers(both(below), [-Infinity], Infinity);
  expectPowers(negated([...above, ...below, 1]), both(fractions), NaN);
  expectPowers([1], finite, 1);
});

test("pow is Math.pow wherever a result is no finite number, and has its signs", () => {
  for (const x of every) {
    for (const y of every) {
      const [got, other] = [math.pow(x, y), Math.pow(x, y)];
      const same = Object.is(got, other) || Math.abs(got - other) <= ulp(other);
      assert(same && Object.is(Math.sign(got), Math.sign(other)), `pow(${text(x)}, ${text(y)})`);
    }
  }
});

test("the ends of the range are where they should be", () => {
  const greatest = Number.MAX_VALUE;
  const overflowing: readonly (readonly ["exp" | "expm1" | "sinh" | "cosh", number])[] = [
    ["exp", 709.782712893384],
    ["expm1", 709.782712893384],
    ["sinh", 710.4758600739439],
    ["cosh", 710.4758600739439],
  ];
  for (const [name, last] of overflowing) {
    assert(portable[name](last, NaN) > 1.797693134862e308, name);
    assert(portable[name](last, NaN) < Infinity, name);
    assert.equal(portable[name](last + 2 ** -43, NaN), Infinity, name);
  }
  assert(math.pow(2, 1023.9999999999999) < Infinity);
  assert.equal(math.pow(2, 1024), Infinity);
  assert.equal(math.pow(greatest, 1), greatest);
  assert.equal(math.pow(2, -1074.9999), 5e-324);
  assert.equal(math.pow(2, -1075), 0);
  assert.equal(math.exp(-745.1332191019411), 5e-324);
  assert.equal(math.exp(-745.1332191019412), 0);
  assert.equal(math.asinh(greatest), math.acosh(greatest));
  assert.equal(math.hypot(greatest, greatest), Infinity);
});
