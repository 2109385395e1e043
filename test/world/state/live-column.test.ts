import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ColumnType, Element } from "everytick";
import {
  makeLiveColumn,
  type FixedColumn,
  type LiveColumn,
} from "../../../src/world/state/live-column.ts";
import { bitsOf, refusal } from "../../runs/memory-runs.ts";
import { tableLayout } from "./row-store.ts";

function columnOf(type: ColumnType, capacity = 4): LiveColumn {
  const layout = tableLayout({ key: "u8", x: type }).columns[2]!;
  const column = makeLiveColumn(layout, "rows.x");
  column.grow(capacity);
  return column;
}
function put(column: LiveColumn, slot: number, value: unknown): void {
  column.put(slot, column.prepare(value));
}

const uuid = "01234567-89ab-cdef-0123-456789abcdef";
const examples: readonly (readonly [ColumnType, nothing: Element, values: readonly Element[]])[] = [
  ["u8", 0, [255, 0]],
  ["i16", 0, [-32_768, 32_767]],
  ["u32", 0, [2 ** 32 - 1]],
  ["u64", 0n, [2n ** 64n - 1n]],
  ["i64", 0n, [-(2n ** 63n)]],
  ["f16", 0, [-0, 65_504, Number.NaN]],
  ["f64", 0, [-0, 5e-324, -Infinity]],
  ["u8[3]", Uint8Array.of(0, 0, 0), [Uint8Array.of(1, 2, 3)]],
  ["f32[1]", Float32Array.of(0), [Float32Array.of(0.5)]],
  ["i64[2]", BigInt64Array.of(0n, 0n), [BigInt64Array.of(-1n, 2n ** 62n)]],
  ["uuid", "00000000-0000-0000-0000-000000000000", [uuid]],
  ["h3", "", ["87283082affffff", ""]],
  ["utf8", "", ["wolf", "", "\u0000"]],
  ["json", null, [{ a: [1, null] }, [], "x", null]],
  ["bytes", new Uint8Array(0), [Uint8Array.of(1, 2)]],
];

for (const [type, nothing, values] of examples) {
  test(`W4: a column of ${type} gives back what was put, in its slot alone`, () => {
    const column = columnOf(type);
    for (const value of values) {
      put(column, 2, value);
      const read = [0, 1, 2, 3].map((slot) => column.get(slot));
      assert.deepStrictEqual(read, [nothing, nothing, value, nothing]);
    }
    column.grow(8);
    assert.deepStrictEqual([column.get(2), column.get(7)], [values.at(-1), nothing], "it grew");
    put(column, 3, values[0]);
    column.clear(2, 3);
    assert.deepStrictEqual([column.get(2), column.get(3)], [nothing, values[0]]);
    column.clear(0, 8);
    assert.deepStrictEqual(column.get(3), nothing);
  });
}

test("W4: what a column cannot hold is refused by its name before anything is put", async () => {
  const wrong: readonly (readonly [ColumnType, readonly unknown[]])[] = [
    ["u8", [-1, 256, 0.5, Number.NaN, "1", 1n, null, undefined, true, {}]],
    ["i32", [2 ** 31, -(2 ** 31) - 1, 1n]],
    ["u64", [-1n, 2n ** 64n, 1, "1"]],
    ["f32", [1n, "1", null, undefined, []]],
    ["u8[3]", [[1, 2], [1, 2, 3, 4], [1, 2, 256], "abc", null, undefined, {}, Uint8Array.of(1)]],
    ["i64[2]", [[1, 2], BigInt64Array.of(1n)]],
    ["uuid", ["", "1", 5, null]],
    ["h3", ["x", 5n, null, "ffffffffffffffff"]],
    ["utf8", ["\ud800", 1, null, undefined]],
    ["json", [undefined, new Date(0), Number.NaN]],
    ["bytes", ["", [1], null]],
  ];
  for (const [type, values] of wrong) {
    const column = columnOf(type);
    for (const value of values) {
      await refusal(() => column.prepare(value), "WORLD_VALUE", { where: /^rows\.x/ });
    }
  }
});

test("W4: the bits of numbers survive: payloads of NaN in vectors, −0, infinities", () => {
  const column = columnOf("f64[2]");
  const odd = new Float64Array(2);
  new BigUint64Array(odd.buffer).set([0x7ff0_0000_dead_beefn, 1n << 63n]);
  put(column, 1, odd);
  assert.equal(bitsOf(column.get(1) as Float64Array), bitsOf(odd));
});

test("C1: an element that was read or given is nobody's way into the column", () => {
  for (const [type, given] of [
    ["u8[2]", Uint8Array.of(1, 2)],
    ["bytes", Uint8Array.of(1, 2)],
  ] as const) {
    const column = columnOf(type);
    put(column, 0, given);
    const read = column.get(0) as Uint8Array;
    given.fill(9);
    read.fill(9);
    assert.deepEqual(column.get(0), Uint8Array.of(1, 2));
  }
  const column = columnOf("json");
  const given = { list: [1] };
  put(column, 0, given);
  given.list.push(2);
  const read = column.get(0) as typeof given;
  assert.deepEqual(read, { list: [1] });
  assert.throws(() => read.list.push(3), TypeError, "what would be lost fails instead");
  assert.throws(() => Object.assign(read, { more: 1 }), TypeError);
});

test("equal bytes stay the same object, so that nobody need compare them", () => {
  for (const [type, value] of [
    ["utf8", "wolf"],
    ["json", { a: 1 }],
    ["bytes", Uint8Array.of(1)],
  ] as const) {
    const column = columnOf(type);
    put(column, 0, value);
    const [before] = column.image(1).values;
    put(column, 0, structuredClone(value));
    assert.equal(column.image(1).values[0], before);
  }
  // Texts are known again in other slots, however many there were between.
  const texts = columnOf("utf8");
  put(texts, 0, "wolf");
  put(texts, 1, "wolf");
  assert.equal(texts.image(2).values[0], texts.image(2).values[1]);
  for (let i = 0; i < 9000; i++) put(texts, 2, `text ${i}`);
  put(texts, 3, "wolf");
  assert.deepEqual([texts.get(0), texts.get(2), texts.get(3)], ["wolf", "text 8999", "wolf"]);
});

test("W5: a write into an array from before the growth is noticed once", () => {
  const column = columnOf("f32", 2) as FixedColumn;
  put(column, 0, 1.5);
  column.grow(4);
  assert.equal(column.wasWrittenElsewhere(), false);
  const stale = column.numbers;
  column.grow(8);
  column.grow(16);
  stale[3] = 7;
  assert.deepEqual([column.wasWrittenElsewhere(), column.wasWrittenElsewhere()], [true, false]);
  assert.equal(column.get(0), 1.5);
});

test("W4: an image is loaded as it was taken, and nothing lies behind it, seed 3", () => {
  const types = fc.constantFrom(...examples.map(([type]) => type));
  fc.assert(
    fc.property(types, fc.nat(6), fc.nat(6), (type, slots, capacity) => {
      const [, , values] = examples.find(([other]) => other === type)!;
      const [from, to] = [columnOf(type, 8), columnOf(type, 8 + capacity)];
      for (let slot = 0; slot < slots; slot++) put(from, slot, values[slot % values.length]);
      for (let slot = 0; slot < 8; slot++) put(to, slot, values[0]);
      const { bytes, values: texts } = from.image(slots);
      to.load({ bytes: bytes.slice(), values: texts.slice(0, slots) });
      const read = (column: LiveColumn): Element[] =>
        Array.from({ length: 8 }, (_, slot) => column.get(slot));
      assert.deepStrictEqual(read(to), read(from));
    }),
    { seed: 3, numRuns: 200 },
  );
});
