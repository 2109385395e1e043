import assert from "node:assert/strict";
import { test } from "node:test";
import { EverytickError, limits } from "../../../src/index.ts";
import { historyOf, ingestFolder, lines } from "./ingested.ts";

const schema = {
  a: {
    kind: "table",
    key: "key",
    columns: { key: "u32", x: "f64", n: "u8", big: "u64", v: "f32[2]", b: "bytes", u: "uuid" },
  },
  pairs: { kind: "table", key: ["p", "q"], columns: { p: "u32", q: "utf8" } },
  l: { kind: "log", columns: { t: "utf8" } },
  g: { kind: "grid", type: "u8", shape: [4] },
  still: { kind: "grid", type: "u8", shape: [1], role: "static" },
  once: { kind: "table", key: "id", columns: { id: "u32" }, role: "static" },
  w: { kind: "value", columns: { rain: "f64" } },
};
const good = [
  { schema },
  { tick: 0, store: "a", key: 1, x: 1 },
  { tick: 3, store: "a", key: 1, x: 2 },
  { tick: 4, store: "a", key: 2 },
  { tick: 4, store: "l", t: "x" },
];

interface Case {
  readonly title: string;
  readonly line: unknown;
  readonly says: RegExp;
  /** Recorded up to it; the tick of the bad line is not. */
  readonly upTo?: number;
}
const row = { tick: 5, store: "a", key: 5 };
const cases: readonly Case[] = [
  { title: "no JSON", line: '{"tick":5,', says: /expected +one JSON object/, upTo: 3 },
  {
    title: "two objects in a line",
    line: '{"tick":5}{"tick":6}',
    says: /one JSON object/,
    upTo: 3,
  },
  { title: "half of the last line", line: '{"tick":5,"sto', says: /one JSON object/, upTo: 3 },
  { title: "a list", line: "[1]", says: /one JSON object\n +found +\[1\]/, upTo: 3 },
  { title: "a word", line: "null", says: /found +null/, upTo: 3 },
  {
    title: "Python's NaN",
    line: '{"tick":5,"store":"a","key":1,"x":NaN}',
    says: /"NaN", "Infinity"/,
    upTo: 3,
  },
  { title: "no tick", line: { store: "a", key: 1 }, says: /"tick", a whole number/, upTo: 3 },
  { title: "a broken tick", line: { tick: 4.5 }, says: /found +4.5/, upTo: 3 },
  { title: "a negative tick", line: { tick: -1 }, says: /found +-1/, upTo: 3 },
  {
    title: "a tick that falls",
    line: { tick: 3 },
    says: /a tick from 4 on\n +found +tick 3/,
    upTo: 3,
  },
  { title: "no store", line: { tick: 5, key: 1 }, says: /"store", where the row belongs/ },
  {
    title: "an unknown store",
    line: { tick: 5, store: "pair", key: 1 },
    says: /Did you mean pairs\?/,
  },
  {
    title: "a store that is a number",
    line: { tick: 5, store: 1 },
    says: /a, pairs, l, g, still, once, w/,
  },
  {
    title: "an unknown column",
    line: { ...row, y: 1 },
    says: /found +a field y\n.*declared in a schema/,
  },
  { title: "a text for a number", line: { ...row, x: "abc" }, says: /line 6 \(a\.x\)/ },
  {
    title: "a number too large for any float",
    line: '{"tick":5,"store":"a","key":5,"x":1e400}',
    says: /a number, "NaN"[^]*found +Infinity/,
  },
  { title: "null for a number", line: { ...row, x: null }, says: /found +null/ },
  {
    title: "a number beyond its type",
    line: { ...row, n: 256 },
    says: /u8: 0 to 255\n +found +256/,
  },
  {
    title: "a number with its last digits lost",
    line: '{"tick":5,"store":"a","key":5,"big":9007199254740993}',
    says: /in a string/,
  },
  { title: "a text that is no number", line: { ...row, big: "1e3" }, says: /found +"1e3"/ },
  { title: "a vector that is too long", line: { ...row, v: [1, 2, 3] }, says: /2 numbers of f32/ },
  { title: "bytes that are not base64", line: { ...row, b: "a" }, says: /bytes in base64/ },
  { title: "no uuid", line: { ...row, u: "12" }, says: /a uuid/ },
  {
    title: "no key",
    line: { tick: 5, store: "a", x: 1 },
    says: /expected +a key, key\n +found +none/,
  },
  {
    title: "a key of one part too few",
    line: { tick: 5, store: "pairs", key: [1] },
    says: /a list of p, q/,
  },
  { title: "half of a key", line: { tick: 5, store: "pairs", p: 1 }, says: /a key, p, q/ },
  {
    title: "a key twice",
    line: { tick: 4, store: "a", key: 2, x: 1 },
    says: /each key of a once in a tick\n +found +2 again/,
    upTo: 3,
  },
  {
    title: "a row deleted that was made in the tick",
    line: { tick: 4, store: "a", key: 2, deleted: true },
    says: /once in a tick/,
    upTo: 3,
  },
  {
    title: "a row deleted that is not there",
    line: { ...row, deleted: true },
    says: /the key of a row\n +found +5/,
  },
  { title: "deleted, perhaps", line: { ...row, deleted: 1 }, says: /true or false/ },
  { title: "a key in a log", line: { tick: 5, store: "l", key: 1 }, says: /found +a field key/ },
  {
    title: "too few values of a grid",
    line: { tick: 5, store: "g", values: [1] },
    says: /4 values\n +found +1 values/,
  },
  {
    title: "an index outside of a grid",
    line: { tick: 5, store: "g", index: [4], values: [1] },
    says: /indexes in \[0, 4\)/,
  },
  {
    title: "a value beyond the type of its grid",
    line: { tick: 5, store: "g", index: [1], values: [-1] },
    says: /g\[1\]/,
  },
  {
    title: "a static store that changes",
    line: { tick: 5, store: "once", id: 1 },
    says: /no change after the first tick/,
  },
  {
    title: "a static grid that changes",
    line: { tick: 5, store: "still", values: [1] },
    says: /no change after the first tick/,
  },
  {
    title: "another schema",
    line: { schema: {} },
    says: /"tick", a whole number|one schema/,
    upTo: 3,
  },
  {
    title: "an unknown column of a value",
    line: { tick: 5, store: "w", wind: 1 },
    says: /one of rain/,
  },
  {
    title: "a line that is too long",
    line: { ...row, t: "x".repeat(limits.lineBytes) },
    says: /at most 16777216 bytes/,
    upTo: 3,
  },
];

for (const { title, line, says, upTo = 4 } of cases) {
  test(`L5: refused with its number, and nothing before it is lost: ${title}`, async (t) => {
    const ingest = await ingestFolder(t);
    const { runs, error } = await ingest(lines(...good, line, { tick: 6 }));
    assert(error instanceof EverytickError, String(error));
    assert.equal(error.code, "CLI_INPUT");
    assert.match(error.message, /\n +where +line 6\b/);
    assert.match(error.message, says);
    assert.match(error.message, new RegExp(`up to tick ${upTo} is recorded and durable`));
    assert(error.message.length < 1000, "a long line is cut");
    const facts = await runs.facts("a");
    assert.deepEqual([facts.tick, facts.status], [upTo, "closed"]);
  });
}

test("a key that is deleted does not come back in the same tick", async (t) => {
  const ingest = await ingestFolder(t);
  const input = lines(
    { tick: 0, store: "a", key: 1 },
    { tick: 1, store: "a", key: 1, deleted: true },
    { tick: 1, store: "a", key: 2 },
    { tick: 1, store: "a", key: 1 },
  );
  const { error, runs } = await ingest(input);
  assert.match(String(error), /line 4\b[^]*1 again/);
  await using run = await runs.open("a");
  assert.deepEqual(await historyOf(run, "a"), { 0: [{ key: 1 }] });
});

test("the last line needs no end, but must be whole", async (t) => {
  const whole = await (await ingestFolder(t))(lines(...good, { tick: 5 }).trimEnd());
  assert.equal(whole.error, undefined);
  assert.equal((await whole.runs.facts("a")).tick, 5);
  const half = await (await ingestFolder(t))(`${lines(...good)}{"tick":5,"sto`);
  assert.match(String(half.error), /line 6: \{"tick":5,"sto\n[^]*up to tick 3/);
});

const first: readonly (readonly [string, readonly unknown[], RegExp])[] = [
  ["nothing at all", [], /at least one tick/],
  ["ticks without rows", [{ tick: 0 }, { tick: 1 }], /a row, or a schema/],
  [
    "a store with and without keys",
    [
      { tick: 0, store: "a", key: 1 },
      { tick: 0, store: "a", x: 1 },
    ],
    /line 2[^]*a key, as in the rows of a before/,
  ],
  [
    "keys of two kinds",
    [
      { tick: 0, store: "a", key: 1 },
      { tick: 0, store: "a", key: "b" },
    ],
    /line 2[^]*a key of u32/,
  ],
  ["a key with a fraction", [{ tick: 0, store: "a", key: 1.5 }], /a whole number below 2\^53/],
  ["a log without columns", [{ tick: 0, store: "a" }], /columns in the rows of a/],
  ["a store with a bad name", [{ tick: 0, store: "a/b", key: 1 }], /the name of a store/],
  [
    "a bad row in the first tick",
    [{ tick: 0, store: "a", key: 1 }, { tick: 0, store: "a", key: 1 }, { tick: 1 }],
    /line 2\b[^]*1 again/,
  ],
  [
    "a schema with an unknown kind",
    [{ schema: { a: { kind: "heap" } } }],
    /table, edges, log, value or grid/,
  ],
  [
    "a schema with an unknown type",
    [{ schema: { a: { kind: "log", columns: { x: "f65" } } } }],
    /the type of column x[^]*f65/,
  ],
  [
    "a schema with an unknown part",
    [{ schema: { a: { kind: "log", colums: {} } } }],
    /kind, columns, role/,
  ],
  [
    "a schema behind a tick",
    [{ tick: 0 }, { schema: { a: { kind: "log", columns: { x: "u8" } } } }],
    /one schema, in front of all ticks/,
  ],
];
for (const [title, documents, says] of first) {
  test(`refused before anything is on disk: ${title}`, async (t) => {
    const ingest = await ingestFolder(t);
    const { runs, error } = await ingest(lines(...documents));
    assert(error instanceof EverytickError, String(error));
    assert.equal(error.code, "CLI_INPUT");
    assert.match(error.message, says);
    assert.match(error.message, /Nothing of the input is recorded/);
    assert.deepEqual(await runs.list(), []);
  });
}
