import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, value, type Json } from "everytick";
import { bytesBelow, folder, memoryRuns, refusal } from "../runs/memory-runs.ts";

/** Draws and writes before it fails, so that a half-made tick would show. */
function failing(failAt: () => number) {
  return defineWorld({
    name: "failing",
    version: 1,
    streams: ["weather"],
    state: { cells: grid("u8", [8]), notes: value({ list: "json", text: "utf8" }) },
    step: ({ state, tick, random }) => {
      state.cells[random.int(8)] = random.int(256);
      state.notes.text = `tick ${tick}, ${random.stream("weather").uint32()}`;
      state.notes.list = [...(state.notes.list as readonly Json[]), tick];
      if (tick === failAt()) throw new Error("the dam broke");
      state.cells[7] = tick;
    },
    init: ({ state }) => void (state.notes.list = []),
  });
}

test("C6: after a step that throws, nothing is recorded and the state is that of the last commit", async () => {
  const { runs, ports } = await memoryRuns();
  let failAt = 4;
  await using run = await runs.record("run", { world: failing(() => failAt), seed: 5 });
  await using whole = await runs.record("whole", { world: failing(() => -1), seed: 5 });
  await run.step(3);
  const before = bytesBelow(ports.vfs, `${folder}/run`);
  for (let attempt = 0; attempt < 3; attempt++) {
    const details = {
      where: /step of world failing, tick 4/,
      found: /the dam broke/,
      next: /last commit/,
    };
    await refusal(async () => run.step(2), "WORLD_THREW", details);
    assert.equal(run.tick, 3);
    const { state } = await run.at(3);
    assert.deepEqual([...run.state.cells], [...state.cells]);
    assert.deepEqual({ ...run.state.notes }, { ...state.notes });
  }
  assert.deepEqual(bytesBelow(ports.vfs, `${folder}/run`), before);

  // The random streams are back as well: the run goes on as if nothing had happened.
  failAt = -1;
  await run.step(5);
  await whole.step(8);
  assert.equal((await run.at(8)).historyDigest, (await whole.at(8)).historyDigest);
});

test("C6: a step whose state cannot be recorded is undone like one that throws", async () => {
  const { runs } = await memoryRuns();
  const world = defineWorld({
    name: "spoiling",
    version: 1,
    params: { spoil: true },
    state: { cells: grid("u8", [2]), notes: value({ list: "json" }) },
    init: ({ state }) => void (state.notes.list = []),
    step: ({ state, tick, random }) => {
      state.cells[0] = random.int(256);
      // In place, so that nothing can look at it before the commit.
      (state.notes.list as unknown[]).push(tick === 2 ? new Date(0) : tick);
    },
  });
  await using run = await runs.record("run", { world });
  await run.step();
  await refusal(async () => run.step(), "WORLD_VALUE", { where: /notes\.list\[1\]/ });
  const { state } = await run.at(1);
  assert.equal(run.tick, 1);
  assert.deepEqual([...run.state.cells], [...state.cells]);
  assert.deepEqual(run.state.notes.list, [1]);
});

test("C6: if init throws, nothing is left on disk", async () => {
  const { runs, ports } = await memoryRuns();
  const world = defineWorld({
    name: "unborn",
    version: 1,
    state: { cells: grid("u8", [1]) },
    init: () => {
      throw new RangeError("no water");
    },
  });
  const details = { where: /init of world unborn, tick 0/, found: /RangeError: no water/ };
  await refusal(async () => runs.record("run", { world }), "WORLD_THREW", details);
  assert.deepEqual([...bytesBelow(ports.vfs, folder)], []);
  assert.equal(ports.vfs.list(`${folder}/run`), undefined);
});

test("C6: if capture throws, nothing of that tick is recorded", async () => {
  const { runs } = await memoryRuns();
  let asleep = false;
  const capture = (state: { cells: Uint8Array }): void => {
    if (asleep) throw new Error("asleep");
    state.cells.fill(7);
  };
  const state = { cells: grid("u8", [2]) };
  await using run = await runs.record("run", { state, capture });
  await run.commit();
  asleep = true;
  const details = { where: /capture/, found: /asleep/ };
  await refusal(async () => run.commit(), "WORLD_THREW", details);
  assert.equal(run.tick, 1);
  asleep = false;
  assert.equal((await run.commit()).tick, 2);
  assert.deepEqual(await run.changesAt(2), []);
});

test("C6: the world's other code is named when it throws", async () => {
  const { runs, ports } = await memoryRuns();
  const fail = (): never => {
    throw new Error("not today");
  };
  const cells = grid("u8", [1]);
  const base = { name: "fragile", version: 1 };
  const found = /not today/;
  const stateless = defineWorld({ ...base, state: fail });
  await refusal(async () => runs.record("a", { world: stateless }), "WORLD_THREW", { found });
  const labelled = defineWorld({ ...base, state: { cells }, labels: fail });
  await refusal(async () => runs.record("b", { world: labelled }), "WORLD_THREW", { found });
  assert.deepEqual([...bytesBelow(ports.vfs, folder)], []);
  await (await runs.record("c", { state: { cells } })).close();
  const resume = async (): Promise<unknown> =>
    runs.record("c", { state: { cells }, resume: "only", restore: fail });
  await refusal(resume, "WORLD_THREW", { where: /restore/, found });
  // The lock is free again.
  await (await runs.record("c", { state: { cells }, resume: "only" })).close();
});

test("C6: a capture that returns a promise is refused: it would be too late", async () => {
  const { runs } = await memoryRuns();
  const capture = (async () => Promise.resolve()) as unknown as () => void;
  const record = async (): Promise<unknown> =>
    runs.record("run", { state: { cells: grid("u8", [1]) }, capture });
  await refusal(record, "WORLD_THREW", { where: /capture/, found: /synchronous/ });
});

test("C6: a run of no world cannot step, and a count is a whole number", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: { cells: grid("u8", [1]) } });
  await refusal(async () => run.step(), "WORLD_MISSING", { next: /world/ });
  await using stepping = await runs.record("world", { world: failing(() => -1) });
  for (const count of [0, -1, 0.5, Number.NaN, Infinity, "1"]) {
    await refusal(async () => stepping.step(count as number), "RECORDER_OPTION", { where: /step/ });
  }
  assert.equal(stepping.tick, 0);
});
