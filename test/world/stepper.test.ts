import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, type AnyWorld } from "everytick";
import { RandomStreams } from "../../src/world/random.ts";
import { advance, initialise } from "../../src/world/stepper.ts";
import { refusal } from "../runs/memory-runs.ts";

const base = { name: "life", version: 1, state: { cells: grid("u8", [1]) } };
/** As code without types calls it. */
const define = defineWorld as unknown as (given: object) => AnyWorld;
const { main } = new RandomStreams(["main"]);

test("a hook is called with the state, the tick, the random stream and the parameters", () => {
  const calls: unknown[] = [];
  const world = defineWorld({
    ...base,
    init: (context) => void calls.push(["init", { ...context }]),
    step: (context) => void calls.push(["step", { ...context }]),
  });
  const state = { cells: new Uint8Array(1) };
  const params = { a: 1 };
  initialise(world, state, main, params);
  advance(world, state, 7, main, params);
  assert.deepEqual(calls, [
    ["init", { state, tick: 0, random: main, params }],
    ["step", { state, tick: 7, random: main, params }],
  ]);
});

test("a world without init starts as it is; one without step cannot advance", async () => {
  initialise(defineWorld(base), {}, main, {});
  const details = { where: /life/, next: /step/ };
  await refusal(() => advance(defineWorld(base), {}, 1, main, {}), "WORLD_MISSING", details);
});

test("C6: what a hook throws is told with the hook, the world and the tick", async () => {
  const cause = new RangeError("no more water");
  const world = defineWorld({
    ...base,
    step: () => {
      throw cause;
    },
  });
  const details = { where: /step of world life, tick 3/, found: /RangeError: no more water/ };
  const error = await refusal(() => advance(world, {}, 3, main, {}), "WORLD_THREW", details);
  assert.equal(error.cause, cause);
});

test("C6: whatever is thrown becomes one error; our own stay what they are", async () => {
  const throwing = (thrown: unknown): AnyWorld =>
    defineWorld({
      ...base,
      init: () => {
        throw thrown;
      },
    });
  for (const thrown of ["text", undefined, null, 7, Symbol("s"), Object.create(null)]) {
    await refusal(() => initialise(throwing(thrown), {}, main, {}), "WORLD_THREW");
  }
  const asking = defineWorld({ ...base, init: ({ random }) => void random.stream("none") });
  await refusal(() => initialise(asking, {}, main, {}), "WORLD_STREAM");
});

test("C6: a hook that returns a promise is refused: its work would be lost", async () => {
  for (const step of [
    async () => Promise.resolve(),
    async () => Promise.reject(new Error("late")),
  ]) {
    const world = define({ ...base, step });
    await refusal(() => advance(world, {}, 1, main, {}), "WORLD_THREW", { found: /synchronous/ });
  }
});
