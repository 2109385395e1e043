/** A long-lived process that looks at what it keeps, again and again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScrubEvent } from "everytick";
import { Choices } from "../model/choices.ts";
import { definition, recordedRun } from "../timeline/recorded-run.ts";
import { folder, refusal, rewrite } from "./memory-runs.ts";

const journal = `${folder}/run/journal`;

test("T11, TAD-81: a bit that is flipped while a scrub runs is found within one pass, seed 5", async () => {
  const recorded = await recordedRun();
  const { vfs } = recorded.ports;
  const files = (vfs.list(journal) ?? []).filter((name) => name.endsWith(".seg"));
  const choices = new Choices(5);
  for (let round = 0; round < 60; round++) {
    await using runs = await recorded.others();
    await using run = await runs.open("run");
    const file = choices.pick(files);
    // All but the last frames of the open segment, which an opening takes for a torn tail.
    const offset = choices.below(vfs.stat(`${journal}/${file}`)?.size as number);
    const mask = 1 << choices.below(8);
    const flip = (): void =>
      rewrite(vfs, `${journal}/${file}`, (bytes) => bytes.with(offset, bytes[offset]! ^ mask));
    const what = `bit ${mask} of byte ${offset} of ${file}`;
    const events: ScrubEvent[] = [];
    for await (const event of run.scrub()) {
      events.push(event);
      if (event.kind !== "pass") continue;
      if (event.pass === 1) flip();
      if (event.pass === 2) break;
    }
    const passes = events.filter(({ kind }) => kind === "pass");
    assert.deepEqual(
      passes.map((event) => "damages" in event && event.damages > 0),
      [false, true],
      what,
    );
    const found = events.flatMap((event) => (event.kind === "damage" ? [event.damage] : []));
    assert.equal(found[0]?.file, `journal/${file}`, what);
    flip();
  }
});

test("T11: a scrub keeps to its budget and reads everything in each pass", async () => {
  const recorded = await recordedRun();
  await using runs = await recorded.others();
  await using run = await runs.open("run");
  const { bytes } = await run.verify();
  for await (const event of run.scrub({ bytesPerSecond: 1000 })) {
    assert(event.kind === "pass");
    assert(event.milliseconds >= event.bytes - 1, JSON.stringify(event));
    // Headers of segments are read as well, and counted to no budget.
    assert(event.bytes > 0.8 * bytes && event.bytes <= bytes, `${event.bytes} of ${bytes}`);
    break;
  }
  await refusal(async () => run.scrub({ bytesPerSecond: 0 }).next(), "RECORDER_OPTION");
});

test("T11: a scrub of a run that is being recorded meets what is added, and ends with the run", async () => {
  const recorded = await recordedRun();
  const run = await recorded.runs.record("run", { state: definition(), resume: "only" });
  const segments: number[] = [];
  for await (const event of run.scrub()) {
    assert(event.kind === "pass", JSON.stringify(event));
    segments.push(event.segments);
    if (event.pass === 3) await run.close();
    else for (let i = 0; i < 20; i++) await change(run);
  }
  assert.equal(segments.length, 3);
  assert(segments[2]! > segments[0]!, segments.join());
});

async function change(run: {
  state: { cells: Uint16Array };
  tick: number;
  commit: () => unknown;
}): Promise<void> {
  run.state.cells.fill(run.tick * 31);
  await run.commit();
}

test("T11: a scrub ends quietly when it is told to", async () => {
  const recorded = await recordedRun();
  await using run = await (await recorded.others()).open("run");
  const stop = new AbortController();
  let passes = 0;
  for await (const _ of run.scrub({ signal: stop.signal })) if (++passes === 2) stop.abort();
  assert.equal(passes, 2);
});
