import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, isWorld, value } from "everytick";
import { stateOf } from "../../src/world/define.ts";
import { allRefused, refusal } from "../runs/memory-runs.ts";

const definition = "WORLD_DEFINITION";
const state = { cells: grid("u8", [4]) };
const define = defineWorld as unknown as (given: unknown) => unknown;
const make = (given: object): unknown => define({ name: "life", version: 1, state, ...given });
const refused = async (given: object, where: RegExp): Promise<unknown> =>
  refusal(() => make(given), definition, { where });

test("W1: a world is frozen, and known as one", () => {
  const params = { size: 4 };
  const world = defineWorld({ name: "life", version: 1, params, state });
  assert(isWorld(world));
  assert(Object.isFrozen(world) && Object.isFrozen(world.params));
  params.size = 5;
  assert.deepEqual(world.params, { size: 4 });
  for (const other of [undefined, null, {}, "life", { ...world }, Object.create(world)]) {
    assert.equal(isWorld(other), other instanceof Object && Object.getPrototypeOf(other) === world);
  }
});

test("W1: the stores of a world follow from its parameters", () => {
  const world = defineWorld({
    name: "life",
    version: 1,
    params: { size: 4 },
    state: ({ size }) => ({ cells: grid("u8", [size]) }),
  });
  assert.deepEqual(stateOf(world, { size: 7 }), { cells: grid("u8", [7]) });
});

test("W1: name and version of a world are checked when it is made", async () => {
  for (const name of ["", "a b", "a/b", "ä", "x".repeat(129), 1, null, undefined]) {
    await refused({ name }, /name of a world/);
  }
  for (const version of [-1, 1.5, Number.NaN, 2 ** 53, "1", null, undefined]) {
    await refused({ version }, /version of world life/);
  }
  assert(isWorld(define({ name: "My.World-2_x", version: 0, state })));
});

test("W1: parameters are text, finite numbers or booleans", async () => {
  for (const value of [null, undefined, Number.NaN, Infinity, 1n, {}, [], () => 1]) {
    await refused({ params: { speed: value } }, /speed/);
  }
});

test("W1: names and texts of parameters are checked when the world is made", async () => {
  await allRefused(definition, {
    "a name of nothing": () => make({ params: { "": 1 } }),
    "a name with a slash": () => make({ params: { "a/b": 1 } }),
    "a long name": () => make({ params: { ["x".repeat(129)]: 1 } }),
    "a lone surrogate": () => make({ params: { text: "\ud800" } }),
  });
});

test("W1: state, init and step have their kinds", async () => {
  for (const given of [null, undefined, 1, "cells"]) await refused({ state: given }, /state/);
  for (const hook of ["init", "step"]) {
    await refused({ [hook]: "code" }, new RegExp(hook));
    await refused({ [hook]: {} }, new RegExp(hook));
  }
});

test("W1: stores, lists of names and labels are checked when the world is made", async () => {
  const { kind: _, ...kindless } = state.cells;
  const stores = (given: object) => () => make({ state: given });
  await allRefused(definition, {
    "no store": stores({}),
    "a store without a name": stores({ "": state.cells }),
    "a store with a slash": stores({ "a/b": state.cells }),
    "the store of the random streams": stores({ $random: state.cells }),
    "a store that begins with a dot": stores({ ".hidden": state.cells }),
    "a store that is null": stores({ cells: null }),
    "a store without a kind": stores({ cells: kindless }),
    "a store of another kind": stores({ cells: { kind: "table" } }),
    "a bare array": stores({ cells: new Uint8Array(4) }),
    "a grid made by hand": stores({ cells: { ...state.cells, type: "u9" } }),
    "a column with a slash": stores({ weather: value({ "a/b": "u8" }) }),
    "an era twice": () => make({ eras: ["a", "a"] }),
    "an era without a name": () => make({ eras: [""] }),
    "a stratum that is no text": () => make({ strata: [1] }),
    "a stream with a slash": () => make({ streams: ["a/b"] }),
    "labels that are no function": () => make({ labels: { rule: "B3/S23" } }),
  });
  assert(isWorld(make({ eras: ["a", "b"], strata: ["deep"], streams: ["weather"] })));
});

test("W1: what is no definition at all is refused like one", async () => {
  await allRefused(definition, {
    undefined: () => define(undefined),
    null: () => define(null),
    number: () => define(1),
    "null for parameters": () => make({ params: null }),
  });
});
