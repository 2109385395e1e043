import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  grid,
  openRuns,
  type Past,
  type Run,
  type Runs,
  type RunsOptions,
  type Tick,
} from "everytick";
import { memoryPorts, MemoryVfs } from "everytick/testing";
import { CountingVfs } from "./other-files.ts";
import { folder, refusal } from "./memory-runs.ts";

const definition = () => ({ cells: grid("u8", [4]) });
type Definition = ReturnType<typeof definition>;

/** A follower that misses its call would wait for ever. */
const patience = { timeout: 10_000 };

/** A reader of another process sleeps between two looks: with a clock that stands still it would never wait. */
async function memoryRuns(
  options: RunsOptions = {},
): Promise<{ vfs: MemoryVfs; runs: Runs; others: () => Promise<Runs> }> {
  const { vfs } = await memoryPorts();
  const others = async (): Promise<Runs> => openRuns(folder, { vfs, ...options });
  return { vfs, runs: await others(), others };
}

/** Follows until `last` or the end; checks that each frame shows its own tick. */
async function followed(
  run: Run,
  { from, last = Infinity, signal }: { from?: Tick; last?: Tick; signal?: AbortSignal } = {},
): Promise<Tick[]> {
  const ticks: Tick[] = [];
  const options = { ...(from === undefined ? {} : { from }), ...(signal ? { signal } : {}) };
  for await (const past of run.follow(options) as AsyncIterable<Past<Definition>>) {
    assert.equal(past.state.cells[0], past.tick % 256, `tick ${past.tick}`);
    ticks.push(past.tick);
    if (past.tick >= last) break;
  }
  return ticks;
}

function range(from: Tick, to: Tick): Tick[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test(
  "T7: the recording process follows its own run: each tick once, in order, until the close",
  patience,
  async () => {
    const { runs } = await memoryRuns({ segmentBytesMin: 2000 });
    const run = await runs.record("run", { state: definition() });
    const [all, rest, late] = [
      followed(run, { from: 0 }),
      followed(run),
      followed(run, { from: 20 }),
    ];
    for (let tick = 1; tick <= 40; tick++) {
      run.state.cells.fill(tick);
      await run.commit();
    }
    await run.close();
    assert.deepEqual(await all, range(0, 40));
    assert.deepEqual(await rest, range(1, 40));
    assert.deepEqual(await late, range(20, 40));
  },
);

test("T7: a tick is shown when it is durable, not before", patience, async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition(), window: 10 });
  const seen: Tick[] = [];
  const following = (async () => {
    for await (const { tick } of run.follow({ from: 0 })) {
      assert(tick <= run.durableTick, `tick ${tick} is shown, ${run.durableTick} durable`);
      seen.push(tick);
    }
  })();
  for (let tick = 1; tick <= 25; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
    // Publishes what is staged, which makes nothing durable.
    await run.at(tick);
    await new Promise(setImmediate);
    assert.deepEqual(seen, range(0, run.durableTick));
  }
  await run.close();
  await following;
  assert.deepEqual(seen, range(0, 25));
});

test(
  "T7: another reader of the same folder follows until the run is closed",
  patience,
  async () => {
    const { runs, others } = await memoryRuns({ segmentBytesMin: 2000 });
    const run = await runs.record("run", { state: definition() });
    const reader = await (await others()).open("run");
    const [all, rest] = [followed(reader, { from: 0 }), followed(reader)];
    for (let tick = 1; tick <= 60; tick++) {
      run.state.cells.fill(tick);
      await run.commit();
      if (tick % 7 === 0) await new Promise(setImmediate);
    }
    await run.close();
    assert.deepEqual(await all, range(0, 60));
    assert.deepEqual(await rest, range(1, 60));
    assert.equal(reader.tick, 60);
  },
);

test(
  "T7: over real files and with the real clock, from a second folder handle",
  patience,
  async () => {
    const path = mkdtempSync(join(tmpdir(), "everytick-follow-"));
    try {
      await using runs = await openRuns(path, { segmentBytesMin: 3000 });
      const run = await runs.record("run", { state: definition() });
      await using others = await openRuns(path);
      await using reader = await others.open("run");
      const all = followed(reader, { from: 0 });
      for (let tick = 1; tick <= 30; tick++) {
        run.state.cells.fill(tick);
        await run.commit();
      }
      await run.close();
      assert.deepEqual(await all, range(0, 30));
    } finally {
      rmSync(path, { recursive: true });
    }
  },
);

test(
  "T7: ticks that a gap leaves out are passed over, and a closed run ends at once",
  patience,
  async () => {
    const { runs, others } = await memoryRuns();
    const run = await runs.record("run", { state: definition() });
    run.state.cells.fill(1);
    await run.commit();
    await run.gap({ until: 5, reason: "night" });
    run.state.cells.fill(6);
    await run.commit();
    await run.close();
    const reader = await (await others()).open("run");
    assert.deepEqual(await followed(reader, { from: 0 }), [0, 1, 6]);
    assert.deepEqual(await followed(reader, { from: 3 }), [6]);
    assert.deepEqual(await followed(reader), []);
    assert.deepEqual(await followed(reader, { from: 100 }), []);
  },
);

test("T7: a resumed run is followed on", patience, async () => {
  const { runs, others } = await memoryRuns();
  const first = await runs.record("run", { state: definition() });
  const reader = await (await others()).open("run");
  const following = followed(reader, { from: 0, last: 4 });
  for (let tick = 1; tick <= 2; tick++) {
    first.state.cells.fill(tick);
    await first.commit();
  }
  await first.flush();
  // Handed over without a close in good order in between.
  const second = reader.follow({ from: 1 });
  assert.equal((await second.next()).value?.tick, 1);
  assert.equal((await second.next()).value?.tick, 2);
  for (let tick = 3; tick <= 4; tick++) {
    first.state.cells.fill(tick);
    await first.commit();
  }
  assert.deepEqual(await following, range(0, 4));
  await second.return();
  await first.close();
});

test("T7: a signal ends a follower quietly, wherever it waits", patience, async () => {
  const { runs, others } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  const reader = await (await others()).open("run");
  for (const follower of [run, reader]) {
    assert.deepEqual(await followed(follower, { from: 0, signal: AbortSignal.abort() }), []);
    const controller = new AbortController();
    const following = followed(follower, { from: 0, signal: controller.signal });
    // Long enough to see tick 0 and to wait for the next.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    controller.abort();
    assert.deepEqual(await following, [0]);
  }
});

test(
  "T7: a signal that aborts while a follower looks for more ends it, too",
  patience,
  async () => {
    const { runs, vfs: files } = await memoryRuns();
    await (await runs.record("run", { state: definition() })).close();
    for (let abortAt = 1; abortAt <= 12; abortAt++) {
      const controller = new AbortController();
      // The signal comes during a call to the files: at its first, its second, …
      let calls = 0;
      class AbortingVfs extends CountingVfs {
        override list(path: string): string[] | undefined {
          if (++calls === abortAt) controller.abort();
          return super.list(path);
        }
      }
      const vfs = new AbortingVfs(files);
      const watching = await openRuns(folder, { vfs });
      const run = await watching.record("run", { state: definition(), resume: "only" });
      calls = 0;
      const following = followed(run, { from: 0, signal: controller.signal });
      const timeout = new Promise<"late">(
        (resolve) => void setTimeout(resolve, 1000, "late").unref(),
      );
      const quiet = new Promise<"quiet">((resolve) => void setTimeout(resolve, 20, "quiet"));
      await Promise.race([following, quiet]);
      controller.abort();
      assert.notEqual(await Promise.race([following, timeout]), "late", `call ${abortAt}`);
      await run.close();
    }
  },
);

test("T7: however calls fall between each other, a follower misses nothing", patience, async () => {
  for (let turns = 0; turns < 60; turns++) {
    const { runs } = await memoryRuns({ segmentBytesMin: 2000 });
    const run = await runs.record("run", { state: definition() });
    // Two, since each looks at the journal while the other reads.
    const following = Promise.all([followed(run, { from: 0 }), followed(run, { from: 0 })]);
    for (let tick = 1; tick <= 25; tick++) {
      run.state.cells.fill(tick);
      await run.commit();
      if (tick % 5 === 0) for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    }
    await run.close();
    const both = [range(0, 25), range(0, 25)];
    assert.deepEqual(await following, both, `${turns} turns between`);
  }
});

test(
  "T7: a follower sees what was committed while it looked away, without another commit",
  patience,
  async () => {
    for (let turns = 0; turns < 60; turns++) {
      const { runs } = await memoryRuns();
      await using run = await runs.record("run", { state: definition() });
      const following = followed(run, { from: 0, last: 3 });
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      for (let tick = 1; tick <= 3; tick++) {
        run.state.cells.fill(tick);
        await run.commit();
      }
      assert.deepEqual(await following, range(0, 3), `${turns} turns before`);
    }
  },
);

test("T7: a follower that stops leaves the recording alone", patience, async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition() });
  const stopped = followed(run, { from: 0, last: 1 });
  for (let tick = 1; tick <= 3; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
  }
  assert.deepEqual(await stopped, [0, 1]);
  await run.close();
  await refusal(async () => run.commit(), "RECORDER_CLOSED");
});

test("T7: closing lets go of every file, also under a follower", patience, async () => {
  const vfs = new CountingVfs(new MemoryVfs());
  const runs = await openRuns(folder, { vfs, segmentBytesMin: 2000 });
  const run = await runs.record("run", { state: definition() });
  const following = followed(run, { from: 0 });
  for (let tick = 1; tick <= 30; tick++) {
    run.state.cells.fill(tick);
    await run.commit();
    if (tick % 10 === 0) await run.at(tick);
  }
  await run.close();
  await following;
  const reader = await runs.open("run");
  await reader.at(3);
  await reader.verify();
  await followed(reader, { from: 0 });
  await runs.facts("run");
  await runs.close();
  assert.deepEqual(vfs.stillOpen, []);
});
