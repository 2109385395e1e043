import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NumericType, VariableType } from "everytick";
import fc from "fast-check";
import { checkNumber, decodeValue, encodeValue } from "../../src/world/elements.ts";
import { limits } from "../../src/limits.ts";
import { refusal } from "../runs/memory-runs.ts";

const ranges: Partial<Record<NumericType, readonly [number | bigint, number | bigint]>> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65_535],
  i16: [-32_768, 32_767],
  u32: [0, 4_294_967_295],
  i32: [-2_147_483_648, 2_147_483_647],
  u64: [0n, 18_446_744_073_709_551_615n],
  i64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

describe("W4: an integer column takes its range and nothing else", () => {
  for (const [type, [low, high]] of Object.entries(ranges) as [NumericType, [number, number]][]) {
    test(`W4: ${type}`, async () => {
      assert.equal(checkNumber(type, low, "x"), low);
      assert.equal(checkNumber(type, high, "x"), high);
      const one = (typeof low === "bigint" ? 1n : 1) as never;
      const wrong = [
        low - one,
        high + one,
        "1",
        null,
        undefined,
        true,
        {},
        [1],
        Number.NaN,
        Infinity,
      ];
      // The other kind of number is no whole number of this type either.
      const other = typeof low === "bigint" ? 1 : 1n;
      for (const value of [...wrong, other, 0.5]) {
        const error = await refusal(() => checkNumber(type, value, "s.c"), "WORLD_VALUE");
        assert.equal(error.details.where, "s.c");
        assert.match(error.details.expected ?? "", new RegExp(type));
      }
    });
  }
});

test("W4: a float column takes any number, and no bigint", async () => {
  for (const type of ["f16", "f32", "f64"] as const) {
    for (const value of [0, -0, 0.1, Infinity, -Infinity, Number.NaN, 5e-324, 1e308]) {
      assert(Object.is(checkNumber(type, value, "x"), value));
    }
    for (const value of [1n, "1", null, undefined, false, {}]) {
      await refusal(() => checkNumber(type, value, "x"), "WORLD_VALUE");
    }
  }
});

function roundTrip(type: VariableType, value: unknown): unknown {
  return decodeValue(type, encodeValue(type, value, "x"));
}

test("W4: any well-formed text comes back, seed 1", () => {
  const property = fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(roundTrip("utf8", text), text);
  });
  fc.assert(property, { seed: 1 });
  for (const text of ["", "\u0000", "\ufeff", "\ufffd", "\u{10ffff}", "e\u0301"]) {
    assert.equal(roundTrip("utf8", text), text);
  }
});

test("W4: any json value comes back, −0 and keys like __proto__ included, seed 1", () => {
  const key = fc.oneof(
    fc.constantFrom("__proto__", "constructor", "toString", "10", "9"),
    fc.string(),
  );
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(null, true, false, 0, -0, 1e21, 5e-324, -(2 ** 53)),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: "binary" }),
      fc.array(tie("json"), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie("json")), { maxLength: 4 }).map(Object.fromEntries),
    ),
  }));
  const property = fc.property(json, (value) => {
    assert.deepStrictEqual(roundTrip("json", value), value);
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test("W4: json null is nothing: no bytes", () => {
  assert.equal(encodeValue("json", null, "x").length, 0);
  assert.equal(decodeValue("json", new Uint8Array(0)), null);
});

test("W4: what json cannot carry is refused, and the place in it named", async () => {
  const cycle: unknown[] = [];
  cycle.push(cycle, cycle);
  const inherited: object = Object.create(
    Object.create(Object.create(null) as object) as object,
  ) as object;
  const values: readonly unknown[] = [
    undefined,
    () => 1,
    Symbol("s"),
    1n,
    Number.NaN,
    Infinity,
    "\ud800",
    new Date(0),
    new Map(),
    new Uint8Array(1),
    new (class Point {
      x = 1;
    })(),
    Object("boxed"),
    inherited,
    cycle,
  ];
  for (const value of values) {
    await refusal(() => encodeValue("json", value, "s.c"), "WORLD_VALUE", { where: /^s\.c/ });
    const where = /^s\.c\.list\[1\]/;
    await refusal(() => encodeValue("json", { list: [0, value] }, "s.c"), "WORLD_VALUE", { where });
  }
  await refusal(() => encodeValue("json", { "\udfff": 1 }, "x"), "WORLD_VALUE");
  await refusal(() => encodeValue("json", Array.from({ length: 2 }), "x"), "WORLD_VALUE");
});

test("W4: json nests 64 deep and no deeper", async () => {
  const nested = (depth: number): unknown =>
    depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
  assert.deepEqual(roundTrip("json", nested(limits.jsonDepth)), nested(limits.jsonDepth));
  const deeper = nested(limits.jsonDepth + 1);
  await refusal(() => encodeValue("json", deeper, "x"), "WORLD_VALUE", { expected: /64 levels/ });
});

test("W4: text with a lone surrogate, and bytes that are none, are refused", async () => {
  for (const value of ["\ud800", "a\udc00b", 1, null, undefined, new String("a")]) {
    await refusal(() => encodeValue("utf8", value, "x"), "WORLD_VALUE");
  }
  for (const value of [
    "",
    null,
    [1],
    new ArrayBuffer(1),
    new Int8Array(1),
    new DataView(new ArrayBuffer(1)),
  ]) {
    await refusal(() => encodeValue("bytes", value, "x"), "WORLD_VALUE");
  }
});

test("W4: bytes are copied in and out; a Buffer counts as bytes", () => {
  const given = Buffer.from([1, 2, 3]);
  const stored = encodeValue("bytes", given, "x");
  given[0] = 9;
  assert.deepEqual(stored, Uint8Array.of(1, 2, 3));
  const read = decodeValue("bytes", stored) as Uint8Array;
  read[0] = 9;
  assert.deepEqual(stored, Uint8Array.of(1, 2, 3));
});

test("W4: a value is refused above its limit of bytes, not of characters", async () => {
  const most = limits.valueBytes;
  assert.equal(encodeValue("utf8", "a".repeat(most), "x").length, most);
  assert.equal(encodeValue("bytes", new Uint8Array(most), "x").length, most);
  const details = { expected: /16777216 bytes/, found: /^\d+ bytes$/ };
  await refusal(() => encodeValue("utf8", "é".repeat(most / 2 + 1), "x"), "WORLD_VALUE", details);
  await refusal(() => encodeValue("json", "a".repeat(most - 1), "x"), "WORLD_VALUE", details);
  await refusal(() => encodeValue("bytes", new Uint8Array(most + 1), "x"), "WORLD_VALUE", details);
});
