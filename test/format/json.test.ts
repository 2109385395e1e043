import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { isEverytickError } from "../../src/errors.ts";
import { canonicalJson, parseJson } from "../../src/format/json.ts";

const text = (value: unknown): string => canonicalJson(value, "it");

function refusal(value: unknown): string {
  try {
    text(value);
  } catch (error) {
    assert(isEverytickError(error, "WORLD_VALUE"), String(error));
    return `${error.details.where}: ${error.details.found}`;
  }
  return assert.fail("not refused");
}

/** Nested `depth` levels deep. */
function nest(depth: number, wrap: (inner: unknown) => unknown): unknown {
  return depth === 0 ? 0 : wrap(nest(depth - 1, wrap));
}

/** The same value with the keys of its objects in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  const other: object = Object.create(null) as object;
  for (const [key, item] of Object.entries(value).reverse()) {
    Object.defineProperty(other, key, { value: reordered(item), enumerable: true });
  }
  return other;
}

test("F7: keys are sorted by UTF-16 code units, at every depth", () => {
  assert.equal(text({ b: 1, a: { d: 2, c: 3 } }), '{"a":{"c":3,"d":2},"b":1}');
  // By code points U+1F600 would come last; its first surrogate is below U+FF61.
  assert.equal(text({ "｡": 1, "😀": 2, é: 3, 10: 4, 9: 5 }), '{"10":4,"9":5,"é":3,"😀":2,"｡":1}');
});

test("F7: numbers are printed as ECMAScript does, and −0 keeps its sign", () => {
  const numbers = [0, -0, 1e21, 1e-7, 0.1, 123456789012345680000, 5e-324, -1.5, 2 ** 53];
  assert.equal(
    text(numbers),
    "[0,-0,1e+21,1e-7,0.1,123456789012345680000,5e-324,-1.5,9007199254740992]",
  );
  assert(Object.is(parseJson(text(-0)), -0));
});

test("F7: strings are escaped as JSON.stringify does", () => {
  const all = String.fromCharCode(...Array(0x300).keys(), 0x2028, 0x2029, 0xfffe);
  assert.equal(text(all), JSON.stringify(all));
});

test("F7: equal values give equal text, and the text gives the value back", () => {
  const values = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
  fc.assert(
    fc.property(values, (value) => {
      const canonical = text(value);
      assert.equal(text(reordered(value)), canonical);
      assert.equal(text(parseJson(canonical)), canonical);
      assert.deepEqual(JSON.parse(canonical), JSON.parse(JSON.stringify(value)));
      assert.doesNotMatch(canonical.replaceAll(/"(?:[^"\\]|\\.)*"/g, ""), /\s/);
    }),
    { seed: 5, numRuns: 100 },
  );
});

test("F7: `__proto__` is a key like any other, and pollutes nothing", () => {
  const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
  const value = parseJson(hostile);
  assert.equal(text(value), hostile);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert(!("polluted" in {}));
});

test("F7: what JSON cannot carry is refused, with its place", () => {
  const cases: [value: unknown, said: RegExp][] = [
    [Number.NaN, /^it: NaN$/],
    [{ a: [1, Number.POSITIVE_INFINITY] }, /^it\.a\[1\]: Infinity$/],
    [undefined, /^it: undefined$/],
    [{ a: undefined }, /^it\.a: undefined$/],
    // eslint-disable-next-line no-sparse-arrays
    [[1, , 2], /^it\[1\]: undefined$/],
    [1n, /^it: bigint$/],
    [() => 1, /^it: function$/],
    [Symbol("s"), /^it: symbol$/],
    [new Date(0), /^it: an object of class Date$/],
    [new Map(), /^it: an object of class Map$/],
    [Uint8Array.of(1), /^it: an object of class Uint8Array$/],
    [Object(1), /^it: an object of class Number$/],
    ["\ud800", /^it: a lone surrogate$/],
    [{ "\udc00": 1 }, /^it, a key: a lone surrogate$/],
  ];
  for (const [value, said] of cases) assert.match(refusal(value), said);
});

test("F7: an object of another realm or without a prototype is plain", () => {
  assert.equal(text(runInNewContext("({ b: [1], a: null })")), '{"a":null,"b":[1]}');
  assert.equal(text(Object.create(null, { a: { value: 1, enumerable: true } })), '{"a":1}');
});

test("F7: an object with a chain of its own is refused by a coded error", () => {
  const base: object = Object.create(null) as object;
  assert.match(refusal(Object.create(Object.create(base) as object)), /^it: an object/);
});

test("F7: 64 levels are carried, 65 and cycles are refused", () => {
  for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => ({ a: inner })]) {
    const deep = text(nest(64, wrap));
    assert.equal(text(parseJson(deep)), deep);
    assert.match(refusal(nest(65, wrap)), /a deeper value, or a cycle$/);
  }
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  assert.match(refusal(cycle), /a deeper value, or a cycle$/);
});
