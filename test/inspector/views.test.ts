import assert from "node:assert/strict";
import { test } from "node:test";
import { flatShape, placeOf, viewsOf } from "../../inspector/src/model/views.ts";
import { automaton } from "../../worlds/automaton/index.ts";
import { wolfSheep } from "../../worlds/wolf-sheep/index.ts";
import { edges, grid, log, schemaOf, table, value } from "../../src/world/index.ts";
import type { AnyWorld, StateDefinition } from "../../src/types.ts";

function views(state: StateDefinition): string[] {
  const schema = schemaOf({ name: "w", version: 1, params: {}, state });
  return viewsOf(schema).map(({ id }) => id);
}
const stateOf = (world: AnyWorld, params: object): StateDefinition => {
  const { state } = world;
  return typeof state === "function" ? state({ ...world.params, ...params } as never) : state;
};

test("TAK-62: the view to begin with follows from the schema", () => {
  const people = table({ id: "u32", x: "f32", y: "f32" }, { key: "id" });
  const names = table({ id: "u32", name: "utf8" }, { key: "id" });
  assert.deepEqual(views({ cells: grid("u8", [4, 4, 4]) }), ["voxels.cells", "table"]);
  assert.deepEqual(views({ cells: grid("u8", [4, 4]) }), ["map.cells", "table"]);
  assert.deepEqual(views({ cells: grid("u8", [9]) }), ["map.cells", "table"]);
  assert.deepEqual(views({ people }), ["map", "table"]);
  assert.deepEqual(views({ names, knows: edges({ from: "names", to: "names" }) }), [
    "graph.knows",
    "table",
  ]);
  assert.deepEqual(views({ names, facts: value({ n: "u32" }), said: log({ n: "u32" }) }), [
    "table",
  ]);
  assert.deepEqual(views({ deep: grid("u8", [2, 2, 2, 2]) }), ["table"]);
});

test("every world that comes along has a view of its own", () => {
  assert.deepEqual(views(stateOf(automaton, {})), ["map.cells", "table"]);
  assert.deepEqual(views(stateOf(automaton, { size: "8x8x8" })), ["voxels.cells", "table"]);
  assert.deepEqual(views(stateOf(wolfSheep, {})), ["map.grass", "table"]);
  const schema = schemaOf({ name: "w", version: 1, params: {}, state: stateOf(wolfSheep, {}) });
  const [map] = viewsOf(schema);
  assert.equal(map?.agents.length, 2, "sheep and wolves lie on the grass");
});

test("axes of length 1 count for nothing", () => {
  assert.deepEqual(views({ flat: grid("u8", [1, 4, 5]) }), ["map.flat", "table"]);
  assert.deepEqual(flatShape([1, 4, 5]), [4, 5]);
  assert.deepEqual(flatShape([7]), [1, 7]);
  assert.deepEqual(flatShape([1, 1]), [1, 1]);
});

test("a place is two columns of numbers, or a vector", () => {
  assert.deepEqual(
    placeOf([
      { name: "x", type: "f64" },
      { name: "y", type: "i32" },
    ]),
    { kind: "columns", x: "x", y: "y" },
  );
  assert.deepEqual(placeOf([{ name: "position", type: "f32[3]" }]), {
    kind: "vector",
    column: "position",
  });
  assert.equal(
    placeOf([
      { name: "x", type: "utf8" },
      { name: "y", type: "f32" },
    ]),
    undefined,
  );
});
