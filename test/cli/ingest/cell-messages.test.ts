import assert from "node:assert/strict";
import { test } from "node:test";
import { EverytickError } from "../../../src/index.ts";
import { historyOf, ingestFolder, lines } from "./ingested.ts";

interface Cell {
  readonly coord: { readonly x: number; readonly y: number; readonly z?: number };
  readonly old: number;
  readonly new: number;
}
function message(seq: number, generation: number, ...cells: readonly Cell[]) {
  return { run_id: "r", seq, generation, cells, timestamp: `t${seq}` };
}
function cell(x: number, y: number, old: number, now: number, z?: number): Cell {
  return { coord: z === undefined ? { x, y } : { x, y, z }, old, new: now };
}

test("TAK-34: recording begins, deltas are broadcast, recording ends: a message is a row and a tick", async (t) => {
  const ingest = await ingestFolder(t);
  const one = await ingest(lines(message(1, 1, cell(3, 4, 0, 1))));
  assert.equal(one.error, undefined);
  await using run = await one.runs.open("a");
  const row = { run_id: "r", seq: 1, cells: 1, timestamp: "t1" };
  assert.deepEqual(await historyOf(run, "messages"), { 0: [], 1: [row] });
  assert.deepEqual((await historyOf(run, "cells"))[1], [{ x: 3, y: 4, z: 0, state: 1 }]);
  assert.equal((await run.facts()).status, "closed");
});

test("TAK-34: as many messages, as many rows, one in each generation", async (t) => {
  const ingest = await ingestFolder(t);
  const messages = Array.from({ length: 50 }, (_, i) => message(i + 1, i + 1, cell(i, 0, 0, 1)));
  const { runs, counts, warnings } = await ingest(lines(...messages));
  assert.deepEqual([counts.messages, warnings.length], [50, 0]);
  await using run = await runs.open("a");
  const seqs = [];
  for await (const { tick, row } of run.log("messages")) seqs.push([tick, row["seq"]]);
  assert.deepEqual(
    seqs,
    Array.from({ length: 50 }, (_, i) => [i + 1, i + 1]),
  );
});

test("TAK-09: a cell in two dimensions has z = 0, one in three keeps its own", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs } = await ingest(lines(message(1, 0, cell(1, -2, 0, 1), cell(1, 2, 0, 5, 9))));
  await using run = await runs.open("a");
  assert.deepEqual((await historyOf(run, "cells"))[0], [
    { x: 1, y: -2, z: 0, state: 1 },
    { x: 1, y: 2, z: 9, state: 5 },
  ]);
});

test("a cell that becomes 0 has no row", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, counts } = await ingest(
    lines(message(0, 0, cell(1, 1, 0, 1)), message(1, 1, cell(1, 1, 1, 0), cell(2, 2, 0, 0))),
  );
  await using run = await runs.open("a");
  assert.deepEqual((await historyOf(run, "cells"))[1], []);
  assert.equal(counts.different, 0);
});

test("in a grid messages are explicit changes, x along the last axis", async (t) => {
  const ingest = await ingestFolder(t);
  const schema = { cells: { kind: "grid", type: "u8", shape: [2, 3] } };
  const { runs, error } = await ingest(
    lines({ schema }, message(0, 0, cell(2, 0, 0, 7)), message(1, 1, cell(0, 1, 0, 8))),
  );
  assert.equal(error, undefined);
  await using run = await runs.open("a");
  assert.deepEqual(await historyOf(run, "cells"), {
    0: [0, 0, 7, 0, 0, 0],
    1: [0, 0, 7, 8, 0, 0],
  });
});

test("a jump of seq is told, and the ticks that it leaves out are a gap", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, counts, warnings, error } = await ingest(
    lines(message(1, 1, cell(1, 1, 0, 1)), message(4, 4, cell(1, 1, 2, 3))),
  );
  assert.equal(error, undefined);
  assert.deepEqual([counts.gaps, counts.different], [1, 1]);
  assert.match(warnings.join("\n"), /seq jumps from 1 to 4[^]*1 cell held another value/);
  await using run = await runs.open("a");
  await assert.rejects(run.at(3), { code: "TIMELINE_GAP" });
  assert.deepEqual((await historyOf(run, "cells"))[4], [{ x: 1, y: 1, z: 0, state: 3 }]);
});

test("generations may be left out where no message is missing", async (t) => {
  const ingest = await ingestFolder(t);
  const { runs, counts, warnings } = await ingest(lines(message(1, 1), message(2, 4)));
  assert.deepEqual([counts.gaps, warnings.length], [0, 0]);
  await using run = await runs.open("a");
  await assert.rejects(run.at(3), { code: "TIMELINE_TICK" });
});

test("a message that is delivered twice is recorded once, and told", async (t) => {
  const ingest = await ingestFolder(t);
  const sent = [message(0, 0, cell(1, 1, 0, 1)), message(1, 1, cell(1, 1, 1, 2))];
  const once = await ingest(lines(...sent));
  const twice = await (await ingestFolder(t))(lines(sent[0], sent[0], sent[1], sent[0], sent[1]));
  assert.equal(twice.counts.repeated, 3);
  assert.match(twice.warnings.join("\n"), /message 0 came again/);
  const [a, b] = [await once.runs.facts("a"), await twice.runs.facts("a")];
  assert.equal(a.historyDigest, b.historyDigest);
});

test("a recorder that starts again goes on with the next message, and has a gap for those it missed", async (t) => {
  const ingest = await ingestFolder(t);
  await ingest(lines(message(1, 1), message(2, 2, cell(1, 1, 0, 1))));
  const next = await ingest(lines(message(3, 3)), { resume: true });
  assert.deepEqual([next.counts.gaps, next.warnings.length], [0, 0]);
  const { runs, counts, warnings } = await ingest(lines(message(9, 9)), { resume: true });
  assert.equal(counts.gaps, 1);
  assert.match(warnings.join("\n"), /seq jumps from 3 to 9/);
  await using run = await runs.open("a");
  await assert.rejects(run.at(5), { code: "TIMELINE_GAP" });
  assert.equal(run.tick, 9);
});

test("messages that are all sent again after a restart are compared, and the next one goes on", async (t) => {
  const ingest = await ingestFolder(t);
  const sent = [
    message(1, 0, cell(1, 1, 0, 1)),
    message(3, 0),
    message(4, 2, cell(1, 1, 1, 0)),
    message(7, 6, cell(2, 2, 0, 1)),
  ];
  const first = await ingest(lines(...sent));
  assert.deepEqual([first.counts.gaps, first.warnings.length], [1, 2]);
  const again = await ingest(lines(...sent, message(8, 7)), { resume: true });
  assert.equal(again.error, undefined);
  const { gaps, compared, different } = again.counts;
  assert.deepEqual({ gaps, compared, different }, { gaps: 0, compared: 3, different: 0 });
  assert.equal((await again.runs.facts("a")).tick, 7);
});

const malformed: readonly (readonly [string, object, RegExp])[] = [
  ["no run_id", { run_id: undefined }, /"run_id", a string/],
  ["another run", { run_id: "s" }, /messages of run r\n +found +run s/],
  ["no seq", { seq: undefined }, /"seq", a whole number/],
  ["a broken generation", { generation: 1.5 }, /"generation", a whole number/],
  ["no cells", { cells: undefined }, /"cells", a list/],
  ["a cell without coordinates", { cells: [{ old: 0, new: 1 }] }, /coordinates whole numbers/],
  ["a cell between cells", { cells: [cell(0.5, 1, 0, 1)] }, /coordinates whole numbers/],
  ["a cell without its old value", { cells: [{ coord: { x: 1, y: 1 }, new: 1 }] }, /"old", "new"/],
  ["a field too many", { zone: 1 }, /a field zone/],
  ["a generation that falls", { generation: 0 }, /a tick from 1 on/],
];
for (const [title, fields, says] of malformed) {
  test(`TAK-08: a malformed message is refused, and what came before it is recorded: ${title}`, async (t) => {
    const ingest = await ingestFolder(t);
    const bad = { ...message(2, 2), ...fields };
    const { runs, error } = await ingest(lines(message(0, 0), message(1, 1), bad));
    assert(error instanceof EverytickError, String(error));
    assert.equal(error.code, "CLI_INPUT");
    assert.match(error.message, says);
    assert.match(error.message, /line 3\b/);
    assert.equal((await runs.facts("a")).tick, 0);
  });
}

test("a cell outside of its grid is refused", async (t) => {
  const ingest = await ingestFolder(t);
  const schema = { cells: { kind: "grid", type: "u8", shape: [2, 3] } };
  for (const outside of [
    cell(3, 0, 0, 1),
    cell(0, 2, 0, 1),
    cell(0, 0, 0, 1, 1),
    cell(-1, 0, 0, 1),
  ]) {
    const { error } = await ingest(lines({ schema }, message(0, 0, outside)));
    assert.match(String(error), /cells of a grid of shape 2×3/);
  }
});
