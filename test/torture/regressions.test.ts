/** Seeds that once broke a promise; each stays for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { catalogue } from "../../src/torture/index.ts";
import { seedsFrom } from "../../src/torture/row.ts";

const codecs = await nodeCodecs();

/** What each found, by row and seed. */
const found: readonly [row: string, seed: number, what: string][] = [
  ["A6", 6, "a seal that survived without the ticks before it was believed"],
  ["A9", 7, "a file that was moved aside took the place of an earlier one"],
  ["C2", 1, "what a failed sync had dropped was taken for durable by the next process"],
  ["B4", 1, "a step back over lost ticks showed another tick's state"],
  [
    "D6",
    11,
    "a read that came short was taken for the end of history, and acknowledged ticks were cut",
  ],
  ["D6", 124, "reads that came short met an assumption, or a scan without end"],
];

for (const [id, seed, what] of found) {
  test(`T3, J1: never again: ${what} (${id}, seed ${seed})`, async () => {
    const row = catalogue.find((one) => one.id === id);
    const seeds = seedsFrom(seed, id === "B4" ? 100 : 1);
    const context = { codecs, clock: nodeClock, tier: "pr", seed, seeds } as const;
    const result = await row?.run?.({ ...context, isContinued: false, isOver: () => false });
    assert.deepEqual(result?.violations, []);
    assert(result.tried > 0);
  });
}
