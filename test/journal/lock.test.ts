/** One writer at a time, by the lock of the operating system: other processes, stopped ones and dead ones. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { isEverytickError, openRuns, type LiveRun, type Runs } from "everytick";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { advance, goOn, past, state, states } from "./small-run.ts";

const expected = states(20);
const program = join(import.meta.dirname, "lock-holder.ts");

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "everytick-lock-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Another process: `hold` opens the run for writing and keeps it; `try` says at each line whether it could. */
function start(t: TestContext, path: string, what: "hold" | "try"): ChildProcess {
  const args = ["--conditions=source", program, path, what];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

/** The next line that a process says. */
async function line(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const [said] = (await once(lines, "line")) as [string];
  lines.close();
  return said;
}

/** A second writer, in a process of its own: what it meets at each call. */
function secondWriter(t: TestContext, path: string): () => Promise<string> {
  const child = start(t, path, "try");
  return async () => {
    child.stdin!.write("try\n");
    return line(child);
  };
}

async function holder(t: TestContext, path: string): Promise<ChildProcess> {
  const child = start(t, path, "hold");
  assert.equal(await line(child), "holding");
  return child;
}

async function refusedHere(runs: Runs, pid: number | undefined): Promise<void> {
  await assert.rejects(runs.record("a", { state, resume: "auto" }), (error) => {
    assert(isEverytickError(error, "JOURNAL_LOCKED"));
    assert.match(error.details.found ?? "", new RegExp(`\\b${pid}\\b`));
    return true;
  });
}

test("J4: a second writer is refused with the process that holds the run, here and elsewhere", async (t) => {
  const path = await folder(t);
  const runs = await openRuns(path);
  const run = await runs.record("a", { state });
  await refusedHere(runs, process.pid);
  await refusedHere(await openRuns(`${path}/.`), process.pid);
  const second = secondWriter(t, path);
  assert.match(await second(), new RegExp(`^JOURNAL_LOCKED .*\\b${process.pid}\\b`));
  advance(run.state, 1);
  await run.commit();
  await run.close();
  assert.equal(await second(), "opened");
});

test("J4: a stopped process keeps its run, a killed one loses it", async (t) => {
  const path = await folder(t);
  const runs = await openRuns(path);
  const child = await holder(t, path);
  await refusedHere(runs, child.pid);
  child.kill("SIGSTOP");
  await refusedHere(runs, child.pid);
  assert.match(nodeVfs.lockHolder(`${path}/a`) ?? "", new RegExp(`\\b${child.pid}\\b`));
  child.kill("SIGKILL");
  await once(child, "close");
  assert.equal(nodeVfs.lockHolder(`${path}/a`), undefined);
  const run = await runs.record("a", { state, resume: "only" });
  assert.equal(past(run), expected[run.tick]);
  await run.close();
});

test("J4: a process that ends without closing its run leaves it free", async (t) => {
  const path = await folder(t);
  const child = await holder(t, path);
  child.stdin!.end("leave\n");
  await once(child, "close");
  const run = await (await openRuns(path)).record("a", { state, resume: "only" });
  assert.equal(run.tick, 3);
  await run.close();
});

/** Does something while the run is held here, and expects that a second writer is refused as before. */
async function whileHeld(
  t: TestContext,
  look: (path: string, run: LiveRun<typeof state>) => Promise<void>,
): Promise<void> {
  const path = await folder(t);
  const run = await (await openRuns(path)).record("a", { state });
  await goOn(run, 5);
  await look(path, run);
  assert.match(await secondWriter(t, path)(), new RegExp(`^JOURNAL_LOCKED .*\\b${process.pid}\\b`));
  await goOn(run, 7);
  await run.close();
}

test("J4: reading needs no lock, and takes none away", async (t) => {
  await whileHeld(t, async (path) => {
    await using runs = await openRuns(path);
    await using reader = await runs.open("a");
    assert.equal(past(await reader.at(3)), expected[3]);
    assert.deepEqual((await reader.verify()).damage, []);
  });
});

test("J4: looking around takes no lock away: facts, list, who holds it, a refused attempt", async (t) => {
  await whileHeld(t, async (path, run) => {
    await using runs = await openRuns(path);
    assert.equal((await runs.facts("a")).status, "recording");
    assert.equal((await run.facts()).status, "recording");
    assert.equal((await runs.list()).length, 1);
    assert.match(nodeVfs.lockHolder(`${path}/a`) ?? "", new RegExp(`\\b${process.pid}\\b`));
    await refusedHere(runs, process.pid);
  });
});

test("J4: verifying and reading the own past takes no lock away", async (t) => {
  await whileHeld(t, async (_, run) => {
    assert.deepEqual((await run.verify()).damage, []);
    assert.equal(past(await run.at(2)), expected[2]);
  });
});

test("J4: a copy of the folder takes no lock away, whoever makes it", async (t) => {
  await whileHeld(t, async (path) => {
    execFileSync("cp", ["-r", `${path}/a`, `${path}/other`]);
    cpSync(`${path}/a`, `${path}/copy`, { recursive: true });
    return Promise.resolve();
  });
});

test("J4: a folder that was copied while it was held can be written at once", async (t) => {
  const path = await folder(t);
  const child = await holder(t, path);
  cpSync(`${path}/a`, `${path}/b`, { recursive: true });
  child.kill("SIGKILL");
  const run = await (await openRuns(path)).record("b", { state, resume: "only" });
  assert.equal(past(run), expected[3]);
  await run.close();
});
