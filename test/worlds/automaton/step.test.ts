import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { neighbourCount, parseRule, type Rule } from "../../../worlds/automaton/rule.ts";
import { makeStepper } from "../../../worlds/automaton/step.ts";
import type { Board } from "../../../worlds/automaton/sums.ts";
import { naiveStep } from "./naive.ts";

interface Case {
  readonly rule: Rule;
  readonly board: Board;
  readonly cells: Uint8Array;
}

/** Lengths of all residues of 4, and often the short ones where a torus meets itself. */
const axis = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 13 }));

const caseOf: fc.Arbitrary<Case> = fc
  .record({
    shape: fc.oneof(fc.tuple(axis, axis), fc.tuple(axis, axis, axis)),
    edge: fc.constantFrom("torus" as const, "dead" as const),
    neighbourhood: fc.constantFrom("moore" as const, "von-neumann" as const),
    states: fc.oneof(fc.constant(2), fc.integer({ min: 3, max: 5 }), fc.constant(256)),
  })
  .chain(({ shape, edge, neighbourhood, states }) => {
    const space = { dimensions: shape.length, neighbourhood };
    const counts = fc.uniqueArray(fc.integer({ min: 0, max: neighbourCount(space) }));
    const size = shape.reduce((product, length) => product * length, 1);
    // States far from 1 and 0 are rare in large rules, so the two get half of the cells.
    const state = fc.oneof(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: states - 1 }));
    return fc.record({
      rule: fc.record({ birth: counts, survival: counts }).map((lists) => ({
        ...space,
        ...lists,
        states,
      })),
      board: fc.constant({ shape, edge }),
      cells: fc
        .array(state, { minLength: size, maxLength: size })
        .map((cells) => Uint8Array.from(cells)),
    });
  });

test("TAK-26: a step equals the naive one for any rule, shape, edge and neighbourhood, seed 1", () => {
  const property = fc.property(caseOf, ({ rule, board, cells }) => {
    const step = makeStepper(rule, board);
    let expected = cells;
    for (let tick = 1; tick <= 3; tick++) {
      expected = naiveStep(rule, board, expected);
      step(cells);
      assert.deepEqual(cells, expected, `tick ${tick}`);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 1500 });
});

test("cells that do not begin at a word step like any others", () => {
  const rule = parseRule("B3/S23");
  const board: Board = { shape: [8, 12], edge: "torus" };
  const memory = new Uint8Array(8 * 12 + 1);
  const cells = memory.subarray(1);
  for (let i = 0; i < cells.length; i++) cells[i] = i % 3 === 0 || i % 7 === 0 ? 1 : 0;
  const expected = naiveStep(rule, board, cells.slice());
  makeStepper(rule, board)(cells);
  assert.deepEqual(cells, expected);
  assert.equal(memory[0], 0);
});

test("a stepper serves many boards: nothing of one step is left for the next", () => {
  const rule = parseRule("B3/S23");
  const board: Board = { shape: [16, 16], edge: "torus" };
  const step = makeStepper(rule, board);
  const full = new Uint8Array(256).fill(1);
  step(full);
  const empty = new Uint8Array(256);
  step(empty);
  assert.deepEqual(empty, new Uint8Array(256));
});

test("on a torus one wide, a cell is its own neighbour, twice on an axis", () => {
  // Of the eight offsets, two along the row and all six of the rows beside it: only the former find the cell itself.
  const rule = parseRule("B/S2");
  const cells = new Uint8Array([0, 0, 1, 0, 0]);
  makeStepper(rule, { shape: [5, 1], edge: "torus" })(cells);
  assert.deepEqual(cells, new Uint8Array([0, 0, 1, 0, 0]));
  makeStepper(rule, { shape: [5, 1], edge: "dead" })(cells);
  assert.deepEqual(cells, new Uint8Array(5));
});

test("birth at no neighbours works, and does not wake what lies outside a dead edge", () => {
  const rule = parseRule("B0/S8");
  const cells = new Uint8Array(25);
  const step = makeStepper(rule, { shape: [5, 5], edge: "dead" });
  step(cells);
  assert.deepEqual(cells, new Uint8Array(25).fill(1));
  step(cells);
  const inner = [6, 7, 8, 11, 12, 13, 16, 17, 18];
  assert.deepEqual(
    [...cells].flatMap((cell, index) => (cell === 1 ? [index] : [])),
    inner,
  );
});
