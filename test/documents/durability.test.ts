/** The figures of `docs/durability.md` are those of the report beside it. After a longer one: `UPDATE_DURABILITY=1` and this file once. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TortureReport } from "../../src/cli/torture-report.ts";
import { catalogue } from "../../src/torture/index.ts";
import { begin, end, figuresOf } from "./durability-figures.ts";
import { root } from "./titles.ts";

const path = join(root, "docs/durability.md");
const report = JSON.parse(
  readFileSync(join(root, "docs/durability.json"), "utf8"),
) as TortureReport;

function withFigures(page: string): string {
  const [before = "", rest = ""] = page.split(begin);
  const [, after = ""] = rest.split(end);
  return `${before}${figuresOf(report)}${after}`;
}

test("docs/durability.md says what the report says", () => {
  const page = readFileSync(path, "utf8");
  const expected = withFigures(page);
  if (process.env["UPDATE_DURABILITY"] === "1") writeFileSync(path, expected);
  assert.equal(readFileSync(path, "utf8"), expected, "run this test once with UPDATE_DURABILITY=1");
});

test("rows of the report are rows of the catalogue, and called as they are now", () => {
  const known = new Set(catalogue.map(({ id, title }) => `${id} ${title}`));
  assert.deepEqual(
    report.rows.map(({ id, title }) => `${id} ${title}`).filter((row) => !known.has(row)),
    [],
  );
});

test("a row that was violated is named among what is open, and nothing else is", () => {
  const [, open = ""] = readFileSync(path, "utf8").split("## What is open");
  const named = [...open.matchAll(/^\* \*\*([A-Z]\d+)\*\*/gm)].map((match) => match[1]);
  const violated = report.rows.filter(({ outcome }) => outcome === "violated");
  assert.deepEqual(
    named,
    violated.map(({ id }) => id),
  );
});
