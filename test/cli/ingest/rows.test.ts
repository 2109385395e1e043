import assert from "node:assert/strict";
import { test } from "node:test";
import { historyOf, ingestFolder, lines } from "./ingested.ts";

const meadow = lines(
  { tick: 0, store: "sheep", key: 7, x: 1.5, name: "a", tags: [1] },
  { tick: 0, store: "sheep", key: 3, x: 2, name: "b", tags: null },
  { tick: 0, store: "deaths", cause: "start" },
  { tick: 2, store: "sheep", key: 7, x: -0.25 },
  { tick: 2, store: "sheep", key: 9, name: "c" },
  { tick: 2, store: "deaths", cause: "wolf" },
  { tick: 2, store: "deaths", cause: "wolf" },
  { tick: 3 },
  { tick: 9, store: "sheep", key: 7, deleted: true },
);

for (const chunkBytes of [1, 7, 1_000_000]) {
  test(`rows are made, changed, deleted and appended, in chunks of ${chunkBytes} bytes`, async (t) => {
    const ingest = await ingestFolder(t);
    const { runs, error, counts } = await ingest(meadow, { chunkBytes });
    assert.equal(error, undefined);
    assert.equal(counts.rows, 8);
    await using run = await runs.open("a");
    const b = { key: 3, x: 2, name: "b", tags: null };
    const moved = { key: 7, x: -0.25, name: "a", tags: [1] };
    const c = { key: 9, x: 0, name: "c", tags: null };
    assert.deepEqual(await historyOf(run, "sheep"), {
      0: [{ ...moved, x: 1.5 }, b],
      2: [moved, b, c],
      3: [moved, b, c],
      9: [b, c],
    });
    const wolf = { cause: "wolf" };
    assert.deepEqual(await historyOf(run, "deaths"), {
      0: [{ cause: "start" }],
      2: [wolf, wolf],
      3: [],
      9: [],
    });
  });
}

test("an input that begins later has an empty tick 0 in front", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs } = await ingest(lines({ tick: 5 }, { tick: 6, store: "a", key: 1 }));
  await using run = await runs.open("a");
  assert.deepEqual(await historyOf(run, "a"), { 0: [], 5: [], 6: [{ key: 1 }] });
});

test("types follow from the first tick: keys u32, i64 or utf8, numbers, texts, and JSON for the rest", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, error } = await ingest(
    lines(
      { tick: 0, store: "small", key: 0, a: 1, b: "x", c: true, d: 1 },
      { tick: 0, store: "small", key: 4294967295, d: "mixed" },
      { tick: 0, store: "large", key: 1 },
      { tick: 0, store: "large", key: -1 },
      { tick: 0, store: "texts", key: "k" },
      { tick: 0, store: "pairs", key: ["k", 5], tick2: 0, $tick: 3 },
    ),
  );
  assert.equal(error, undefined);
  await using run = await runs.open("a");
  const types = run.card.world.stores
    .slice(0, -1)
    .map((store) => [
      store.name,
      store.kind === "table" && store.key.join(),
      "columns" in store && store.columns.map(({ name, type }) => `${name} ${type}`).join(", "),
    ]);
  assert.deepEqual(types, [
    ["small", "key", "key u32, a f64, b utf8, c json, d json"],
    ["large", "key", "key i64"],
    ["texts", "key", "key utf8"],
    ["pairs", "key1,key2", "key1 utf8, key2 u32, tick2 f64, tick f64"],
  ]);
  const pairs = [{ key1: "k", key2: 5, tick2: 0, tick: 3 }];
  assert.deepEqual(await historyOf(run, "pairs"), { 0: pairs });
  assert.deepEqual(await historyOf(run, "large"), { 0: [{ key: 1n }, { key: -1n }] });
});

test("a column is named as one likes, __proto__ included", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, error } = await ingest(
    '{"tick":0,"store":"a","key":1,"__proto__":5,"constructor":6}\n',
  );
  assert.equal(error, undefined);
  await using run = await runs.open("a");
  const [row] = [...((await run.at(0)).state["a"] as Iterable<object>)];
  assert.deepEqual(Object.entries(row ?? {}), [
    ["key", 1],
    ["__proto__", 5],
    ["constructor", 6],
  ]);
});

const schema = {
  sheep: { kind: "table", key: "id", columns: { id: "u32", x: "f32" } },
  trust: { kind: "edges", from: "sheep", to: "sheep", columns: { level: "f32" } },
  deaths: { kind: "log", columns: { sheep: "u32" } },
  weather: { kind: "value", columns: { rain: "f64", season: "utf8" } },
  soil: { kind: "grid", type: "u16", shape: [2, 3] },
};

test("a schema declares stores of every kind, which the first tick need not have", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, error } = await ingest(
    lines(
      { schema },
      { tick: 0 },
      { tick: 1, store: "sheep", key: 1, x: 0.5 },
      { tick: 1, store: "sheep", id: 2 },
      { tick: 1, store: "trust", key: [1, 2], level: 1 },
      { tick: 1, store: "weather", rain: 3 },
      { tick: 1, store: "soil", values: [1, 2, 3, 4, 5, 6] },
      { tick: 2, store: "trust", from: 1, to: 2, deleted: true },
      { tick: 2, store: "weather", season: "dry" },
      { tick: 2, store: "soil", index: [5, 0], values: [60, 10] },
      { tick: 2, store: "deaths", sheep: 2 },
    ),
  );
  assert.equal(error, undefined);
  await using run = await runs.open("a");
  const sheep = [
    { id: 1, x: 0.5 },
    { id: 2, x: 0 },
  ];
  assert.deepEqual(await historyOf(run, "sheep"), { 0: [], 1: sheep, 2: sheep });
  assert.deepEqual(await historyOf(run, "trust"), {
    0: [],
    1: [{ from: 1, to: 2, level: 1 }],
    2: [],
  });
  assert.deepEqual((await historyOf(run, "weather"))[2], { rain: 3, season: "dry" });
  assert.deepEqual((await historyOf(run, "soil"))[2], [10, 2, 3, 4, 5, 60]);
  assert.deepEqual(await historyOf(run, "deaths"), { 0: [], 1: [], 2: [{ sheep: 2 }] });
});

test("where ticks list all rows, those that are not listed are gone", async (t) => {
  const ingest = await ingestFolder(t);
  const input = lines(
    { tick: 0, store: "a", key: 1, x: 1 },
    { tick: 0, store: "a", key: 2, x: 2 },
    { tick: 1, store: "a", key: 2, x: 2 },
    { tick: 1, store: "a", key: 3, x: 3 },
    { tick: 2 },
  );
  const { runs, error } = await ingest(input, { isWhole: true });
  assert.equal(error, undefined);
  await using run = await runs.open("a");
  const history = await historyOf(run, "a");
  const keys = Object.values(history).map((rows) =>
    (rows as { key: number }[]).map(({ key }) => key),
  );
  assert.deepEqual(
    keys.map((each) => each.sort((a, b) => a - b)),
    [[1, 2], [2, 3], []],
  );
});

test("the same lines give the same history", async (t) => {
  const digests = [];
  for (const chunkBytes of [3, 1000]) {
    const { runs } = await (await ingestFolder(t))(meadow, { chunkBytes });
    digests.push((await runs.facts("a")).historyDigest);
  }
  assert.equal(digests[0], digests[1]);
});
