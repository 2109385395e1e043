/** A report grows part by part, goes on where it ended, and never takes a violated row for one that held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { ManualClock } from "../../src/testing/index.ts";
import type { RowReport } from "../../src/torture/report.ts";
import { counted, none, type Row, Tally } from "../../src/torture/row.ts";
import { torture } from "../../src/torture/torture.ts";

const codecs = await nodeCodecs();
const second = 1000;

interface Played {
  readonly clock?: ManualClock;
  readonly earlier?: RowReport;
  readonly milliseconds?: number;
  readonly tier?: "pr" | "release";
}

/** @returns every report that was kept, the last one of them the row's */
async function play(
  row: Row,
  { clock = new ManualClock(), ...played }: Played,
): Promise<RowReport[]> {
  const { earlier, milliseconds, tier = "pr" } = played;
  const kept: RowReport[] = [];
  const options = {
    tier,
    seed: 5,
    milliseconds,
    machine: "a machine",
    earlier: new Map(earlier && [[row.id, earlier]]),
    keep: (report: RowReport) => kept.push(report),
  };
  for await (const report of torture([row], options, { codecs, clock })) kept.push(report);
  return kept;
}

/** Each case takes a second; the cases of a list are violated. */
function slowRow(clock: ManualClock, seeds: number[], violated: readonly number[] = []): Row {
  return {
    id: "X1",
    title: "slow",
    cases: { pr: 150, nightly: 150, release: 200 },
    async run(context) {
      const tally = new Tally("case");
      if (!context.isContinued) tally.count("exhaustive case");
      for await (const seed of context.seeds) {
        seeds.push(seed);
        await tally.try(seed, "here", async () => {
          await clock.sleep(second);
          if (violated.includes(seed)) throw new Error("broken");
        });
      }
      return tally.result();
    },
  };
}

test("a report is kept every minute, and each seed is tried once", async () => {
  const clock = new ManualClock();
  const seeds: number[] = [];
  const kept = await play(slowRow(clock, seeds), { clock });
  assert.deepEqual(
    seeds,
    Array.from({ length: 150 }, (_, i) => 5 + i),
  );
  assert(kept.length >= 3);
  const last = kept.at(-1)!;
  assert.deepEqual(last.counts, { case: 150, "exhaustive case": 1 });
  assert.deepEqual([last.cases, last.isComplete, last.outcome], [150, true, "held"]);
  assert.equal(last.parts.length, 1);
  assert.equal(last.figure, "150 cases, 1 exhaustive case");
});

test("what was interrupted goes on behind its last seed, and a row that asks for more later does", async () => {
  const clock = new ManualClock();
  const seeds: number[] = [];
  const row = slowRow(clock, seeds);
  const first = (await play(row, { clock, milliseconds: 30 * second })).at(-1)!;
  assert.equal(first.isComplete, false);
  assert(first.cases > 20 && first.cases < 40);
  const next = (await play(row, { clock, earlier: first })).at(-1)!;
  assert.deepEqual([next.cases, next.isComplete], [150, true]);
  const third = (await play(row, { clock, earlier: next, tier: "release" })).at(-1)!;
  assert.deepEqual([third.cases, third.tried, third.isComplete], [200, 200, true]);
  assert.equal(third.counts["exhaustive case"], 1);
  assert.equal(new Set(seeds).size, seeds.length);
  // A row that is complete is not run again.
  await play(row, { clock, earlier: third, tier: "release" });
  assert.equal(seeds.length, 200);
});

test("a row that was violated begins anew, and counts nothing of what was before", async () => {
  const clock = new ManualClock();
  const broken = (await play(slowRow(clock, [], [7]), { clock })).at(-1)!;
  assert.deepEqual([broken.outcome, broken.firstSeed], ["violated", 7]);
  const seeds: number[] = [];
  const repaired = (await play(slowRow(clock, seeds), { clock, earlier: broken })).at(-1)!;
  assert.equal(repaired.outcome, "held");
  assert.deepEqual([seeds[0], repaired.tried], [5, 150]);
});

test("half of what is exhaustive is not kept", async () => {
  const clock = new ManualClock();
  const row: Row = {
    id: "X2",
    title: "exhaustive",
    cases: none,
    async run({ isOver }) {
      const tally = new Tally("case");
      for (let i = 0; i < 10 && !isOver(); i++)
        await tally.try(0, "", async () => clock.sleep(second));
      return tally.result();
    },
  };
  const half = (await play(row, { clock, milliseconds: 5 * second })).at(-1)!;
  assert.deepEqual([half.outcome, half.tried, half.isComplete], ["not run", 0, false]);
  const whole = (await play(row, { clock, earlier: half })).at(-1)!;
  assert.deepEqual([whole.outcome, whole.tried, whole.isComplete], ["held", 10, true]);
});

test("what is exhaustive may take longer than a part, and random cases follow it", async () => {
  const clock = new ManualClock();
  const seeds: number[] = [];
  const row = slowRow(clock, seeds);
  const slow: Row = {
    ...row,
    run: async (context) => {
      if (!context.isContinued) await clock.sleep(100 * second);
      return row.run!(context);
    },
  };
  const last = (await play(slow, { clock })).at(-1)!;
  assert.deepEqual([last.isComplete, last.cases, seeds.length], [true, 150, 150]);
});

test("figures are told in words", () => {
  const shown = ["recovery", "life", "size of a disk", "crash", "MiB of memory", "day"].map(
    (what) => counted(2, what),
  );
  assert.deepEqual(shown, [
    "2 recoveries",
    "2 lives",
    "2 sizes of a disk",
    "2 crashes",
    "2 MiB of memory",
    "2 days",
  ]);
  assert.equal(counted(1, "recovery"), "1 recovery");
  assert.equal(counted(12_345, "life"), "12,345 lives");
});
