import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, value, type StateDefinition } from "everytick";
import { schemaOf, streamsOf, worldHashOf, type SchemaParts } from "../../src/world/schema.ts";
import { limits } from "../../src/limits.ts";
import { refusal } from "../runs/memory-runs.ts";

const parts: SchemaParts = {
  name: "life",
  version: 2,
  params: { rule: "B3/S23", density: 0.25, torus: true },
  state: {
    cells: grid("u8", [6, 8], { chunk: [4, 4] }),
    seen: grid("f16", [3], { role: "observed" }),
    weather: value({ rain: "f64", season: "utf8" }),
  },
  streams: ["births"],
  eras: ["spring", "winter"],
  strata: ["surface", "deep"],
};

test("W1: a schema holds names, types and shapes, in order, and the random streams last", () => {
  const words = ["a", "b", "c", "counter"];
  const columns = ["main", "births"].flatMap((stream) =>
    words.map((word) => ({ name: `${stream}.${word}`, type: "u32" })),
  );
  assert.deepEqual(schemaOf(parts), {
    name: "life",
    version: 2,
    params: { rule: "string", density: "number", torus: "boolean" },
    stores: [
      { kind: "grid", name: "cells", role: "causal", type: "u8", shape: [6, 8], chunk: [4, 4] },
      { kind: "grid", name: "seen", role: "observed", type: "f16", shape: [3], chunk: [3] },
      {
        kind: "value",
        name: "weather",
        role: "causal",
        columns: [
          { name: "rain", type: "f64" },
          { name: "season", type: "utf8" },
        ],
      },
      { kind: "value", name: "$random", role: "causal", columns },
    ],
    eras: ["spring", "winter"],
    strata: ["surface", "deep"],
  });
  assert.deepEqual(streamsOf(schemaOf(parts)), ["main", "births"]);
});

test("W1: the world hash leaves out the values of parameters, and the arrays behind grids", () => {
  const hash = worldHashOf(schemaOf(parts));
  assert.match(hash, /^[0-9a-f]{64}$/);
  const others = { ...parts, params: { rule: "B36/S23", density: 0.5, torus: false } };
  assert.equal(worldHashOf(schemaOf(others)), hash);
  const bound = grid(new Uint8Array(48), [6, 8], { chunk: [4, 4] });
  const state = { ...parts.state, cells: bound } as StateDefinition;
  assert.equal(worldHashOf(schemaOf({ ...parts, state })), hash);
});

test("W1: the world hash covers every name, type, shape, chunk, role and order", () => {
  const { cells, seen, weather } = parts.state as Required<typeof parts.state>;
  const others: readonly Partial<SchemaParts>[] = [
    { name: "life2" },
    { version: 3 },
    { params: { rule: "B3/S23", density: 0.25 } },
    { params: { rule: "B3/S23", density: "0.25", torus: true } },
    { streams: [] },
    { eras: ["winter", "spring"] },
    { strata: ["surface"] },
    { state: { seen, weather } as StateDefinition },
    { state: { seen, cells, weather } as StateDefinition },
    { state: { cells2: cells, seen, weather } as StateDefinition },
    { state: { ...parts.state, cells: grid("i8", [6, 8], { chunk: [4, 4] }) } },
    { state: { ...parts.state, cells: grid("u8", [8, 6], { chunk: [4, 4] }) } },
    { state: { ...parts.state, cells: grid("u8", [6, 8], { chunk: [4, 8] }) } },
    { state: { ...parts.state, seen: grid("f16", [3]) } },
    { state: { ...parts.state, weather: value({ rain: "f32", season: "utf8" }) } },
    { state: { ...parts.state, weather: value({ season: "utf8", rain: "f64" }) } },
  ];
  const hashes = [{}, ...others].map((other) => worldHashOf(schemaOf({ ...parts, ...other })));
  assert.equal(new Set(hashes).size, hashes.length);
});

test("W1: stores with names of Object's own are stores like any others", () => {
  const names = ["__proto__", "constructor", "hasOwnProperty", "then"];
  const state = Object.fromEntries(names.map((name) => [name, grid("u8", [1])]));
  const stores = schemaOf({ ...parts, state }).stores.map(({ name }) => name);
  assert.deepEqual(stores, [...names, "$random"]);
});

test("W1: bad names, too many of them and unknown kinds of store are refused", async () => {
  const cells = grid("u8", [1]);
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);
  const wrong: readonly Partial<SchemaParts>[] = [
    { state: {} },
    { state: { $random: cells } },
    { state: { "-a": cells } },
    { state: { ["x".repeat(129)]: cells } },
    { state: Object.fromEntries(many(limits.stores + 1).map((name) => [name, cells])) },
    { state: { cells: { ...cells, kind: "list" } as never } },
    { state: { cells: undefined as never } },
    { state: { weather: value({ "\n": "u8" }) } },
    { eras: ["a", "a"] },
    { eras: [1 as never] },
    { strata: [""] },
    { streams: ["s", "s"] },
    { streams: many(limits.streams + 1) },
  ];
  for (const other of wrong) {
    await refusal(() => schemaOf({ ...parts, ...other }), "WORLD_DEFINITION", { where: /./ });
  }
  const most = schemaOf({ ...parts, streams: many(limits.streams - 1) });
  assert.equal(streamsOf(most).length, limits.streams);
});
