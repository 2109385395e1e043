import assert from "node:assert/strict";
import { test } from "node:test";
import { drawFields, drawRows } from "../../../src/cli/play/rows.ts";
import type { Element } from "../../../src/types.ts";

const room = { columns: 60, rows: 4 };
const columns = [
  { name: "id", type: "u32" },
  { name: "name", type: "utf8" },
] as const;
const sheep = (size: number) => Array.from({ length: size }, (_, id) => ({ id, name: `s${id}` }));

test("rows stand under their headings, numbers to the right", () => {
  const rows = [
    { id: 7, name: "羊" },
    { id: 4096, name: "Dolly" },
  ];
  assert.deepEqual(drawRows(columns, rows, 2, 0, room), {
    lines: ["  id   name", "   7   羊", "4096   Dolly"],
    caption: "2 rows",
    scrollMax: 0,
  });
});

test("an empty table shows its headings", () => {
  assert.deepEqual(drawRows(columns, [], 0, 0, room).lines, ["id   name"]);
  assert.equal(drawRows(columns, [], 0, 5, room).caption, "0 rows");
  assert.equal(drawRows(columns, sheep(1), 1, 5, room).caption, "1 row");
});

test("more rows than room are scrolled, and never beyond the last", () => {
  const at = (scroll: number) => drawRows(columns, sheep(1200), 1200, scroll, room);
  assert.equal(at(0).caption, "1,200 rows, 1 to 3");
  assert.equal(at(0).scrollMax, 1197);
  assert.deepEqual(at(1197).lines.slice(1), ["1197   s1197", "1198   s1198", "1199   s1199"]);
  assert.deepEqual(at(5000), at(1197));
  assert.equal(drawRows(columns, sheep(9), 9, 0, { columns: 60, rows: 1 }).lines.length, 2);
});

test("every element is a few characters, and moves no cursor", () => {
  const cases: readonly (readonly [Element, string])[] = [
    ["a\u001B[2Jb", "a\\u{1b}[2Jb"],
    ["羊".repeat(30), `${"羊".repeat(11)}…`],
    [Uint8Array.of(1, 2), "2 bytes"],
    [Uint8Array.of(1), "1 byte"],
    [Float32Array.of(0.1, -2, Number.NaN), "[0.1 -2 NaN]"],
    [BigUint64Array.of(2n ** 64n - 1n), "[18446744073709551615]"],
    [1 / 3, "0.333333"],
    [-0, "-0"],
    [1e21, "1.00000e+21"],
    [-(2n ** 63n), "-9223372036854775808"],
    [Number.NaN, "NaN"],
    [null, "null"],
    [{ a: [1] }, '{"a":[1]}'],
    ["", ""],
  ];
  for (const [element, text] of cases) {
    const { lines } = drawRows([{ name: "x", type: "json" }], [{ x: element }], 1, 0, room);
    assert.equal(lines[1], text);
  }
});

test("a line that is too long is cut at the edge", () => {
  const wide = Array.from({ length: 9 }, (_, i) => ({ name: `column${i}`, type: "utf8" }) as const);
  const { lines } = drawRows(wide, [], 0, 0, { columns: 20, rows: 9 });
  assert.deepEqual(lines, ["column0   column1  …"]);
});

test("a record has a line for each field", () => {
  const fields = ["tick", "note", "c", "d", "e", "f"].map((name) => ({ name }));
  const record = { tick: 5, note: "long ".repeat(20), c: 0, d: 0, e: 0, f: 9 };
  const drawn = drawFields(fields, record, 0, { columns: 30, rows: 4 });
  assert.deepEqual(drawn.lines.slice(0, 2), ["tick   5", "note   long long long long lo…"]);
  assert.deepEqual([drawn.caption, drawn.scrollMax, drawn.lines.length], ["6 fields", 2, 4]);
  assert.equal(drawFields(fields, record, 9, { columns: 30, rows: 4 }).lines.at(-1), "f   9");
  assert.deepEqual(drawFields([], {}, 0, room).caption, "0 fields");
});
