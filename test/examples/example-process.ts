/** An example as a reader starts it, and the recordings that it leaves. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isEverytickError, openRuns, type Past, type Run, type Tick } from "everytick";
import { compileCache, finished } from "../cli/everytick-process.ts";
import { root } from "../documents/titles.ts";

/** More than an example reaches before it is killed. */
const endless = 1_000_000;

export interface Recording {
  readonly example: string;
  readonly folder: string;
  /** The runs that the example records. */
  readonly ids: readonly string[];
}

/** Runs it up to a tick. @returns what it printed */
export async function recordUntil({ example, folder }: Recording, tick: Tick): Promise<string> {
  const { code, stdout, stderr } = await finished(start(example, folder, tick));
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Kills it in the middle, as soon as each run has acknowledged a tick. @returns the last tick that is recorded */
export async function recordUntilKilled(recording: Recording, tick: Tick): Promise<Tick> {
  const child = start(recording.example, recording.folder, endless);
  const ended = finished(child);
  const acknowledged = waitForTick(recording, tick, child);
  await Promise.race([acknowledged, ended]);
  child.kill("SIGKILL");
  const { signal, stderr } = await ended;
  assert.equal(signal, "SIGKILL", stderr);
  const last = await lastTick(recording);
  assert(last >= (await acknowledged), "what was acknowledged is recorded");
  assert(last < endless);
  return last;
}

function start(example: string, folder: string, tick: Tick): ChildProcess {
  const args = ["--conditions=source", join(root, "examples", example), folder, String(tick)];
  const env = { ...process.env, ...compileCache };
  return spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function waitForTick(recording: Recording, tick: Tick, child: ChildProcess): Promise<Tick> {
  for (;;) {
    const last = await lastTick(recording);
    if (last >= tick || child.exitCode !== null) return last;
    await setTimeout(10);
  }
}

/** The tick that all runs have reached; −1 before there is one. */
async function lastTick({ folder, ids }: Recording): Promise<Tick> {
  await using runs = await openRuns(folder);
  const ticks = ids.map(async (id) => {
    try {
      return (await runs.open(id)).tick;
    } catch (error) {
      if (isEverytickError(error, "RUNS_MISSING")) return -1;
      throw error;
    }
  });
  return Math.min(...(await Promise.all(ticks)));
}

/** Compares two recordings of a run tick by tick, from the first to the last. @returns how many ticks they have */
export async function compareRuns(one: Run, other: Run): Promise<number> {
  assert.equal(one.tick, other.tick);
  const others = other.play();
  let ticks = 0;
  for await (const past of one.play({ verify: true })) {
    const { value } = await others.next();
    assert(value, `tick ${past.tick} is in both`);
    assert.deepEqual(contentOf(past), contentOf(value), `tick ${past.tick}`);
    ticks++;
  }
  return ticks;
}

function contentOf(past: Past): object {
  const stores = Object.entries(past.state).map(([name, store]) => [name, plain(store)]);
  const { tick, historyDigest } = past;
  return { tick, historyDigest, stateDigest: past.stateDigest(), stores };
}

/** A store as values that can be compared: of a table the row in each slot. */
function plain(store: object): object {
  if (!("slotCount" in store && "rowAt" in store))
    return ArrayBuffer.isView(store) ? store : { ...store };
  const { slotCount } = store as { slotCount: number };
  const rowAt = store.rowAt as (slot: number) => object | undefined;
  return Array.from({ length: slotCount }, (_, slot) => rowAt.call(store, slot));
}
