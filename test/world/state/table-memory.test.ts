import assert from "node:assert/strict";
import { test } from "node:test";
import type { Columns } from "everytick";
import { numbersOf } from "../../../src/format/column-types.ts";
import { Image, type ColumnImage } from "../../../src/format/image.ts";
import { limits } from "../../../src/limits.ts";
import { TableMemory } from "../../../src/world/state/table-memory.ts";
import { Choices } from "../../model/choices.ts";
import { refusal } from "../../runs/memory-runs.ts";
import { tableLayout } from "./row-store.ts";

const columns = { id: "u32", x: "f32[2]", name: "utf8" } as const;

function memoryOf(of: Columns = columns): TableMemory {
  return new TableMemory(tableLayout(of), [0]);
}

/** A row of this number in the lowest free slot. */
function born(memory: TableMemory, id: number): number {
  const slot = memory.lowestFree();
  const values = [id, [id / 2, -id], `n${id}`];
  memory.columns.forEach((column, i) => column.put(slot, column.prepare(values[i])));
  memory.bear(slot);
  return slot;
}

test("W6: rows take the lowest free slot as in a sorted set, seeds 1 to 10", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const choices = new Choices(seed);
    const memory = memoryOf();
    const rows = new Map<number, number>();
    let end = 0;
    for (let id = 1; id <= 600; id++) {
      const dies = rows.size > 0 && choices.chance(id % 100 < 50 ? 0.3 : 0.7);
      if (dies) {
        const slot = choices.pick([...rows.keys()]);
        memory.bury(slot);
        rows.delete(slot);
        continue;
      }
      let lowest = 0;
      while (rows.has(lowest)) lowest++;
      assert.equal(born(memory, id), lowest);
      rows.set(lowest, id);
      end = Math.max(end, lowest + 1);
    }
    const slots = [...rows.keys()].sort((a, b) => a - b);
    assert.deepEqual([...memory.slots()], slots);
    assert.deepEqual([memory.size, memory.slotCount], [rows.size, end]);
    const [, ids] = memory.capture() as [ColumnImage, ColumnImage];
    const stored = Array.from({ length: end }, (_, slot) => rows.get(slot) ?? 0);
    assert.deepEqual([...numbersOf("u32", ids.bytes)], stored, "dead slots hold nothing");
  }
});

test("memory doubles, and arrays stay where they are while there is room", () => {
  const memory = memoryOf();
  memory.reserve(100);
  const { live } = memory;
  const [ids] = memory.columns;
  const { numbers } = ids!;
  for (let id = 1; id <= 100; id++) born(memory, id);
  assert.equal(memory.live, live);
  assert.equal(ids!.numbers, numbers);
  born(memory, 101);
  assert.equal(memory.live.length, 200);
  assert.notEqual(ids!.numbers, numbers);
  memory.reserve(150);
  assert.equal(memory.live.length, 200);
  assert.deepEqual([ids!.get(0), ids!.get(100), memory.size], [1, 101, 101]);
});

test("W7: more rows than the limits are refused with both told, and nothing grows", async () => {
  const memory = memoryOf();
  born(memory, 1);
  const { length } = memory.live;
  const details = { where: /^rows$/, expected: new RegExp(`${limits.tableRows} rows`) };
  for (const rows of [limits.tableRows + 1, 2 ** 53, Infinity, 100.5]) {
    await refusal(() => memory.reserve(rows), "WORLD_ROWS", {
      ...details,
      found: new RegExp(`^${rows}$`),
    });
  }
  const wide = memoryOf({ id: "u32", x: "u8[65536]" });
  const most = Math.ceil(limits.stateBytes / 65_536);
  await refusal(() => wide.reserve(most), "WORLD_ROWS", { found: new RegExp(`^${most}$`) });
  assert.deepEqual([memory.live.length, wide.live.length], [length, 0]);
});

test("W8: a key that was written over in an array is found, however the slot came to it", async () => {
  for (const way of ["before", "after"] as const) {
    const memory = memoryOf();
    if (way === "before") memory.expose();
    for (const id of [5, 6, 7]) born(memory, id);
    memory.bury(1);
    if (way === "after") memory.expose();
    born(memory, 8);
    for (let id = 20; id < 200; id++) born(memory, id);
    const ids = memory.columns[0]!.numbers!;
    memory.capture();
    ids[1] = 9;
    const details = { where: /rows\.id, slot 1/, expected: /key 8/, found: /^9$/, next: /./ };
    await refusal(() => memory.capture(), "WORLD_KEY", details);
    ids[1] = 8;
    memory.capture();
    // What stands in a dead slot is nobody's key.
    memory.bury(1);
    ids[1] = 77;
    memory.capture();
    assert.equal(ids[1], 0);
  }
});

test("W5: live flags that were written are refused, and taken once they are what they were", async () => {
  const memory = memoryOf();
  memory.expose();
  for (const id of [5, 6, 7]) born(memory, id);
  memory.bury(1);
  const writes: readonly [slot: number, flag: number][] = [
    [0, 0],
    [1, 1],
    [2, 2],
  ];
  for (const [slot, flag] of writes) {
    const before = memory.live[slot] as number;
    memory.live[slot] = flag;
    await refusal(() => memory.capture(), "WORLD_ARRAY", { where: /rows\.live/, next: /./ });
    memory.live[slot] = before;
    memory.capture();
  }
  // Two wrongs that make the number right.
  [memory.live[0], memory.live[1]] = [0, 1];
  await refusal(() => memory.capture(), "WORLD_ARRAY", { where: /rows\.live/ });
});

test("W5: a write into an array from before the table grew is refused by the column's name", async () => {
  const memory = memoryOf();
  born(memory, 1);
  memory.expose();
  const stale = memory.columns[1]!.numbers!;
  memory.reserve(1000);
  stale[0] = 5;
  await refusal(() => memory.capture(), "WORLD_ARRAY", { where: /^rows\.x$/, next: /columns/ });
});

test("C5: while no array was given away, the touched slots are all that can have changed", () => {
  const choices = new Choices(4);
  const memory = memoryOf();
  const layout = tableLayout(columns);
  for (let id = 0; id < 300; id++) born(memory, id);
  memory.settle();
  const image = new Image({ stores: [layout], randomStore: -1 });
  image.copyStore(0, memory.images());
  for (let tick = 0; tick < 50; tick++) {
    for (let i = 0; i < 6; i++) {
      const slot = choices.below(300);
      if (!memory.isLive(slot)) born(memory, 1000 + tick);
      else if (choices.chance(0.3)) memory.bury(slot);
      else {
        memory.columns[2]!.put(slot, memory.columns[2]!.prepare(`t${tick}`));
        memory.touch(slot);
      }
    }
    const changes = memory.changes();
    assert(changes !== undefined);
    for (const { column, index, bytes, values } of changes) {
      const own = image.column(0, column);
      const { width } = layout.columns[column]!;
      index.forEach((slot, i) => {
        if (width === 0) own.values[slot] = values[i]!;
        else own.bytes.set(bytes.subarray(i * width, (i + 1) * width), slot * width);
      });
    }
    const whole = new Image(image.layout);
    whole.copyStore(0, memory.capture());
    assert.deepEqual(image.stores, whole.stores, `tick ${tick}`);
    memory.settle();
  }
});

test("C5: where many slots were touched, or an array was given away, all are looked at", () => {
  const memory = memoryOf();
  for (let id = 0; id < 90; id++) born(memory, id);
  assert.equal(memory.changes(), undefined, "all of them are new");
  memory.settle();
  for (let slot = 0; slot < 30; slot++) memory.touch(slot);
  assert.equal(memory.changes()?.[0]?.index.length, 30);
  memory.touch(30);
  assert.equal(memory.changes(), undefined);
  memory.settle();
  assert.equal(memory.changes()?.[0]?.index.length, 0);
  memory.expose();
  assert.equal(memory.changes(), undefined);
});

test("a row is known from the one that had its slot before it", () => {
  const memory = memoryOf();
  const slot = born(memory, 1);
  const first = memory.generation(slot);
  memory.bury(slot);
  born(memory, 2);
  const second = memory.generation(slot);
  assert.notEqual(second, first);
  memory.load(memory.images().map(({ bytes, values }) => ({ bytes: bytes.slice(), values })));
  assert.notEqual(memory.generation(slot), second, "another state has other rows");
});

test("R2: what is loaded is what was captured: slots, size and the next free slot", () => {
  const memory = memoryOf();
  for (let id = 1; id <= 80; id++) born(memory, id);
  for (const slot of [3, 17, 79]) memory.bury(slot);
  const images = memory.capture().map(({ bytes, values }) => {
    return { bytes: bytes.slice(), values: [...values] };
  });
  const other = memoryOf();
  for (let id = 200; id < 400; id++) born(other, id);
  other.load(images);
  assert.deepEqual([other.size, other.slotCount, other.lowestFree()], [77, 79, 3]);
  assert.deepEqual([...other.slots()], [...memory.slots()]);
  assert.deepEqual([other.columns[2]!.get(5), other.columns[2]!.get(100)], ["n6", ""]);
  assert.deepEqual([born(other, 1), born(other, 2), born(other, 3)], [3, 17, 79]);
});
