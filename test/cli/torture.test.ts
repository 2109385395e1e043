import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { TortureReport } from "../../src/cli/torture-report.ts";
import { everytick, temporaryFolder } from "./everytick-process.ts";

test("a report of torture goes on where it ended, row by row", async (t) => {
  const cwd = await temporaryFolder(t);
  const torture = async (...more: string[]) =>
    everytick(["torture", "--row", "E3", "--report", "report.json", ...more], { cwd });
  const read = async (): Promise<TortureReport> =>
    JSON.parse(await readFile(join(cwd, "report.json"), "utf8")) as TortureReport;

  const first = await torture();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^✓ E3 {2}a delta on another base: 12 foreign deltas in \d+\.\d s\n$/);
  const report = await read();
  assert.deepEqual([report.ok, report.seed, report.rows.length], [true, 1, 1]);
  const again = await torture("--json");
  assert.deepEqual(JSON.parse(again.stdout), report);
  assert.deepEqual(await read(), report);

  await torture("--row", "E2,E3");
  const two = await read();
  assert.deepEqual(
    two.rows.map(({ id }) => id),
    ["E2", "E3"],
  );
  assert.deepEqual(two.rows[1], report.rows[0]);
});

test("a report of other seeds or another tier, and what is no report, is refused and stays as it is", async (t) => {
  const cwd = await temporaryFolder(t);
  const torture = async (...more: string[]) =>
    everytick(["torture", "--row", "E3", "--report", "report.json", ...more], { cwd });
  await torture();
  const other = await torture("--seed", "9");
  assert.equal(other.code, 2);
  assert.match(other.stderr, /the tier pr and the seed 1 of report\.json/);
  assert.equal((await torture("--tier", "nightly")).code, 2);
  await writeFile(join(cwd, "report.json"), "a letter");
  const letter = await torture();
  assert.equal(letter.code, 2);
  assert.match(letter.stderr, /a report of torture/);
  assert.equal(await readFile(join(cwd, "report.json"), "utf8"), "a letter");
});
