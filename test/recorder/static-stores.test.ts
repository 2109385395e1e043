import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, limits, table, value } from "everytick";
import { memoryRuns, refusal } from "../runs/memory-runs.ts";

const state = {
  land: grid("u8", [limits.staticCheckBytes * 3], { role: "static" }),
  rules: value({ name: "utf8", size: "u32" }, { role: "static" }),
  places: table({ id: "u8", height: "f32" }, { key: "id", role: "static" }),
  moved: grid("u8", [4]),
};

async function world() {
  const { runs } = await memoryRuns();
  let isNew = true;
  const run = await runs.record("static", {
    state,
    capture: ({ land, rules, places }) => {
      if (!isNew) return;
      isNew = false;
      land.fill(7);
      Object.assign(rules, { name: "chess", size: 8 });
      places.insert({ id: 1, height: 2 });
    },
  });
  return { runs, run };
}

type StaticRun = Awaited<ReturnType<typeof world>>["run"];

/** The static stores are three times what one commit looks at, and a little. */
async function commitsUntilRefused(run: StaticRun, where: RegExp): Promise<number> {
  let commits = 0;
  const commitAll = async (): Promise<void> => {
    for (; commits < 8; commits++) await run.commit();
  };
  await refusal(commitAll, "WORLD_STATIC", { where });
  assert(commits <= 4, "four commits look at all of them");
  return commits;
}

async function onlyRecorded(run: StaticRun, tick: number): Promise<void> {
  assert.equal(run.tick, tick);
  assert.deepEqual((await run.verify()).damage, []);
}

test("W9: a static table refuses each change after the first tick, where it is made", async () => {
  const { run } = await world();
  const { places } = run.state;
  const row = places.get(1)!;
  for (const change of [
    () => places.insert({ id: 2 }),
    () => places.update(1, { height: 1 }),
    () => places.upsert({ id: 1 }),
    () => places.delete(1),
    () => places.assign([]),
    () => places.clear(),
    () => (row.height = 3),
  ]) {
    await refusal(change, "WORLD_STATIC", { where: /places/ });
  }
  await run.commit();
  assert.deepEqual((await run.at(1)).state.places.get(1), { id: 1, height: 2 });
});

test("W9: a static value that changed ends a commit, and goes on once it is what it was", async () => {
  const { run } = await world();
  run.state.rules.name = "go";
  const commits = await commitsUntilRefused(run, /rules/);
  run.state.rules.name = "chess";
  await run.commit();
  await onlyRecorded(run, commits + 1);
});

test("W9: a static grid that changed is found within as many commits as its size needs", async () => {
  const { run } = await world();
  run.state.land[state.land.shape[0]! - 1] = 8;
  await onlyRecorded(run, await commitsUntilRefused(run, /land/));
  assert.equal((await run.at(0)).state.land.at(-1), 7);
});

test("W9: explicit changes of a static store are refused", async () => {
  const { run } = await world();
  const lists = [
    { land: { index: [0], value: [1] } },
    { rules: { size: 9 } },
    { places: { insert: [{ id: 5 }] } },
  ];
  for (const changes of lists) {
    await refusal(async () => run.commit({ changes }), "WORLD_STATIC");
  }
  await run.commit({ changes: { moved: { index: [1], value: [1] } } });
});
