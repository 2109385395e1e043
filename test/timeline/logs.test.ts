/** The rows of logs, tables and edges over a whole recording: whatever the way, each tick shows its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, log } from "everytick";
import { Choices } from "../model/choices.ts";
import { memoryRuns } from "../runs/memory-runs.ts";
import { openRows, recordedRows, textOf } from "./recorded-rows.ts";

const recorded = await recordedRows();
const { states, ticks } = recorded;
const last = ticks.at(-1) as number;

test("T1, T8: every tick by a reader of its own, and by one that has been everywhere", async () => {
  await using traveller = await openRows(recorded);
  const { segments } = await traveller.facts();
  const { keyframes, damage } = await traveller.verify();
  assert(segments > 3 && keyframes >= segments, `${segments} segments, ${keyframes} keyframes`);
  assert.deepEqual(damage, []);
  for (const tick of [...ticks, ...ticks.toReversed()]) {
    await using fresh = await openRows(recorded);
    for (const run of [fresh, traveller]) {
      const past = await run.at(tick, { verify: true });
      assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
    }
  }
});

test("T1, T8: any order of ticks, with digests checked or not, seed 5", async () => {
  await using run = await openRows(recorded);
  const choices = new Choices(5);
  for (let i = 0; i < 200; i++) {
    const tick = choices.pick(ticks);
    const past = await run.at(tick, { verify: choices.chance(0.5) });
    assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
  }
});

test("T2, T8: from each tick one step back is the tick before, with its rows and none of this one's", async () => {
  await using run = await openRows(recorded);
  for (const [i, tick] of ticks.entries()) {
    const before = ticks[i - 1];
    if (before === undefined) continue;
    for (const [from, to] of [
      [tick, before],
      [before, tick],
    ] as const) {
      for await (const past of run.play({ from, to, verify: true })) {
        assert.equal(textOf(past.state), states.get(past.tick), `${from} to ${to}`);
      }
    }
  }
});

test("T6, T8: playing either way, with memory of one's own or reused, shows each tick's rows", async () => {
  await using run = await openRows(recorded);
  for (const [from, to] of [
    [0, last],
    [last, 0],
    [41, 15],
  ] as const) {
    for (const reuse of [false, true]) {
      const seen: number[] = [];
      for await (const past of run.play({ from, to, reuse, verify: reuse })) {
        seen.push(past.tick);
        assert.equal(textOf(past.state), states.get(past.tick), `tick ${past.tick}`);
      }
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      const expected = ticks.filter((tick) => tick >= low && tick <= high);
      assert.deepEqual(seen, from < to ? expected : expected.toReversed());
    }
  }
});

test("T8: the first tick's log is what `init` appended", async () => {
  await using run = await openRows(recorded);
  for (const first of [await run.at(0), await run.at(30).then(async () => run.at(0))]) {
    assert.deepEqual(
      [...first.state.births],
      [
        { id: 0, name: "the first" },
        { id: 1, name: "" },
      ],
    );
  }
  const rows = await Array.fromAsync(run.log("births", { to: 0 }));
  assert.deepEqual(
    rows.map(({ tick, row }) => [tick, row.id]),
    [
      [0, 0],
      [0, 1],
    ],
  );
});

test("T8: the state digest of a tick does not depend on its log, the history digest does", async () => {
  const { runs } = await memoryRuns();
  const state = { cells: grid("u8", [4]), seen: log({ n: "u8" }) };
  const digests: string[][] = [];
  for (const rows of [[], [1], [1, 2]]) {
    const run = await runs.record(`with${rows.length}`, { state });
    for (const n of rows) run.state.seen.append({ n });
    await run.commit();
    const past = await run.at(1, { verify: true });
    digests.push([past.stateDigest(), past.historyDigest]);
  }
  const [stateDigests, history] = [0, 1].map((i) => new Set(digests.map((pair) => pair[i])));
  assert.deepEqual([stateDigests!.size, history!.size], [1, 3]);
});

test("T8: an observed log is read like any other, and no digest covers it", async () => {
  const { runs } = await memoryRuns();
  const histories = new Set<string>();
  for (const n of [1, 2]) {
    const state = { cells: grid("u8", [4]), seen: log({ n: "u8" }, { role: "observed" }) };
    const run = await runs.record(`n${n}`, { state });
    run.state.seen.append({ n });
    await run.commit();
    const past = await run.at(1, { verify: true });
    assert.deepEqual([...past.state.seen], [{ n }]);
    histories.add(past.historyDigest);
    assert.deepEqual((await run.verify()).damage, []);
  }
  assert.equal(histories.size, 1);
});

test("R2, T8: rows that no commit took are gone when the run is resumed", async () => {
  const { others } = await memoryRuns({ segmentBytesMin: 1500 });
  const state = { seen: log({ n: "u8" }), cells: grid("u8", [4]) };
  const run = await (await others()).record("run", { state });
  for (let n = 1; n <= 9; n++) {
    run.state.seen.append({ n });
    await run.commit();
  }
  run.state.seen.append({ n: 99 });
  await run.close();
  await using again = await (await others()).record("run", { state, resume: "only" });
  assert.deepEqual([again.tick, again.state.seen.size], [9, 0]);
  await again.commit();
  assert.deepEqual([...(await again.at(10)).state.seen], []);
  assert.deepEqual([...(await again.at(9)).state.seen], [{ n: 9 }]);
});
