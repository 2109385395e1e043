import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run, Tick } from "everytick";
import { Choices } from "../model/choices.ts";
import { refusal } from "../runs/memory-runs.ts";
import { recordedRun, textOf, type Definition, type Recorded } from "./recorded-run.ts";

const recorded: Recorded = await recordedRun();
const { runs, states, ticks } = recorded;
const last = ticks.at(-1) as Tick;

async function open(): Promise<Run<Definition>> {
  return (await runs.open("run")) as unknown as Run<Definition>;
}

test("T1: every tick, on a reader of its own and on one that has been everywhere", async () => {
  await using traveller = await open();
  assert((await traveller.facts()).segments >= 3);
  assert((await traveller.verify()).keyframes >= 3);
  for (const tick of ticks) {
    await using fresh = await open();
    assert.equal(textOf((await fresh.at(tick, { verify: true })).state), states.get(tick));
    assert.equal(textOf((await traveller.at(tick, { verify: true })).state), states.get(tick));
  }
});

test("T1: any order of ticks, seed 1", async () => {
  await using run = await open();
  const choices = new Choices(1);
  for (let i = 0; i < 300; i++) {
    const tick = choices.pick(ticks);
    const past = await run.at(tick, { verify: choices.chance(0.5) });
    assert.equal(past.tick, tick);
    assert.equal(textOf(past.state), states.get(tick), `tick ${tick}`);
  }
});

test("T2: from each tick one step back is the tick before, and one step on is the tick again", async () => {
  await using run = await open();
  for (const [i, tick] of ticks.entries()) {
    const before = ticks[i - 1];
    if (before === undefined) continue;
    const there = await Array.fromAsync(run.play({ from: tick, to: before, verify: true }));
    const back = await Array.fromAsync(run.play({ from: before, to: tick, verify: true }));
    assert.deepEqual(
      there.map((past) => past.tick),
      [tick, before],
    );
    const sought = await run.at(before);
    for (const past of [there[1], back[0]]) {
      assert.equal(textOf((past as typeof sought).state), states.get(before));
      assert.equal(past?.historyDigest, sought.historyDigest);
      assert.equal(past?.stateDigest(), sought.stateDigest());
    }
  }
});

test("T1: calls at once are answered one by one, each with its own tick", async () => {
  await using run = await open();
  const choices = new Choices(2);
  const asked = Array.from({ length: 60 }, () => choices.below(last + 5));
  const answers = await Promise.allSettled(asked.map(async (tick) => run.at(tick)));
  for (const [i, tick] of asked.entries()) {
    const answer = answers[i] as (typeof answers)[number];
    assert.equal(answer.status, states.has(tick) ? "fulfilled" : "rejected", `tick ${tick}`);
    if (answer.status === "rejected") continue;
    assert.equal(textOf(answer.value.state), states.get(tick), `tick ${tick}`);
  }
  const mixed = await Promise.all([
    run.at(5),
    run.changesAt(20),
    run.verify(),
    Array.fromAsync(run.play({ from: 39, to: 0 }), (past) => textOf(past.state)),
    run.at(6),
  ]);
  assert.equal(textOf(mixed[0].state), states.get(5));
  assert.equal(textOf(mixed[4].state), states.get(6));
  assert.deepEqual(mixed[3], [...states.values()].reverse());
});

test("T4: a tick in a gap is refused with the reason and the nearest ticks", async () => {
  await using run = await open();
  for (const tick of [10, 11, 12]) {
    const details = { where: new RegExp(`tick ${tick}$`), found: /^asleep$/, next: /9 and 13/ };
    await refusal(async () => run.at(tick), "TIMELINE_GAP", details);
    await refusal(async () => run.changesAt(tick), "TIMELINE_GAP", details);
  }
  await refusal(async () => run.at(30), "TIMELINE_GAP", { found: /^a nap$/, next: /29 and 31/ });
  // The error left the reader whole.
  assert.equal(textOf((await run.at(13, { verify: true })).state), states.get(13));
});

test("T4: a tick outside the run is refused with what there is", async () => {
  await using run = await open();
  const details = { expected: /0 to 39/, found: /^40$/, next: /39/ };
  await refusal(async () => run.at(40), "TIMELINE_TICK", details);
  await refusal(async () => run.at(2 ** 53 - 1), "TIMELINE_TICK", { next: /39/ });
  const wrong: readonly unknown[] = [
    -1,
    0.5,
    Number.NaN,
    Infinity,
    2 ** 53,
    "5",
    null,
    undefined,
    5n,
  ];
  for (const tick of wrong) {
    await refusal(async () => run.at(tick as number), "TIMELINE_TICK", { expected: /./ });
    await refusal(async () => run.changesAt(tick as number), "TIMELINE_TICK", { expected: /./ });
  }
  assert.equal(textOf((await run.at(0)).state), states.get(0));
});
