/** Tables as a simulation sees them: `state.herd` of a run that is being recorded. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { table, type LiveRun } from "everytick";
import { bitsOf, memoryRuns, refusal } from "../../runs/memory-runs.ts";

const stores = {
  herd: table({ id: "u32", name: "utf8", at: "f32[2]", data: "json" }, { key: "id" }),
  places: table(
    { cell: "h3", owner: "uuid", day: "i64", size: "u8" },
    {
      key: ["owner", "day", "cell"],
    },
  ),
};
type Run = LiveRun<typeof stores>;
type Herd = Run["state"]["herd"];

async function begin(): Promise<{ run: Run; herd: Herd; places: Run["state"]["places"] }> {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: stores });
  return { run, ...run.state };
}
const idsOf = (rows: Iterable<{ readonly id: number }>): number[] =>
  Array.from(rows, ({ id }) => id);
const owner = "00112233-4455-6677-8899-aabbccddeeff";
const cell = "8928308280fffff";

test("a new table is empty, and looking for a row in it finds none", async () => {
  const { herd } = await begin();
  assert.deepEqual([herd.size, herd.slotCount, [...herd], [...herd.keys()]], [0, 0, [], []]);
  assert.deepEqual(
    [herd.has(1), herd.get(1), herd.slotOf(1), herd.rowAt(0)],
    [false, undefined, -1, undefined],
  );
  herd.clear();
  herd.assign([]);
  assert.equal(herd.size, 0);
});

test("columns that are left out of a row are nothing, or stay what they are in an update", async () => {
  const { herd } = await begin();
  herd.insert({ id: 1 });
  const nothing = { id: 1, name: "", at: Float32Array.of(0, 0), data: null };
  assert.deepEqual(herd.get(1)?.toJSON(), nothing);
  herd.update(1, { name: "Dolly", at: [1, 2], data: [1] });
  herd.update(1, { data: { wool: "white" } });
  herd.update(1, {});
  herd.upsert({ id: 1, at: Float64Array.of(3, 4) });
  const dolly = { id: 1, name: "Dolly", at: Float32Array.of(3, 4), data: { wool: "white" } };
  assert.deepEqual(herd.get(1)?.toJSON(), dolly);
  // A column whose value is undefined is left out, too.
  herd.update(1, { name: undefined as never });
  assert.equal(herd.get(1)?.name, "Dolly");
  herd.assign([{ id: 1, name: "Molly" }]);
  assert.deepEqual(herd.get(1)?.toJSON(), { ...nothing, name: "Molly" });
});

test("W6: rows, keys and flags come in order of their slots", async () => {
  const { herd } = await begin();
  for (const id of [30, 10, 20, 40]) herd.insert({ id });
  herd.delete(10);
  herd.delete(40);
  herd.insert({ id: 5 });
  assert.deepEqual(idsOf(herd), [30, 5, 20]);
  assert.deepEqual([...herd.keys()], [30, 5, 20]);
  assert.deepEqual([herd.size, herd.slotCount], [3, 4]);
  assert.deepEqual([...herd.live.subarray(0, 5)], [1, 1, 1, 0, 0]);
  assert.deepEqual([...herd.columns.id.subarray(0, 3)], [30, 5, 20]);
  assert.deepEqual(
    [herd.rowAt(1)?.id, herd.rowAt(3), herd.rowAt(-1), herd.rowAt(99)],
    [5, undefined, undefined, undefined],
  );
});

test("W8: composite keys are found as lists, in whatever spelling", async () => {
  const { places } = await begin();
  places.insert({ cell, owner, day: 5n, size: 1 });
  places.insert({ cell: "", owner, day: 5n, size: 2 });
  const shouted = [owner.toUpperCase(), 5n, cell.toUpperCase()] as const;
  assert.deepEqual([places.has(shouted), places.slotOf(shouted)], [true, 0]);
  assert.deepEqual(
    [...places.keys()],
    [
      [owner, 5n, cell],
      [owner, 5n, ""],
    ],
  );
  await refusal(() => places.insert({ cell: cell.toUpperCase(), owner, day: 5n }), "WORLD_KEY", {
    where: /places/,
    found: /\[.*5.*\]/,
  });
  assert.equal(places.update(shouted, { size: 9 }), 0);
  // The row's own key, however it is spelled, is no change of it.
  assert.equal(places.update(shouted, { owner: owner.toUpperCase(), size: 8 }), 0);
  await refusal(() => places.update(shouted, { day: 6n }), "WORLD_KEY");
  assert.equal(places.get([owner, 5n, cell])?.size, 8);
  places.delete(shouted);
  assert.deepEqual([places.has([owner, 5n, cell]), places.size], [false, 1]);
  await refusal(() => places.has([owner, 5n] as never), "WORLD_VALUE", { expected: /owner, day/ });
});

test("a row reads and writes its table, column by column", async () => {
  const { herd, run } = await begin();
  herd.insert({ id: 1, name: "a", at: [1, 1] });
  const row = herd.get(1)!;
  row.name = "b";
  row.at = Float32Array.of(2, -0);
  herd.columns.at[0] = 7;
  assert.deepEqual(row.toJSON(), { id: 1, name: "b", at: Float32Array.of(7, -0), data: null });
  assert.deepEqual({ ...row }, {}, "spread, it gives nothing");
  assert.equal(inspect(row), inspect(row.toJSON()));
  assert.equal(inspect(herd), inspect([row.toJSON()]));
  assert.equal(JSON.stringify(row), '{"id":1,"name":"b","at":{"0":7,"1":0},"data":null}');
  // A vector that was read is a copy.
  row.at[1] = 99;
  assert.equal(row.at[1], -0);
  for (const value of [1, "\ud800"]) {
    await refusal(() => (row.name = value as never), "WORLD_VALUE", { where: /^herd\.name$/ });
  }
  await refusal(() => (row.at = [1] as never), "WORLD_VALUE", { where: /herd\.at/ });
  await run.commit();
  assert.deepEqual((await run.at(1)).state.herd.get(1), row.toJSON());
});

test("W8: the key of a row is read-only", async () => {
  const { herd, places } = await begin();
  herd.insert({ id: 1 });
  places.insert({ cell, owner, day: 1n });
  assert.throws(() => ((herd.get(1) as { id: number }).id = 2), TypeError);
  const place = places.rowAt(0) as { day: bigint; size: number };
  assert.throws(() => (place.day = 2n), TypeError);
  place.size = 3;
  assert.deepEqual([place.day, place.size, herd.has(1), herd.has(2)], [1n, 3, true, false]);
});

test("W7: a row that was deleted is refused, also where another took its slot or its key", async () => {
  const { herd } = await begin();
  herd.insert({ id: 1, name: "first" });
  const row = herd.get(1)!;
  const still = herd.get(1)!;
  const uses: (() => unknown)[] = [
    () => row.name,
    () => row.id,
    () => (row.name = "x"),
    () => row.toJSON(),
  ];
  const ways: (() => void)[] = [
    () => herd.delete(1),
    () => herd.insert({ id: 2, name: "second" }),
    () => herd.delete(2),
    () => herd.insert({ id: 1, name: "third" }),
  ];
  assert.equal(still.name, "first");
  for (const way of ways) {
    way();
    for (const use of uses) await refusal(use, "WORLD_KEY", { where: /herd/, found: /deleted/ });
  }
  assert.equal(herd.get(1)?.name, "third");
  const third = herd.get(1)!;
  herd.clear();
  herd.insert({ id: 1 });
  await refusal(() => third.name, "WORLD_KEY");
});

test("rows may be deleted and inserted while one walks over them", async () => {
  const { herd } = await begin();
  for (let id = 0; id < 10; id++) herd.insert({ id });
  const met: number[] = [];
  for (const row of herd) {
    const { id } = row;
    met.push(id);
    if (id % 2 === 0) herd.delete(id);
    if (id === 4) herd.delete(7);
  }
  assert.deepEqual(met, [0, 1, 2, 3, 4, 5, 6, 8, 9]);
  assert.deepEqual(idsOf(herd), [1, 3, 5, 9]);
  for (const key of herd.keys()) herd.delete(key);
  assert.equal(herd.size, 0);
});

test("an array that is fetched anew after each insert is the table's own", async () => {
  const { herd, run } = await begin();
  for (let id = 0; id < 500; id++) {
    const slot = herd.insert({ id });
    herd.columns.at[2 * slot] = id;
    assert.equal(herd.live[slot], 1);
  }
  herd.reserve(4000);
  const { at } = herd.columns;
  for (let id = 500; id < 4000; id++) at[2 * herd.insert({ id }) + 1] = id;
  assert.equal(herd.columns.at, at, "there was room");
  await run.commit();
  const past = (await run.at(1)).state.herd;
  assert.equal(bitsOf(past.columns.at.subarray(0, 8000)), bitsOf(at.subarray(0, 8000)));
  assert.deepEqual(Object.keys(herd.columns), ["id", "at"], "columns of variable length have none");
  assert.throws(() => Object.assign(herd.columns, { id: at }), TypeError);
});

test("W7: rows that are none are refused with the columns that there are", async () => {
  const { herd, run } = await begin();
  const insert = (row: unknown) => () => herd.insert(row as never);
  for (const row of [null, undefined, 5, "row"]) {
    await refusal(insert(row), "WORLD_VALUE", { where: /^herd$/, expected: /a row/ });
  }
  const details = { expected: /id, name, at, data/, found: /weight/ };
  await refusal(insert({ id: 1, weight: 5 }), "WORLD_VALUE", details);
  await refusal(() => herd.upsert({ id: 1, weight: 5 } as never), "WORLD_VALUE", details);
  await refusal(insert({ name: "none" }), "WORLD_KEY", { expected: /a value for id/ });
  await refusal(insert({ id: undefined }), "WORLD_KEY");
  await refusal(insert({ id: -1 }), "WORLD_VALUE", { where: /^herd\.id$/ });
  for (const key of [undefined, null, "1", -1, 0.5, [1]]) {
    await refusal(() => herd.get(key as never), "WORLD_VALUE", { where: /herd\.id/ });
    await refusal(() => herd.delete(key as never), "WORLD_VALUE", { where: /herd\.id/ });
  }
  assert.equal(herd.size, 0);
  // What lies behind the last slot was touched by none of them.
  await run.commit();
  assert.deepEqual(await run.changesAt(1), []);
});

test("W7: a row with one bad value among good ones writes none of them", async () => {
  const { herd } = await begin();
  herd.insert({ id: 1, name: "one", at: [1, 1], data: 1 });
  const before = herd.get(1)!.toJSON();
  const bad = { name: "two", at: [2, 2], data: { no: Number.NaN } };
  for (const work of [
    () => herd.update(1, bad),
    () => herd.upsert({ id: 1, ...bad }),
    () => herd.insert({ id: 2, ...bad }),
    () => herd.upsert({ id: 2, ...bad }),
    () =>
      herd.assign([
        { id: 2, name: "kept out" },
        { id: 1, ...bad },
      ]),
  ]) {
    await refusal(work, "WORLD_VALUE", { where: /herd\.data/ });
    assert.deepEqual([herd.size, herd.has(2), herd.get(1)?.toJSON()], [1, false, before]);
  }
  assert.equal(herd.insert({ id: 2 }), 1, "the slot is free");
  assert.deepEqual(herd.get(2)?.toJSON().name, "");
});

test("an iteration that throws in the middle of an assignment changes nothing", async () => {
  const { herd } = await begin();
  herd.insert({ id: 1 });
  function* broken(): Generator<{ id: number }> {
    yield { id: 2 };
    throw new Error("the source is broken");
  }
  assert.throws(() => herd.assign(broken()), /the source is broken/);
  assert.deepEqual(idsOf(herd), [1]);
});

test("W6: an assignment keeps the slots of rows that stay, and frees those of the others first", async () => {
  const { herd } = await begin();
  for (const id of [1, 2, 3, 4]) herd.insert({ id, name: `n${id}` });
  const four = herd.get(4)!;
  herd.assign([{ id: 9 }, { id: 4, name: "four" }, { id: 2 }, { id: 7 }]);
  assert.deepEqual(
    [7, 2, 9, 4].map((id) => herd.slotOf(id)),
    [0, 1, 2, 3],
  );
  assert.equal(four.name, "four", "a row that stays is the same row");
  herd.assign(herd);
  assert.deepEqual(idsOf(herd), [7, 2, 9, 4]);
});

test("tables with columns named like Object's own are tables like any others", async () => {
  const names = ["__proto__", "constructor", "toString", "valueOf"];
  const numbered = (numbers: readonly number[]): object =>
    Object.fromEntries(names.map((name, i) => [name, numbers[i]]));
  const columns = Object.fromEntries([["id", "u8"], ...names.map((name) => [name, "u16"])]) as {
    readonly id: "u8";
  };
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: { rows: table(columns, { key: "id" }) } });
  const { rows } = run.state;
  rows.insert({ id: 1 });
  rows.insert({ id: 2 });
  rows.update(2, numbered([1, 2, 3, 4]));
  await run.commit();
  const past = (await run.at(1)).state.rows;
  const shown = (row: object): unknown[] =>
    names.map((name) => Object.getOwnPropertyDescriptor(row, name)?.value as unknown);
  for (const view of [rows.get(1)!.toJSON(), past.get(1)!]) {
    assert.deepEqual(shown(view), [0, 0, 0, 0]);
  }
  for (const view of [rows.get(2)!.toJSON(), past.get(2)!]) {
    assert.deepEqual(shown(view), [1, 2, 3, 4]);
  }
});
