import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaLine } from "../../../src/cli/export/schema-line.ts";
import { storeLines } from "../../../src/cli/export/store-lines.ts";
import {
  edges,
  grid,
  log,
  openRuns,
  type Run,
  type StateDefinition,
  type StateOf,
  table,
  value,
} from "../../../src/index.ts";
import { memoryPorts } from "../../../src/testing/index.ts";
import { historyOf, ingestFolder } from "../ingest/ingested.ts";

const columns = {
  u8: "u8",
  i8: "i8",
  u16: "u16",
  i16: "i16",
  u32: "u32",
  i32: "i32",
  u64: "u64",
  i64: "i64",
  f16: "f16",
  f32: "f32",
  f64: "f64",
  ints: "i16[2]",
  longs: "u64[2]",
  floats: "f32[3]",
  uuid: "uuid",
  h3: "h3",
  utf8: "utf8",
  json: "json",
  bytes: "bytes",
  tick: "u8",
  store: "utf8",
  deleted: "u8",
} as const;
const state = {
  rows: table({ key: "u32", ...columns }, { key: "key" }),
  pairs: table({ p: "u64", q: "utf8", n: "f64" }, { key: ["q", "p"] }),
  ids: table({ id: "uuid", cell: "h3", key: "u8" }, { key: ["id", "cell"] }),
  links: edges({ from: "rows", to: "utf8", level: "f32" }),
  events: log({ text: "utf8", at: "f64", longs: "i64" }),
  facts: value(columns),
  board: grid("u8", [3, 4], { chunk: [3, 2] }),
  longs: grid("i64", [2]),
  floats: grid("f32", [5], { role: "observed" }),
  fixed: grid(Uint16Array.of(3, 7), [2], { role: "static" }),
} satisfies StateDefinition;

/** Elements of every type; those of a higher number differ. */
function elements(n: number) {
  const cells = ["87283082affffff", "8928308280fffff", ""];
  return {
    u8: 255 - n,
    i8: -128 + n,
    u16: 65_535 - n,
    i16: -32_768 + n,
    u32: 2 ** 32 - 1 - n,
    i32: -(2 ** 31) + n,
    u64: 2n ** 64n - 1n - BigInt(n),
    i64: -(2n ** 63n) + BigInt(n),
    f16: [0.5, Number.NaN, -0, Infinity][n % 4] ?? 0,
    f32: [1 / 3, -Infinity, -0, Number.NaN][n % 4] ?? 0,
    f64: [Math.PI, 5e-324, -0, Number.NaN, 1e300][n % 5] ?? 0,
    ints: [n, -n],
    longs: [BigInt(n), 2n ** 63n],
    floats: [n / 3, -Infinity, Number.NaN],
    uuid: `00000000-0000-4000-8000-${String(n).padStart(12, "a")}`,
    h3: cells[n % 3] ?? "",
    utf8: ["", '"quoted", with\nlines', "=1+1", "🐑 \u0000 \u2028"][n % 4] ?? "",
    json: [null, { a: [1, { b: "x" }] }, [], -0.5, "text", true][n % 6],
    bytes: Uint8Array.from({ length: n % 5 }, (_, i) => 255 - i),
    tick: n,
    store: `s${n}`,
    deleted: n % 2,
  } as never as Record<keyof typeof columns, never>;
}

type State = StateOf<typeof state>;

function step(live: State, tick: number): void {
  const { rows, pairs, ids, links, events, facts } = live;
  for (let n = 0; n < 6; n++) rows.upsert({ key: 10 * tick + n, ...elements(tick + n) });
  rows.update(10 * tick, { f64: -0 });
  pairs.upsert({ p: 2n ** 63n + BigInt(tick % 3), q: `q,${tick % 2}`, n: tick });
  ids.upsert({
    id: `00000000-0000-4000-8000-00000000000${tick % 4}`,
    cell: "87283082affffff",
    key: tick,
  });
  links.upsert({ from: 10 * tick, to: "end", level: tick / 3 });
  if (tick > 1) {
    for (const key of [10 * (tick - 1) + 1, 10 * tick - 7]) if (rows.has(key)) rows.delete(key);
    if (links.has([10 * (tick - 1), "end"])) links.delete([10 * (tick - 1), "end"]);
    events.append({ text: `a "row", ${tick}`, at: tick / 7, longs: -(2n ** 60n) });
    if (tick % 2 === 0) events.append({ text: "=again", at: -0 });
  }
  if (tick === 4) rows.clear();
  if (tick !== 3) Object.assign(facts, elements(tick));
  live.board[tick % 12] = tick + 1;
  live.longs[tick % 2] = 2n ** 62n + BigInt(tick);
  live.floats[tick % 5] = [Number.NaN, -0, 1 / 3, Infinity, 2][tick % 5] as number;
}

async function record() {
  const runs = await openRuns("/runs", await memoryPorts());
  const run = await runs.record("a", { state, sparse: true });
  for (const tick of [1, 2, 3, 4, 5, 9]) {
    step(run.state, tick);
    await run.commit({ tick });
  }
  return run as never as Run;
}

/** What `export` writes of a store. */
async function exported(run: Run, name: string, onlyChanges: boolean): Promise<string> {
  const store = run.card.world.stores.find((each) => each.name === name);
  if (store === undefined) throw new Error(name);
  const lines = storeLines(store, "jsonl", onlyChanges);
  let text = schemaLine(store, onlyChanges) + lines.head;
  for await (const { tick, state: past } of run.play({ reuse: true })) {
    for (const piece of lines.tick(tick, past[name])) text += piece;
  }
  return text;
}

/** Rows in order of their keys: slots are not part of an export. */
function inOrder(history: Record<number, unknown>): unknown {
  const byText = (a: unknown, b: unknown) => (shown(a) < shown(b) ? -1 : 1);
  const sorted = Object.entries(history).map(([tick, content]) => {
    return [tick, Array.isArray(content) ? content.toSorted(byText) : content];
  });
  return Object.fromEntries(sorted);
}

function shown(content: unknown): string {
  return JSON.stringify(content, (_, each: unknown) =>
    typeof each === "bigint" ? `${each}n` : each,
  );
}

for (const onlyChanges of [false, true]) {
  for (const name of Object.keys(state)) {
    const how = onlyChanges ? "what changed" : "whole";
    test(`L6: export of ${name}, ${how}, is recorded as the same states`, async (t) => {
      const run = await record();
      const text = await exported(run, name, onlyChanges);
      const ingest = await ingestFolder(t);
      const { runs, error } = await ingest(text, { chunkBytes: 1000 });
      assert.equal(error, undefined);
      await using again = await runs.open("a");
      const history = await historyOf(run, name);
      assert.equal(Object.keys(history).length, 7);
      const [expected, found] = [inOrder(history), inOrder(await historyOf(again, name))];
      assert.deepStrictEqual(found, expected);
      const [before, after] = [run, again].map(({ card }) => {
        const { role: _role, ...schema } =
          card.world.stores.find((each) => each.name === name) ?? {};
        return name === "links" ? undefined : schema;
      });
      assert.deepEqual(after, before);
    });
  }
}

test("with --changes a line stands for a change, and a tick without one is there all the same", async () => {
  const text = await exported(await record(), "facts", true);
  const documents = text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(documents[3], { tick: 3 });
  assert.equal(documents.length, 7);
});
