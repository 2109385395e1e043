import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns } from "everytick";
import {
  everythingIsTorn,
  everythingSurvives,
  memoryPorts,
  nothingSurvives,
  SimFs,
  type Survival,
} from "everytick/testing";
import * as door from "../../../worlds/wolf-sheep/index.ts";
import { wolfSheep, type WolfSheepParams } from "../../../worlds/wolf-sheep/index.ts";
import { allRefused, memoryRuns } from "../../runs/memory-runs.ts";

type Given = Partial<WolfSheepParams>;
type SomePast = Awaited<ReturnType<Awaited<ReturnType<typeof recorded>>["at"]>>;

const small: Given = { size: "40x40", sheep: 80, wolves: 40 };

/** A recorded run of this many ticks. */
async function recorded(params: Given, seed: number, ticks: number) {
  const { runs } = await memoryRuns();
  const options = { world: wolfSheep, params, seed, durability: "memory", window: 64 } as const;
  const run = await runs.record("run", options);
  await run.step(ticks);
  return run;
}

test("the world's door", () => {
  assert.deepEqual(Object.keys(door), ["wolfSheep"]);
});

test("parameters out of range are refused, and leave no run behind", async () => {
  const { runs } = await memoryRuns();
  const refused: readonly Given[] = [
    { size: "" },
    { size: "128" },
    { size: "3x4" },
    { size: "4x4097" },
    { size: "8x8x8" },
    { size: "1e2x8" },
    { sheep: -1 },
    { sheep: 0.5 },
    { sheep: 2 ** 22 + 1 },
    { wolves: -1 },
    { wolves: 1.5 },
    { sheepGain: -0.1 },
    { wolfGain: 1001 },
    { sheepBirthRate: 1.01 },
    { wolfBirthRate: -0.01 },
    { regrowth: 0 },
    { regrowth: 1.5 },
    { regrowth: 1001 },
  ];
  const cases = refused.map((params) => {
    const record = async () => runs.record("run", { world: wolfSheep, params });
    return [JSON.stringify(params), record] as const;
  });
  await allRefused("WORLD_PARAM", Object.fromEntries(cases));
  const least: Given = { size: "4x4", sheep: 0, wolves: 0, sheepGain: 0, wolfGain: 0, regrowth: 1 };
  await using run = await runs.record("run", { world: wolfSheep, params: least });
  await run.step(3);
  assert.deepEqual({ ...run.state.census }, { sheep: 0, wolves: 0, grass: 16 });
});

test("T8: births and deaths account for every animal at every tick, and no id is given twice, seed 3", async () => {
  await using run = await recorded(small, 3, 400);
  /** Who lives, by id. */
  const living = new Map<number, string>();
  const causes = new Map<string, number>();
  let given = 0;
  for await (const { tick, state } of run.play()) {
    const here = [
      ...[...state.sheep].map(({ id }) => [id, "sheep"] as const),
      ...[...state.wolves].map(({ id }) => [id, "wolf"] as const),
    ];
    if (tick === 0) {
      for (const [id, kind] of here) living.set(id, kind);
      given = here.length;
      assert.deepEqual([state.births.size, state.deaths.size], [0, 0]);
    }
    for (const { animal, kind, parent } of state.births) {
      assert.equal(animal, given++, "ids are given in order");
      assert.equal(living.get(parent), kind, `parent of ${animal}, tick ${tick}`);
      living.set(animal, kind);
    }
    for (const { animal, kind, cause } of state.deaths) {
      assert.equal(living.get(animal), kind, `death of ${animal}, tick ${tick}`);
      living.delete(animal);
      const why = `${kind}, ${cause}`;
      causes.set(why, (causes.get(why) ?? 0) + 1);
    }
    assert.equal(here.length, living.size, `tick ${tick}`);
    assert.deepEqual(new Map(here), living);
    assert.equal(state.counters.nextId, given);
  }
  assert.deepEqual([...causes.keys()].sort(), ["sheep, eaten", "sheep, hunger", "wolf, hunger"]);
  assert(given > 1000, "enough was born for this to mean something");
});

test("W9: the census is a count of every past state, seed 4", async () => {
  await using run = await recorded(small, 4, 60);
  for await (const { tick, state } of run.play()) {
    assert.deepEqual(
      { ...state.census },
      {
        sheep: [...state.sheep].length,
        wolves: [...state.wolves].length,
        grass: [...state.grass].filter((back) => back <= tick).length,
      },
    );
  }
});

test("R2: a run whose power goes anywhere, and is resumed, has the history of one that never stopped, seed 5", async () => {
  const last = 60;
  const whole = await recorded(small, 5, last);
  const { historyDigest } = await whole.at(last);
  await whole.close();
  const fates = [nothingSurvives, everythingIsTorn, everythingSurvives];
  let lost = 0;
  const options = { world: wolfSheep, params: small, seed: 5 } as const;
  for (const [number, stop] of [3, 17, 18, 19, 41, 59].entries()) {
    const disk = new SimFs();
    const before = await openRuns("runs", { ...(await memoryPorts()), vfs: disk });
    // Never closed: its process is gone, and the lock with it.
    const run = await before.record("run", { ...options, window: 8 });
    await run.step(stop);
    const vfs = disk.afterPowerLoss(fates[number % fates.length] as Survival);
    const after = await openRuns("runs", { ...(await memoryPorts()), vfs });
    await using resumed = await after.record("run", { ...options, resume: "only" });
    assert(resumed.tick >= run.durableTick && resumed.tick <= stop, `stopped at ${stop}`);
    lost += stop - resumed.tick;
    await resumed.step(last - resumed.tick);
    assert.equal((await resumed.at(last)).historyDigest, historyDigest, `stopped at ${stop}`);
    assert.deepEqual((await resumed.verify()).damage, []);
  }
  assert(lost > 0, "ticks that were not durable were lost, and made again");
});

test("T1: played backwards, every tick is what it was forwards, seed 6", async () => {
  await using run = await recorded(small, 6, 150);
  const forwards: object[] = [];
  for await (const past of run.play({ verify: true })) forwards.push(seen(past));
  const backwards: object[] = [];
  for await (const past of run.play({ from: 150, to: 0, verify: true })) backwards.push(seen(past));
  assert.equal(forwards.length, 151);
  assert.deepEqual(backwards.reverse(), forwards);
});

/** All of a past tick that can be looked at. */
function seen(past: SomePast): object {
  const { sheep, wolves, grass, counters, births, deaths } = past.state;
  return {
    tick: past.tick,
    digest: past.stateDigest(),
    animals: [...sheep, ...wolves].map((animal) => ({ ...animal })),
    grass: [...grass],
    counters: { ...counters },
    logs: [...births, ...deaths],
  };
}
