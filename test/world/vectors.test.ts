/** Elements of several numbers, and identifiers: how they are written, read and spelled. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { value, type ColumnType, type NumericArray } from "everytick";
import { bytesOf } from "../../src/format/bytes.ts";
import { numbersOf } from "../../src/format/column-types.ts";
import { layoutOf, type ColumnLayout } from "../../src/format/layout.ts";
import { nothingOf, readElement, spelledAsRead, writeElement } from "../../src/world/elements.ts";
import { schemaOf } from "../../src/world/schema.ts";
import { refusal } from "../runs/memory-runs.ts";

function columnOf(type: ColumnType): ColumnLayout {
  const state = { rows: value({ x: type }) };
  const schema = schemaOf({ name: "vectors", version: 1, params: {}, state });
  return layoutOf(schema).stores[0]?.columns[0] as ColumnLayout;
}

for (const type of ["u8", "i16", "f16", "u32", "f32", "i64", "f64"] as const) {
  test(`W4: vectors of ${type} are written from any list of numbers and read as copies`, () => {
    const column = columnOf(`${type}[3]`);
    const numbers = numbersOf(type, new Uint8Array(4 * column.width));
    const one = (n: number): number | bigint => (type === "i64" ? BigInt(n) : n);
    const list = [one(1), one(0), one(3)];
    const array = numbersOf(type, new Uint8Array(column.width));
    list.forEach((number, i) => (array[i] = number as never));
    const alike = { length: 3, 0: one(1), 1: one(0), 2: one(3) };
    for (const [row, given] of [list, array, alike, Object.freeze(list)].entries()) {
      writeElement(column, numbers, row, given, "rows.x");
      const read = readElement(column, numbers, row) as NumericArray;
      assert.deepEqual(read, array);
      read[0] = one(9) as never;
      assert.deepEqual(readElement(column, numbers, row), array);
    }
  });
}

test("W4: a vector with one number that does not fit is refused by its place, and nothing is written", async () => {
  const column = columnOf("u8[4]");
  const numbers = new Uint8Array(8).fill(5);
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [[1, 2, 3, 256], /^rows\.x\[3\]$/],
    [[1, -1, 3, 4], /^rows\.x\[1\]$/],
    [[1, 2, 0.5, 4], /^rows\.x\[2\]$/],
    [Float64Array.of(1, 2, 3, Number.NaN), /^rows\.x\[3\]$/],
    [BigInt64Array.of(1n, 2n, 3n, 4n), /^rows\.x\[0\]$/],
    [Array.from({ length: 4 }), /^rows\.x\[0\]$/],
    [[1, 2, 3], /^rows\.x$/],
    [[1, 2, 3, 4, 5], /^rows\.x$/],
    [Uint8Array.of(1, 2, 3), /^rows\.x$/],
    [new Uint8Array(4).buffer, /^rows\.x$/],
    ["1234", /^rows\.x$/],
    [new Set([1, 2, 3, 4]), /^rows\.x$/],
    [null, /^rows\.x$/],
    [undefined, /^rows\.x$/],
    [1, /^rows\.x$/],
  ];
  for (const [given, where] of wrong) {
    const write = (): void => writeElement(column, numbers, 1, given, "rows.x");
    await refusal(write, "WORLD_VALUE", { where, expected: /u8/ });
  }
  assert.deepEqual(numbers, new Uint8Array(8).fill(5));
});

test("W4: vectors of the column's own type keep every bit, payloads of NaN included", () => {
  for (const [type, bits] of [
    ["f16", Uint16Array.of(0x7c01, 0x8000, 0xfe55)],
    ["f32", Uint32Array.of(0x7f80_0001, 0x8000_0000, 0xffc1_2345)],
    ["f64", BigUint64Array.of(0x7ff0_0000_dead_beefn, 1n << 63n, 0xfff8_0000_0000_0001n)],
  ] as const) {
    const column = columnOf(`${type}[3]`);
    const numbers = numbersOf(type, new Uint8Array(2 * column.width));
    writeElement(column, numbers, 1, numbersOf(type, bytesOf(bits)), "rows.x");
    const read = readElement(column, numbers, 1) as NumericArray;
    assert.deepEqual(bytesOf(read), bytesOf(bits));
    // Other lists of numbers keep what a number keeps.
    const list = [-0, Infinity, 0.5];
    writeElement(column, numbers, 0, list, "rows.x");
    assert.deepStrictEqual([...(readElement(column, numbers, 0) as Float64Array)], list);
  }
});

test("W4: nothing of a vector is zeros, of an identifier its own nothing", () => {
  assert.deepEqual(nothingOf(columnOf("f32[2]")), Float32Array.of(0, 0));
  assert.deepEqual(nothingOf(columnOf("u64[1]")), BigUint64Array.of(0n));
  assert.equal(nothingOf(columnOf("uuid")), "00000000-0000-0000-0000-000000000000");
  assert.deepEqual([nothingOf(columnOf("h3")), nothingOf(columnOf("i64"))], ["", 0n]);
});

test("an identifier has one spelling, and anything else is as it is", async () => {
  const id = "ABCDEF00-0000-4000-8000-00000000000A";
  assert.equal(spelledAsRead(columnOf("uuid"), id, "x"), id.toLowerCase());
  assert.equal(spelledAsRead(columnOf("h3"), "08928308280FFFFF", "x"), "8928308280fffff");
  for (const [type, given] of [
    ["utf8", "ABC"],
    ["u8", 999],
    ["f32[2]", null],
  ] as const) {
    assert.equal(spelledAsRead(columnOf(type), given, "x"), given);
  }
  const spell = (): unknown => spelledAsRead(columnOf("uuid"), "abc", "s.c");
  await refusal(spell, "WORLD_VALUE", { where: /^s\.c$/ });
});
