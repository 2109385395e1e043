import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { grid, openRuns } from "everytick";
import { memoryRuns, refusal } from "./memory-runs.ts";

const definition = () => ({ cells: grid("u8", [4]) });
const folder = mkdtempSync(join(tmpdir(), "everytick-lock-"));
after(() => rmSync(folder, { recursive: true }));

test("J4: a second writer is refused with who holds the run; a reader needs no lock", async () => {
  for (const open of [(await memoryRuns()).others, async () => openRuns(folder)]) {
    await using runs = await open();
    await using others = await open();
    const run = await runs.record("held", { state: definition() });
    for (const second of [runs, others]) {
      const resume = async (): Promise<unknown> =>
        second.record("held", { state: definition(), resume: "auto" });
      await refusal(resume, "JOURNAL_LOCKED", { where: /held/, found: /process/ });
    }
    await using reader = await others.open("held");
    assert.equal((await reader.facts()).status, "recording");
    await run.commit();
    assert.equal((await reader.at(1)).tick, 1);
    await run.close();
    assert.equal((await reader.facts()).status, "closed");
    await (await others.record("held", { state: definition(), resume: "only" })).close();
  }
});

test("J4: a recording that fails to open lets go of the lock", async () => {
  await using runs = await openRuns(folder);
  await (await runs.record("failed", { state: definition() })).close();
  const other = async (): Promise<unknown> =>
    runs.record("failed", { state: { cells: grid("u8", [5]) }, resume: "only" });
  await refusal(other, "RUNS_WORLD");
  await refusal(async () => runs.record("failed", { state: definition() }), "RUNS_EXISTS");
  await (await runs.record("failed", { state: definition(), resume: "only" })).close();
});

const program = (path: string): string => `
  import { grid, openRuns } from "everytick";
  const runs = await openRuns(${JSON.stringify(path)});
  const run = await runs.record("child", { state: { cells: grid("u8", [4]) }, resume: "auto" });
  await run.commit();
  console.log("holds", run.tick);
  setInterval(() => {}, 1000);
`;

/** Another process that holds the run, and says so. */
async function holder() {
  const args = ["--conditions=source", "--input-type=module", "--eval", program(folder)];
  const child = spawn(process.execPath, args, { cwd: join(import.meta.dirname, "../..") });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, "line")) as [string];
  assert.match(line, /^holds \d+$/);
  return { child, tick: Number(line.slice(6)) };
}

test(
  "J4: a stopped process keeps the lock, and a dead one loses it",
  { skip: process.platform === "win32" },
  async () => {
    const { child, tick } = await holder();
    await using runs = await openRuns(folder);
    const resume = async () => runs.record("child", { state: definition(), resume: "only" });
    try {
      const found = new RegExp(`process ${child.pid} on .+ since \\d{4}-`);
      await refusal(resume, "JOURNAL_LOCKED", { found });
      child.kill("SIGSTOP");
      await refusal(resume, "JOURNAL_LOCKED", { found });
      await using reader = await runs.open("child");
      assert.equal((await reader.at(tick, { verify: true })).tick, tick);
      assert.equal((await reader.facts()).status, "recording");
    } finally {
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    }
    await using reader = await runs.open("child");
    assert.equal((await reader.facts()).status, "interrupted");
    await using run = await resume();
    assert.deepEqual([run.recovery.resumed, run.tick], [true, tick]);
    await run.commit();
  },
);
