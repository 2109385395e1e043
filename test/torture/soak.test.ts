/** What an hour of recording must look like, and what is told of one that does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMemory, type Sample } from "../../src/torture/rows/soak-node.ts";
import { Chance } from "../../src/testing/index.ts";

const MiB = 2 ** 20;

/** An hour that takes up to 100 MiB at once, and from then on so many more bytes in an hour; with noise. */
function hour(growth: number, { live = 0, seconds = 3600 } = {}): Sample[] {
  const chance = new Chance(3);
  return Array.from({ length: 361 }, (_, i) => {
    const at = (seconds * i) / 360;
    const filling = Math.min(1, i / 60) * 100 * MiB;
    const noise = chance.below(200_000) - 100_000;
    return {
      seconds: at,
      tick: i,
      resident: filling + (growth * i) / 360 + noise,
      live: 20 * MiB + (live * i) / 360,
    };
  });
}

test("CON-04: a long recording whose memory fills once and stays there is taken", () => {
  const slope = checkMemory(hour(0));
  assert(slope !== undefined && Math.abs(slope) < 100_000, `${slope} bytes in an hour`);
});

test("CON-04: a long recording that takes two megabytes more in each hour is told", () => {
  assert.throws(() => checkMemory(hour(2e6)), /memory grows by (1\.9|2\.0)\d MB in an hour/);
});

test("CON-04: live memory that grows is told after any time, a slope only of a long one", () => {
  assert.equal(checkMemory(hour(2e6, { seconds: 60 })), undefined);
  assert.throws(() => checkMemory(hour(0, { seconds: 60, live: 40 * MiB })), /live memory grew/);
});
