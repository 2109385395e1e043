/** An oracle that is always content proves nothing: it sees each promise that is broken. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { everythingSurvives, SimFs } from "../../src/testing/index.ts";
import { herdWorkload } from "../../src/torture/herd.ts";
import { catalogue, torture, type Row } from "../../src/torture/index.ts";
import { Oracle } from "../../src/torture/oracle.ts";
import { sequences, sequencesUpTo } from "../../src/torture/sequences.ts";
import { runFolder, Session } from "../../src/torture/workload.ts";

const codecs = await nodeCodecs();
const oracle = new Oracle(herdWorkload, codecs);

async function recorded(): Promise<Session> {
  const session = new Session(new SimFs(), herdWorkload, codecs);
  await session.open();
  for (let i = 0; i < 3; i++) await session.commit();
  return session;
}

test("J1: what was promised holds, and the oracle says so", async () => {
  const { disk, promised } = await recorded();
  const { tick, resumed } = await oracle.check(disk.afterPowerLoss(everythingSurvives), promised);
  assert.deepEqual([tick, resumed], [3, true]);
});

test("J1: the oracle misses an acknowledged tick, a gap, and a tick that was never committed", async () => {
  const { disk, promised } = await recorded();
  const check = async (changes: object): Promise<unknown> =>
    oracle.check(disk.afterPowerLoss(everythingSurvives), { ...promised, ...changes });
  await assert.rejects(check({ acknowledged: 4 }), /tick 4 was acknowledged, 3 is last/);
  await assert.rejects(check({ issued: [0, 1, 2] }), /tick 3 stands where/);
  await assert.rejects(check({ acknowledgedGap: 9 }), /lies in an acknowledged gap/);
});

test("J2: the oracle sees a file that is left over", async () => {
  const { disk, promised } = await recorded();
  const left = disk.afterPowerLoss(everythingSurvives);
  left.open(`${runFolder}/run.json.old`, "create");
  await assert.rejects(oracle.check(left, promised), /left over|files are open/);
});

test("every short sequence that makes sense is there, once", () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((length) => [...sequences(length)].length),
    [1, 6, 31, 161],
  );
  const all = [...sequencesUpTo(3)].map(String);
  assert.equal(new Set(all).size, all.length);
});

test("a row that cannot run, or tries nothing, is never one that held", async () => {
  const cases = { pr: 1, nightly: 1, release: 1 };
  const run: Row["run"] = async ({ seeds }) => {
    for await (const _ of seeds) void _;
    return Promise.resolve({ counts: {}, most: {}, tried: 0, violations: [] });
  };
  const rows: Row[] = [
    { id: "X1", title: "", cases },
    { id: "X2", title: "", cases, run, missing: () => "install it" },
    { id: "X3", title: "", cases, run },
  ];
  const outcomes: string[] = [];
  for await (const { outcome } of torture(
    rows,
    { tier: "pr", seed: 1, machine: "" },
    { codecs, clock: nodeClock },
  )) {
    outcomes.push(outcome);
  }
  assert.deepEqual(outcomes, ["not built", "not run", "not run"]);
  assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
});
