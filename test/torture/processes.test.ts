/** The rows with real processes hold here, and say so where the machine lacks what they need. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { catalogue } from "../../src/torture/index.ts";
import { seedsFrom } from "../../src/torture/row.ts";

const codecs = await nodeCodecs();

/** By row: how many cases, few enough for every change; `torture` itself tries more. */
const rows: readonly (readonly [id: string, shows: string, cases: number])[] = [
  ["A11", "J1: processes of one folder are killed", 2],
  ["A12", "J1: power is lost below a real ext4", 1],
  ["C3", "J5: a disk is full", 1],
  ["C4", "J5: a process may not write more", 1],
  ["C5", "J5: a disk becomes read-only", 1],
  ["C6", "J1: each sync is slow", 1],
  ["C9", "J1: a process gets no more memory", 1],
  ["C10", "J4: two processes want one run", 1],
  ["D2", "J4: a stopped writer goes on", 1],
  ["D5", "J1: user code and signals end processes", 1],
];

for (const [id, shows, cases] of rows) {
  test(`row ${id}, ${shows}`, async (t) => {
    const row = catalogue.find((one) => one.id === id);
    assert(row?.run !== undefined);
    const missing = row.missing?.();
    if (missing !== undefined) {
      assert(process.env["CI"] === undefined, `in CI nothing may be missing: ${missing}`);
      return t.skip(missing);
    }
    const context = { codecs, clock: nodeClock, tier: "pr", seed: 1 } as const;
    const seeds = seedsFrom(1, cases);
    const { violations, tried } = await row.run({
      ...context,
      seeds,
      isContinued: false,
      isOver: () => false,
    });
    assert.deepEqual(violations, []);
    assert(tried >= cases);
  });
}
