/** What stands on the tick before it is lost with it; all else must be told as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, type Run, type Tick } from "everytick";
import { frameHeaderSize, FrameKind } from "../../src/format/frame.ts";
import { Choices } from "../model/choices.ts";
import { rewrite } from "../runs/memory-runs.ts";
import {
  driftingRun,
  framesIn,
  journal,
  textOf,
  type Definition,
  type FramePlace,
} from "./drifting-run.ts";

const recorded = await driftingRun(5, 90, 25_000);
const { vfs, texts, reader, open } = recorded;
const ticks = texts.map((_, tick) => tick);
const files = vfs.list(journal) ?? [];
assert(files.length >= 3, `${files.length} segments`);

/** Goes to ticks in this order. @returns for each whether it was right, or the code of the error */
async function answers(run: Run<Definition>, order: readonly Tick[]): Promise<Map<Tick, string>> {
  const found = new Map<Tick, string>();
  for (const tick of order) {
    try {
      const past = await run.at(tick);
      assert.equal(textOf(past.state), texts[tick], `tick ${tick}`);
      found.set(tick, "right");
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert(isEverytickError(error), `tick ${tick}: ${String((error as Error).stack)}`);
      found.set(tick, error.code);
    }
  }
  return found;
}

const framesOf = (file: string): FramePlace[] => framesIn(vfs.read(`${journal}/${file}`));

/** The deltas in the middle of a segment, and the ticks that are lost with each: up to the next keyframe. */
function deltasIn(file: string): { frame: FramePlace; lost: [from: Tick, until: Tick] }[] {
  const frames = framesOf(file);
  const until = (at: number): Tick => {
    const from = (frames[at] as FramePlace).tick;
    const next = frames.find(({ kind, tick }) => kind === FrameKind.keyframe && tick > from);
    return next?.tick ?? (frames.at(-1) as FramePlace).tick + 1;
  };
  return frames.flatMap((frame, i) =>
    frame.kind === FrameKind.delta ? [{ frame, lost: [frame.tick, until(i)] }] : [],
  );
}

test("T3, T5: a delta that is damaged takes no tick with it beyond the next keyframe, seed 1", async () => {
  const choices = new Choices(1);
  let lostTicks = 0;
  for (let round = 0; round < 6; round++) {
    const file = files[round % (files.length - 1)] as string;
    const { frame, lost } = choices.pick(deltasIn(file).slice(0, -1));
    const [from, until] = lost;
    const what = `tick ${frame.tick} of ${file}, lost ${from} to ${until}`;
    const at = frame.offset + frameHeaderSize + choices.below(frame.length - frameHeaderSize);
    const flip = (bytes: Uint8Array): Uint8Array => bytes.with(at, (bytes[at] as number) ^ 4);
    rewrite(vfs, `${journal}/${file}`, flip);
    const run = await reader();
    for (const order of [ticks, ticks.toReversed(), choices.shuffled(ticks).slice(0, 30)]) {
      for (const [tick, answer] of await answers(run, order)) {
        const isLost = tick >= from && tick < until;
        if (isLost && answer !== "right") assert.equal(answer, "JOURNAL_DAMAGED", what);
        else assert.equal(answer, "right", `tick ${tick}; ${what}`);
        if (answer !== "right") lostTicks += 1;
      }
      assert.notEqual((await answers(run, [from])).get(from), "right", what);
    }
    const { damage } = await run.verify();
    assert(damage.length > 0, what);
    for (const { file: name, ticks: [first, last] = [-1, -1] } of damage) {
      assert.equal(name, `journal/${file}`, what);
      assert(first >= from && last <= until, `${what}: ${first} to ${last} reported`);
    }
    assert(
      damage.some((each) => each.ticks?.[0] === from),
      what,
    );
    rewrite(vfs, `${journal}/${file}`, flip);
    // Nothing of the damage is kept.
    for (const [tick, answer] of await answers(run, [from, until - 1, 0])) {
      assert.equal(answer, "right", `tick ${tick}`);
    }
  }
  assert(lostTicks > 6);
});

test("T3, J11: with the first segments gone their ticks are missing by name, and all others as they were", async () => {
  for (let gone = 1; gone < files.length; gone++) {
    const saved = files.slice(0, gone).map((file) => vfs.read(`${journal}/${file}`));
    for (const file of files.slice(0, gone)) vfs.remove(`${journal}/${file}`);
    const firstTick = Number((files[gone] as string).slice(0, 16));
    await using runs = await open();
    const run = (await runs.open("run").catch((error: unknown) => error)) as Run<Definition>;
    if (run instanceof Error) {
      assert(isEverytickError(run, "JOURNAL_MISSING"), String(run));
    } else {
      const choices = new Choices(gone);
      for (const order of [ticks, ticks.toReversed(), choices.shuffled(ticks).slice(0, 30)]) {
        for (const [tick, answer] of await answers(run, order)) {
          const expected = tick < firstTick ? "JOURNAL_MISSING" : "right";
          assert.equal(answer, expected, `tick ${tick} without ${gone} segments`);
        }
      }
    }
    files.slice(0, gone).forEach((file, i) => {
      const restored = vfs.open(`${journal}/${file}`, "create");
      restored.write(saved[i] as Uint8Array, 0);
      restored.close();
    });
  }
});

test("T3, J11: with a segment in the middle gone, no tick of another one needs it", async () => {
  for (let gone = 1; gone < files.length - 1; gone++) {
    const path = `${journal}/${files[gone] as string}`;
    const [from, until] = [files[gone], files[gone + 1]].map((name) => Number(name?.slice(0, 16)));
    const saved = vfs.read(path);
    vfs.remove(path);
    const run = await reader();
    const choices = new Choices(gone);
    for (const order of [ticks, ticks.toReversed(), choices.shuffled(ticks).slice(0, 30)]) {
      for (const [tick, answer] of await answers(run, order)) {
        const isGone = tick >= (from as Tick) && tick < (until as Tick);
        assert.equal(answer, isGone ? "JOURNAL_MISSING" : "right", `tick ${tick}`);
      }
    }
    const restored = vfs.open(path, "create");
    restored.write(saved, 0);
    restored.close();
  }
});
