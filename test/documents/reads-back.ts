import assert from "node:assert/strict";
import { defineWorld, type LiveRun, type Run, type StateDefinition } from "everytick";
import { Choices } from "../model/choices.ts";
import { memoryRuns } from "../runs/memory-runs.ts";
import { PlainCopy, untouched } from "./plain-copy.ts";
import { contentOfState, type Content } from "./row-content.ts";

/**
 * Records a state with content that a seed decides, resuming twice on the way, and reads each tick back: by seeking,
 * forwards, backwards, from a recording that is open and from one that is closed. Each must be what a plain copy kept.
 */
export async function assertReadsBack(
  state: StateDefinition,
  { ticks, seed }: { readonly ticks: number; readonly seed: number },
): Promise<void> {
  const choices = new Choices(seed);
  const copy = new PlainCopy(state, choices);
  // Static stores are written before the first tick: by `init`.
  const world = defineWorld({
    name: "document",
    version: 1,
    state,
    init: (context) => copy.change(context.state, true),
  });
  // Small segments, so that there are several.
  const { runs } = await memoryRuns({ segmentBytesMin: 20_000 });
  let run: LiveRun = await runs.record("document", { world, seed });
  const kept: Content[] = [copy.content()];
  const resumes = new Set([Math.floor(ticks / 3), Math.floor((2 * ticks) / 3)]);
  for (let tick = 1; tick <= ticks; tick++) {
    copy.change(run.state, false);
    await run.commit();
    kept.push(copy.content());
    if (!resumes.has(tick)) continue;
    await run.close();
    run = await runs.record("document", { world, resume: "only" });
    // The rows of a log belong to the tick that appended them: the next one has none.
    const lasting = copy.stores.filter(({ kind }) => kind !== "log");
    const expected = Object.fromEntries(lasting.map(({ name }) => [name, kept[tick]?.[name]]));
    assert.deepEqual(contentOfState(lasting, run.state), expected, `resumed at tick ${tick}`);
  }
  assert.deepEqual(untouched(copy), [], "each store saw all that can be done to it");
  await assertHolds(run, copy, kept, choices);
  await run.close();
  await using closed = await runs.open("document");
  await assertHolds(closed, copy, kept, choices);
  const { damage, segments } = await closed.verify();
  assert.deepEqual(damage, []);
  assert(segments > 1, "several segments");
}

async function assertHolds(
  run: Run,
  { stores }: PlainCopy,
  kept: readonly Content[],
  choices: Choices,
): Promise<void> {
  const last = kept.length - 1;
  for (let i = 0; i < 10; i++) {
    const tick = choices.below(kept.length);
    const { state } = await run.at(tick, { verify: true });
    assert.deepEqual(contentOfState(stores, state), kept[tick], `at tick ${tick}`);
  }
  for (const [from, to] of [
    [0, last],
    [last, 0],
  ] as const) {
    let tick = from;
    for await (const past of run.play({ from, to, verify: true })) {
      assert.equal(past.tick, tick);
      assert.deepEqual(contentOfState(stores, past.state), kept[tick], `${from} to ${to}, ${tick}`);
      tick += from < to ? 1 : -1;
    }
    assert.equal(tick, from < to ? last + 1 : -1, "every tick");
  }
}
