import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomStreams } from "../../../src/world/random.ts";
import * as door from "../../../worlds/automaton/index.ts";
import {
  automaton,
  patternParams,
  patterns,
  readRle,
  writeRle,
} from "../../../worlds/automaton/index.ts";

type Given = Partial<door.AutomatonParams>;

function paramsOf(given: Given): door.AutomatonParams {
  return { ...automaton.params, ...given };
}

function makeState(given: Given) {
  const { state } = automaton;
  assert(typeof state === "function");
  return state(paramsOf(given)).cells;
}

/** The first state, from the random stream that `words` begin. */
function init(given: Given, words: readonly number[] = [1, 2, 3, 1]): Uint8Array {
  const cells = new Uint8Array(
    makeState(given).shape.reduce((product, length) => product * length, 1),
  );
  const random = new RandomStreams(["main"]);
  random.words.set(words);
  automaton.init?.({ state: { cells }, tick: 0, random: random.main, params: paramsOf(given) });
  return cells;
}

function step(cells: Uint8Array, given: Given): void {
  const random = new RandomStreams(["main"]);
  automaton.step?.({ state: { cells }, tick: 1, random: random.main, params: paramsOf(given) });
}

function rle(cells: Uint8Array, x: number): string | undefined {
  return writeRle(cells, { x, y: cells.length / x }).split("\n")[1];
}

test("the world's door", () => {
  assert.deepEqual(Object.keys(door).sort(), [
    "automaton",
    "canonicalRule",
    "countGliders",
    "parseRule",
    "patternParams",
    "patterns",
    "readPattern",
    "readRle",
    "ruleHash",
    "writeRle",
  ]);
  // The command line takes the only export that is a world.
  const isWorld = (value: unknown) =>
    typeof value === "object" && value !== null && "step" in value;
  assert.deepEqual(Object.values(door).filter(isWorld), [automaton]);
});

test("TAK-26: sizes in 2 and 3 dimensions, x first", () => {
  assert.deepEqual(makeState({ size: "128x64" }).shape, [64, 128]);
  assert.deepEqual(makeState({ size: "4x3x2" }).shape, [2, 3, 4]);
  assert.deepEqual(makeState({ size: "64x64x64", rule: "B3/S23" }).shape, [64, 64, 64]);
  for (const size of [
    "",
    "64",
    "0x5",
    "5x-1",
    "5x5x5x5",
    "4097x1",
    "4096x4096x9",
    "6 x 6",
    "1e1x5",
  ]) {
    assert.throws(() => makeState({ size }), { code: "WORLD_PARAM" }, size);
  }
});

test("parameters that are not valid are refused", () => {
  const refused: readonly Given[] = [
    { rule: "B9/S" },
    { neighbourhood: "Moore" },
    { neighbourhood: "" },
    { edge: "klein" },
    { density: -0.1 },
    { density: 1.1 },
    { density: Number.NaN },
  ];
  for (const given of refused) {
    assert.throws(() => makeState(given), { code: "WORLD_PARAM" }, JSON.stringify(given));
  }
});

test("the card tells the rule in its canonical form, and its hash", () => {
  assert.deepEqual(automaton.labels?.(paramsOf({ rule: "23/3" })), {
    rule: "B3/S23",
    rule_hash: "81a19ec29d2bcbef",
  });
});

test("without a pattern the cells are sown by density, the same for the same seed", () => {
  const cells = init({ size: "200x200", density: 0.25 });
  const share = cells.reduce((sum, state) => sum + state, 0) / cells.length;
  assert(Math.abs(share - 0.25) < 0.01, String(share));
  assert.deepEqual(init({ size: "200x200", density: 0.25 }), cells);
  assert.notDeepEqual(init({ size: "200x200", density: 0.25 }, [9, 9, 9, 1]), cells);
  assert(init({ density: 1 }).every((state) => state === 1));
  assert(init({ density: 0 }).every((state) => state === 0));
});

test("a pattern stands in the middle, or where its file says", () => {
  const at = (lines: string, edge = "torus") => {
    const pattern = `${lines}x = 2, y = 1\n2o!`;
    return rle(init({ size: "6x5", pattern, edge }), 6);
  };
  assert.equal(at(""), "2$2b2o!");
  assert.equal(at("#P 1 0\n"), "b2o!");
  assert.equal(at("#R 5 -1\n"), "4$o4bo!");
  assert.throws(() => at("#R 5 -1\n", "dead"), { code: "WORLD_PARAM", message: /Remove the #P/ });
  assert.equal(rle(init({ size: "6x5x4", pattern: "x = 2, y = 1\n2o!" }), 6), "12$2b2o!");
});

test("a pattern that does not fit the board or the rule is refused", () => {
  assert.throws(() => init({ size: "30x30", pattern: "gosper-glider-gun" }), {
    code: "WORLD_PARAM",
    message: /36 x 9[^]*larger size/,
  });
  assert.throws(() => init({ pattern: "brain-ship" }), {
    code: "WORLD_PARAM",
    message: /states below 2/,
  });
  assert.throws(() => init({ pattern: "gliider" }), {
    code: "WORLD_PARAM",
    message: /glider, lwss/,
  });
  assert.throws(() => init({ pattern: "constructor" }), { code: "WORLD_PARAM" });
});

test("every classic can be played with the parameters that it asks for", () => {
  for (const name of Object.keys(patterns)) {
    const given = { ...patternParams(name), pattern: name };
    const cells = init(given);
    step(cells, given);
    assert(cells.includes(1), name);
    assert.deepEqual(init({ ...given, pattern: patterns[name] ?? "" }), init(given));
  }
  assert.equal(rle(init({ size: "5x5", pattern: " R Pentomino".trim() }), 5), "$2b2o$b2o$2bo!");
});

test("a pattern asks for its rule, its edge and room around it", () => {
  assert.deepEqual(patternParams("gosper-glider-gun"), { rule: "B3/S23", size: "112x96" });
  assert.deepEqual(patternParams("x = 3, y = 3\n!"), { size: "80x80" });
  assert.deepEqual(patternParams("#P 200 0\nx = 3, y = 3\n!"), { size: "240x80" });
  assert.deepEqual(patternParams("x = 3, y = 3, rule = B36/S23:T30,20\n!"), {
    rule: "B36/S23",
    size: "30x20",
    edge: "torus",
  });
  assert.deepEqual(patternParams("x = 3, y = 3, rule = B2/S013V:P64\n!"), {
    rule: "B2/S013V",
    neighbourhood: "von-neumann",
    size: "64x64",
    edge: "dead",
  });
  for (const topology of ["K30*,20", "T30+5,20", "T0,20", "P30,0", "S30", "C3,4", ""]) {
    const text = `x = 3, y = 3, rule = B3/S23:${topology}\n!`;
    assert.throws(() => patternParams(text), { code: "WORLD_PARAM", message: /torus/ }, topology);
  }
});

test("a resumed run steps like one that never stopped", () => {
  const given = { size: "21x17x5", rule: "4-7/6-8/10" };
  const cells = init(given);
  const copies = [cells];
  for (let tick = 0; tick < 12; tick++) {
    // A copy is what a new process starts with: the state, and nothing else.
    const resumed = cells.slice();
    step(cells, given);
    step(resumed, given);
    assert.deepEqual(resumed, cells);
    copies.push(resumed);
  }
  assert.equal(copies.length, 13);
});

test("one array can serve runs of different parameters", () => {
  const cells = init({ pattern: "glider", size: "8x8" });
  const other = cells.slice();
  step(cells, { size: "8x8" });
  step(cells, { size: "8x8", rule: "B/S" });
  assert.deepEqual(cells, new Uint8Array(64));
  assert.notDeepEqual(other, cells);
});

test("cells can be written out and played on from there", () => {
  const given = { size: "32x24", rule: "B2/S345/4" };
  const cells = init(given);
  for (let tick = 0; tick < 5; tick++) step(cells, given);
  const pattern = writeRle(cells, { x: 32, y: 24, rule: "B2/S345/4:T32,24" });
  assert.deepEqual(patternParams(pattern), { size: "32x24", rule: "B2/S345/4", edge: "torus" });
  assert.deepEqual(init({ ...patternParams(pattern), pattern }), cells);
  assert.deepEqual(readRle(pattern).cells, cells);
});
