import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { table } from "../../src/cli/output.ts";
import { cutToWidth, padToWidth, textWidth } from "../../src/cli/text-width.ts";

test("a text is as wide as a terminal shows it", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["", 0],
    ["sheep", 5],
    ["naïve", 5],
    ["nai\u0308ve", 5],
    ["羊", 2],
    ["ひつじ", 6],
    ["양", 2],
    ["ＦＵＬＬ", 8],
    ["🐑", 2],
    ["🐑🐺", 4],
    ["❤️", 2],
    ["🇪🇪", 2],
    ["▀▄█…·", 5],
    ["\u{20000}", 2],
  ];
  for (const [text, width] of cases) assert.equal(textWidth(text), width, text);
});

test("a text is cut between characters, and says so", () => {
  assert.equal(cutToWidth("sheep", 5), "sheep");
  assert.equal(cutToWidth("sheep", 4), "she…");
  assert.equal(cutToWidth("羊羊羊", 6), "羊羊羊");
  assert.equal(cutToWidth("羊羊羊", 5), "羊羊…");
  assert.equal(cutToWidth("羊羊羊", 4), "羊…");
  assert.equal(cutToWidth("🐑🐑", 2), "…");
  assert.equal(cutToWidth("nai\u0308ve", 4), "nai\u0308…");
  assert.equal(cutToWidth("sheep", 0), "");
});

test("whatever the text, a cut one fits, and a padded one fills, seed 1", () => {
  const property = fc.property(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.nat({ max: 30 }),
    (text, width) => {
      assert(textWidth(cutToWidth(text, width)) <= width);
      if (textWidth(text) > width) return;
      assert.equal(cutToWidth(text, width), text);
      assert.equal(textWidth(padToWidth(text, width, "left")), width);
      assert.equal(padToWidth(text, width, "right").trimStart(), text.trimStart());
    },
  );
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test("columns of a table stand under each other in any script", () => {
  const rows = [
    ["羊", "1"],
    ["sheep", "10"],
  ];
  assert.deepEqual(table(["NAME", " N"], rows), ["NAME     N", "羊       1", "sheep   10"]);
});
