import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, value, type NumericArray } from "everytick";
import { limits } from "../../src/limits.ts";
import { allRefused, refusal } from "../runs/memory-runs.ts";

const definition = "WORLD_DEFINITION";

test("W1: a grid of a type belongs to the engine, one of an array to the caller", () => {
  assert.deepEqual(grid("f32", [3, 4]), {
    kind: "grid",
    type: "f32",
    shape: [3, 4],
    chunk: [3, 4],
    role: "causal",
  });
  const array = new Int16Array(12);
  assert.equal(grid(array, [12]).source, array);
  assert.equal(grid(array, [12]).type, "i16");
  const moving = (): Uint8Array => new Uint8Array(4);
  assert.equal(grid(moving, [2, 2], { role: "observed" }).source, moving);
});

test("W1: every class of array has its type", () => {
  const arrays: readonly (readonly [string, NumericArray])[] = [
    ["u8", new Uint8Array(1)],
    ["u8", Buffer.alloc(1)],
    ["i8", new Int8Array(1)],
    ["u16", new Uint16Array(1)],
    ["i16", new Int16Array(1)],
    ["f16", new Float16Array(1)],
    ["u32", new Uint32Array(1)],
    ["i32", new Int32Array(1)],
    ["f32", new Float32Array(1)],
    ["u64", new BigUint64Array(1)],
    ["i64", new BigInt64Array(1)],
    ["f64", new Float64Array(1)],
  ];
  for (const [type, array] of arrays) assert.equal(grid(array, [1]).type, type);
});

test("W1: the default chunk suits the rank, and no chunk is longer than its axis", () => {
  assert.deepEqual(grid("u8", [100_000]).chunk, [65_536]);
  assert.deepEqual(grid("u8", [300, 50]).chunk, [128, 50]);
  assert.deepEqual(grid("u8", [64, 64, 64]).chunk, [32, 32, 32]);
  assert.deepEqual(grid("u8", [20, 20, 20, 20]).chunk, [16, 16, 16, 16]);
  assert.deepEqual(grid("u8", [5, 7], { chunk: [9, 2] }).chunk, [5, 2]);
});

test("W1: shapes, chunks, types and roles that make no grid are refused", async () => {
  const make = grid as (...args: readonly unknown[]) => unknown;
  const shapes: readonly unknown[] = [
    [],
    [0],
    [-1],
    [1.5],
    [Number.NaN],
    ["3"],
    "3",
    3,
    null,
    undefined,
    { length: 1, 0: 1 },
    Array.from({ length: limits.gridRank + 1 }, () => 1),
    [2 ** 16, 2 ** 16],
    [2 ** 53 - 1, 2 ** 53 - 1],
  ];
  for (const shape of shapes)
    await refusal(() => make("u8", shape), definition, { where: /shape/ });
  for (const chunk of [[], [1, 1], [0], [1.5], "1", 7]) {
    await refusal(() => make("u8", [4], { chunk }), definition, { where: /chunk/ });
  }
  await refusal(() => make("f64", [2 ** 22], { chunk: [2 ** 22] }), definition, { where: /chunk/ });
  for (const type of ["u9", "", "toString", "__proto__", "utf8"]) {
    await refusal(() => make(type, [1]), definition, { where: /type/ });
  }
  for (const role of ["derived", "", null, 1]) {
    await refusal(() => make("u8", [1], { role }), definition, { where: /role/ });
  }
});

test("W1: what is no array of numbers cannot be bound", async () => {
  const make = (source: unknown) => () => grid(source as Uint8Array, [1]);
  await allRefused(definition, {
    "a list": make([1, 2]),
    "an object": make({}),
    "an object without a class": make(Object.create(null)),
    null: make(null),
    undefined: make(undefined),
    "a number": make(1),
    "a buffer": make(new ArrayBuffer(1)),
    "a view": make(new DataView(new ArrayBuffer(1))),
    "a function that returns a list": make(() => [1]),
    "a function that returns nothing": make(() => undefined),
  });
});

test("W1: the error says that it is the array", async () => {
  for (const source of [[1, 2], undefined, () => [1]]) {
    const bind = (): unknown => grid(source as unknown as Uint8Array, [1]);
    await refusal(bind, definition, { where: /array of a grid/, expected: /typed array/ });
  }
});

test("W1: a grid may have as many axes and elements as the limits say", () => {
  const ones = Array.from({ length: limits.gridRank }, () => 1);
  assert.deepEqual(grid("u8", ones).shape, ones);
  // Nothing is allocated before a run is recorded.
  assert.deepEqual(grid("u8", [limits.gridElements]).shape, [limits.gridElements]);
});

test("W1: a value store has columns of known types", async () => {
  const store = value(
    { rain: "f64", season: "utf8", tags: "json", raw: "bytes" },
    { role: "observed" },
  );
  assert.deepEqual(store, {
    kind: "value",
    columns: { rain: "f64", season: "utf8", tags: "json", raw: "bytes" },
    role: "observed",
  });
  const make = value as (...args: readonly unknown[]) => unknown;
  for (const columns of [
    {},
    null,
    undefined,
    { a: "u9" },
    { a: null },
    { a: 8 },
    { a: {} },
    { a: "toString" },
  ]) {
    await refusal(() => make(columns), definition);
  }
  const many = Object.fromEntries(
    Array.from({ length: limits.columns + 1 }, (_, i) => [`c${i}`, "u8"] as const),
  );
  await refusal(() => make(many), definition, { expected: /1 to 1024/ });
  await refusal(() => make({ a: "u8" }, { role: "derived" }), definition, { where: /role/ });
});

test("W1: a definition does not change when what it was made from does", () => {
  const [shape, chunk, columns] = [[4], [2], { a: "u8" as "u8" | "u16" }];
  const [cells, weather] = [grid("u8", shape, { chunk }), value(columns)];
  shape[0] = 5;
  chunk[0] = 3;
  columns.a = "u16";
  assert.deepEqual([cells.shape, cells.chunk, weather.columns], [[4], [2], { a: "u8" }]);
  assert(Object.isFrozen(cells) && Object.isFrozen(weather) && Object.isFrozen(weather.columns));
});
