/** `docs/rules.md` and the tests hold each other: every rule is shown, every cited rule stands there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allTitles, isRequirement, root } from "./titles.ts";

const page = readFileSync(join(root, "docs/rules.md"), "utf8");
const rules = [...page.matchAll(/^- \*\*([A-Z]\d+)\*\* /gm)].map((match) => match[1] as string);
const cited = new Set(allTitles().flatMap(({ ids }) => ids.filter((id) => !isRequirement(id))));

test("every rule is shown by a test", () => {
  assert(rules.length > 40, "the page has rules");
  assert.deepEqual(
    rules.filter((rule) => !cited.has(rule)),
    [],
  );
});

test("every rule that a test cites stands in docs/rules.md, once", () => {
  assert.deepEqual(
    [...cited].filter((rule) => !rules.includes(rule)),
    [],
  );
  assert.equal(new Set(rules).size, rules.length);
});

test("rules are numbered from 1 in each section", () => {
  const next = new Map<string, number>();
  for (const rule of rules) {
    const section = rule.slice(0, 1);
    const number = (next.get(section) ?? 0) + 1;
    assert.equal(rule, `${section}${number}`);
    next.set(section, number);
  }
});
