import assert from "node:assert/strict";
import { test } from "node:test";
import { edges, limits, log, table, type Table } from "everytick";
import { memoryRuns, refusal } from "../runs/memory-runs.ts";

const definition = "WORLD_DEFINITION";
const sheep = { id: "u32", name: "utf8", x: "f32", pair: "i16[2]" } as const;

async function meadow() {
  const { runs } = await memoryRuns();
  const state = {
    herd: table(sheep, { key: "id" }),
    roads: edges({ from: "herd", to: "u8", length: "f32" }),
    news: log({ text: "utf8" }),
  };
  const run = await runs.record("herd", { state });
  return { runs, run, herd: run.state.herd };
}
const idsOf = (rows: Table<typeof sheep, readonly ["id"]>): number[] =>
  [...rows].map(({ id }) => id);

test("W1: tables, edges and logs that cannot be are refused", async () => {
  const make = table as (...args: readonly unknown[]) => unknown;
  for (const columns of [
    {},
    null,
    undefined,
    { a: "u9" },
    { a: "u8[0]" },
    { a: "u8[]" },
    { a: "utf8[2]" },
  ]) {
    await refusal(() => make(columns, { key: "a" }), definition);
  }
  for (const key of [undefined, "", "b", [], ["a", "a"], ["a", "b"], 0, "x", "v", "j", "y"]) {
    const columns = { a: "u8", x: "f32", v: "u8[2]", j: "json", y: "bytes" };
    await refusal(() => make(columns, { key }), definition, { where: /key/ });
  }
  for (const capacity of [0.5, -1, "1", 2 ** 40]) {
    await refusal(() => make({ a: "u8" }, { key: "a", capacity }), definition, {
      where: /capacity/,
    });
  }
  await refusal(() => make({ a: "u8" }, { key: "a", role: "derived" }), definition, {
    where: /role/,
  });
  const ends = edges as (...args: readonly unknown[]) => unknown;
  for (const columns of [{}, { from: "u8" }, { from: 1, to: "u8" }]) {
    await refusal(() => ends(columns), definition);
  }
  const { runs } = await memoryRuns();
  for (const from of ["nowhere", "f32"]) {
    const state = { roads: edges({ from, to: "u8" }) };
    await refusal(async () => runs.record("roads", { state }), definition, { where: /roads/ });
  }
  await refusal(() => (log as (...args: readonly unknown[]) => unknown)({ a: "u9" }), definition);
});

test("W6: rows take the lowest free slots, and keep them", async () => {
  const { herd: rows } = await meadow();
  for (const id of [9, 4, 7]) rows.insert({ id });
  assert.deepEqual(
    [9, 4, 7].map((id) => rows.slotOf(id)),
    [0, 1, 2],
  );
  rows.delete(9);
  rows.delete(4);
  assert.equal(rows.upsert({ id: 1 }), 0);
  assert.equal(rows.upsert({ id: 7, x: 2 }), 2);
  assert.equal(rows.insert({ id: 4 }), 1);
  assert.deepEqual(idsOf(rows), [1, 4, 7]);
  assert.deepEqual(rows.get(7)?.toJSON(), { id: 7, name: "", x: 2, pair: Int16Array.of(0, 0) });
  rows.clear();
  assert.deepEqual([rows.size, rows.get(7), rows.insert({ id: 7 })], [0, undefined, 0]);
  assert.equal(rows.get(7)?.x, 0, "nothing of the row that was there before");
});

test("W6: rows that are assigned are sorted first, so their order does not count", async () => {
  const slots = await Promise.all(
    [
      [5, 3, 8, 1],
      [1, 8, 3, 5],
      [8, 5, 1, 3],
    ].map(async (order) => {
      const { herd: rows } = await meadow();
      rows.insert({ id: 8 });
      rows.insert({ id: 6 });
      rows.assign(order.map((id) => ({ id, name: `n${id}` })));
      return [1, 3, 5, 6, 8].map((id) => rows.slotOf(id));
    }),
  );
  assert.deepEqual(
    slots,
    Array.from({ length: 3 }, () => [1, 2, 3, -1, 0]),
  );
});

test("W7: what is refused changes nothing, a whole assignment included", async () => {
  const { herd: rows, run } = await meadow();
  rows.insert({ id: 1, name: "one", pair: [1, 2] });
  rows.insert({ id: 2 });
  await run.commit();
  const before = JSON.stringify([...rows]);
  const [id, other] = [1, 3];
  await refusal(() => rows.insert({ id }), "WORLD_KEY", { where: /herd/, found: /1/ });
  await refusal(() => rows.insert({} as never), "WORLD_KEY");
  await refusal(() => rows.update(other, { x: 1 }), "WORLD_KEY");
  await refusal(() => rows.delete(other), "WORLD_KEY");
  await refusal(() => rows.update(id, { id: other }), "WORLD_KEY");
  await refusal(() => rows.insert({ id: other, x: "no" as never }), "WORLD_VALUE", {
    where: /herd\.x/,
  });
  await refusal(() => rows.upsert({ id, x: 5, pair: [1] }), "WORLD_VALUE", { where: /pair/ });
  await refusal(() => rows.update(id, { weight: 1 } as never), "WORLD_VALUE", {
    where: /weight|herd/,
  });
  await refusal(() => rows.assign([{ id: other }, { id: other }]), "WORLD_KEY");
  await refusal(() => rows.assign([{ id: other }, { id, x: {} as never }]), "WORLD_VALUE");
  const lists = [
    { delete: [id], insert: [{ id: 5 }, { id: 5 }] },
    { insert: [{ id: 5 }], delete: [7] },
    {
      update: [
        { id, x: 2 },
        { id: 9, x: 2 },
      ],
    },
  ];
  for (const herd of lists) {
    await refusal(async () => run.commit({ changes: { herd } }), "WORLD_KEY");
  }
  assert.equal(JSON.stringify([...rows]), before);
  assert.equal(run.tick, 1);
  await run.commit();
});

test("W7: a table has at most as many slots as the limits say, and says so", async () => {
  const { herd: rows, run } = await meadow();
  rows.insert({ id: 1 });
  const found = new RegExp(String(limits.tableRows + 1));
  await refusal(() => rows.reserve(limits.tableRows + 1), "WORLD_ROWS", { where: /herd/, found });
  rows.reserve(1000);
  assert.deepEqual([rows.size, rows.slotOf(1)], [1, 0]);
  await run.commit();
});

test("W8: a key is not changed in place", async () => {
  const { herd: rows } = await meadow();
  rows.insert({ id: 1 });
  const row = rows.get(1) as { id: number };
  assert.throws(() => (row.id = 2), TypeError);
  assert.deepEqual([rows.slotOf(1), rows.slotOf(2)], [0, -1]);
});

test("W8: a key that is written over past the table ends the commit, and nothing is recorded", async () => {
  const { herd: rows, run } = await meadow();
  rows.insert({ id: 1 });
  rows.insert({ id: 2 });
  await run.commit();
  rows.columns.id[1] = 1;
  await refusal(async () => run.commit(), "WORLD_KEY", { where: /herd/ });
  rows.columns.id[1] = 2;
  await run.commit();
  assert.deepEqual(idsOf((await run.at(2)).state.herd as never), [1, 2]);
});

test("edges are found from either end, in order of their slots", async () => {
  const { run, herd: rows } = await meadow();
  const { roads } = run.state;
  rows.insert({ id: 70_000 });
  for (const [from, to] of [
    [70_000, 2],
    [3, 2],
    [70_000, 1],
  ] as const)
    roads.insert({ from, to, length: to });
  roads.delete([3, 2]);
  roads.insert({ from: 70_000, to: 9 });
  const ends = (list: readonly { from: number; to: number }[]): number[][] =>
    list.map(({ from, to }) => [from, to]);
  assert.deepEqual(ends(roads.outgoing(70_000)), [
    [70_000, 2],
    [70_000, 9],
    [70_000, 1],
  ]);
  assert.deepEqual(ends(roads.incoming(2)), [[70_000, 2]]);
  await run.commit();
  const past = (await run.at(1)).state.roads;
  assert.deepEqual(ends(past.outgoing(70_000)), [
    [70_000, 2],
    [70_000, 9],
    [70_000, 1],
  ]);
  assert.deepEqual(ends(past.incoming(1)), [[70_000, 1]]);
  assert.deepEqual(past.outgoing(3), []);
});
