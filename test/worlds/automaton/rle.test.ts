import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readPlaintext } from "../../../worlds/automaton/plaintext.ts";
import { readPattern } from "../../../worlds/automaton/patterns.ts";
import { readRle, writeRle } from "../../../worlds/automaton/rle.ts";

const glider = [0, 1, 0, 0, 0, 1, 1, 1, 1];

function refusal(text: string): string {
  try {
    readPattern(text);
  } catch (error) {
    assert(error instanceof Error && "code" in error);
    assert.equal(error.code, "WORLD_PARAM");
    return error.message;
  }
  return assert.fail(`${text} was accepted`);
}

test("reads a pattern with comments, CRLF, wrapped lines and text behind its end", () => {
  const text = [
    "#N Glider",
    "#O Richard K. Guy",
    "#C Smallest, and",
    "#C most common.",
    "#R -5 12",
    "",
    "  x=3 ,y = 3,  rule = B3/S23:T64,48",
    "bo$2",
    "#C Between the rows.",
    "bo $",
    "\t3o!",
    "Anything: 999999999999 zzz",
  ].join("\r\n");
  assert.deepEqual(readRle(text), {
    width: 3,
    height: 3,
    cells: Uint8Array.from(glider),
    rule: "B3/S23",
    topology: "T64,48",
    position: { x: -5, y: 12 },
    comments: [
      { kind: "N", text: "Glider" },
      { kind: "O", text: "Richard K. Guy" },
      { kind: "C", text: "Smallest, and" },
      { kind: "C", text: "most common." },
      { kind: "R", text: "-5 12" },
      { kind: "C", text: "Between the rows." },
    ],
  });
});

test("a header need not have a rule; a #r line stands in for it", () => {
  assert.equal(readRle("x = 1, y = 1\no!").rule, undefined);
  assert.equal(readRle("#r 23/3\nx = 1, y = 1\no!").rule, "23/3");
  assert.equal(readRle("#r 23/3\nx = 1, y = 1, rule = B36/S23\no!").rule, "B36/S23");
});

test("reads all 256 states", () => {
  const cells = Uint8Array.from({ length: 256 }, (_, state) => state);
  assert.deepEqual(readRle("x = 6, y = 1\n.AXpApXqA!").cells, Uint8Array.of(0, 1, 24, 25, 48, 49));
  assert.equal(readRle("x = 1, y = 1\nyO!").cells[0], 255);
  assert.deepEqual(readRle(writeRle(cells, { x: 16, y: 16 })).cells, cells);
});

test("rows may be short, empty or missing, and dead cells may lie outside", () => {
  assert.deepEqual([...readRle("x = 2, y = 3\n$o!").cells], [0, 0, 1, 0, 0, 0]);
  assert.deepEqual([...readRle("x = 2, y = 3\no2$bo!").cells], [1, 0, 0, 0, 0, 1]);
  assert.deepEqual([...readRle("x = 2, y = 1\no9b$9$4b$!").cells], [1, 0]);
  assert.deepEqual(readRle("x = 0, y = 0\n!").cells.length, 0);
});

test("RLE errors name line and column", () => {
  const refused: readonly (readonly [text: string, message: RegExp])[] = [
    ["x = 3, y = 3\nbo$\n2bz$3o!", /line 3, column 3[^]*"z"/],
    ["x = 3, y = 3\nbo$2bo$4o!", /line 2, column 9[^]*3 x 3[^]*a live cell at 3, 2/],
    ["x = 3, y = 1\n3o$o!", /line 2, column 4[^]*a live cell at 0, 1/],
    ["x = 3, y = 3\nbo$2bo$3o\n", /line 3, column 1[^]*"!"[^]*cut off/],
    ["x = 3, y = 3\n0o!", /at least one/],
    ["x = 3, y = 3\npZ!", /line 2, column 1[^]*pA to yO[^]*"pZ"/],
    ["x = 3, y = 3\nyP!", /pA to yO/],
    ["x = 3, y = 3\np", /pA to yO/],
    ["#C only a comment\n", /header/],
    ["bo$2bo$3o!", /line 1, column 1[^]*header/],
    ["x = three, y = 3\no!", /line 1, column 1[^]*header/],
    ["#Life 1.06\n0 -1\n", /RLE/],
  ];
  for (const [text, message] of refused) assert.match(refusal(text), message, text);
});

test("a million empty lines, comments or spaces take no longer than they are long", () => {
  const started = process.hrtime.bigint();
  assert.match(refusal("\n".repeat(1_000_000)), /header/);
  assert.match(refusal(`x = 3, y = 3${" ".repeat(1_000_000)}z\n!`), /header/);
  assert.equal(readRle(`${"#C\n".repeat(300_000)}x = 1, y = 1\no!`).comments.length, 300_000);
  assert(process.hrtime.bigint() - started < 3_000_000_000n);
});

test("hostile sizes and runs are refused before anything is allocated", () => {
  assert.match(refusal("x = 999999999, y = 999999999\n!"), /67108864 cells/);
  assert.match(refusal("x = 8193, y = 8192\n!"), /67108864 cells/);
  assert.match(refusal("x = 9999999999999999999999, y = 1\n!"), /header/);
  assert.match(refusal(`x = 3, y = 3\n${"9".repeat(100_000)}o!`), /column 8[^]*67108864/);
  assert.match(refusal("x = 3, y = 3\n67108864$o!"), /a live cell at 0, 67108864/);
});

const anyCells = fc
  .record({
    x: fc.integer({ min: 1, max: 90 }),
    y: fc.integer({ min: 1, max: 12 }),
    stateMax: fc.constantFrom(1, 1, 2, 255),
    density: fc.constantFrom(0.02, 0.5, 1),
  })
  .chain(({ x, y, stateMax, density }) => {
    const live = fc.integer({ min: 1, max: stateMax });
    const cell = fc.double({ min: 0, max: 1, noNaN: true }).chain((draw) => {
      return draw <= density ? live : fc.constant(0);
    });
    const cells = fc.array(cell, { minLength: x * y, maxLength: x * y });
    return fc.record({
      x: fc.constant(x),
      y: fc.constant(y),
      cells: cells.map((list) => Uint8Array.from(list)),
    });
  });

test("what is written reads back, in lines of at most 70, seed 1", () => {
  const property = fc.property(anyCells, ({ x, y, cells }) => {
    const text = writeRle(cells, { x, y, rule: "B3/S23" });
    assert(text.split("\n").every((line) => line.length <= 70));
    const { width, height, rule, cells: read } = readRle(text);
    assert.deepEqual(
      { width, height, rule, read },
      { width: x, height: y, rule: "B3/S23", read: cells },
    );
  });
  fc.assert(property, { seed: 1, numRuns: 200 });
});

const damagingTags = "bo$!.ApyX0123456789#\r\n=x, ".split("");

test("damaged patterns are read or refused with a code, never worse, seed 1", () => {
  const text = writeRle(Uint8Array.from(glider), { x: 3, y: 3, rule: "B3/S23" });
  const damage = fc.array(
    fc.record({
      at: fc.nat(text.length),
      insert: fc.string({ unit: fc.constantFrom(...damagingTags), maxLength: 4 }),
      remove: fc.nat(3),
    }),
    { maxLength: 4 },
  );
  const property = fc.property(damage, (edits) => {
    let damaged = text;
    for (const { at, insert, remove } of edits) {
      damaged = damaged.slice(0, at) + insert + damaged.slice(at + remove);
    }
    try {
      readPattern(damaged);
    } catch (error) {
      assert(
        error instanceof Error && "code" in error && error.code === "WORLD_PARAM",
        String(error),
      );
    }
  });
  fc.assert(property, { seed: 1, numRuns: 2000 });
});

test("writing is canonical: runs, no dead ends, no empty rows at the end", () => {
  const cells = Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
  assert.equal(writeRle(cells, { x: 3, y: 5 }), "x = 3, y = 5\n$2o2$bo!\n");
  assert.equal(writeRle(new Uint8Array(4), { x: 2, y: 2 }), "x = 2, y = 2\n!\n");
  assert.throws(() => writeRle(cells, { x: 4, y: 4 }), { code: "WORLD_PARAM" });
});

test("reads plaintext patterns", () => {
  const text = "!Name: Glider\r\n!The smallest.\r\n.O\r\n..O\r\nOOO\r\n";
  assert.deepEqual(readPattern(text), {
    width: 3,
    height: 3,
    cells: Uint8Array.from(glider),
    comments: [
      { kind: "N", text: "Glider" },
      { kind: "C", text: "The smallest." },
    ],
  });
  assert.deepEqual(readPattern(".*\n..*\n***").cells, Uint8Array.from(glider));
  assert.deepEqual([...readPlaintext("!\nO\n\nO\n").cells], [1, 0, 1]);
  assert.match(refusal("!\n.O\n.x\n"), /line 3, column 2[^]*"x"/);
});
