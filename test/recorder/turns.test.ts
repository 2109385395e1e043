/** With the real clock: a loop of commits must not starve the rest of the process. The bounds are generous. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, openRuns } from "everytick";
import { memoryPorts } from "everytick/testing";
import { folder } from "../runs/memory-runs.ts";

const milliseconds = 600;

/** How often immediates and timers ran while `work` did. */
async function turnsDuring(
  work: () => Promise<void>,
): Promise<{ immediates: number; timers: number }> {
  const turns = { immediates: 0, timers: 0 };
  let over = false;
  const immediate = (): void => {
    turns.immediates++;
    if (!over) setImmediate(immediate);
  };
  setImmediate(immediate);
  const interval = setInterval(() => turns.timers++, 1);
  await work();
  over = true;
  clearInterval(interval);
  return turns;
}

async function recording() {
  const { vfs } = await memoryPorts();
  const runs = await openRuns(folder, { vfs });
  const world = defineWorld({
    name: "busy",
    version: 1,
    state: { cells: grid("u8", [64]) },
    step: ({ state, tick }) => void state.cells.fill(tick),
  });
  return runs.record("busy", { world, durability: "memory", window: 1000 });
}

function check({ immediates, timers }: { immediates: number; timers: number }): void {
  // One turn in 20 ms is 30 turns; a machine that stands still half of the time has a third of them.
  assert(immediates >= 10, `${immediates} immediates`);
  assert(timers >= 10, `${timers} timers`);
}

test("C7: timers and immediates get their turn during a tight loop of commits", async () => {
  await using run = await recording();
  check(
    await turnsDuring(async () => {
      const end = performance.now() + milliseconds;
      while (performance.now() < end) await run.commit();
    }),
  );
  assert(run.tick > 100, "the loop was tight");
});

test("C7: timers and immediates get their turn during one long step", async () => {
  await using run = await recording();
  let stop = false;
  const timer = setTimeout(() => (stop = true), 50);
  const turns = await turnsDuring(async () => run.step(30_000).then(() => undefined));
  clearTimeout(timer);
  assert(stop, "a timer fired during the step");
  assert(turns.immediates >= 2, `${turns.immediates} immediates`);
});

test("C7: timers and immediates get their turn while a recording is played and verified", async () => {
  await using run = await recording();
  await run.step(5000);
  const played = await turnsDuring(async () => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      for await (const { tick } of run.play({ reuse: true })) assert(tick >= 0);
    }
  });
  check(played);
  const verified = await turnsDuring(async () => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) assert.deepEqual((await run.verify()).damage, []);
  });
  check(verified);
});
