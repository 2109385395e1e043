import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { log } from "everytick";
import { LiveLog, LogDoor, PastLog } from "../../../src/world/state/live-log.ts";
import { limits } from "../../../src/limits.ts";
import { memoryRuns, refusal } from "../../runs/memory-runs.ts";
import { storeLayout } from "./row-store.ts";

const news = log({ id: "u16", text: "utf8", at: "f32[2]", more: "json" });

async function begin() {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: { news } });
  return { run, news: run.state.news };
}

test("T8: a log holds what this tick appended, in order, and nothing once it is committed", async () => {
  const { run, news: live } = await begin();
  assert.deepEqual([live.size, [...live], live.at(0)], [0, [], undefined]);
  live.append({ id: 1, text: "born", at: [1, 2], more: { by: 2 } });
  live.append({});
  live.append({ id: 1, text: "born", at: [1, 2], more: { by: 2 } });
  const born = { id: 1, text: "born", at: Float32Array.of(1, 2), more: { by: 2 } };
  const nothing = { id: 0, text: "", at: Float32Array.of(0, 0), more: null };
  const rows = [born, nothing, born];
  assert.deepEqual([live.size, [...live]], [3, rows]);
  assert.equal(inspect(live), inspect(rows));
  await run.commit();
  assert.deepEqual([live.size, [...live], live.at(0)], [0, [], undefined]);
  live.append({ id: 2 });
  await run.commit();
  const [one, two] = [(await run.at(1)).state.news, (await run.at(2)).state.news];
  assert.deepEqual([one.size, [...one]], [3, rows]);
  assert.deepEqual([two.size, [...two]], [1, [{ ...nothing, id: 2 }]]);
  assert.equal(inspect(one), inspect(rows));
});

test("a row is found by its position, from the end where it is negative", async () => {
  const { run, news: live } = await begin();
  for (const id of [10, 11, 12]) live.append({ id });
  const positions = [0, 2, -1, -3, 3, -4, 0.5, Number.NaN];
  const expected = [10, 12, 12, 10, undefined, undefined, undefined, undefined];
  const found = (view: typeof live | { at: typeof live.at }): unknown[] =>
    positions.map((position) => view.at(position)?.id);
  assert.deepEqual(found(live), expected);
  await run.commit();
  assert.deepEqual(found((await run.at(1)).state.news), expected);
});

test("C1: rows of a log are copies, live and past", async () => {
  const { run, news: live } = await begin();
  const given = { id: 1, at: Float32Array.of(1, 2), more: { list: [1] } };
  live.append(given);
  given.at.fill(9);
  given.more.list.push(2);
  live.at(0)!.id = 9;
  live.at(0)!.at.fill(9);
  await run.commit();
  const past = (await run.at(1)).state.news;
  past.at(0)!.at.fill(9);
  const expected = { id: 1, text: "", at: Float32Array.of(1, 2), more: { list: [1] } };
  assert.deepEqual(past.at(0), expected);
});

test("W7: a row that is none is refused, and nothing of it is appended", async () => {
  const { run, news: live } = await begin();
  live.append({ id: 1 });
  for (const row of [null, undefined, 5, "text"]) {
    await refusal(() => live.append(row as never), "WORLD_VALUE", { where: /^news$/ });
  }
  const details = { expected: /id, text, at, more/, found: /cause/ };
  await refusal(() => live.append({ cause: "x" } as never), "WORLD_VALUE", details);
  for (const [column, value] of [
    ["id", 65_536],
    ["text", 5],
    ["at", [1]],
    ["more", 1n],
  ] as const) {
    const append = (): void => live.append({ id: 7, [column]: value });
    await refusal(append, "WORLD_VALUE", { where: new RegExp(`^news\\.${column}`) });
  }
  assert.deepEqual([live.size, live.at(-1)?.id], [1, 1]);
  await run.commit();
  assert.equal((await run.at(1)).state.news.size, 1);
});

test("C5: appends of explicit changes are checked before the first, and follow what is there", async () => {
  const { run, news: live } = await begin();
  const commit = async (changes: unknown) => run.commit({ changes: { news: changes } as never });
  live.append({ id: 1 });
  const wrong: readonly unknown[] = [
    {},
    { append: 5 },
    { append: { id: 1 } },
    { append: [{}], insert: [] },
    { append: "text" },
  ];
  for (const changes of wrong) {
    await refusal(async () => commit(changes), "RECORDER_CHANGES", { where: /changes of news/ });
  }
  await refusal(async () => commit({ append: [{ id: 2 }, { id: -1 }] }), "WORLD_VALUE");
  assert.equal(live.size, 1);
  await commit({ append: new Set([{ id: 2 }, { id: 3 }]) });
  assert.deepEqual(
    Array.from((await run.at(1)).state.news, ({ id }) => id),
    [1, 2, 3],
  );
  assert.equal(live.size, 0);
});

test("W7: a tick appends at most as many rows as the limits say", async () => {
  const live = new LiveLog(storeLayout(log({ id: "u8" })));
  const rows = { length: limits.tableRows + 1, [Symbol.iterator]: endless };
  function* endless(): Generator<object> {
    const row = {};
    for (let i = 0; i <= limits.tableRows; i++) yield row;
  }
  const details = { where: /^rows$/, expected: new RegExp(`${limits.tableRows} rows`) };
  await refusal(() => live.planAppends({ append: rows }), "WORLD_ROWS", details);
  assert.equal(live.size, 0);
});

test("T8: memory that a log has grown to holds nothing of the ticks before", () => {
  const store = storeLayout(log({ id: "u8", text: "utf8" }));
  const live = new LiveLog(store);
  const door = new LogDoor(live);
  for (let id = 0; id < 200; id++) door.append({ id, text: `n${id}` });
  assert.equal(new PastLog(store, live.capture()).at(199)?.["text"], "n199");
  live.clear();
  assert.deepEqual([...new PastLog(store, live.capture())], []);
  door.append({});
  assert.deepEqual([...new PastLog(store, live.capture())], [{ id: 0, text: "" }]);
  const [flags, ids, texts] = live.capture();
  assert.deepEqual([flags!.bytes.length, ids!.bytes.length], [1, 1]);
  assert(texts!.values.every(({ length }) => length === 0));
});
