import assert from "node:assert/strict";
import { test } from "node:test";
import { countGliders } from "../../../worlds/automaton/glider.ts";
import { parseRule } from "../../../worlds/automaton/rule.ts";
import { makeStepper } from "../../../worlds/automaton/step.ts";

/** A board from rows of `.` and `O`. */
function board(...rows: readonly string[]): [cells: Uint8Array, width: number, height: number] {
  const cells = Uint8Array.from(rows.join(""), (tag) => (tag === "O" ? 1 : 0));
  return [cells, cells.length / rows.length, rows.length];
}

test("counts gliders of every direction in every phase, also across the seam of a torus", () => {
  const step = makeStepper(parseRule("B3/S23"), { shape: [9, 8], edge: "torus" });
  const corner = ["OOO.....", "O.......", ".O......"];
  const mirrored = ["OOO.....", "..O.....", ".O......"];
  const starts = [corner, mirrored];
  for (const start of starts.flatMap((rows) => [rows, [...rows].reverse()])) {
    const [cells] = board(...start, ...Array.from({ length: 6 }, () => "........"));
    for (let tick = 0; tick < 4 * 9 * 8; tick++) {
      assert.equal(countGliders(cells, 8, 9), 1, `tick ${tick}`);
      step(cells);
    }
  }
});

test("counts two gliders side by side, and none that touches something", () => {
  assert.equal(
    countGliders(...board(".O...O..", "..O...O.", "OOO.OOO.", "........", "........")),
    2,
  );
  assert.equal(
    countGliders(...board(".O......", "..O.....", "OOO.....", "...O....", "........")),
    0,
  );
  assert.equal(
    countGliders(...board(".O......", "..O.....", "OOOO....", "........", "........")),
    0,
  );
  assert.equal(
    countGliders(...board(".O......", "..O.....", "OOO.....", "........", "O.......")),
    0,
  );
});

test("counts nothing else of five cells", () => {
  assert.equal(countGliders(...board(".OO...", "OO....", ".O....", "......", "......")), 0);
  assert.equal(countGliders(...board(".O....", "OOO...", ".O....", "......", "......")), 0);
  assert.equal(countGliders(new Uint8Array(100), 10, 10), 0);
  assert.equal(countGliders(new Uint8Array(16).fill(1), 4, 4), 0);
});
