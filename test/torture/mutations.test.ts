/** The checks that row M1 leaves out stand where it looks for them, and leaving one out is noticed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { catalogue } from "../../src/torture/catalogue.ts";
import { runMutant } from "../../src/torture/mutant-process-node.ts";
import { mutations } from "../../src/torture/mutations.ts";

const source = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../../src", file), "utf8");

test("row M1: each check stands in its file once, and a row of the catalogue shows it", () => {
  const ids = new Set(catalogue.filter(({ run }) => run !== undefined).map(({ id }) => id));
  for (const { file, check, row } of mutations) {
    assert.equal(source(`${file}.ts`).split(check).length, 2, `${file}: ${check}`);
    assert(ids.has(row), row);
    // The build keeps lines as they are, and takes types away.
    assert.doesNotMatch(check, /\n| as |\w!/, check);
  }
  assert(mutations.length > 40);
});

test("row M1: a check that is left out turns its row red, one that stays does not, and one that moved is told", () => {
  const [file, check] = ["journal/frame-checker", "checksum !== header.bodyChecksum"] as const;
  const row = "B5";
  const killed = runMutant(
    { file: "journal/recovery", check: "missing !== undefined", without: "false", row },
    1,
  );
  assert.match(killed.violation ?? "", /a writer goes on with it/);
  assert.deepEqual(runMutant({ file, check, without: check, row }, 1), {});
  const moved = runMutant({ file, check: "checksum === 0", without: "false", row }, 1);
  assert.match(moved.problem ?? "", /stands 0 times/);
  const unloaded = runMutant({ file: "cli/program", check, without: "false", row }, 1);
  assert.match(unloaded.problem ?? "", /is not loaded/);
});
