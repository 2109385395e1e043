import assert from "node:assert/strict";
import { test } from "node:test";
import { drawFrame, type Stage } from "../../../src/cli/play/frame.ts";
import { startAt } from "../../../src/cli/play/player.ts";
import { recordedPast } from "../../../src/cli/play/recorded-past.ts";
import {
  edges,
  grid,
  log,
  openRuns,
  type Run,
  type StateDefinition,
  type StateOf,
  table,
  value,
} from "../../../src/index.ts";
import { temporaryFolder } from "../everytick-process.ts";

const room = { columns: 80, rows: 12 };
const state = {
  flat: grid("u8", [2, 6], { chunk: [1, 4] }),
  space: grid("i64", [4, 3, 5], { chunk: [2, 2, 2] }),
  halves: grid("f16", [1, 3]),
  sheep: table({ id: "u32", at: "f32[2]" }, { key: "id" }),
  trust: edges({ from: "sheep", to: "sheep", level: "f32" }),
  deaths: log({ id: "u64", cause: "utf8" }),
  facts: value({ sum: "u64", note: "utf8" }),
} satisfies StateDefinition;

function change(live: StateOf<typeof state>, tick: number): void {
  live.flat[tick] = tick;
  live.space[15 + tick] = BigInt(-tick);
  live.halves[1] = tick / 2;
  live.sheep.insert({ id: tick, at: [tick, 0.5] });
  if (tick > 1) live.trust.insert({ from: tick, to: 1, level: 0.25 });
  live.deaths.append({ id: 2n ** 60n, cause: "hunger" });
  live.facts.sum = BigInt(tick);
}

async function stageOf(run: Run): Promise<Stage> {
  const stores = run.card.world.stores.filter(({ name }) => !name.startsWith("$"));
  return { run, stores, hasColours: false };
}

test("each kind of store is drawn, chunked or not, at any tick", async (t) => {
  await using runs = await openRuns(await temporaryFolder(t));
  const live = await runs.record("all", { state });
  for (let tick = 1; tick <= 4; tick++) {
    change(live.state, tick);
    await live.commit();
  }
  await live.close();
  const stage = await stageOf(await runs.open("all"));
  const drawn = async (tick: number, name: keyof typeof state, slice = 0) => {
    const store = stage.stores.findIndex((each) => each.name === name);
    const { lines, caption } = await drawFrame(stage, startAt(tick, store, slice), room);
    return [...lines, caption];
  };
  assert.deepEqual(await drawn(4, "flat"), [" ▀▀▀▀", "2×6 · 0 to 4"]);
  assert.deepEqual(await drawn(4, "space"), ["", "", "4×3×5, plane 0 (0 to 3) · all 0"]);
  assert.deepEqual(await drawn(3, "space", 1), [" ▀▀▀", "", "4×3×5, plane 1 (0 to 3) · -3 to 0"]);
  assert.deepEqual(await drawn(1, "halves"), [" ▀", "1×3 · 0 to 0.5"]);
  assert.deepEqual(await drawn(0, "sheep"), ["id   at", "0 rows"]);
  assert.deepEqual(await drawn(2, "sheep"), ["id   at", " 1   [1 0.5]", " 2   [2 0.5]", "2 rows"]);
  assert.deepEqual(await drawn(2, "trust"), ["from   to   level", "   2    1    0.25", "1 row"]);
  const [, death] = await drawn(3, "deaths");
  assert.equal(death, "1152921504606846976   hunger");
  assert.deepEqual(await drawn(3, "facts"), ["sum    3", "note", "2 fields"]);
});

test("where no tick is recorded the next one on the asked side is seen, or else on the other", async (t) => {
  await using runs = await openRuns(await temporaryFolder(t));
  const live = await runs.record("gaps", { state: { cells: grid("u8", [4]) } });
  await live.commit();
  await live.gap({ until: 8, reason: "night" });
  for (let tick = 9; tick <= 11; tick++) await live.commit();
  await live.close();
  await using run = await runs.open("gaps");
  const cases: readonly (readonly [number, 1 | -1, number])[] = [
    [0, 1, 0],
    [2, 1, 9],
    [2, -1, 1],
    [8, 1, 9],
    [8, -1, 1],
    [9, 1, 9],
    [11, -1, 11],
  ];
  for (const [asked, towards, seen] of cases) {
    assert.equal((await recordedPast(run, asked, towards)).tick, seen, `${asked}, ${towards}`);
  }
  await assert.rejects(recordedPast(run, 12, -1), { code: "TIMELINE_TICK" });
});

test("frames of 256 x 256 cells are drawn much faster than they are shown", async (t) => {
  await using runs = await openRuns(await temporaryFolder(t));
  const size = [256, 256];
  const live = await runs.record("large", {
    state: { cells: grid("u8", size) },
    durability: "memory",
  });
  for (let tick = 1; tick <= 120; tick++) {
    for (let i = 0; i < 2000; i++) live.state.cells[live.random.int(65_536)] = tick;
    await live.commit();
  }
  await live.close();
  const stage = { ...(await stageOf(await runs.open("large"))), hasColours: true };
  const startedAt = process.hrtime.bigint();
  for (const [first, by] of [
    [0, 1],
    [120, -1],
  ] as const) {
    for (let i = 0; i <= 120; i++) {
      const look = startAt(first + by * i, 0, 0);
      const { lines } = await drawFrame(stage, look, { columns: 200, rows: 60 });
      assert.equal(lines.length, 43);
    }
  }
  const milliseconds = Number(process.hrtime.bigint() - startedAt) / 1e6 / 242;
  t.diagnostic(`${milliseconds.toFixed(2)} ms a frame`);
  assert(milliseconds < 1000 / 30, `${milliseconds} ms a frame`);
});
