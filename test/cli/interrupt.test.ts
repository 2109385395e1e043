import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import type { ShowJson } from "../../src/cli/commands/show.ts";
import type { RunJson } from "../../src/cli/run-report.ts";
import {
  counterWorld,
  everytick,
  finished,
  slowWorld,
  start,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

interface Acked {
  readonly ack?: { readonly tick: number; readonly durableTick: number };
}

const longRun = ["--ticks", "1000000", "--id", "one"];

async function folderOfWorlds(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  await writeWorld(cwd, "slow.ts", slowWorld(5));
  await writeWorld(cwd, "stuck.ts", slowWorld(1500));
  return cwd;
}

/** Resolves with the last durable tick once it is at least `tick`. */
async function acknowledged(child: ChildProcess, tick: number): Promise<number> {
  assert(child.stdout !== null);
  for await (const line of createInterface({ input: child.stdout })) {
    const { ack } = JSON.parse(line) as Acked;
    if (ack !== undefined && ack.durableTick >= tick) return ack.durableTick;
  }
  assert.fail("the process ended too early");
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`L3: ${signal} finishes the batch, makes it durable and says how to go on`, async (t) => {
    const cwd = await folderOfWorlds(t);
    const child = start(["run", "slow.ts", ...longRun], { cwd });
    const end = finished(child);
    await runStarted(cwd);
    child.kill(signal);
    const { code, stdout, stderr } = await end;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /stopping; again to quit at once/);
    assert.match(stdout, /stopped at tick \d+ of 1,000,000/);
    assert.match(stdout, /resume one --ticks 1000000/);
    const { stdout: listed } = await everytick(["ls"], { cwd });
    assert.match(listed, /one .*closed/, "it ended in good order");
  });
}

test("Ctrl-C is answered inside the loop of a fast world", async (t) => {
  const cwd = await folderOfWorlds(t);
  const child = start(["run", "counter.ts", "--durability", "memory", ...longRun], { cwd });
  const end = finished(child);
  await runStarted(cwd);
  const sentAt = performance.now();
  child.kill("SIGINT");
  assert.equal((await end).code, 130);
  assert(performance.now() - sentAt < 5000);
});

test("L2: with --json an interrupted run is still one document, and exits with 130", async (t) => {
  const cwd = await folderOfWorlds(t);
  const child = start(["run", "slow.ts", "--json", ...longRun], { cwd });
  const end = finished(child);
  await runStarted(cwd);
  child.kill("SIGINT");
  const { code, stdout } = await end;
  assert.equal(code, 130);
  const report = JSON.parse(stdout) as RunJson;
  assert.equal(report.interrupted, true);
  const resumed = await everytick(["resume", "one", "--steps", "3", "--json"], { cwd });
  const { fromTick } = JSON.parse(resumed.stdout) as RunJson;
  assert.equal(fromTick, report.tick);
});

test("L3: the second Ctrl-C quits at once, and what was acknowledged is there", async (t) => {
  const cwd = await folderOfWorlds(t);
  const child = start(["run", "stuck.ts", "--acks", "--window", "0", ...longRun], { cwd });
  const end = finished(child);
  const tick = await acknowledged(child, 1);
  const sentAt = performance.now();
  child.kill("SIGINT");
  // Two signals of a kind become one if the first is still on its way.
  setTimeout(() => child.kill("SIGTERM"), 200);
  const { code } = await end;
  assert.equal(code, 130);
  assert(performance.now() - sentAt < 6000, "at most the tick under way was waited for");
  const shown = await everytick(["show", "one", "--json"], { cwd });
  assert((JSON.parse(shown.stdout) as ShowJson).tick >= tick);
});

test("L4: kill -9: one command goes on, and no acknowledged tick is missing", async (t) => {
  const cwd = await folderOfWorlds(t);
  const goal = ["--ticks", "400", "--seed", "3"];
  const child = start(["run", "slow.ts", "--acks", "--id", "one", ...goal], { cwd });
  const end = finished(child);
  const tick = await acknowledged(child, 100);
  child.kill("SIGKILL");
  assert.equal((await end).signal, "SIGKILL");
  const { stdout: listed } = await everytick(["ls"], { cwd });
  assert.match(listed, /one .*interrupted/);
  assert.match(listed, /To continue: .*resume one/);

  const resumed = await everytick(["resume", "one", "--json"], { cwd });
  assert.equal(resumed.code, 0, resumed.stderr);
  const report = JSON.parse(resumed.stdout) as RunJson;
  assert(report.fromTick >= tick, `recovered ${report.fromTick}, acknowledged ${tick}`);
  assert.equal(report.tick, 400, "the goal of the first command is remembered");
  const whole = await everytick(["run", "slow.ts", "--id", "whole", "--json", ...goal], { cwd });
  assert.match(whole.stdout, new RegExp(report.historyDigest));
});

test("J4: a second writer is refused while the first records", async (t) => {
  const cwd = await folderOfWorlds(t);
  const child = start(["run", "slow.ts", ...longRun], { cwd });
  const end = finished(child);
  await runStarted(cwd);
  const second = await everytick(["resume", "one", "--steps", "1"], { cwd });
  assert.equal(second.code, 4);
  assert.match(second.stderr, /^JOURNAL_LOCKED/);
  const listed = await everytick(["ls"], { cwd });
  assert.match(listed.stdout, /one .*recording/);
  child.kill("SIGINT");
  assert.equal((await end).code, 130);
});

/** Resolves once the run `one` has recorded some ticks. */
async function runStarted(cwd: string): Promise<void> {
  for (;;) {
    const { code, stdout } = await everytick(["show", "one", "--json"], { cwd });
    if (code === 0 && (JSON.parse(stdout) as ShowJson).tick > 0) return;
  }
}
