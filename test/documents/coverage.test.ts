/** `docs/coverage.md` is what the titles say. After a change of titles: `UPDATE_COVERAGE=1` and this file once. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allTitles, idsOf, isRequirement, root, titlesIn, type Title } from "./titles.ts";

const path = join(root, "docs/coverage.md");

const head = `# Coverage

Which test shows which requirement of the source documents: TAK cellular automata, CON checkpoints, TIC ticks, BAB runtime
persistence, TAD distributed state. Made from the titles of the tests by \`test/documents/coverage.test.ts\`.

| id | title | test |
|---|---|---|
`;

function pageOf(titles: readonly Title[]): string {
  const rows = titles.flatMap(({ ids, text, file }) => {
    const shown = text.slice(text.indexOf(":") + 1).trim();
    return ids.filter(isRequirement).map((requirement) => ({ requirement, shown, file }));
  });
  rows.sort(
    (a, b) =>
      compare(a.requirement, b.requirement) || compare(a.file, b.file) || compare(a.shown, b.shown),
  );
  const lines = rows.map(({ requirement, shown, file }) => {
    return `| ${requirement} | ${shown.replaceAll("|", "\\|")} | \`${file}\` |\n`;
  });
  return head + lines.join("");
}

/** Numbers in a text count as numbers; nothing depends on the language of the machine. */
function compare(a: string, b: string): number {
  const padded = (text: string): string =>
    text.replaceAll(/\d+/g, (digits) => digits.padStart(6, "0"));
  return padded(a) < padded(b) ? -1 : padded(a) > padded(b) ? 1 : 0;
}

test("docs/coverage.md lists what the titles of the tests say", () => {
  const page = pageOf(allTitles());
  if (process.env["UPDATE_COVERAGE"] === "1") writeFileSync(path, page);
  const written = readFileSync(path, "utf8");
  assert.equal(written, page, "run this test once with UPDATE_COVERAGE=1");
});

test("a title names its ids before the first colon, and nothing else does", () => {
  assert.deepEqual(idsOf("TAK-33: a chunk is rebuilt"), ["TAK-33"]);
  assert.deepEqual(idsOf("F2, TAK-36/CON-09: parts"), ["F2", "TAK-36", "CON-09"]);
  assert.deepEqual(idsOf("the rule TAK-33: a chunk"), []);
  assert.deepEqual(idsOf("TAK-33 without a colon"), []);
  assert.deepEqual(idsOf("UTF-8: text"), []);
  // Spelt so that this file does not find itself.
  const source = [
    'T("TAK-1: one", () => {});',
    "  T(`C3, CON-2: ${name}, \\`quoted\\``, async (t) => {});",
    'T(\n  "BAB-3: a \\"pipe\\" | in it",\n',
    'atT("TAK-4: no call of ours");',
    'const text = "TAK-5: no call";',
  ]
    .join("\n")
    .replaceAll("T(", "test(");
  const titles = titlesIn(source, "test/x.test.ts");
  assert.deepEqual(
    titles.map(({ text }) => text),
    ["TAK-1: one", "C3, CON-2: ${name}, `quoted`", 'BAB-3: a "pipe" | in it'],
  );
  assert.equal(
    pageOf(titles),
    `${head}| BAB-3 | a "pipe" \\| in it | \`test/x.test.ts\` |\n` +
      "| CON-2 | ${name}, `quoted` | `test/x.test.ts` |\n| TAK-1 | one | `test/x.test.ts` |\n",
  );
});
