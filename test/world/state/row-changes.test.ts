/** Explicit changes of rows: checked as a whole, made as a set. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { edges, table, type LiveRun, type RowChanges } from "everytick";
import { ChangeFinder } from "../../../src/format/changes.ts";
import { Image } from "../../../src/format/image.ts";
import { nodeCodecs } from "../../../src/journal/codecs-node.ts";
import { limits } from "../../../src/limits.ts";
import { planRowChanges } from "../../../src/world/state/row-changes.ts";
import { Choices } from "../../model/choices.ts";
import { allRefused, memoryRuns, refusal } from "../../runs/memory-runs.ts";
import { liveTable, tableLayout } from "./row-store.ts";

const columns = { id: "u32", x: "f64", name: "utf8", pair: "u8[2]" } as const;
const stores = {
  herd: table(columns, { key: "id" }),
  roads: edges({ from: "utf8", to: "i64", length: "f32" }),
};
type Herd = RowChanges<typeof columns, readonly ["id"]>;

async function begin(ids: readonly number[] = []) {
  const { runs } = await memoryRuns();
  const run: LiveRun<typeof stores> = await runs.record("run", { state: stores });
  for (const id of ids) run.state.herd.insert({ id, x: id, name: `n${id}`, pair: [id, 1] });
  await run.commit();
  const commit = async (herd: unknown) => run.commit({ changes: { herd: herd as Herd } });
  return { run, herd: run.state.herd, commit };
}
const slotsOf = (view: { slotOf(id: number): number }, ids: readonly number[]): number[] =>
  ids.map((id) => view.slotOf(id));

test("W6: rows are sorted by key before slots are taken, and deletions come first", async () => {
  const orders = [
    [7, 3, 100, 9],
    [100, 9, 7, 3],
    [3, 7, 9, 100],
  ];
  const digests = new Set<string>();
  for (const order of orders) {
    const { run, herd, commit } = await begin([1, 2, 4, 5]);
    await commit({ insert: order.map((id) => ({ id })), delete: [4, 1] });
    assert.deepEqual(slotsOf(herd, [3, 2, 7, 5, 9, 100]), [0, 1, 2, 3, 4, 5]);
    digests.add((await run.at(2, { verify: true })).historyDigest);
    // Of numbers the size counts, not the digits.
    assert.deepEqual([...(await run.at(2)).state.herd.keys()], [3, 2, 7, 5, 9, 100]);
  }
  assert.equal(digests.size, 1);
});

test("W6: composite keys are sorted part by part, texts by code units and numbers by size", async () => {
  const { run } = await begin();
  const ends = [
    ["b", -1n],
    ["a", 10n],
    ["a", 9n],
    ["", 0n],
    ["a", -(2n ** 63n)],
    ["B", 0n],
    ["ä", 0n],
    ["z", 0n],
  ] as const;
  const insert = ends.map(([from, to]) => ({ from, to }));
  await run.commit({ changes: { roads: { insert } } });
  assert.deepEqual(
    [...run.state.roads.keys()],
    [
      ["", 0n],
      ["B", 0n],
      ["a", -(2n ** 63n)],
      ["a", 9n],
      ["a", 10n],
      ["b", -1n],
      ["z", 0n],
      ["ä", 0n],
    ],
  );
});

test("a key may leave its row and come again in another of the same tick only by an update", async () => {
  const { herd, commit } = await begin([1, 2]);
  await refusal(async () => commit({ delete: [1], insert: [{ id: 1 }] }), "WORLD_KEY", {
    expected: /no row has/,
  });
  await commit({ update: [{ id: 1, name: "again" }] });
  assert.deepEqual(herd.get(1)?.toJSON(), {
    id: 1,
    x: 1,
    name: "again",
    pair: Uint8Array.of(1, 1),
  });
});

test("columns that are not given are not touched, and of a new row are nothing", async () => {
  const { run, herd, commit } = await begin([1, 2, 3]);
  await commit({
    update: [
      { id: 2, x: 5 },
      { id: 1, pair: [9, 9] },
    ],
    insert: [{ id: 4, x: 7 }],
  });
  assert.deepEqual(
    [...herd].map((row) => row.toJSON()),
    [
      { id: 1, x: 1, name: "n1", pair: Uint8Array.of(9, 9) },
      { id: 2, x: 5, name: "n2", pair: Uint8Array.of(2, 1) },
      { id: 3, x: 3, name: "n3", pair: Uint8Array.of(3, 1) },
      { id: 4, x: 7, name: "", pair: Uint8Array.of(0, 0) },
    ],
  );
  const changes = await run.changesAt(2);
  assert.deepEqual(
    changes.map(({ column, key }) => `${column} of ${key as number}`),
    ["$live of 4", "id of 4", "x of 2", "x of 4", "pair of 1"],
  );
});

test("C5: rows that are given as they are, or moved out and in, are what changed and nothing more", async () => {
  const { run, commit } = await begin([1, 2, 3]);
  await commit({ update: [{ id: 1, x: 1, name: "n1" }], insert: [], delete: [] });
  await commit({});
  for (const tick of [2, 3]) assert.deepEqual(await run.changesAt(tick), []);
  // The slot of one row becomes that of another: both are there in one change.
  await commit({ delete: [2], insert: [{ id: 9, x: 2, name: "n2", pair: [2, 1] }] });
  assert.deepEqual(await run.changesAt(4), [
    { store: "herd", column: "id", index: 1, key: 9, old: 2, new: 9 },
  ]);
});

test("W7: changes are refused as a whole, and nothing of them is made", async () => {
  const { run, herd, commit } = await begin([1, 2, 3]);
  const before = herd.get(2)!.toJSON();
  const refused = (changes: unknown) => async () => commit(changes);
  const good = { update: [{ id: 2, x: 99 }] };
  await allRefused("WORLD_KEY", {
    "an update of no row": refused({ update: [{ id: 2, x: 99 }, { id: 9 }] }),
    "a deletion of no row": refused({ ...good, delete: [1, 9] }),
    "an insertion of a key that is there": refused({ ...good, insert: [{ id: 5 }, { id: 3 }] }),
    "a key inserted twice": refused({ ...good, insert: [{ id: 5 }, { id: 5 }] }),
    "an update without a key": refused({ update: [{ id: 2, x: 99 }, { x: 5 }] }),
    "an insertion without a key": refused({ ...good, insert: [{ x: 5 }] }),
  });
  await allRefused("RECORDER_CHANGES", {
    "a key deleted and updated": refused({ ...good, delete: [2] }),
    "a key updated twice": refused({
      update: [
        { id: 2, x: 99 },
        { id: 2, name: "x" },
      ],
    }),
    "a key deleted twice": refused({ ...good, delete: [1, 1] }),
    "an unknown list": refused({ ...good, upsert: [] }),
    "a list that is none": refused({ ...good, delete: 1 }),
    "null for a list": refused({ ...good, insert: null }),
    "a text for a list": refused({ ...good, insert: "rows" }),
  });
  await allRefused("WORLD_VALUE", {
    "a value too large": refused({ ...good, insert: [{ id: 5, pair: [1, 256] }] }),
    "a bad value in an update": refused({
      update: [
        { id: 1, x: 5 },
        { id: 2, x: "5" },
      ],
    }),
    "an unknown column": refused({ ...good, insert: [{ id: 5, y: 1 }] }),
    "a row that is none": refused({ ...good, insert: [5] }),
    "a key of another type": refused({ ...good, delete: ["1"] }),
  });
  assert.deepEqual(
    [herd.size, herd.has(5), herd.get(2)?.toJSON(), run.tick],
    [3, false, before, 1],
  );
  await commit(good);
  assert.equal(herd.get(2)?.x, 99);
  assert.equal((await run.changesAt(2)).length, 1, "nothing was left behind by what was refused");
});

test("W7: a bad change of one store keeps the changes of all others out", async () => {
  const { run, herd } = await begin([1]);
  const roads = {
    insert: [
      { from: "a", to: 1n },
      { from: "a", to: 1n },
    ],
  };
  const changes = { herd: { insert: [{ id: 2 }], delete: [1] }, roads };
  await refusal(async () => run.commit({ changes }), "WORLD_KEY", { where: /roads/ });
  assert.deepEqual([[...herd.keys()], run.state.roads.size], [[1], 0]);
});

test("W7: more rows than the limits is refused before the first is made", async () => {
  const live = liveTable({ id: "u32", wide: "u8[65536]" }, ["id"]);
  const layout = tableLayout({ id: "u32", wide: "u8[65536]" });
  const insert = Array.from({ length: limits.stateBytes / 65_536 }, (_, id) => ({ id }));
  const details = { where: /^rows$/, expected: /rows and \d+ bytes/ };
  await refusal(() => planRowChanges(layout, live, { insert }), "WORLD_ROWS", details);
  assert.deepEqual([live.memory.size, live.memory.live.length], [0, 0]);
});

test("C1: lists and rows that are given are read once, and nobody's afterwards", async () => {
  const { run, commit } = await begin([1, 2]);
  let reads = 0;
  function* rows(): Generator<object> {
    reads += 1;
    yield { id: 5, pair, name: "five" };
  }
  const pair = Uint8Array.of(1, 2);
  const deleted = new Set([1]);
  const committed = commit({ insert: rows(), delete: deleted });
  pair.fill(9);
  deleted.clear();
  await committed;
  assert.equal(reads, 1);
  const { herd } = (await run.at(2)).state;
  assert.deepEqual([[...herd.keys()], herd.get(5)?.pair], [[5, 2], Uint8Array.of(1, 2)]);
});

test("C5: the bits that a plan gives are those that looking at everything finds, seed 8", async () => {
  const codecs = await nodeCodecs();
  const choices = new Choices(8);
  const live = liveTable(columns, ["id"]);
  const layout = tableLayout(columns);
  const image = new Image({ stores: [layout], randomStore: -1 });
  for (let tick = 0; tick < 200; tick++) {
    const there = [...live.memory.slots()].map((slot) => live.keyAt(slot) as number);
    const kept = choices.shuffled(there);
    const gone = kept.splice(0, choices.below(4));
    const updated = kept.splice(0, choices.below(4));
    const fresh = Array.from({ length: choices.below(6) }, () => choices.below(500));
    const born = [...new Set(fresh)].filter((id) => !there.includes(id));
    const plan = planRowChanges(layout, live, {
      delete: gone,
      insert: born.map((id) => ({ id, name: choices.chance(0.5) ? `n${tick}` : "" })),
      update: updated.map((id) =>
        choices.chance(0.5) ? { id, x: tick } : { id, pair: [1, tick] },
      ),
    });
    for (const { column, index, bytes, values } of plan()) {
      assert.deepEqual(
        [...index],
        [...new Set(index)].sort((a, b) => a - b),
        "rising, once",
      );
      image.reserve(layout, (index.at(-1) as number) + 1);
      const own = image.column(0, column);
      const { width } = layout.columns[column]!;
      index.forEach((slot, i) => {
        if (width === 0) own.values[slot] = values[i]!;
        else own.bytes.set(bytes.subarray(i * width, (i + 1) * width), slot * width);
      });
    }
    const whole = live.memory.capture();
    const { columns: missed } = new ChangeFinder(codecs).between(layout, image.stores[0], whole);
    assert.deepEqual(missed, [], `tick ${tick}`);
  }
});
