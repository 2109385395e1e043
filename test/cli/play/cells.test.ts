import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawCells } from "../../../src/cli/play/cells.ts";
import type { GridSchema, NumericArray, NumericType } from "../../../src/types.ts";

const room = { columns: 80, rows: 24 };

function schemaOf(shape: readonly number[], type: NumericType = "u8"): GridSchema {
  return { kind: "grid", name: "cells", role: "causal", type, shape, chunk: shape };
}

function plain(shape: readonly number[], cells: NumericArray, within = room, slice = 0) {
  return drawCells(schemaOf(shape), cells, slice, within, false);
}

/** The colours of a picture, dot by dot: [upper, lower] of each character of each line. */
function coloursOf(shape: readonly number[], cells: NumericArray): (readonly [number, number])[][] {
  return drawCells(schemaOf(shape), cells, 0, room, true).lines.map((line) => {
    const dots: (readonly [number, number])[] = [];
    let said: readonly [number, number] = [-1, -1];
    for (const part of line.replace("\u001B[0m", "").split("\u001B[").slice(1)) {
      const [, upper, lower, blocks] = /^38;5;(\d+);48;5;(\d+)m(▀+)$/.exec(part) ?? [];
      assert(blocks !== undefined, `a part of its own: ${part}`);
      assert.notDeepEqual(
        [Number(upper), Number(lower)],
        said,
        "a colour is said where it changes",
      );
      said = [Number(upper), Number(lower)];
      dots.push(...Array.from(blocks, () => said));
    }
    return dots;
  });
}

test("two rows of cells stand in a line of characters", () => {
  const cells = Uint8Array.from([1, 0, 7, 0, /**/ 1, 1, 0, 0, /**/ 0, 0, 0, 2]);
  assert.deepEqual(plain([3, 4], cells), {
    lines: ["█▄▀", "   ▀"],
    caption: "3×4 · 0 to 7",
    scrollMax: 0,
  });
});

test("a grid in space shows one plane, and planes go round", () => {
  const cells = new Uint8Array(24);
  cells[8] = 1;
  const shape = [3, 2, 4];
  assert.deepEqual(plain(shape, cells).lines, [""]);
  assert.deepEqual(plain(shape, cells, room, 1).lines, ["▀"]);
  assert.equal(plain(shape, cells, room, 1).caption, "3×2×4, plane 1 (0 to 2) · 0 to 1");
  assert.equal(plain(shape, cells, room, -2).caption, "3×2×4, plane 1 (0 to 2) · 0 to 1");
  assert.equal(
    plain([2, 2, 1, 3], new Uint8Array(12), room, 3).caption,
    "2×2×1×3, plane 3 (0 to 3) · all 0",
  );
});

test("cells in a row are written on from line to line", () => {
  const cells = Uint8Array.from({ length: 10 }, (_, i) => (i === 0 || i === 4 || i === 9 ? 1 : 0));
  const narrow = { columns: 4, rows: 3 };
  assert.deepEqual(plain([10], cells, narrow).lines, ["█", " ▀"]);
  assert.equal(plain([10], cells, narrow).caption, "10 in rows of 4 · 0 to 1");
  assert.deepEqual(plain([10], cells, { columns: 2, rows: 1 }).lines, ["▀█"]);
  assert.equal(plain([3], new Uint8Array(3)).caption, "3 · all 0");
});

test("a grid that is larger than the room fits into it, and no lone cell is lost, seed 1", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 10 }),
    fc.nat(),
    fc.boolean(),
    (height, width, columns, rows, place, isRow) => {
      const cells = new Int8Array(height * width);
      cells[place % cells.length] = -1;
      const shape = isRow ? [cells.length] : [height, width];
      const { lines, caption } = plain(shape, cells, { columns, rows });
      assert(lines.length <= rows);
      for (const line of lines) assert(line.length <= columns);
      assert.match(lines.join(""), /^ *[▀▄] *$/, "one dot for one cell");
      const fits = isRow
        ? cells.length <= columns * 2 * rows
        : width <= columns && height <= 2 * rows;
      assert.equal(/a dot/.test(caption), !fits);
    },
  );
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test("0 is dark, other values go from blue to white", () => {
  const [line = []] = coloursOf([2, 3], Uint8Array.from([0, 1, 2, /**/ 3, 255, 0]));
  assert.deepEqual(line, [
    [16, 25],
    [25, 231],
    [25, 16],
  ]);
  assert.deepEqual(coloursOf([1, 2], Float64Array.of(290, 300))[0], [
    [25, 16],
    [231, 16],
  ]);
  assert.deepEqual(coloursOf([1, 1], Uint8Array.of(5))[0], [[231, 16]], "a lone value is bright");
  assert.deepEqual(coloursOf([1, 2], Float64Array.of(-3, -1))[0], [
    [231, 16],
    [25, 16],
  ]);
});

test("values on both sides of 0 are warm and cold", () => {
  const [line] = coloursOf([1, 5], Float32Array.of(-10, -1, 0, 5, 10));
  assert.deepEqual(
    line?.map(([upper]) => upper),
    [195, 30, 16, 208, 231],
  );
});

test("NaN stands out and is counted, infinities are the ends", () => {
  const cells = Float64Array.of(Number.NaN, 1, 2, Infinity, -Infinity, 0);
  assert.deepEqual(
    coloursOf([1, 6], cells)[0]?.map(([upper]) => upper),
    [46, 208, 231, 231, 195, 16],
  );
  assert.equal(plain([1, 6], cells).caption, "1×6 · -Infinity to Infinity, 1 NaN");
  assert.equal(plain([1, 6], cells).lines[0], "▀▀▀▀▀");
  assert.equal(plain([2], Float32Array.of(Number.NaN, Number.NaN)).caption, "2 · all NaN");
  const many = new Float64Array(100).fill(1);
  many[77] = Number.NaN;
  const { lines } = drawCells(schemaOf([10, 10]), many, 0, { columns: 5, rows: 3 }, true);
  assert.match(lines.join(""), /;5;46/, "it is seen among others of its dot");
});

test("a dot of several cells has the colour of their mean, and is dark only if all are 0", () => {
  const cells = new Int16Array(8 * 8);
  const paint = (left: number, size: number, values: readonly number[]) => {
    for (let i = 0; i < size; i++) cells[(i >> 1) * 8 + left + (i & 1)] = values[i] as number;
  };
  const small = { columns: 4, rows: 2 };
  const colours = () =>
    [
      ...drawCells(schemaOf([8, 8], "i16"), cells, 0, small, true)
        .lines.join("")
        .matchAll(/38;5;(\d+)/g),
    ]
      .slice(0, 4)
      .map(([, colour]) => Number(colour));
  paint(0, 4, [1, 1, 1, 1]);
  paint(2, 4, [1, 0, 0, 0]);
  paint(4, 4, [1, 1, 0, 0]);
  assert.deepEqual(colours(), [231, 25, 133, 16]);
  paint(4, 4, [5, -5, 0, 0]);
  assert.deepEqual(colours(), [231, 133, 25, 16]);
});

test("cells of 64 bits are drawn as others are", () => {
  const cells = BigInt64Array.of(-(2n ** 63n), 0n, 5n, 2n ** 63n - 1n);
  assert.deepEqual(
    coloursOf([1, 4], cells)[0]?.map(([upper]) => upper),
    [195, 16, 88, 231],
  );
  const { lines, caption } = plain([2, 2], BigUint64Array.of(0n, 2n ** 64n - 1n, 0n, 0n));
  assert.deepEqual(lines, [" ▀"]);
  assert.equal(caption, "2×2 · 0 to 1.84467e+19");
});
