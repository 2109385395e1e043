import assert from "node:assert/strict";
import { test } from "node:test";
import { table, type Columns } from "everytick";
import { layoutOf } from "../../../src/format/layout.ts";
import { schemaOf } from "../../../src/world/schema.ts";
import { makeKeyIndex, type KeyIndex } from "../../../src/world/state/key-index.ts";
import { Choices } from "../../model/choices.ts";
import { refusal } from "../../runs/memory-runs.ts";
import { liveTable } from "./row-store.ts";

function indexOf(columns: Columns, key: readonly string[]): KeyIndex {
  const state = { rows: table(columns, { key: key as never }) };
  const layout = layoutOf(schemaOf({ name: "keys", version: 1, params: {}, state }));
  const all = layout.stores[0]!.columns;
  return makeKeyIndex(
    key.map((name) => all.find((column) => column.name === name)!),
    "rows",
  );
}

const uuid = (n: number): string =>
  `${n.toString(16).padStart(8, "0")}-0000-4000-8000-000000000000`;
/** Cells of resolution 9 in one cell of resolution 6: each digit is below 7. */
function h3(n: number): string {
  const digits = [24, 21, 18].map(
    (shift, i) => BigInt(Math.floor(n / 7 ** i) % 7) << BigInt(shift),
  );
  return digits
    .reduce((cell, digit) => cell | digit, 0x89283082803ffffn & ~(0x1ffn << 18n))
    .toString(16);
}
const forms: Readonly<Record<string, { columns: Columns; of: (n: number) => unknown }>> = {
  u8: { columns: { a: "u8" }, of: (n) => n },
  u32: { columns: { a: "u32" }, of: (n) => 2 ** 32 - 1 - n * 4096 },
  i16: { columns: { a: "i16" }, of: (n) => n - 128 },
  i64: { columns: { a: "i64" }, of: (n) => BigInt(n - 128) * 2n ** 40n },
  uuid: { columns: { a: "uuid" }, of: uuid },
  h3: { columns: { a: "h3" }, of: h3 },
  utf8: { columns: { a: "utf8" }, of: (n) => `n\u0000${n}` },
  "u8 and i64": { columns: { a: "u8", b: "i64" }, of: (n) => [n & 7, BigInt(n >> 3)] },
  "utf8 and uuid": { columns: { a: "utf8", b: "uuid" }, of: (n) => [`${n & 3}`, uuid(n >> 2)] },
};

for (const [name, { columns, of }] of Object.entries(forms)) {
  test(`W8: keys of ${name} are found as a map finds them, seed 7`, () => {
    const choices = new Choices(7);
    const index = indexOf(columns, Object.keys(columns));
    const naive = new Map<string, number>();
    const text = (key: unknown): string => [key].flat().join(" ");
    for (let step = 0; step < 4000; step++) {
      const key = of(choices.below(256));
      assert.equal(index.find(key), naive.get(text(key)) ?? -1);
      if (naive.has(text(key))) {
        if (choices.chance(0.6)) continue;
        assert.equal(index.remove(key), naive.get(text(key)));
        naive.delete(text(key));
        assert.equal(index.remove(key), -1);
      } else {
        index.add(key, step);
        naive.set(text(key), step);
      }
    }
    assert(naive.size > 20);
  });
}

test("W8: other spellings of an identifier find the same row", () => {
  for (const columns of [{ a: "uuid" }, { a: "uuid", b: "utf8" }] as const) {
    const index = indexOf(columns, Object.keys(columns));
    const key = (id: string): unknown => ("b" in columns ? [id, ""] : id);
    index.add(key("abcdef00-0000-4000-8000-000000000000"), 5);
    assert.equal(index.find(key("ABCDEF00-0000-4000-8000-000000000000")), 5);
  }
});

test("what is no key of the columns is refused, not searched", async () => {
  const plain = indexOf({ a: "u8" }, ["a"]);
  for (const key of [256, -1, 0.5, "1", 1n, null, undefined, [1], Number.NaN]) {
    await refusal(() => plain.find(key), "WORLD_VALUE", { where: /rows\.a/ });
  }
  const both = indexOf({ a: "u8", b: "utf8" }, ["a", "b"]);
  for (const key of [1, [1], [1, "x", 2], { a: 1, b: "x" }, [1, 2], [1, "\ud800"]]) {
    await refusal(() => both.find(key), "WORLD_VALUE", { where: /rows/ });
  }
});

/** Keys whose searches begin at a few places at the end of the table: their runs are long, and go around. */
function crowded(count: number): number[] {
  const hash = (word: number): number => {
    let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return (bits ^ (bits >>> 16)) & 127;
  };
  const found: number[] = [];
  for (let n = 0; found.length < count; n++) {
    if ([120, 125, 126, 127].includes(hash(n))) found.push(n);
  }
  return found;
}

test("W8: keys of one long run are found whatever was removed from it, seed 3", () => {
  const keys = crowded(48);
  const choices = new Choices(3);
  for (let round = 0; round < 60; round++) {
    const index = indexOf({ a: "u32" }, ["a"]);
    const naive = new Map<number, number>();
    for (const [slot, key] of choices.shuffled(keys).entries()) {
      index.add(key, slot);
      naive.set(key, slot);
    }
    for (const key of choices.shuffled(keys).slice(0, 40)) {
      assert.equal(index.remove(key), naive.get(key));
      naive.delete(key);
      for (const other of keys) assert.equal(index.find(other), naive.get(other) ?? -1);
    }
  }
});

for (const [name, { columns, of }] of Object.entries(forms)) {
  test(`W8: an index that is built of the rows of an image finds ${name}, and forgets all else`, () => {
    const names = Object.keys(columns);
    const live = liveTable({ ...columns, x: "u8" }, names);
    const rowOf = (n: number): object => {
      const parts = [of(n)].flat();
      return { ...Object.fromEntries(names.map((part, i) => [part, parts[i]])), x: 1 };
    };
    for (let n = 0; n < 200; n++) live.insert(rowOf(n));
    for (let n = 0; n < 200; n += 3) live.delete(of(n));
    const [, ...images] = live.memory.capture();
    const built = indexOf(columns, names);
    built.add(of(0), 300);
    built.add(of(1), 301);
    built.build(images.slice(0, names.length), live.memory.live.subarray(0, 200));
    for (let n = 0; n < 256; n++) assert.equal(built.find(of(n)), live.slotOf(of(n)), String(n));
    built.add(of(0), 0);
    assert.deepEqual([built.find(of(0)), built.remove(of(1)), built.find(of(1))], [0, 1, -1]);
  });
}
