import assert from "node:assert/strict";
import { test } from "node:test";
import { drawBoard } from "../../src/cli/demo/picture.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { table, visible } from "../../src/cli/output.ts";
import { bytes, comparedToRaw, count, duration, quantile } from "../../src/cli/quantities.ts";
import { parseCount, parseSeed } from "../../src/cli/usage.ts";

test("bytes have three digits and the unit that fits", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [12_345, "12.3 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [262_144_000, "262 MB"],
    [3e15, "3.00 PB"],
  ];
  for (const [value, text] of cases) assert.equal(bytes(value), text);
});

test("durations are as exact as people need", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.421, "0.42 ms"],
    [12.34, "12.3 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [59_940, "59.9 s"],
    [59_960, "1 min 0 s"],
    [125_000, "2 min 5 s"],
    [3_600_000, "1 h 0 min"],
    [12_060_000, "3 h 21 min"],
  ];
  for (const [value, text] of cases) assert.equal(duration(value), text);
});

test("sizes are compared with raw states honestly, also when they are larger", () => {
  assert.equal(comparedToRaw(10, 1090), "109× smaller than raw");
  assert.equal(comparedToRaw(200, 100), "2.00× larger than raw");
  assert.equal(count(1_234_567), "1,234,567");
});

test("a quantile is one of the values", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([3, 1, 2], 1), 3);
  assert.equal(Number.isNaN(quantile([], 0.5)), true);
});

test("counts are read as they are printed", () => {
  for (const text of ["10000", "10,000", "10_000"]) assert.equal(parseCount(text), 10_000);
  for (const text of ["", "1,0", "1.5", "-1", "1e3", "0x10", " 1", "9007199254740992"]) {
    assert.throws(() => parseCount(text), text);
  }
  assert.equal(parseSeed("-5"), -5);
  assert.throws(() => parseSeed("-0"));
});

test("the nearest name is offered only if it is near", () => {
  assert.equal(nearest("densty", ["rule", "size", "density"]), "density");
  assert.equal(nearest("Rule", ["rule", "size"]), "rule");
  assert.equal(nearest("xyz", ["rule", "size", "density"]), undefined);
});

test("a table aligns numbers to the right", () => {
  assert.deepEqual(
    table(
      ["RUN", " TICKS"],
      [
        ["a", "1"],
        ["long", "1,000"],
      ],
    ),
    ["RUN    TICKS", "a          1", "long   1,000"],
  );
});

test("control characters become visible", () => {
  assert.equal(visible("a\u001B[2J\u202Eb\n"), "a\\u{1b}[2J\\u{202e}b\\u{a}");
});

test("a board is drawn two cells to a character", () => {
  const cells = Uint8Array.from([1, 0, 1, 0, /**/ 1, 1, 0, 0, /**/ 0, 0, 0, 1]);
  assert.deepEqual(drawBoard(cells, 4, { left: 0, top: 0, columns: 4, rows: 3 }), ["█▄▀", "   ▀"]);
});
