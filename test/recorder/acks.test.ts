import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { grid, type Ack, type Durability, type Tick } from "everytick";
import { limits } from "../../src/limits.ts";
import { memoryRuns, refusal, type Memory } from "../runs/memory-runs.ts";

const definition = () => ({ cells: grid("u8", [4]) });

/** What another process would read right now. */
async function visibleTick({ others }: Memory): Promise<Tick> {
  await using runs = await others();
  try {
    return (await runs.open("run")).tick;
  } catch {
    return -1;
  }
}

describe("C8: an ack names the tick, the durable tick and the level", () => {
  for (const durability of ["fsync", "os", "memory"] as const satisfies readonly Durability[]) {
    test(`C8: durability ${durability}, window 0`, async () => {
      const memory = await memoryRuns();
      await using run = await memory.runs.record("run", { state: definition(), durability });
      assert.equal(run.durableTick, 0);
      for (let tick = 1; tick <= 3; tick++) {
        assert.deepEqual(await run.commit(), { tick, durableTick: tick, durability });
        assert.deepEqual([run.durableTick, run.unacknowledged], [tick, 0]);
        if (durability !== "memory") assert.equal(await visibleTick(memory), tick);
      }
      assert.deepEqual(await run.flush(), { tick: 3, durableTick: 3, durability });
    });
  }
});

test("C8: a window of 64 acknowledges in groups, and flush what is left", async () => {
  const memory = await memoryRuns();
  await using run = await memory.runs.record("run", { state: definition(), window: 64 });
  const acks: Ack[] = [];
  for (let tick = 1; tick <= 200; tick++) {
    acks.push(await run.commit());
    assert(tick - run.durableTick <= 64);
    assert.equal(run.unacknowledged, tick - run.durableTick);
  }
  assert.deepEqual(
    acks.map(({ tick }) => tick),
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  assert.deepEqual([...new Set(acks.map(({ durableTick }) => durableTick))], [0, 65, 130, 195]);
  assert.equal(await visibleTick(memory), 195, "nothing was written before it had to be");
  assert.deepEqual(await run.flush(), { tick: 200, durableTick: 200, durability: "fsync" });
  assert.deepEqual([run.unacknowledged, await visibleTick(memory)], [0, 200]);
});

test("C8: a gap and a close acknowledge what came before", async () => {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", { state: definition(), window: 100 });
  await run.commit();
  assert.equal(run.unacknowledged, 1);
  assert.equal((await run.gap({ until: 4, reason: "night" })).durableTick, 1);
  assert.equal(run.unacknowledged, 0);
  await run.commit();
  await run.close();
  assert.equal(run.durableTick, 5);
  assert.equal(await visibleTick(memory), 5);
});

test("C8: reading one's own run shows ticks that are not acknowledged yet, and acknowledges none", async () => {
  const memory = await memoryRuns();
  await using run = await memory.runs.record("run", { state: definition(), window: 100 });
  for (let tick = 1; tick <= 5; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
  }
  assert.deepEqual([...(await run.at(5)).state.cells], [5, 5, 5, 5]);
  assert.deepEqual([run.durableTick, run.unacknowledged], [0, 5]);
});

test("C8: every kind of reading sees the ticks that this handle committed", async () => {
  const memory = await memoryRuns();
  for (const durability of ["fsync", "memory"] as const) {
    const options = { state: definition(), window: 100, durability };
    const id = `run-${durability}`;
    const fresh = async () => memory.runs.record(id, { ...options, resume: "auto" });
    await using run = await fresh();
    assert.equal((await run.at(0)).tick, 0, "the first tick");
    for (let tick = 1; tick <= 3; tick++) await run.commit();
    const backwards = await Array.fromAsync(run.play({ from: 3, to: 1 }), ({ tick }) => tick);
    assert.deepEqual(backwards, [3, 2, 1]);
    await run.commit();
    assert.deepEqual(await run.changesAt(4), []);
    await run.commit();
    const all = await Array.fromAsync(run.play(), ({ tick }) => tick);
    assert.deepEqual(all, [0, 1, 2, 3, 4, 5]);
    await run.commit();
    assert.equal((await run.verify()).lastTick, 6);
    await run.commit();
    assert.equal((await run.facts()).tick, 7);
    assert.deepEqual([run.firstTick, run.tick], [0, 7]);
  }
});

test("C8: the options of a recording are checked before anything is touched", async () => {
  const { runs, ports } = await memoryRuns();
  const state = definition();
  const windows: readonly unknown[] = [-1, 0.5, Number.NaN, Infinity, limits.window + 1, "1", null];
  for (const window of windows) {
    const options = { state, window: window as number };
    await refusal(async () => runs.record("run", options), "RECORDER_OPTION", { where: /window/ });
  }
  for (const durability of ["disk", "FSYNC", 1]) {
    const options = { state, durability: durability as "os" };
    const details = { where: /durability/, expected: /fsync, os, memory/ };
    await refusal(async () => runs.record("run", options), "RECORDER_OPTION", details);
  }
  for (const resume of ["yes", true]) {
    const options = { state, resume: resume as "auto" };
    await refusal(async () => runs.record("run", options), "RECORDER_OPTION", { where: /resume/ });
  }
  assert.deepEqual(ports.vfs.list("/runs") ?? [], []);
  await (await runs.record("run", { state, window: limits.window })).close();
});

test("C8: one call at a time: a second commit is refused, and the first is recorded", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  for (const second of [
    async () => run.commit(),
    async () => run.flush(),
    async () => run.gap({ until: 9, reason: "" }),
  ]) {
    run.state.cells[0]! += 1;
    const first = run.commit();
    await refusal(second, "RECORDER_BUSY", { next: /[Aa]wait/ });
    assert.equal((await first).tick, run.tick);
  }
  assert.equal(run.tick, 3);
  assert.deepEqual([...(await run.at(3)).state.cells], [3, 0, 0, 0]);
});

test("C8: after close nothing is taken any more; closing again does nothing", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition(), window: 10 });
  await run.commit();
  await run.close();
  await run.close();
  await refusal(async () => run.commit(), "RECORDER_CLOSED", { next: /./ });
  await refusal(async () => run.flush(), "RECORDER_CLOSED");
  await refusal(async () => run.gap({ until: 5, reason: "" }), "RECORDER_CLOSED");
  assert.equal((await runs.facts("run")).tick, 1);
});

test("C8: era, simulation time and wall time are checked; nothing is recorded when they are wrong", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  for (const [name, values] of Object.entries({
    simTime: [Number.NaN, Infinity, "1", 1n],
    wallTime: [Number.NaN, -Infinity, "1", true],
    era: ["spring", 1],
  })) {
    for (const value of values) {
      const options = { [name]: value };
      const where = new RegExp(`^${name}$`);
      await refusal(async () => run.commit(options), "RECORDER_OPTION", { where, found: /./ });
    }
  }
  assert.equal(run.tick, 0);
});
