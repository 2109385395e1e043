/** Row E6: recordings with the same history on every machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { goldenDigests } from "../../src/torture/golden-digests.ts";
import { goldenRuns } from "../../src/torture/golden.ts";
import type { RowReport } from "../../src/torture/report.ts";
import type { RowContext } from "../../src/torture/row.ts";
import { determinismRows } from "../../src/torture/rows/determinism.ts";
import { runOnArm64, skippedWithoutArm64 } from "../arm64-node.ts";

const [row] = determinismRows;
const codecs = await nodeCodecs();

function contextOf(own = codecs): RowContext {
  const chosen = { tier: "pr", seed: 1, seeds: [], isContinued: false } as const;
  return { codecs: own, clock: nodeClock, ...chosen, isOver: () => false };
}

test("row E6: every golden run has one digest, and reaches it here", async () => {
  const names = goldenRuns.map(({ name }) => name);
  assert.deepEqual(Object.keys(goldenDigests).sort(), names.sort());
  const result = await row!.run!(contextOf());
  assert.deepEqual(result.violations, []);
  assert.equal(result.tried, names.length);
});

test("row E6: another history is a violation, and no digest is written for it", async () => {
  const other = { ...codecs, xxh3: () => ({ ...codecs.xxh3(), digest: () => new Uint8Array(16) }) };
  const { violations } = await row!.run!(contextOf(other));
  assert.match(violations[0]?.what ?? "", /its history is 0{32} here, and 47b87d2e/);
});

test("row E6: they reach the same on arm64", (t) => {
  if (skippedWithoutArm64(t)) return;
  const program = ["--conditions=source", "src/cli/main.ts", "torture", "--row", "E6", "--json"];
  const { status, stdout, stderr } = runOnArm64(program);
  assert.equal(status, 0, stderr + stdout);
  const { rows } = JSON.parse(stdout) as { rows: RowReport[] };
  assert.equal(rows[0]?.tried, goldenRuns.length);
  assert.match(rows[0].parts[0]?.machine ?? "", /^linux arm64/);
});
