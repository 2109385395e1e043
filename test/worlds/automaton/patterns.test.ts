import assert from "node:assert/strict";
import { test } from "node:test";
import { countGliders } from "../../../worlds/automaton/glider.ts";
import { readPattern } from "../../../worlds/automaton/patterns.ts";
import { parseRule } from "../../../worlds/automaton/rule.ts";
import { readSettings } from "../../../worlds/automaton/settings.ts";
import { place } from "../../../worlds/automaton/start.ts";
import { makeStepper } from "../../../worlds/automaton/step.ts";
import { naiveStep } from "./naive.ts";

interface Play {
  readonly cells: Uint8Array;
  readonly width: number;
  readonly height: number;
  step(ticks: number): void;
}

/** A pattern in the middle of a board, ready to be stepped. */
function play(name: string, size: string, options: { rule?: string; edge?: string } = {}): Play {
  const { rule = "B3/S23", edge = "torus" } = options;
  const params = { rule, size, edge, neighbourhood: "moore", density: 0, pattern: name };
  const settings = readSettings(params);
  const [height = 0, width = 0] = settings.board.shape;
  const cells = new Uint8Array(width * height);
  place(cells, readPattern(name), settings);
  const stepOnce = makeStepper(settings.rule, settings.board);
  const step = (ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) stepOnce(cells);
  };
  return { cells, width, height, step };
}

function population(cells: Uint8Array): number {
  return cells.reduce((count, state) => count + (state === 1 ? 1 : 0), 0);
}

/** The cells moved over the torus. */
function moved({ cells, width, height }: Play, dx: number, dy: number): Uint8Array {
  const result = new Uint8Array(cells.length);
  for (const [index, state] of cells.entries()) {
    const x = ((index % width) + dx + width) % width;
    const y = (Math.floor(index / width) + dy + height) % height;
    result[y * width + x] = state;
  }
  return result;
}

/** Whether a cell lives at the border, where the board stops being as good as an endless one. */
function touchesBorder({ cells, width, height }: Play): boolean {
  const isAtBorder = (index: number) => {
    const x = index % width;
    const y = Math.floor(index / width);
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  };
  return cells.some((state, index) => state !== 0 && isAtBorder(index));
}

test("TAK-26: a pulsar has period 3", () => {
  const pulsar = play("pulsar", "20x18");
  const start = pulsar.cells.slice();
  const populations: number[] = [];
  for (let tick = 0; tick < 3; tick++) {
    populations.push(population(pulsar.cells));
    pulsar.step(1);
  }
  assert.deepEqual(populations, [48, 56, 72]);
  assert.deepEqual(pulsar.cells, start);
});

test("TAK-26: a glider moves by 1, 1 in 4 generations and comes round a torus", () => {
  for (const size of [5, 13, 16, 33]) {
    const glider = play("glider", `${size}x${size}`);
    const start = glider.cells.slice();
    const next = moved(glider, 1, 1);
    glider.step(4);
    assert.deepEqual(glider.cells, next);
    glider.step(4 * (size - 1));
    assert.deepEqual(glider.cells, start);
  }
});

test("a lightweight spaceship moves by two cells in 4 generations", () => {
  const ship = play("lwss", "31x12");
  const next = moved(ship, -2, 0);
  ship.step(4);
  assert.deepEqual(ship.cells, next);
});

test("diehard vanishes at generation 130, not before", () => {
  const diehard = play("diehard", "100x100", { edge: "dead" });
  diehard.step(129);
  assert.notEqual(population(diehard.cells), 0);
  diehard.step(1);
  assert.equal(population(diehard.cells), 0);
});

test("an R-pentomino settles at generation 1103 with 116 cells", () => {
  const pentomino = play("r-pentomino", "640x640", { edge: "dead" });
  pentomino.step(1102);
  assert.notEqual(population(pentomino.cells), 116);
  // From then on there are still lifes, blinkers and gliders only: none of them changes the population.
  for (let tick = 1103; tick <= 1135; tick++) {
    pentomino.step(1);
    assert.equal(population(pentomino.cells), 116, `generation ${tick}`);
  }
  assert(!touchesBorder(pentomino), "the board is large enough");
  assert.equal(countGliders(pentomino.cells, 640, 640), 6);
});

/** Takes out what is in the outer cells, if it is gliders only. @returns how many */
function takeGliders({ cells, width, height }: Play, band: number): number {
  const outer = cells.map((state, index) => {
    if (state === 0) return 0;
    const x = index % width;
    const y = Math.floor(index / width);
    const isInner = x >= band && y >= band && x < width - band && y < height - band;
    return isInner ? 0 : state;
  });
  const gliders = countGliders(outer, width, height);
  // A glider that is half in the band must wait for its other half.
  if (population(outer) !== 5 * gliders) return 0;
  for (const [index, state] of outer.entries()) if (state === 1) cells[index] = 0;
  return gliders;
}

test("an acorn settles at generation 5206 with 633 cells", () => {
  // An endless board would be 2700 cells wide by then: gliders that escape are counted and taken out instead.
  const acorn = play("acorn", "512x512", { edge: "dead" });
  let taken = 0;
  const settled = () => population(acorn.cells) + 5 * taken;
  for (let tick = 0; tick < 5205; tick += 15) {
    acorn.step(15);
    taken += takeGliders(acorn, 64);
  }
  assert.notEqual(settled(), 633);
  for (let tick = 5206; tick <= 5220; tick++) {
    acorn.step(1);
    assert.equal(settled(), 633, `generation ${tick}`);
  }
  assert(!touchesBorder(acorn));
});

test("a Gosper gun emits a glider of 5 cells every 30 generations", () => {
  const gun = play("gosper-glider-gun", "200x200", { edge: "dead" });
  for (let tick = 0; tick <= 300; tick++) {
    // The first one leaves the gun at generation 15.
    const emitted = Math.floor((tick + 15) / 30);
    assert.equal(countGliders(gun.cells, gun.width, gun.height), emitted, `generation ${tick}`);
    if (tick % 30 === 0) assert.equal(population(gun.cells), 36 + tick / 6);
    gun.step(1);
  }
  assert(!touchesBorder(gun));
});

test("HighLife: the replicator makes two of itself in 12 generations", () => {
  const text = "x = 5, y = 5, rule = B36/S23\n2b3o$bo2bo$o3bo$o2bo$3o!";
  const replicator = play(text, "64x64", { rule: "B36/S23" });
  const both = moved(replicator, 2, 2).map((state, index) => {
    return state | (moved(replicator, -2, -2)[index] as number);
  });
  replicator.step(12);
  assert.deepEqual(replicator.cells, both);
});

test("Brian's Brain: a ship of four cells moves by one cell in each generation", () => {
  const ship = play("brain-ship", "16x9", { rule: "B2/S/3" });
  const start = ship.cells.slice();
  const next = moved(ship, 1, 0);
  ship.step(1);
  assert.deepEqual(ship.cells, next);
  ship.step(15);
  assert.deepEqual(ship.cells, start);
});

test("Bays' Life 4555 in 3-D: the glider of ten cells moves by 1, 1, 0 in 4 generations", () => {
  const rule = parseRule("B5/S4,5", { dimensions: 3, neighbourhood: "moore" });
  const shape = [9, 10, 11];
  const [depth, height, width] = [9, 10, 11];
  const glider = [
    [0, 0, 0],
    [0, 1, 0],
    [1, 0, 1],
    [1, 1, 1],
    [0, 2, 1],
    [1, 0, 2],
    [1, 1, 2],
    [0, 2, 2],
    [0, 0, 3],
    [0, 1, 3],
  ] as const;
  const at = (shift: number) => {
    const cells = new Uint8Array(depth * height * width);
    for (const [x, y, z] of glider) {
      const row = z * height + ((y + shift) % height);
      cells[row * width + ((x + shift) % width)] = 1;
    }
    return cells;
  };
  const cells = at(3);
  const step = makeStepper(rule, { shape, edge: "torus" });
  let naive: Uint8Array = at(3);
  for (let tick = 1; tick <= 4; tick++) {
    step(cells);
    naive = naiveStep(rule, { shape, edge: "torus" }, naive);
    assert.deepEqual(cells, naive);
    if (tick < 4) assert.notDeepEqual(cells, at(4));
  }
  assert.deepEqual(cells, at(4));
});
