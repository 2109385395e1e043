import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlayOptions, Run, Tick } from "everytick";
import { refusal } from "../runs/memory-runs.ts";
import { recordedRun, textOf, type Definition, type Recorded } from "./recorded-run.ts";

const recorded: Recorded = await recordedRun();
const { runs, states, ticks } = recorded;
const run = (await runs.open("run")) as unknown as Run<Definition>;

async function played(options: PlayOptions): Promise<Tick[]> {
  const found: Tick[] = [];
  for await (const past of run.play(options)) {
    assert.equal(textOf(past.state), states.get(past.tick), `tick ${past.tick}`);
    found.push(past.tick);
  }
  return found;
}

test("T6: play yields each recorded tick between its ends, both included, in either direction", async () => {
  // Every pair of ends: recorded, in a gap, equal, both in the same gap.
  for (let from = 0; from <= 39; from++) {
    for (const to of [0, 1, 8, 9, 10, 11, 12, 13, 20, 29, 30, 31, 38, 39, from]) {
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      const expected = ticks.filter((tick) => tick >= low && tick <= high);
      if (to < from) expected.reverse();
      assert.deepEqual(await played({ from, to }), expected, `${from} to ${to}`);
    }
  }
});

test("T6: without ends it is the whole run, with one the rest of it", async () => {
  assert.deepEqual(await played({}), ticks);
  assert.deepEqual(
    await played({ from: 20 }),
    ticks.filter((tick) => tick >= 20),
  );
  assert.deepEqual(
    await played({ to: 20 }),
    ticks.filter((tick) => tick <= 20),
  );
  assert.deepEqual(await played({ from: 39 }), [39]);
  assert.deepEqual(await played({ to: 0 }), [0]);
});

test("T6: ends outside the run are refused", async () => {
  const wrong: readonly unknown[] = [-1, 40, 0.5, Number.NaN, Infinity, "3", null, 2 ** 53];
  for (const tick of wrong) {
    for (const options of [{ from: tick }, { to: tick }, { from: 0, to: tick }] as PlayOptions[]) {
      await refusal(async () => played(options), "TIMELINE_TICK", { expected: /0 to 39/ });
    }
  }
});

test("T6: frames are the caller's own", async () => {
  const kept = await Array.fromAsync(run.play({ verify: true }));
  assert.deepEqual(
    kept.map((past) => textOf(past.state)),
    [...states.values()],
  );
  for (const { state } of kept) {
    state.cells.fill(7);
    state.seen.fill(7);
  }
  assert.deepEqual(await played({ verify: true }), ticks);
  assert.deepEqual(await played({ from: 39, to: 0, verify: true }), [...ticks].reverse());
});

test("T6: with reuse each frame is right while it is shown, and shares its memory with the next", async () => {
  const arrays = new Set<ArrayBufferLike>();
  for await (const past of run.play({ reuse: true })) {
    assert.equal(textOf(past.state), states.get(past.tick));
    arrays.add(past.state.cells.buffer);
  }
  assert.equal(arrays.size, 1);
});

test("T6: a player may stop at any frame, and several may play at once", async () => {
  for await (const { tick } of run.play()) if (tick === 5) break;
  const both = await Promise.all([played({}), played({ from: 39, to: 0 }), played({ from: 8 })]);
  assert.deepEqual(both[1], [...ticks].reverse());
  // Moving elsewhere while playing moves nobody else.
  const found: Tick[] = [];
  for await (const past of run.play({ from: 15, to: 25 })) {
    await run.at((past.tick * 7) % 9);
    assert.equal(textOf(past.state), states.get(past.tick));
    found.push(past.tick);
  }
  assert.deepEqual(
    found,
    ticks.filter((tick) => tick >= 15 && tick <= 25),
  );
});

test("T6: a signal ends a play with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const found: Tick[] = [];
  const play = async (): Promise<void> => {
    for await (const { tick } of run.play({ signal: controller.signal })) {
      found.push(tick);
      if (tick === 3) controller.abort(reason);
    }
  };
  await assert.rejects(play, reason);
  assert.deepEqual(found, [0, 1, 2, 3]);
  await assert.rejects(async () => played({ signal: AbortSignal.abort(reason) }), reason);
});

test("T6: a frame tells its tick, times, era and digests", async () => {
  for await (const past of run.play({ from: 13, to: 16 })) {
    const { tick, simTime, wallTime, era, historyDigest } = await run.at(past.tick);
    const { tick: t, simTime: s, wallTime: w, era: e, historyDigest: h } = past;
    assert.deepEqual([t, s, w, e, h], [tick, simTime, wallTime, era, historyDigest]);
    assert.equal(simTime, tick);
    assert.equal(wallTime, Date.UTC(2026, 0, 1), "the clock of the recording stood still");
    assert.equal(era, undefined);
    assert.match(historyDigest, /^[0-9a-f]{32}$/);
    assert.match(past.stateDigest(), /^[0-9a-f]{32}$/);
  }
});
