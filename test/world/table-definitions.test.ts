/** What a definition of rows may be, and what is told of one that cannot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { derived, edges, limits, log, table, value } from "everytick";
import { refusal } from "../runs/memory-runs.ts";

const definition = "WORLD_DEFINITION";
type Make = (...args: readonly unknown[]) => unknown;

test("W1: what is wrong with a table is told: where, and what would be right", async () => {
  const make = table as Make;
  const many = Array.from({ length: limits.keyColumns + 1 }, (_, i) => `k${i}`);
  const wide = Object.fromEntries(many.map((name) => [name, "u8"]));
  const a = { a: "u8" };
  type Case = readonly [() => unknown, where: RegExp, expected: RegExp, found: RegExp];
  const wrong: readonly Case[] = [
    [() => make({ a: "u9" }, { key: "a" }), /column a$/, /u8 .*f32\[3\] uuid h3 utf8/, /"u9"/],
    [() => make(a, { key: "b" }), /key of a table/, /^a$/, /"b"/],
    [() => make(a, { key: 5 }), /key of a table/, /1 to 16/, /5/],
    [() => make(a, undefined), /key of a table/, /1 to 16/, /undefined/],
    [() => make(wide, { key: many }), /key of a table/, /1 to 16/, /k0/],
    [() => make({ a: "u8", b: "u8" }, { key: ["b", "b"] }), /key/, /each column once/, /b, b/],
    [() => make({ a: "f64" }, { key: "a" }), /key column a/, /whole number, uuid, h3/, /f64/],
    [() => make({ a: "u8[1]" }, { key: "a" }), /key column a/, /whole number/, /u8\[1\]/],
    [() => make(a, { key: "a", capacity: 2 ** 24 + 1 }), /capacity/, /0 to 16777216/, /16777217/],
    [() => make(a, { key: "a", role: "holy" }), /role/, /causal/, /holy/],
    [() => make({ a: "u8[65537]" }, { key: "a" }), /column a$/, /65536 bytes/, /65537/],
    [() => make({ a: "f64[8193]", b: "u8" }, { key: "b" }), /column a$/, /65536 bytes/, /65544/],
  ];
  for (const [work, where, expected, found] of wrong) {
    await refusal(work, definition, { where, expected, found });
  }
  make({ a: "u8[65536]", b: "u8" }, { key: "b", capacity: limits.tableRows });
});

test("W1: every type of key is one, and every other type is none", async () => {
  const keys = [
    "u8",
    "i8",
    "u16",
    "i16",
    "u32",
    "i32",
    "u64",
    "i64",
    "uuid",
    "h3",
    "utf8",
  ] as const;
  for (const type of keys) {
    assert.deepEqual(table({ a: type }, { key: "a" }).key, ["a"]);
    assert.equal(edges({ from: type, to: type }).from, type);
  }
  for (const type of ["f16", "f32", "f64", "json", "bytes", "u8[2]", "i64[1]"] as const) {
    await refusal(() => table({ a: type, b: "u8" }, { key: "a" }), definition, { found: /./ });
  }
});

test("W1: edges have two ends, and their columns are those of a table", async () => {
  const make = edges as Make;
  for (const columns of [null, undefined, "from", { from: "u8", to: null }, { to: "u8" }]) {
    await refusal(() => make(columns), definition, { where: /edges/ });
  }
  await refusal(() => make({ from: "u8", to: "u8", much: "u9" }), definition, { where: /much/ });
  for (const options of [{ role: "" }, { capacity: -1 }]) {
    await refusal(() => make({ from: "u8", to: "u8" }, options), definition);
  }
  assert.deepEqual(edges({ from: "u8", to: "herd" }).columns, {});
});

test("W1: a log is causal or observed", async () => {
  const make = log as Make;
  for (const role of ["static", "derived", "", null]) {
    await refusal(() => make({ a: "u8" }, { role }), definition, { where: /role/ });
  }
  await refusal(() => make({}), definition, { where: /columns of a log/ });
  assert.equal(log({ a: "u8" }, { role: "observed" }).role, "observed");
});

test("W1: a derived store is a grid, a value, a table or edges, and has a function", async () => {
  const make = derived as Make;
  const compute = (): void => undefined;
  const expected = /grid, value, table or edges/;
  for (const store of [undefined, null, 5, {}, log({ a: "u8" }), { kind: "list" }]) {
    await refusal(() => make(store, compute), definition, { expected });
  }
  await refusal(() => make(derived(value({ a: "u8" }), compute), compute), definition);
  for (const none of [undefined, null, "n * 2", {}]) {
    await refusal(() => make(value({ a: "u8" }), none), definition, { expected: /function/ });
  }
});

test("W1: a definition of rows does not change when what it was made from does", () => {
  const columns: Record<string, "u8"> = { a: "u8", b: "u8" };
  const key = ["a"];
  const made = table(columns, { key });
  key.push("b");
  columns["c"] = "u8";
  assert.deepEqual([made.key, Object.keys(made.columns)], [["a"], ["a", "b"]]);
  for (const part of [made, made.key, made.columns]) assert(Object.isFrozen(part));
});
