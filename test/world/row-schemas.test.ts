/** What cards and segments say of tables, edges, logs and derived stores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { derived, edges, grid, log, table, value, type StateDefinition } from "everytick";
import { schemaOf, worldHashOf } from "../../src/world/schema.ts";
import type { StoreSchema, WorldSchema } from "../../src/types.ts";
import { refusal } from "../runs/memory-runs.ts";

function schemaIn(state: StateDefinition): WorldSchema {
  return schemaOf({ name: "rows", version: 1, params: {}, state });
}

const rows: StateDefinition = {
  herd: table({ id: "u32", at: "f32[3]", name: "utf8" }, { key: "id", capacity: 500 }),
  places: table(
    { day: "i64", cell: "h3", owner: "uuid" },
    { key: ["cell", "day"], role: "static" },
  ),
  trust: edges({ from: "herd", to: "utf8", much: "f64" }, { role: "observed" }),
  links: edges({ from: "herd", to: "herd" }),
  deaths: log({ id: "u32", why: "json" }),
  sum: derived(table({ id: "u8" }, { key: "id" }), () => undefined),
};

test("W1: a schema of tables, edges, logs and derived stores holds keys, ends and columns", () => {
  const stores = schemaIn(rows).stores.slice(0, -1);
  const column = (name: string, type: string): object => ({ name, type });
  assert.deepEqual(stores, [
    {
      kind: "table",
      name: "herd",
      role: "causal",
      key: ["id"],
      columns: [column("id", "u32"), column("at", "f32[3]"), column("name", "utf8")],
    },
    {
      kind: "table",
      name: "places",
      role: "static",
      key: ["cell", "day"],
      columns: [column("day", "i64"), column("cell", "h3"), column("owner", "uuid")],
    },
    {
      kind: "edges",
      name: "trust",
      role: "observed",
      from: "herd",
      to: "utf8",
      columns: [column("from", "u32"), column("to", "utf8"), column("much", "f64")],
    },
    {
      kind: "edges",
      name: "links",
      role: "causal",
      from: "herd",
      to: "herd",
      columns: [column("from", "u32"), column("to", "u32")],
    },
    {
      kind: "log",
      name: "deaths",
      role: "causal",
      columns: [column("id", "u32"), column("why", "json")],
    },
    { kind: "table", name: "sum", role: "derived", key: ["id"], columns: [column("id", "u8")] },
  ]);
});

test("W1: the world hash covers keys, ends, vectors and roles of rows", () => {
  const hashOf = (state: StateDefinition): string => worldHashOf(schemaIn(state));
  const columns = { id: "u32", at: "f32[3]", name: "utf8" } as const;
  const others: readonly StateDefinition[] = [
    rows,
    { ...rows, herd: table({ ...columns, at: "f32[4]" }, { key: "id" }) },
    { ...rows, herd: table(columns, { key: "name" }) },
    { ...rows, herd: table(columns, { key: "id", role: "observed" }) },
    { ...rows, places: table({ day: "i64", cell: "h3", owner: "uuid" }, { key: ["day", "cell"] }) },
    { ...rows, links: edges({ from: "herd", to: "u32" }) },
    { ...rows, deaths: log({ id: "u32", why: "json" }, { role: "observed" }) },
    { ...rows, deaths: value({ id: "u32", why: "json" }) },
    { ...rows, sum: table({ id: "u8" }, { key: "id" }) },
  ];
  assert.equal(new Set(others.map(hashOf)).size, others.length);
});

test("W1: the world hash leaves out capacity, the objects behind rows, and how they are derived", () => {
  const hash = worldHashOf(schemaIn(rows));
  const columns = { id: "u32", at: "f32[3]", name: "utf8" } as const;
  const same: readonly StateDefinition[] = [
    { ...rows, herd: table(columns, { key: "id" }) },
    { ...rows, herd: table.from([], columns, { key: "id" }) },
    { ...rows, sum: derived(table({ id: "u8" }, { key: "id" }), () => assert.fail()) },
  ];
  for (const state of same) assert.equal(worldHashOf(schemaIn(state)), hash);
});

test("W1: an end of edges names a table with one key, or a type of key", async () => {
  const one = table({ a: "u8" }, { key: "a" });
  const wrong: readonly (readonly [end: string, more: StateDefinition])[] = [
    ["nobody", {}],
    ["f32", {}],
    ["json", {}],
    ["u8[2]", {}],
    ["toString", {}],
    ["two", { two: table({ a: "u8", b: "u8" }, { key: ["a", "b"] }) }],
    ["land", { land: grid("u8", [1]) }],
    ["ways", {}],
    ["news", { news: log({ a: "u8" }) }],
    ["seen", { seen: derived(one, () => undefined) }],
  ];
  for (const [end, more] of wrong) {
    for (const ends of [
      { from: end, to: "u8" },
      { from: "u8", to: end },
    ]) {
      const state = { ways: edges(ends), ...more };
      const details = { where: /the ends of ways/, expected: /one key/, found: /./ };
      await refusal(() => schemaIn(state), "WORLD_DEFINITION", details);
    }
  }
});

test("W1: an end that is a type of key is that type, also beside a table of that name", () => {
  const u8 = table({ a: "utf8" }, { key: "a" });
  const state = {
    ways: edges({ from: "u8", to: "one" }),
    one: table({ a: "i16" }, { key: "a" }),
    u8,
  };
  const [ways] = schemaIn(state).stores as [StoreSchema];
  assert.deepEqual(ways.kind === "edges" && ways.columns.map(({ type }) => type), ["u8", "i16"]);
});
