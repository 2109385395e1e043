/** Power that goes at any operation: every acknowledged tick is there when it comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns } from "everytick";
import {
  Chance,
  everythingIsTorn,
  everythingSurvives,
  mixture,
  nothingSurvives,
  SimFs,
  type Survival,
} from "../../src/testing/index.ts";
import type { Vfs } from "../../src/types.ts";
import { advance, goOn, past, portsOn, state, states } from "../journal/small-run.ts";

const expected = states(100);
const sizes = { segmentBytesMin: 1, bodyBytesMax: 80 };

/** What unsynced changes may come to: none is there, all are, or any mixture. */
function fates(seed: number): Record<string, Survival> {
  return {
    "nothing unsynced is kept": nothingSurvives,
    "everything is kept": everythingSurvives,
    "every write is torn": everythingIsTorn,
    [`a mixture, seed ${seed}`]: mixture(new Chance(seed)),
  };
}

interface CrashState {
  readonly vfs: SimFs;
  readonly where: string;
  readonly acknowledged: number;
}

async function record(vfs: Vfs, resume: "never" | "auto" = "never") {
  return (await openRuns("data/runs", { ...portsOn(vfs), ...sizes })).record("a", {
    state,
    resume,
  });
}

/** Collects what a loss of power would leave after each operation from now on. */
function collect(vfs: SimFs, acknowledged: () => number): CrashState[] {
  const found: CrashState[] = [];
  let seed = 0;
  vfs.onChange = (operation, path) => {
    seed += 1;
    for (const [name, fate] of Object.entries(fates(seed))) {
      const where = `operation ${seed}, ${operation} ${path}; ${name}`;
      found.push({ vfs: vfs.afterPowerLoss(fate), where, acknowledged: acknowledged() });
    }
  };
  return found;
}

/** The run continues from at least what was acknowledged, and is whole. */
async function checkState({ vfs, where, acknowledged }: CrashState): Promise<void> {
  const run = await record(vfs, "auto");
  const found = run.recovery.resumed ? run.tick : -1;
  assert(found >= acknowledged, `${where}: tick ${found}, but ${acknowledged} was acknowledged`);
  assert.equal(past(run), expected[run.tick], where);
  await goOn(run, run.tick + 2);
  const last = run.tick;
  await run.close();
  const read = await (await openRuns("data/runs", portsOn(vfs))).open("a");
  assert.equal(past(await read.at(last)), expected[last], where);
  assert.deepEqual((await read.verify()).damage, [], where);
}

/** Records, and keeps in mind what was acknowledged. @returns the states that a loss of power could leave. */
async function statesOfRecording(vfs: SimFs, lastTick: number): Promise<CrashState[]> {
  let acknowledged = -1;
  const found = collect(vfs, () => acknowledged);
  const run = await record(vfs);
  acknowledged = run.durableTick;
  while (run.tick < lastTick) {
    advance(run.state, run.tick + 1);
    acknowledged = (await run.commit()).durableTick;
  }
  await run.close();
  return found;
}

test("J1, TAD-61: power that goes at any operation of a recording loses no acknowledged tick", async () => {
  for (const found of await statesOfRecording(new SimFs(), 12)) await checkState(found);
});

class Killed extends Error {}

test("J1: power that goes after a killed process was resumed loses nothing that the second acknowledged", async () => {
  const lastTick = 8;
  for (let killAt = 1; ; killAt++) {
    const vfs = new SimFs();
    let operations = 0;
    vfs.onChange = () => {
      operations += 1;
      if (operations >= killAt) throw new Killed();
    };
    try {
      await goOn(await record(vfs), lastTick);
      return;
    } catch {
      assert(operations >= killAt);
    }
    // What the first had written is still in the system's memory; nothing of it was synced by the kill.
    vfs.killProcess();
    vfs.onChange = () => undefined;
    const second = await record(vfs, "auto");
    const opened = {
      where: `killed at ${killAt}, resumed at tick ${second.tick}`,
      acknowledged: second.durableTick,
    };
    await checkState({ vfs: vfs.afterPowerLoss(nothingSurvives), ...opened });
    for (let more = 0; more < 2; more++) {
      advance(second.state, second.tick + 1);
      const { durableTick: acknowledged } = await second.commit();
      const where = `killed at ${killAt}, then ${more + 1} ticks`;
      for (const fate of Object.values(fates(killAt))) {
        await checkState({ vfs: vfs.afterPowerLoss(fate), where, acknowledged });
      }
    }
  }
});
