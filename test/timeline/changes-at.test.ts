import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatesOf, grid, indexOf, value } from "everytick";
import { memoryRuns } from "../runs/memory-runs.ts";

test("T1: the changes of a tick are told by store, column and index, with old and new", async () => {
  const { runs } = await memoryRuns();
  const state = {
    cells: grid("i8", [2, 3]),
    weather: value({ rain: "f64", notes: "json", raw: "bytes", big: "u64" }),
    seen: grid("u8", [1], { role: "observed" }),
  };
  await using run = await runs.record("run", { state });
  run.state.cells.set([1, -1], 4);
  Object.assign(run.state.weather, { rain: -0, notes: { a: 1 }, raw: Uint8Array.of(1), big: 7n });
  run.state.seen[0] = 1;
  run.random.uint32();
  await run.commit();
  run.state.cells[5] = -128;
  run.state.weather.notes = null;
  run.state.weather.raw = Uint8Array.of(1, 2);
  await run.commit();

  const weather = { store: "weather", index: 0 };
  assert.deepStrictEqual(await run.changesAt(1), [
    { store: "cells", index: 4, old: 0, new: 1 },
    { store: "cells", index: 5, old: 0, new: -1 },
    { ...weather, column: "rain", old: 0, new: -0 },
    { ...weather, column: "notes", old: null, new: { a: 1 } },
    { ...weather, column: "raw", old: new Uint8Array(0), new: Uint8Array.of(1) },
    { ...weather, column: "big", old: 0n, new: 7n },
    { store: "seen", index: 0, old: 0, new: 1 },
  ]);
  assert.deepStrictEqual(await run.changesAt(2, { verify: true }), [
    { store: "cells", index: 5, old: -1, new: -128 },
    { ...weather, column: "notes", old: { a: 1 }, new: null },
    { ...weather, column: "raw", old: Uint8Array.of(1), new: Uint8Array.of(1, 2) },
  ]);
  // The streams' first state is no change of the simulation's.
  assert.deepEqual(await run.changesAt(0), []);
  assert.deepEqual(coordinatesOf(5, [2, 3]), [1, 2]);
  assert.equal(indexOf([1, 2], [2, 3]), 5);
});

test("T1: changes across a gap are those since the last recorded tick", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: { cells: grid("u8", [2]) } });
  run.state.cells[0] = 1;
  await run.commit();
  run.state.cells[0] = 2;
  await run.gap({ until: 7, reason: "night" });
  run.state.cells[1] = 3;
  await run.commit();
  assert.deepEqual(await run.changesAt(8), [
    { store: "cells", index: 0, old: 1, new: 2 },
    { store: "cells", index: 1, old: 0, new: 3 },
  ]);
});
