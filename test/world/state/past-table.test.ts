import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { table } from "everytick";
import { PastTable } from "../../../src/world/state/past-table.ts";
import { bitsOf, memoryRuns, refusal } from "../../runs/memory-runs.ts";
import { liveTable, tableLayout } from "./row-store.ts";

const stores = {
  herd: table(
    { id: "u32", name: "utf8", at: "f32[2]", data: "json", raw: "bytes", cell: "h3" },
    { key: "id" },
  ),
  named: table({ name: "utf8", day: "i64", x: "f64" }, { key: ["day", "name"] }),
};
const cell = "8928308280fffff";

async function recorded() {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: stores });
  const { herd, named } = run.state;
  for (const id of [30, 10, 20]) {
    herd.insert({
      id,
      name: `n${id}`,
      at: [id, -0],
      data: { id: [id] },
      raw: Uint8Array.of(1),
      cell,
    });
  }
  herd.delete(10);
  named.insert({ name: "é", day: -5n, x: Number.NaN });
  named.insert({ name: "", day: -5n });
  await run.commit();
  herd.clear();
  named.clear();
  await run.commit();
  return run;
}
const run = await recorded();
const past = async () => (await run.at(1)).state;

test("W8: a past row is found by its key, and its slot is the one that it had", async () => {
  const { herd, named } = await past();
  assert.deepEqual([herd.size, herd.slotCount, [...herd.keys()]], [2, 3, [30, 20]]);
  assert.deepEqual(
    [30, 10, 20, 0].map((id) => [herd.has(id), herd.slotOf(id), herd.get(id)?.name]),
    [
      [true, 0, "n30"],
      [false, -1, undefined],
      [true, 2, "n20"],
      [false, -1, undefined],
    ],
  );
  assert.deepEqual(
    [...named.keys()],
    [
      [-5n, "é"],
      [-5n, ""],
    ],
  );
  assert.deepEqual([named.slotOf([-5n, ""]), named.slotOf([5n, ""])], [1, -1]);
  assert(Number.isNaN(named.get([-5n, "é"])?.x));
  for (const key of [undefined, -1, "30", [30]]) {
    await refusal(() => herd.get(key as number), "WORLD_VALUE", { where: /herd\.id/ });
  }
  await refusal(() => named.has(["", -5n] as never), "WORLD_VALUE", { where: /named\.day/ });
});

test("the rows of a past table are plain objects, in order of their slots", async () => {
  const { herd } = await past();
  const rowOf = (id: number): object => ({
    id,
    name: `n${id}`,
    at: Float32Array.of(id, -0),
    data: { id: [id] },
    raw: Uint8Array.of(1),
    cell,
  });
  assert.deepStrictEqual([...herd], [rowOf(30), rowOf(20)]);
  assert.deepStrictEqual({ ...herd.get(20) }, rowOf(20));
  assert.equal(inspect(herd), inspect([rowOf(30), rowOf(20)]));
  assert.deepEqual(
    [0, 1, 2, 3, -1, 0.5].map((slot) => herd.rowAt(slot)?.id),
    [30, undefined, 20, undefined, undefined, undefined],
  );
});

test("C1: rows are copies, and the arrays behind the columns are the reader's own", async () => {
  const { herd } = await past();
  const row = herd.get(30)!;
  row.id = 99;
  row.at.fill(9);
  row.raw.fill(9);
  (row.data as { id: number[] }).id.push(9);
  assert.deepEqual(herd.get(30), (await past()).herd.get(30));
  assert.equal(herd.has(99), false);
  herd.columns.at[0] = 77;
  assert.equal(herd.get(30)?.at[0], 77, "views, not copies");
  assert.equal((await past()).herd.get(30)?.at[0], 30);
  assert.equal(run.state.herd.size, 0);
});

test("the columns of a fixed width are arrays by slot, with nothing where no row is", async () => {
  const { herd } = await past();
  assert.deepEqual(Object.keys(herd.columns), ["id", "at", "cell"]);
  assert.deepEqual([...herd.columns.id.subarray(0, 4)], [30, 0, 20, 0]);
  assert.equal(bitsOf(herd.columns.at.subarray(0, 2)), bitsOf(Float32Array.of(30, -0)));
  assert.deepEqual(
    [...herd.columns.cell.subarray(0, 3)],
    [BigInt(`0x${cell}`), 0n, BigInt(`0x${cell}`)],
  );
  assert.deepEqual([...herd.live.subarray(0, 4)], [1, 0, 1, 0]);
  assert(Object.isFrozen(herd.columns));
});

test("a table without rows is one at any tick", async () => {
  for (const tick of [0, 2]) {
    const { herd } = (await run.at(tick, { verify: true })).state;
    const found = [herd.size, herd.slotCount, herd.has(30), herd.get(30), [...herd], herd.rowAt(0)];
    assert.deepEqual(found, [0, 0, false, undefined, [], undefined]);
  }
});

test("T6: frames of a play keep the table of their own tick", async () => {
  const frames = await Array.fromAsync(run.play());
  assert.deepEqual(
    frames.map(({ state }) => [...state.herd.keys()]),
    [[], [30, 20], []],
  );
  const reused: number[] = [];
  for await (const { state } of run.play({ from: 2, to: 0, reuse: true })) {
    reused.push(state.herd.size, state.herd.slotOf(20));
  }
  assert.deepEqual(reused, [0, -1, 2, 2, 0, -1]);
});

test("W8: keys of an image are found as in the table that it was taken of", () => {
  const columns = { id: "utf8", n: "u16" } as const;
  const live = liveTable(columns, ["id"]);
  for (let n = 0; n < 500; n++) live.insert({ id: `k${n}`, n });
  for (let n = 0; n < 500; n += 3) live.delete(`k${n}`);
  const found = new PastTable(tableLayout(columns), live.memory.capture(), ["id"]);
  for (let n = 0; n < 500; n++) {
    assert.equal(found.slotOf(`k${n}` as never), live.slotOf(`k${n}`));
    assert.equal(found.get(`k${n}` as never)?.["n"], n % 3 === 0 ? undefined : n);
  }
});
