/** What the workloads of the bench weigh, shortened: a recording may become smaller, never larger unnoticed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedSizes, sizeOf } from "../../bench/sizes.ts";
import { workloadNames } from "../../bench/workloads/workloads.ts";

/** Other builds of zstd pack a little differently. */
const growthMax = 1.01;

test("sizes are held for each workload of the bench", () => {
  assert.deepEqual(Object.keys(acceptedSizes()), workloadNames);
});

for (const name of workloadNames) {
  test(`TAK-57: ${name} weighs no more than it did`, async () => {
    const accepted = acceptedSizes()[name];
    const found = await sizeOf(name);
    assert(
      found <= accepted * growthMax,
      `${found} bytes per tick, ${accepted} were accepted. If it has to be so: npm run bench -- --accept-sizes`,
    );
  });
}
