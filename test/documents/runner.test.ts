/** The runner of automata: its rules, sizes, loads and limits. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRuns } from "everytick";
import { automaton, canonicalRule, parseRule } from "everytick/worlds/automaton";
import { memoryRuns, recordLife } from "./life.ts";

test("TAK-26: the rule B3/S23 on a grid of 64 x 64 x 64 steps as its definition says", async () => {
  const { run, copies } = await recordLife({ ticks: 2, shape: [64, 64, 64] });
  assert.deepEqual(run.card.world.stores[0], {
    kind: "grid",
    name: "cells",
    role: "causal",
    type: "u8",
    shape: [64, 64, 64],
    chunk: [32, 32, 32],
  });
  for (const tick of [0, 1, 2]) assert.deepEqual((await run.at(tick)).state.cells, copies[tick]);
});

test("TAK-27: 1000 steps are recorded as 1000 ticks, 1000 are durable and none is missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "everytick-runner-"));
  try {
    await using runs = await openRuns(folder);
    const params = { rule: "B3/S23", size: "64x64x64" };
    await using run = await runs.record("thousand", { world: automaton, params, durability: "os" });
    const received = run.tick;
    const { tick, durableTick } = await run.step(1000);
    assert.deepEqual(
      { received: tick - received, persisted: durableTick },
      { received: 1000, persisted: 1000 },
    );
    assert.equal(run.unacknowledged, 0);
    await run.close();
    await using reader = await runs.open("thousand");
    // Not sparse and without a gap: from the first to the last there is every tick.
    assert.deepEqual([reader.firstTick, reader.tick, reader.card.sparse], [0, 1000, false]);
    for (const at of [1, 250, 999, 1000])
      assert.equal((await reader.at(at, { verify: true })).tick, at);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("TAK-29: a runner can be stopped again and again", async () => {
  const { run, runs } = await recordLife({ ticks: 5, shape: [8, 8] });
  await run.close();
  await run.close();
  await Promise.all([run.close(), run.close()]);
  await runs.close();
  await run.close();
  await assert.rejects(async () => run.step(), { code: "RECORDER_CLOSED" });
});

test("TAK-36: a grid of 64 x 64 x 64 has about 260 thousand voxels, and each is recorded", async () => {
  const runs = await memoryRuns();
  await using run = await runs.record("voxels", {
    world: automaton,
    params: { size: "64x64x64", rule: "B6/S6-10", density: 1 },
  });
  assert.equal(run.state.cells.length, 262_144);
  assert.equal((await run.changesAt(0)).length, 262_144);
  const { stateBytes } = await run.facts();
  assert.equal(stateBytes, 262_144 + 16, "the cells and one random stream");
});

test("TAK-37: under B6/S6-10 on 64 x 64 x 64, 5 to 20 % of all voxels are active in each tick", async () => {
  const runs = await memoryRuns();
  await using run = await runs.record("load", {
    world: automaton,
    params: { size: "64x64x64", rule: "B6/S6-10", density: 0.25 },
    durability: "memory",
  });
  // The first tick sorts out what was sown by chance. Active are the voxels that change: about a third of all live.
  await run.step(1);
  for (let tick = 2; tick <= 100; tick++) {
    const before = run.state.cells.slice();
    await run.step();
    const active = before.reduce((sum, cell, i) => sum + (cell === run.state.cells[i] ? 0 : 1), 0);
    const share = active / 262_144;
    assert(share >= 0.05 && share <= 0.2, `tick ${tick}: ${active} active`);
    assert(active >= 13_000 && active <= 52_500, `tick ${tick}: ${active} active`);
  }
});

test("TAK-37: under B3/S23 on 64 x 64 x 64, 5 to 20 % of all voxels live", async () => {
  const runs = await memoryRuns();
  const world = automaton;
  const params = { size: "64x64x64", rule: "B3/S23" };
  await using run = await runs.record("living", {
    world,
    params: { ...params },
    durability: "memory",
  });
  for (let tick = 0; tick < 60; tick += 10) {
    await run.step(10);
    const living = run.state.cells.reduce((sum, cell) => sum + cell, 0);
    assert(living >= 13_000 && living <= 52_500, `tick ${tick}: ${living} living`);
  }
});

test("TAK-53: a recording begins with its runner, and any notation of a rule drives it", async () => {
  const histories = new Set<string>();
  for (const rule of ["B3/S23", "b3/s23", "S23/B3", "s23/b3", "23/3"]) {
    assert.equal(canonicalRule(parseRule(rule)), "B3/S23");
    const { run, copies } = await recordLife({ ticks: 10, shape: [12, 12], rule });
    assert.deepEqual(run.state.cells, copies[10]);
    assert.equal(run.card.labels["rule"], "B3/S23");
    histories.add((await run.at(10)).historyDigest);
  }
  assert.equal(histories.size, 1);

  const generations = await recordLife({ ticks: 10, shape: [12, 12], rule: "345/2/4" });
  assert.deepEqual((await generations.run.at(10)).state.cells, generations.copies[10]);

  const runs = await memoryRuns();
  for (const rule of ["", "B3", "B9/S23", "B3/S23/1", "3-2/1/2", "life", "B2-a/S12"]) {
    const record = async (): Promise<unknown> =>
      runs.record("bad", { world: automaton, params: { rule, size: "8x8" } });
    await assert.rejects(record, { code: "WORLD_PARAM" }, rule);
  }
  assert.deepEqual(await runs.list(), []);
});
