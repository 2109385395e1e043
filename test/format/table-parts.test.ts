import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BodyWriter, joinParts, readBody } from "../../src/format/body.ts";
import type { ColumnChanges, StoreChanges } from "../../src/format/changes.ts";
import { Image } from "../../src/format/image.ts";
import { layoutOf, type StoreLayout } from "../../src/format/layout.ts";
import type { Part } from "../../src/format/parts.ts";
import { tableParts } from "../../src/format/table-parts.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import type { ColumnType } from "../../src/types.ts";
import { Choices } from "../model/choices.ts";
import { differencesIn, tableSchema, worldOf } from "./arbitraries.ts";

const codecs = await nodeCodecs();

function storeOf(types: readonly ColumnType[]): StoreLayout {
  return layoutOf(worldOf([tableSchema(types)])).stores[0] as StoreLayout;
}

/** Changes of one column in the given rows: no flips of zero, and values that tell their row. */
function changesOf(store: StoreLayout, column: number, rows: readonly number[]): ColumnChanges {
  const width = store.columns[column]?.width as number;
  const values = (mark: number): Uint8Array[] =>
    width > 0 ? [] : rows.map((row) => Uint8Array.of(mark, row & 0xff, row >> 8, column));
  const xor = Uint8Array.from(
    { length: rows.length * width },
    (_, at) => 1 + ((at * 7 + column) % 255),
  );
  const [oldValues, newValues] = [values(1), values(2)];
  return { column, index: Uint32Array.from(rows), xor, oldValues, newValues };
}

const cut = (changes: StoreChanges): Part[] => [...tableParts(changes)];
const columnsOf = (parts: readonly Part[]): number[][] =>
  parts.map(({ columns }) => columns.map(({ column }) => column));

/** A list of rows as large as `rows`, without some of them. */
const without = (rows: readonly number[], dropped: readonly number[]): number[] =>
  rows.filter((row) => !dropped.includes(row));

const hundred = Array.from({ length: 100 }, (_, i) => 3 * i);

test("columns that change in the same rows share one list of them", () => {
  const store = storeOf(["u32", "f32", "utf8", "json", "f64[3]"]);
  const columns = [0, 1, 2, 3, 4, 5].map((column) => changesOf(store, column, hundred));
  const parts = cut({ store, columns });
  assert.deepEqual(columnsOf(parts), [[0, 1, 2, 3, 4, 5]]);
  assert.deepEqual(parts[0]?.columns, columns);
  assert.deepEqual(parts[0]?.rows, Uint32Array.from(hundred));
});

test("a column that changes in nearly the same rows shares them while its zeros weigh less than a list", () => {
  const store = storeOf(["u32", "f32", "u8"]);
  // A list of 80 rows weighs as much as 20 zeros of 4 bytes.
  for (const [missing, isShared] of [
    [0, true],
    [1, true],
    [19, true],
    [20, true],
    [21, false],
    [90, false],
  ] as const) {
    const some = hundred.slice(missing);
    const columns = [changesOf(store, 1, hundred), changesOf(store, 2, some)];
    const parts = cut({ store, columns });
    assert.deepEqual(columnsOf(parts), isShared ? [[1, 2]] : [[1], [2]], `${missing} missing`);
  }
  // Bytes are cheaper to fill than words.
  const parts = cut({
    store,
    columns: [changesOf(store, 1, hundred), changesOf(store, 3, hundred.slice(50))],
  });
  assert.deepEqual(columnsOf(parts), [[1, 3]]);
});

test("rows that the list does not have are no gap: the columns stay apart", () => {
  const store = storeOf(["u32", "u8", "u8"]);
  const other = [...hundred.slice(0, 99), 298];
  for (const rows of [other, [...hundred, 1000], [1], [...hundred.slice(1), 400]]) {
    const sorted = rows.toSorted((a, b) => a - b);
    const columns = [changesOf(store, 2, hundred), changesOf(store, 3, sorted)];
    assert.deepEqual(columnsOf(cut({ store, columns })), [[2], [3]]);
  }
});

test("values of variable length share a list only where it is the very same", () => {
  const store = storeOf(["u32", "f32", "utf8", "bytes"]);
  const dropped = without(hundred, [0]);
  for (const [rows, expected] of [
    [hundred, [[2, 3, 4]]],
    [dropped, [[2, 4], [3]]],
  ] as const) {
    const columns = [
      changesOf(store, 2, hundred),
      changesOf(store, 3, rows),
      changesOf(store, 4, rows === dropped ? hundred : rows),
    ];
    assert.deepEqual(columnsOf(cut({ store, columns })), expected);
  }
});

test("F2: gaps that were filled with zeros are no changes when they are read", () => {
  const store = storeOf(["u32", "u8", "u8"]);
  const given = { store, columns: [changesOf(store, 2, hundred), changesOf(store, 3, [3, 297])] };
  const nearly = {
    store,
    columns: [changesOf(store, 2, hundred), changesOf(store, 3, without(hundred, [3, 297]))],
  };
  for (const changes of [given, nearly]) checkRead(changes);
  const [part] = cut(nearly);
  assert.deepEqual([...part!.columns[1]!.xor.subarray(0, 2)], [1 + 3, 0]);
});

/** Writes changes, reads them back and holds them against what was given. */
function checkRead(changes: StoreChanges, bodyBytes?: number): void {
  const bodies: Uint8Array[] = [];
  const writer = new BodyWriter(codecs, (body) => bodies.push(body.slice()), bodyBytes);
  writer.add(changes, false);
  bodies.push(writer.finishDelta().slice());
  const layout = { stores: [changes.store], randomStore: -1 };
  const parts = bodies.flatMap((body) => readBody(body, layout, codecs).parts);
  const nothing = new Image(layout);
  assert.deepEqual(differencesIn(joinParts(parts), nothing), differencesIn([changes], nothing));
}

test("F2: whatever columns change in whatever rows, the parts give the changes back, seed 5", () => {
  const types: readonly ColumnType[] = ["u32", "utf8", "u8", "f32[3]", "bytes", "f64", "i16"];
  const store = storeOf(types);
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2000 }), (seed, bodyBytes) => {
      const choices = new Choices(seed);
      const base = hundred.filter(() => choices.chance(0.8));
      const columns = store.columns.flatMap((_, column) => {
        const kind = choices.below(4);
        const share = [1, 0.95, 0.5, 0][kind] as number;
        const rows = (choices.chance(0.3) ? hundred : base).filter(() => choices.chance(share));
        return rows.length === 0 ? [] : [changesOf(store, column, rows)];
      });
      checkRead({ store, columns }, bodyBytes);
      const listed = cut({ store, columns }).flatMap((part) => part.columns);
      for (const column of listed) assert(column.index.length > 0);
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("F5: a part lists at most as many rows as a reader takes", () => {
  const store = storeOf(["u32", "u16"]);
  const rows = Array.from({ length: 2 * limits.partRows + 1 }, (_, i) => i);
  const changes = { store, columns: [changesOf(store, 0, rows), changesOf(store, 2, rows)] };
  const parts = cut(changes);
  assert.deepEqual(
    parts.map(({ rowCount }) => rowCount),
    [limits.partRows, limits.partRows, 1],
  );
  assert.deepEqual(parts[2]?.columns[1]?.xor, changes.columns[1]?.xor.slice(-2));
  assert.deepEqual([...parts[1]!.rows!.subarray(0, 2)], [limits.partRows, limits.partRows + 1]);
  checkRead(changes);
});

test("F5: parts are cut by bytes, too: wide rows and long values", () => {
  const wide = storeOf(["u32", "u8[65536]"]);
  const forty = Array.from({ length: 40 }, (_, i) => i);
  const parts = cut({ store: wide, columns: [changesOf(wide, 2, forty)] });
  // The row that fills a part is its last.
  assert.deepEqual(
    parts.map(({ rowCount }) => rowCount),
    [16, 16, 8],
  );
  checkRead({ store: wide, columns: [changesOf(wide, 2, forty)] });
  const texts = storeOf(["u32", "utf8"]);
  const column = changesOf(texts, 2, [1, 2, 3, 4, 5]);
  const long = new Uint8Array(limits.bodyBytes / 2);
  const newValues = [long, long, new Uint8Array(limits.valueBytes), long, new Uint8Array(1)];
  const changes = { store: texts, columns: [{ ...column, newValues }] };
  assert.deepEqual(
    cut(changes).map(({ rows }) => [...rows!]),
    [[1, 2], [3], [4, 5]],
  );
  checkRead(changes);
});

test("F2: nothing that changed is no part", () => {
  const store = storeOf(["u32"]);
  assert.deepEqual(cut({ store, columns: [] }), []);
});
