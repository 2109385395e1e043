import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, type LiveRun, type Tick } from "everytick";
import { limits } from "../../src/limits.ts";
import { allRefused, folder, memoryRuns, refusal, rewrite } from "../runs/memory-runs.ts";

const definition = () => ({ cells: grid("u8", [4]) });

async function ticksOf(run: LiveRun): Promise<Tick[]> {
  const ticks: Tick[] = [];
  for await (const { tick } of run.play()) ticks.push(tick);
  return ticks;
}

test("C4: ticks follow one another, and a hole is refused with the tick that is due", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  await run.commit();
  await run.commit({ tick: 2 });
  const details = { expected: /tick 3/, found: /tick 4/, next: /gap/ };
  await refusal(async () => run.commit({ tick: 4 }), "RECORDER_HOLE", details);
  await run.commit({ tick: 3 });
  assert.deepEqual(await ticksOf(run), [0, 1, 2, 3]);
});

test("C4: a gap declares ticks missing, with the reason; the next tick is behind it", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  await run.commit();
  const ack = await run.gap({ until: 4, reason: "asleep" });
  assert.deepEqual(ack, { tick: 1, durableTick: 1, durability: "fsync" });
  await run.gap({ until: 6, reason: "still asleep" });
  assert.equal(run.tick, 1);
  const details = { where: /tick 5/, found: /gap up to tick 6/, next: /tick 7/ };
  await refusal(async () => run.commit({ tick: 5 }), "RECORDER_CONFLICT", details);
  await refusal(async () => run.commit({ tick: 8 }), "RECORDER_HOLE", { expected: /tick 7/ });
  assert.equal((await run.commit()).tick, 7);
  assert.deepEqual(await ticksOf(run), [0, 1, 7]);
  await refusal(async () => run.at(4), "TIMELINE_GAP", { found: /^asleep$/, next: /1 and 7/ });
  await refusal(async () => run.at(5), "TIMELINE_GAP", { found: /^still asleep$/ });
});

test("C4: a gap at the end stays a gap after a resume", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition() });
  await run.gap({ until: 9, reason: "night" });
  await run.close();
  const resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert.equal(resumed.tick, 0);
  await refusal(async () => resumed.commit({ tick: 5 }), "RECORDER_CONFLICT");
  await refusal(async () => resumed.gap({ until: 9, reason: "again" }), "RECORDER_TICK");
  assert.equal((await resumed.commit()).tick, 10);
  assert.deepEqual((await resumed.verify()).damage, []);
});

test("C4: a gap stays a gap where the segment behind it was just begun when the writer died", async () => {
  const { runs, ports } = await memoryRuns({ segmentBytesMin: 3000 });
  const journal = `${folder}/run/journal`;
  const names = (): string[] => ports.vfs.list(journal) ?? [];
  const run = await runs.record("run", { state: definition(), durability: "os" });
  // Until the first tick behind a gap is also the first of a segment.
  while (names().length === 1) {
    await run.gap({ until: run.tick + 3, reason: "night" });
    await run.commit();
    assert(run.tick < 1000);
  }
  const tick = run.tick;
  await run.close();
  rewrite(ports.vfs, `${journal}/${names().at(-1)}`, (bytes) => {
    return bytes.subarray(0, new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true));
  });
  const resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert.equal(resumed.tick, tick - 4);
  const inGap = async (): Promise<unknown> => resumed.commit({ tick: tick - 3 });
  await refusal(inGap, "RECORDER_CONFLICT", { found: new RegExp(`tick ${tick - 1}`) });
  assert.equal((await resumed.commit()).tick, tick);
  assert.deepEqual((await resumed.verify()).damage, []);
});

test("C4: a sparse run leaves ticks out between commits, and says so in its card", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition(), sparse: true });
  for (const tick of [3, 4, 1000]) await run.commit({ tick });
  assert.equal((await run.commit()).tick, 1001);
  assert.equal(run.card.sparse, true);
  await run.close();
  const resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert.deepEqual(await ticksOf(resumed), [0, 3, 4, 1000, 1001]);
  await refusal(async () => resumed.at(5), "TIMELINE_TICK", { next: /4 and 1000/ });
  await resumed.commit({ tick: 2000 });
});

/** What was acknowledged must be there; what cannot be recorded must not be acknowledged. */
async function acknowledgedOf(
  calls: readonly ((run: LiveRun) => Promise<{ readonly tick: Tick }>)[],
): Promise<void> {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition(), sparse: true });
  const acknowledged = new Set([0]);
  for (const call of calls) {
    try {
      acknowledged.add((await call(run)).tick);
    } catch (error) {
      assert.match((error as { code?: string }).code ?? "", /^RECORDER_/, String(error));
    }
  }
  await run.close();
  const resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert.deepEqual(await ticksOf(resumed), [...acknowledged]);
}

test("C4: ticks further apart than 32 bits are recorded or refused, never lost", async () => {
  const ticks = [2 ** 32 - 1, 2 ** 33, 2 ** 40, 2 ** 53 - 1];
  await acknowledgedOf(ticks.map((tick) => async (run) => run.commit({ tick })));
});

test("C4: a gap longer than 32 bits is recorded or refused, and nothing is lost", async () => {
  await acknowledgedOf([
    async (run) => run.gap({ until: 2 ** 33, reason: "aeons" }),
    async (run) => run.commit(),
    async (run) => run.commit(),
  ]);
});

test("C4: what is no tick is refused", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition(), sparse: true });
  const ticks: readonly unknown[] = [-1, 0.5, Number.NaN, Infinity, 2 ** 53, "1", 1n];
  for (const tick of ticks) {
    await refusal(async () => run.commit({ tick: tick as number }), "RECORDER_TICK");
    const gap = { until: tick as number, reason: "" };
    await refusal(async () => run.gap(gap), "RECORDER_TICK");
  }
  await refusal(async () => run.gap({ until: 0, reason: "" }), "RECORDER_TICK", { expected: /1/ });
  assert.equal((await run.commit()).tick, 1);
});

test("C4: a reason is a short text; a bad one leaves the run as it was", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  const gap = (reason: unknown) => async () => run.gap({ until: 5, reason: reason as string });
  await allRefused("RECORDER_OPTION", {
    "a number": gap(5),
    nothing: gap(undefined),
    "a long text": gap("x".repeat(limits.gapReasonLength + 1)),
  });
  await assert.rejects(gap("\ud800"), { name: "EverytickError" });
  assert.equal((await run.commit()).tick, 1);
  await run.gap({ until: 5, reason: "" });
  await run.gap({ until: 6, reason: "é".repeat(limits.gapReasonLength) });
  await refusal(async () => run.at(3), "TIMELINE_GAP");
});

test("C4: the tick that a step makes is the one that is recorded, also behind a gap", async () => {
  const { runs } = await memoryRuns();
  const world = defineWorld({
    name: "clock",
    version: 1,
    state: { ticks: grid("f64", [1]) },
    step: ({ state, tick }) => void (state.ticks[0] = tick),
  });
  await using run = await runs.record("run", { world });
  await run.step();
  await run.gap({ until: 9, reason: "night" });
  assert.equal((await run.step(2)).tick, 11);
  for (const tick of [1, 10, 11]) assert.equal((await run.at(tick)).state.ticks[0], tick);
});
