import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ChangedRows } from "../../src/format/changed-rows.ts";
import { ChangeFinder } from "../../src/format/changes.ts";
import { layoutOf, type StoreLayout } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import type { ColumnType } from "../../src/types.ts";
import { tableSchema, worldOf } from "./arbitraries.ts";

const codecs = await nodeCodecs();
const typeOfWidth: Readonly<Record<number, ColumnType>> = {
  1: "u8",
  2: "f16",
  3: "u8[3]",
  4: "f32",
  5: "i8[5]",
  6: "u16[3]",
  8: "u64",
  12: "f32[3]",
  16: "uuid",
  24: "f64[3]",
  1024: "u8[1024]",
  5000: "u8[5000]",
};
const widths = Object.keys(typeOfWidth).map(Number);

interface Found {
  readonly index: number[];
  readonly xor: number[];
}

/** Looks at every row; behind the end of either side lies nothing. */
function naive(from: Uint8Array, to: Uint8Array, width: number): Found {
  const found: Found = { index: [], xor: [] };
  for (let row = 0; row * width < Math.max(from.length, to.length); row++) {
    const flips = Array.from({ length: width }, (_, byte) => {
      const at = row * width + byte;
      return (from[at] ?? 0) ^ (to[at] ?? 0);
    });
    if (flips.every((flip) => flip === 0)) continue;
    found.index.push(row);
    found.xor.push(...flips);
  }
  return found;
}

/** Two sides of so many rows, of which those of `changed` differ in one byte. */
function sides(
  width: number,
  rows: number,
  changed: readonly number[],
): { from: Uint8Array; to: Uint8Array } {
  const from = Uint8Array.from({ length: rows * width }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
  const to = from.slice();
  for (const row of changed) to[row * width + ((row * 7) % width)]! ^= 1 << (row & 7);
  return { from, to };
}

/** A view that begins so many bytes behind a multiple of 8. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const copy = new Uint8Array(bytes.length + 8).subarray(by, by + bytes.length);
  copy.set(bytes);
  return copy;
}

for (const width of widths) {
  test(`F2: rows of ${width} bytes that differ are gathered with their flips, page after page`, () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(39), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (rows, chosen, pages) => {
        const changed = [...new Set(chosen.filter((row) => row < rows))];
        const { from, to } = sides(width, rows, changed);
        const gathered = new ChangedRows();
        gathered.start(width);
        for (let page = 0; page < pages; page++) gathered.addPage(from, to, page * rows);
        const one = naive(from, to, width);
        const all = Array.from({ length: pages }, (_, page) => page);
        const index = all.flatMap((page) => one.index.map((row) => page * rows + row));
        assert.equal(gathered.count, index.length);
        assert.deepEqual([...gathered.index()], index);
        assert.deepEqual(
          [...gathered.xor()],
          all.flatMap(() => one.xor),
        );
      },
    );
    fc.assert(property, { seed: width, numRuns: 60 });
  });
}

describe("F2: any offset that a type allows is compared as it lies", () => {
  for (const [width, unit] of [
    [1, 1],
    [2, 2],
    [3, 1],
    [6, 2],
    [12, 4],
    [16, 1],
    [8, 8],
  ] as const) {
    test(`F2: rows of ${width} bytes behind an offset of ${unit}`, () => {
      const { from, to } = sides(width, 33, [0, 5, 31, 32]);
      for (const [a, b] of [
        [unit, 0],
        [0, unit],
        [unit, unit],
      ] as const) {
        const gathered = new ChangedRows();
        gathered.start(width);
        gathered.addPage(shifted(from, a), shifted(to, b), 0);
        const expected = naive(from, to, width);
        const found = { index: [...gathered.index()], xor: [...gathered.xor()] };
        assert.deepEqual(found, expected);
      }
    });
  }
});

test("F2: lists that have grown are kept for the next column, whatever its width", () => {
  const gathered = new ChangedRows();
  for (const width of [1, 16, 3, 1024, 2]) {
    const rows = 3000;
    const { from, to } = sides(
      width,
      rows,
      Array.from({ length: rows }, (_, row) => row),
    );
    gathered.start(width);
    assert.deepEqual([gathered.count, gathered.index().length, gathered.xor().length], [0, 0, 0]);
    gathered.addPage(from, to, 10);
    gathered.addPage(from, to, 10 + rows);
    const { xor } = naive(from, to, width);
    assert.equal(gathered.count, 2 * rows);
    assert.equal(gathered.index().at(-1), 10 + 2 * rows - 1);
    assert.deepEqual(gathered.xor(), Uint8Array.from([...xor, ...xor]));
  }
});

test("F2: no row is lost or found twice where a page ends, for every width", () => {
  for (const [width, type] of Object.entries(typeOfWidth)) {
    const bytes = Number(width);
    const [store] = layoutOf(worldOf([tableSchema(["u32", type])])).stores as [StoreLayout];
    const perPage = Math.max(1, Math.floor(4096 / bytes));
    const rows = 3 * perPage + 2;
    const borders = [perPage, 2 * perPage, 3 * perPage];
    const changed = [...new Set([0, ...borders.flatMap((at) => [at - 1, at]), rows - 1])].filter(
      (row) => row < rows,
    );
    const { from, to } = sides(bytes, rows, changed);
    const image = (content: Uint8Array) =>
      [0, 1, 2].map((column) => ({
        bytes: column === 2 ? content : new Uint8Array(0),
        values: [],
      }));
    const finder = new ChangeFinder(codecs);
    // Of different length, either way: rows were born or died at the end. All share the memory of one finder.
    const shorter = [0, 1, perPage + 1, rows - 2, rows - 1].map((count) => count * bytes);
    const pairs = shorter.flatMap((end): [Uint8Array, Uint8Array][] => [
      [from.subarray(0, end), to],
      [to, from.subarray(0, end)],
    ]);
    for (const [a, b] of [[from, to] as const, ...pairs, ...pairs.toReversed()]) {
      const [column] = finder.between(store, image(a), image(b)).columns;
      const expected = naive(a, b, bytes);
      assert.deepEqual([...column!.index], expected.index, type);
      assert.deepEqual(column!.xor, Uint8Array.from(expected.xor), type);
    }
  }
});
