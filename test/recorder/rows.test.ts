/** Tables, edges and logs through commits that are refused, fail half-way, or are followed by second thoughts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineWorld,
  edges,
  grid,
  limits,
  log,
  table,
  value,
  type LiveRun,
  type StateOf,
} from "everytick";
import { bytesBelow, folder, memoryRuns, refusal } from "../runs/memory-runs.ts";

const stores = {
  herd: table({ id: "u32", at: "f32[2]", data: "json", raw: "bytes", name: "utf8" }, { key: "id" }),
  trust: edges({ from: "herd", to: "herd", much: "f32" }),
  deaths: log({ id: "u32", why: "utf8", data: "json" }),
  cells: grid("u8", [4]),
  weather: value({ rain: "f64", notes: "json" }),
};
type State = StateOf<typeof stores>;

/** Everything of a state that is the engine's own, as text. */
function textOf({ herd, trust, deaths, cells, weather }: State): string {
  return JSON.stringify([[...herd], [...trust], [...deaths], [...cells], { ...weather }]);
}

function live(state: State, tick: number): void {
  state.herd.upsert({ id: tick, name: `n${tick}`, data: { tick } });
  if (tick > 2) state.herd.delete(tick - 2);
  state.trust.upsert({ from: tick, to: tick + 1, much: tick });
  state.deaths.append({ id: tick, why: "age" });
  state.cells.fill(tick);
  state.weather.rain = tick;
}

/** A simulation that is captured, and can break in the middle of it. */
async function captured() {
  const memory = await memoryRuns();
  const simulation = { tick: 0, breaks: false };
  const run: LiveRun<typeof stores> = await memory.runs.record("run", {
    state: stores,
    capture(state) {
      live(state, simulation.tick);
      state.herd.insert({ id: 1000 + simulation.tick });
      if (simulation.breaks) throw new Error("the simulation broke");
    },
  });
  const step = async () => {
    simulation.tick += 1;
    return run.commit();
  };
  return { ...memory, run, simulation, step };
}

test("C6, W7: a capture that throws half-way leaves every store as it was committed, and logs empty", async () => {
  const { run, simulation, step, ports } = await captured();
  for (let tick = 1; tick <= 5; tick++) await step();
  const [before, files] = [textOf(run.state), bytesBelow(ports.vfs, folder)];
  simulation.breaks = true;
  for (let attempt = 0; attempt < 3; attempt++) {
    simulation.tick = 5;
    const error = await refusal(step, "WORLD_THREW", { where: /capture/, found: /broke/ });
    assert.match(error.details.next ?? "", /Nothing of this tick/);
    assert.deepEqual([textOf(run.state), run.tick], [before, 5]);
    assert.deepEqual(run.state.trust.outgoing(8), [], "nor is an edge found that is not there");
  }
  assert.deepEqual(bytesBelow(ports.vfs, folder), files);
  simulation.breaks = false;
  simulation.tick = 5;
  await step();
  assert.deepEqual(
    [...(await run.at(6, { verify: true })).state.deaths].map(({ id }) => id),
    [6],
  );
  assert.deepEqual((await run.verify()).damage, []);
});

test("C6: what failed captures have left behind is not in the history", async () => {
  const [spoilt, whole] = [await captured(), await captured()];
  for (let tick = 1; tick <= 9; tick++) {
    spoilt.simulation.breaks = true;
    await refusal(spoilt.step, "WORLD_THREW");
    spoilt.simulation.breaks = false;
    spoilt.simulation.tick -= 1;
    for (const { step } of [spoilt, whole]) await step();
  }
  for (let tick = 0; tick <= 9; tick++) {
    const [one, other] = [await spoilt.run.at(tick), await whole.run.at(tick)];
    assert.equal(one.historyDigest, other.historyDigest, `tick ${tick}`);
    assert.deepEqual(await spoilt.run.changesAt(tick), await whole.run.changesAt(tick));
  }
});

test("C6, R5: a capture that throws at the first tick leaves no run behind", async () => {
  const { runs, ports } = await memoryRuns();
  let breaks = true;
  const record = async () =>
    runs.record("run", {
      state: stores,
      resume: "auto",
      capture(state) {
        if (state.herd.has(1)) return;
        state.herd.insert({ id: 1 });
        state.deaths.append({ id: 1 });
        if (breaks) throw new Error("not yet");
      },
    });
  await refusal(record, "WORLD_THREW", { found: /not yet/ });
  breaks = false;
  const run = await record();
  assert.deepEqual([run.tick, run.recovery.resumed], [0, false]);
  const first = (await run.at(0)).state;
  assert.deepEqual([[...first.herd.keys()], first.deaths.size], [[1], 1]);
  await run.close();
  assert.deepEqual(ports.vfs.list(folder), ["run"]);
});

test("C6: a world whose step throws half-way has the rows of the last commit, and no log", async () => {
  const { runs } = await memoryRuns();
  let breaks = false;
  const world = defineWorld({
    name: "rows",
    version: 1,
    state: stores,
    step({ state, tick }) {
      live(state, tick);
      if (breaks) throw new Error("the world broke");
    },
  });
  const run = await runs.record("run", { world });
  await run.step(4);
  const before = textOf(run.state);
  breaks = true;
  await refusal(async () => run.step(), "WORLD_THREW", { found: /broke/ });
  assert.equal(textOf(run.state), before);
  breaks = false;
  await run.step();
  assert.deepEqual(
    [...(await run.at(5)).state.deaths].map(({ id }) => id),
    [5],
  );
});

async function begin() {
  const { runs } = await memoryRuns();
  const run: LiveRun<typeof stores> = await runs.record("run", { state: stores });
  return { run, ...run.state };
}

test("W5: a write into an array from before its table grew ends the commit, and the retry goes on", async () => {
  const { run, herd, deaths } = await begin();
  herd.insert({ id: 1, at: [1, 1] });
  await run.commit();
  const { at } = herd.columns;
  for (let id = 2; id < 200; id++) herd.insert({ id });
  at[0] = 5;
  deaths.append({ id: 7 });
  const details = { where: /^herd\.at$/, next: /Fetch `columns` anew/ };
  await refusal(async () => run.commit(), "WORLD_ARRAY", details);
  assert.equal(run.tick, 1);
  herd.columns.at[0] = 5;
  await run.commit();
  const past = (await run.at(2, { verify: true })).state;
  assert.deepEqual([past.herd.get(1)?.at[0], past.deaths.size], [5, 1]);
});

test("W5: an array from before the growth is watched for as long as somebody holds it", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("stale", {
    state: { herd: table({ id: "u32", x: "f32" }, { key: "id" }) },
  });
  const { herd } = run.state;
  herd.insert({ id: 0 });
  const { x } = herd.columns;
  for (let id = 1; id < 200; id++) herd.insert({ id });
  for (let i = 0; i < 3; i++) await run.commit();
  x[0] = 5;
  await refusal(async () => run.commit(), "WORLD_ARRAY", { where: /^herd\.x$/ });
  await run.commit();
  x.subarray(1)[3] = 7;
  await refusal(async () => run.commit(), "WORLD_ARRAY", { where: /^herd\.x$/ });
});

test("C5, W8: explicit changes of a table take along what was done to its rows before", async () => {
  const { runs } = await memoryRuns();
  const rows = table({ k: "u8", t: "utf8" }, { key: "k" });
  const run = await runs.record("pending", { state: { rows, others: rows } });
  const waiting = run.state.rows;
  const recorded = async (): Promise<unknown[]> => [...(await run.at(run.tick)).state.rows];
  waiting.insert({ k: 7, t: "seven" });
  run.state.others.insert({ k: 1 });
  await run.commit({ changes: { rows: { update: [{ k: 7, t: "x" }] } } });
  assert.deepEqual(await recorded(), [{ k: 7, t: "x" }]);
  assert.equal((await run.at(1)).state.others.size, 0, "what is not named is not looked at");
  waiting.insert({ k: 1 });
  waiting.insert({ k: 2, t: "b" });
  await run.commit();
  waiting.delete(2);
  waiting.insert({ k: 3 });
  waiting.delete(1);
  await run.commit({ changes: { rows: { insert: [{ k: 2, t: "again" }] } } });
  assert.deepEqual(
    await recorded(),
    Array.from(waiting, (row) => row.toJSON()),
  );
  assert.equal((await run.at(3)).state.rows.slotOf(2), waiting.slotOf(2));
  waiting.update(3, { t: "three" });
  await run.commit({ changes: { rows: { delete: [7] } } });
  assert.deepEqual(
    await recorded(),
    Array.from(waiting, (row) => row.toJSON()),
  );
  await run.commit();
  assert.deepEqual(await run.changesAt(5), [], "nothing was left over");
});

test("C5, W8: a key of a waiting row that was written over is refused with explicit changes too", async () => {
  const { runs } = await memoryRuns();
  const state = { rows: table({ k: "u8", t: "utf8" }, { key: "k" }) };
  const run = await runs.record("scribbled", { state });
  const waiting = run.state.rows;
  waiting.insert({ k: 1 });
  waiting.columns.k[0] = 9;
  const changes = { rows: { insert: [{ k: 2 }] } };
  await refusal(async () => run.commit({ changes }), "WORLD_KEY", { where: /rows/ });
  assert.equal(waiting.has(2), false);
  waiting.columns.k[0] = 1;
  await run.commit({ changes });
  assert.deepEqual(
    Array.from((await run.at(1)).state.rows, ({ k }) => k),
    [1, 2],
  );
});

test("W8: a key that was written over, and flags that were, end the commit until they are right again", async () => {
  const { run, herd } = await begin();
  for (const id of [1, 2, 3]) herd.insert({ id });
  await run.commit();
  const { id } = herd.columns;
  id[1] = 9;
  const key = { where: /herd\.id, slot 1/, expected: /key 2/, found: /^9$/, next: /Delete/ };
  await refusal(async () => run.commit(), "WORLD_KEY", key);
  id[1] = 2;
  herd.live[2] = 0;
  await refusal(async () => run.commit(), "WORLD_ARRAY", { where: /herd\.live/, next: /delete/ });
  herd.live[2] = 1;
  await run.commit();
  assert.deepEqual(await run.changesAt(2), []);
});

test("what loops over columns leave in slots without a row is not recorded", async () => {
  const { run, herd } = await begin();
  for (const id of [1, 2, 3]) herd.insert({ id, at: [1, 1] });
  herd.delete(2);
  await run.commit();
  for (let slot = 0; slot < herd.slotCount; slot++) herd.columns.at[2 * slot]! += 0.5;
  await run.commit();
  assert.deepEqual(
    (await run.changesAt(2)).map(({ column, index }) => [column, index]),
    [
      ["at", 0],
      ["at", 2],
    ],
  );
  herd.insert({ id: 4 });
  assert.deepEqual(herd.get(4)?.at, Float32Array.of(0, 0));
});

test("W7: more rows than the limits are refused by name, and the run goes on", async () => {
  const { runs } = await memoryRuns();
  const state = { wide: table({ id: "u32", x: "u8[65536]" }, { key: "id" }), n: grid("u8", [1]) };
  const run = await runs.record("run", { state });
  const insert = Array.from({ length: limits.stateBytes / 65_536 }, (_, id) => ({ id }));
  const details = { where: /^wide$/, expected: /at most \d+ rows and \d+ bytes/ };
  for (const work of [
    async () => run.commit({ changes: { wide: { insert } } }),
    () => run.state.wide.reserve(insert.length),
    () => run.state.wide.reserve(limits.tableRows + 1),
  ]) {
    await refusal(work, "WORLD_ROWS", details);
  }
  run.state.wide.insert({ id: 5 });
  await run.commit();
  assert.deepEqual([run.tick, (await run.at(1)).state.wide.size], [1, 1]);
});

test("C1: objects and arrays that were given to rows are copied at once", async () => {
  const { run, herd, deaths, trust } = await begin();
  const data = { list: [1] };
  const raw = Uint8Array.of(1, 2);
  const at = Float32Array.of(1, 2);
  const row = { id: 1, at, data, raw, name: "one" };
  const spoil = (): void => {
    at.fill(9);
    raw.fill(9);
    data.list.push(9);
    row.name = "nine";
  };
  const expected = {
    id: 1,
    at: Float32Array.of(1, 2),
    data: { list: [1] },
    raw: Uint8Array.of(1, 2),
    name: "one",
  };
  herd.insert(row);
  deaths.append({ id: 1, data });
  trust.insert({ from: 1, to: 1, much: 1 });
  spoil();
  const committed = run.commit();
  // What happens after the call is of the next tick.
  herd.get(1)!.name = "later";
  herd.columns.at.fill(7);
  herd.delete(1);
  trust.clear();
  await committed;
  const past = (await run.at(1, { verify: true })).state;
  assert.deepEqual([...past.herd], [expected]);
  assert.deepEqual([...past.deaths], [{ id: 1, why: "", data: { list: [1] } }]);
  assert.equal(past.trust.size, 1);
});

test("C1: rows of explicit changes are copied before the call returns", async () => {
  const { run } = await begin();
  const data = { list: [1] };
  const [raw, at] = [Uint8Array.of(1, 2), Float32Array.of(1, 2)];
  const insert = [{ id: 1, at, data, raw }];
  const append = [{ id: 1, data }];
  const committed = run.commit({ changes: { herd: { insert }, deaths: { append } } });
  at.fill(9);
  raw.fill(9);
  data.list.push(9);
  insert.push({ id: 2, at, data, raw });
  append.length = 0;
  await committed;
  for (const { herd } of [run.state, (await run.at(1)).state]) {
    assert.equal(herd.size, 1);
    const { at: a, raw: r, data: d } = herd.get(1)!;
    assert.deepEqual([a, r, d], [Float32Array.of(1, 2), Uint8Array.of(1, 2), { list: [1] }]);
  }
  assert.deepEqual((await run.at(1)).state.deaths.at(0)?.data, { list: [1] });
});

test("C3: rows committed again are compared, slots included, and the difference names its key", async () => {
  const { run, herd } = await begin();
  herd.insert({ id: 1, name: "one" });
  herd.insert({ id: 2 });
  await run.commit();
  await run.commit({ tick: 1 });
  herd.get(1)!.name = "uno";
  const details = { where: /tick 1, herd\[1\]\.name/, expected: /"one"/, found: /"uno"/ };
  await refusal(async () => run.commit({ tick: 1 }), "RECORDER_CONFLICT", details);
  herd.get(1)!.name = "one";
  await run.commit({ tick: 1 });
  const changes = { herd: { insert: [{ id: 1, name: "one" }, { id: 2 }] } };
  await run.commit({ tick: 1, changes });
  const other = { herd: { insert: [{ id: 1, name: "one" }] } };
  await refusal(async () => run.commit({ tick: 1, changes: other }), "RECORDER_CONFLICT", {
    where: /herd\[2\]/,
  });
});

test("C3, T8: a log committed again is compared, and is not for the next tick", async () => {
  const { run, deaths } = await begin();
  deaths.append({ id: 1, why: "age" });
  await run.commit();
  const again = async (why: string) => {
    deaths.append({ id: 1, why });
    return run.commit({ tick: 1 });
  };
  await again("age");
  assert.equal(deaths.size, 0);
  const details = { where: /tick 1, deaths\[0\]\.why/, found: /"hunger"/ };
  await refusal(async () => again("hunger"), "RECORDER_CONFLICT", details);
  assert.equal(deaths.size, 0, "also where it was another");
  await refusal(async () => run.commit({ tick: 1 }), "RECORDER_CONFLICT", { where: /deaths/ });
  await run.commit();
  assert.equal((await run.at(2)).state.deaths.size, 0);
});
