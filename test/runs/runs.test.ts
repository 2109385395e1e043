import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, Run, type Past, type Vfs } from "everytick";
import { memoryPorts } from "everytick/testing";
import { folder, memoryRuns, refusal } from "./memory-runs.ts";
import { CountingVfs, FullVfs } from "./other-files.ts";

const definition = () => ({ cells: grid("u8", [4]) });

test("a folder is made when the first run is recorded, not when it is opened", async () => {
  const { runs, ports } = await memoryRuns();
  assert.deepEqual(await runs.list(), []);
  assert.equal(ports.vfs.list(folder), undefined);
  await refusal(async () => runs.open("none"), "RUNS_MISSING", { found: /none/, next: /list/ });
  await (await runs.record("first", { state: definition() })).close();
  assert.deepEqual(ports.vfs.list(folder), ["first"]);
});

test("R1: a run without an id is named by its time, in UTC", async () => {
  const { runs, ports } = await memoryRuns();
  await (await runs.record(undefined, { state: definition() })).close();
  ports.clock.advance(86_399_000);
  await (await runs.record(undefined, { state: definition() })).close();
  assert.deepEqual(
    (await runs.list()).map(({ id }) => id),
    ["20260101_000000", "20260101_235959"],
  );
  // Two in one second: the second is refused and not mixed with the first.
  await refusal(async () => runs.record(undefined, { state: definition() }), "RUNS_EXISTS");
});

test("list gives the cards of all runs, sorted by id; what is no run is passed over", async () => {
  const { runs, ports } = await memoryRuns();
  const ids = ["b", "a-1", "zz", "0", "a_2"];
  for (const id of ids) await (await runs.record(id, { state: definition() })).close();
  ports.vfs.makeDirectory(`${folder}/Not-a-run`);
  ports.vfs.makeDirectory(`${folder}/empty`);
  for (const name of ["notes.txt", "readme"]) ports.vfs.open(`${folder}/${name}`, "create").close();
  assert.deepEqual(
    (await runs.list()).map(({ id }) => id),
    [...ids].sort(),
  );
});

test("facts tell what needs a look at the journal", async () => {
  const { runs, ports } = await memoryRuns();
  const run = await runs.record("run", { state: definition(), window: 5 });
  for (let tick = 1; tick <= 3; tick++) await run.commit();
  const facts = await run.facts();
  assert.deepEqual([facts.status, facts.firstTick, facts.tick], ["recording", 0, 3]);
  assert.equal(facts.stateBytes, 4 + 16, "cells and one random stream");
  await run.close();
  const closed = await runs.facts("run");
  assert.deepEqual([closed.status, closed.tick, closed.segments], ["closed", 3, 1]);
  const size = (path: string): number => ports.vfs.stat(`${folder}/run/${path}`)?.size ?? 0;
  assert.equal(closed.bytes, size("run.json") + size("journal/0000000000000000.seg"));
  assert.equal(closed.cacheBytes, size("cache/0000000000000000.seg.index"));
  const { historyDigest } = await (await runs.open("run")).at(3);
  assert.equal(closed.historyDigest, historyDigest);
  assert.deepEqual(closed.card, (await runs.list())[0]);
});

test("facts of many runs keep nothing open", async () => {
  const { runs: first, ports } = await memoryRuns();
  for (const id of ["a", "b", "c"]) await (await first.record(id, { state: definition() })).close();
  const vfs = new CountingVfs(ports.vfs);
  await using runs = await openRuns(folder, { ...ports, vfs });
  for (const { id } of await runs.list()) await runs.facts(id);
  assert.deepEqual(vfs.stillOpen, []);
});

test("closing the runs closes each of them; then nothing can be opened", async () => {
  const { runs, others } = await memoryRuns();
  const [a, b] = [
    await runs.record("a", { state: definition(), window: 9 }),
    await runs.record("b", { state: definition() }),
  ];
  const reader = await runs.open("a");
  assert(reader instanceof Run);
  await a.commit();
  await runs.close();
  await runs.close();
  await refusal(async () => a.commit(), "RECORDER_CLOSED");
  await refusal(async () => b.commit(), "RECORDER_CLOSED");
  for (const work of [
    async () => runs.open("a"),
    async () => runs.list(),
    async () => runs.facts("a"),
    async () => runs.record("c", { state: definition() }),
  ]) {
    await refusal(work, "RUNS_CLOSED", { where: /runs/ });
  }
  const again = await others();
  assert.equal((await again.facts("a")).tick, 1);
  for (const id of ["a", "b"]) {
    assert.equal((await again.facts(id)).status, "closed");
    await (await again.record(id, { state: definition(), resume: "only" })).close();
  }
});

test("J4: one run that cannot be closed well does not keep the others locked", async () => {
  const ports = await memoryPorts();
  const vfs = new FullVfs(ports.vfs);
  const runs = await openRuns(folder, { ...ports, vfs });
  for (const id of ["a", "b"]) await runs.record(id, { state: definition() });
  vfs.bytesLeft = 0;
  await assert.rejects(async () => runs.close(), { name: "EverytickError" });
  vfs.bytesLeft = Infinity;
  const again = await openRuns(folder, ports);
  for (const id of ["a", "b"]) {
    await (await again.record(id, { state: definition(), resume: "only" })).close();
  }
});

test("dispose closes: of runs, of a recording, of a reader", async () => {
  const { ports } = await memoryRuns();
  const vfs: Vfs & { stillOpen: string[] } = new CountingVfs(ports.vfs);
  {
    await using runs = await openRuns(folder, { ...ports, vfs });
    {
      await using run = await runs.record("run", { state: definition() });
      await run.commit();
    }
    {
      await using run = await runs.open("run");
      await run.at(1);
    }
    assert.deepEqual(vfs.stillOpen, []);
    await (await runs.open("run")).at(0);
  }
  assert.deepEqual(vfs.stillOpen, []);
});

test("one process may record many runs at once, and read one while it records it", async () => {
  const { runs } = await memoryRuns();
  const ids = Array.from({ length: 8 }, (_, i) => `run-${i}`);
  await Promise.all(
    ids.map(async (id, i) => {
      await using run = await runs.record(id, { state: definition(), seed: i });
      for (let tick = 1; tick <= 20; tick++) {
        run.state.cells.fill((i + 1) * tick);
        await run.commit();
        const half = Math.floor(tick / 2);
        assert.equal((await run.at(half)).state.cells[0], ((i + 1) * half) % 256);
      }
    }),
  );
  for (const [i, id] of ids.entries()) {
    await using run = await runs.open(id);
    assert.deepEqual((await run.verify()).damage, []);
    const past = (await run.at(20)) as unknown as Past<ReturnType<typeof definition>>;
    assert.equal(past.state.cells[0], ((i + 1) * 20) % 256);
  }
});

test("R4: recording the same id twice at once ends in one run and one refusal", async () => {
  const { runs } = await memoryRuns();
  const results = await Promise.allSettled([
    runs.record("run", { state: definition() }),
    runs.record("run", { state: definition() }),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const refused = results.find((result) => result.status === "rejected");
  assert(refused !== undefined);
  await refusal(() => Promise.reject(refused.reason as Error), "JOURNAL_LOCKED");
  await runs.close();
});
