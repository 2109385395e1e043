import assert from "node:assert/strict";
import { test } from "node:test";
import { EverytickError, grid, log, openRuns, table } from "../../../src/index.ts";
import { historyOf, ingestFolder, lines } from "./ingested.ts";

const documents = [
  { tick: 0, store: "a", key: 1, x: 1 },
  { tick: 0, store: "l", text: "begin" },
  { tick: 2, store: "a", key: 2, x: 2 },
  { tick: 3, store: "a", key: 1, deleted: true },
  { tick: 3, store: "l", text: "gone" },
  { tick: 5, store: "a", key: 3, x: 3 },
];
const upTo = (tick: number) => documents.filter((each) => each.tick <= tick);
const from = (tick: number) => documents.filter((each) => each.tick >= tick);

for (const [title, again, compared] of [
  ["the whole input again", documents, 3],
  ["what comes behind", from(5), 0],
  ["from a tick in the middle", from(2), 2],
] as const) {
  test(`a run goes on as if it had never ended: ${title}`, async (t) => {
    const whole = await (await ingestFolder(t))(lines(...documents));
    const ingest = await ingestFolder(t);
    await ingest(lines(...upTo(3)));
    const { runs, error, counts } = await ingest(lines(...again), { resume: true });
    assert.equal(error, undefined);
    assert.equal(counts.compared, compared);
    const facts = await runs.facts("a");
    assert.equal(facts.historyDigest, (await whole.runs.facts("a")).historyDigest);
  });
}

const other: readonly (readonly [string, readonly object[], RegExp])[] = [
  [
    "another value",
    [{ tick: 2, store: "a", key: 2, x: 2.5 }],
    /tick 2, a[^]*expected +2\n +found +2.5/,
  ],
  [
    "a row more",
    [
      { tick: 2, store: "a", key: 2, x: 2 },
      { tick: 2, store: "a", key: 9 },
    ],
    /tick 2, a/,
  ],
  ["a row less", [{ tick: 2 }], /tick 2, a/],
  ["a row of a log less", [{ tick: 3, store: "a", key: 1, deleted: true }], /tick 3, l/],
  ["a tick that is not recorded", [{ tick: 1 }], /tick 2, the next that is recorded/],
  ["a tick that is left out", [...upTo(0), { tick: 3 }], /tick 2, the next that is recorded/],
];
for (const [title, again, says] of other) {
  test(`a recorded tick that comes again with ${title} is a conflict, and changes nothing`, async (t) => {
    const ingest = await ingestFolder(t);
    const before = await ingest(lines(...documents));
    const { historyDigest } = await before.runs.facts("a");
    const { runs, error } = await ingest(lines(...again, { tick: 9 }), { resume: true });
    assert(error instanceof EverytickError, String(error));
    assert.equal(error.code, "RECORDER_CONFLICT");
    assert.match(error.message, says);
    const facts = await runs.facts("a");
    assert.deepEqual([facts.historyDigest, facts.status], [historyDigest, "closed"]);
  });
}

test("what follows a corrected line is recorded, and what came before it is compared", async (t) => {
  const ingest = await ingestFolder(t);
  const bad = await ingest(lines(...upTo(3), '{"tick":5,"store":"a","key":3,"x":"3"}'));
  assert(bad.error instanceof EverytickError);
  const { runs, error } = await ingest(lines(...documents), { resume: true });
  assert.equal(error, undefined);
  assert.equal((await runs.facts("a")).tick, 5);
});

test("a run of a program goes on from lines, with the types and stores that it has", async (t) => {
  const ingest = await ingestFolder(t);
  const runs = await openRuns((await ingest("")).runs.folder);
  const state = {
    a: table({ id: "u64", x: "f32" }, { key: "id" }),
    l: log({ text: "utf8" }),
    g: grid("u8", [4], { role: "static" }),
  };
  const run = await runs.record("a", { state, sparse: true });
  run.state.a.insert({ id: 1n, x: 0.5 });
  await run.commit();
  await runs.close();
  const input = lines({ tick: 1, store: "a", key: 1, x: 0.5 }, { tick: 4, store: "a", id: "2" });
  const { error, runs: read } = await ingest(input, { resume: true });
  assert.equal(error, undefined);
  await using past = await read.open("a");
  const rows = [
    { id: 1n, x: 0.5 },
    { id: 2n, x: 0 },
  ];
  assert.deepEqual((await historyOf(past, "a"))[4], rows);
});

test("after the signal a tick is recorded only if a line of a later one shows that it is whole", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, error } = await ingest(lines(...documents), { signal: AbortSignal.abort() });
  assert.equal(error, undefined);
  assert.equal((await runs.facts("a")).tick, 0);
});
