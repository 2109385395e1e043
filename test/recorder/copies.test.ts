import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, value, type Json } from "everytick";
import { memoryRuns } from "../runs/memory-runs.ts";

function definition() {
  return {
    cells: grid("u16", [4]),
    weather: value({ rain: "f64", notes: "json", raw: "bytes" }),
  };
}

test("C1: what happens to the state after the call does not reach the tick", async () => {
  const { runs } = await memoryRuns();
  for (const window of [0, 5]) {
    await using run = await runs.record(`w${window}`, { state: definition(), window });
    const { cells, weather } = run.state;
    cells.set([1, 2, 3, 4]);
    const notes: { list: Json[] } = { list: [1] };
    const raw = Uint8Array.of(7);
    Object.assign(weather, { rain: 0.5, notes, raw });
    const committed = run.commit();
    cells.fill(9);
    weather.rain = 9;
    notes.list.push(9);
    raw[0] = 9;
    await committed;
    const { state } = await run.at(1);
    assert.deepEqual([...state.cells], [1, 2, 3, 4]);
    const expected = { rain: 0.5, notes: { list: [1] }, raw: Uint8Array.of(7) };
    assert.deepEqual({ ...state.weather }, expected);
  }
});

test("C1: explicit changes are copied before the call returns", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("explicit", { state: definition() });
  const [index, values] = [[3, 0], Uint16Array.of(30, 10)];
  const notes: { list: Json[] } = { list: [] };
  const raw = Uint8Array.of(1, 2);
  const weather = { rain: 1.5, notes, raw };
  const committed = run.commit({ changes: { cells: { index, value: values }, weather } });
  index.fill(1);
  values.fill(99);
  notes.list.push("late");
  raw.fill(99);
  weather.rain = 99;
  await committed;
  for (const state of [run.state, (await run.at(1)).state]) {
    assert.deepEqual([...state.cells], [10, 0, 0, 30]);
    const expected = { rain: 1.5, notes: { list: [] }, raw: Uint8Array.of(1, 2) };
    assert.deepEqual({ ...state.weather }, expected);
  }
});

test("C1: a recorded tick is compared with the state as it was at the call", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("again", { state: definition() });
  run.state.cells.set([1, 2, 3, 4]);
  await run.commit();
  const committed = run.commit({ tick: 1 });
  run.state.cells.fill(9);
  assert.equal((await committed).tick, 1);
});

test("C1: the first state is copied, too", async () => {
  const { runs } = await memoryRuns();
  const own = Uint16Array.of(1, 2, 3, 4);
  const recorded = runs.record("first", { state: { cells: grid(own, [4]) } });
  await using run = await recorded;
  own.fill(9);
  assert.deepEqual([...(await run.at(0)).state.cells], [1, 2, 3, 4]);
});

test("C1: what a past state holds is the reader's own", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("past", { state: definition() });
  const notes = { list: [1] };
  Object.assign(run.state.weather, { notes, raw: Uint8Array.of(1) });
  await run.commit();
  const spoilt = await run.at(1);
  spoilt.state.cells.fill(9);
  (spoilt.state.weather.notes as unknown as typeof notes).list.push(9);
  spoilt.state.weather.raw.fill(9);
  const { state } = await run.at(1, { verify: true });
  assert.deepEqual([...state.cells], [0, 0, 0, 0]);
  assert.deepEqual(state.weather.notes, { list: [1] });
  assert.deepEqual(state.weather.raw, Uint8Array.of(1));
});
