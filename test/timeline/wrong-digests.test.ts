/** Digests that were wrong from the start, under checksums that hold: what a fault of the engine itself would leave. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, value, type Codecs, type Run } from "everytick";
import { memoryPorts } from "everytick/testing";
import { folder } from "../runs/memory-runs.ts";

const ticks = 64;

/** Codecs whose digest number `wrong` has a bit flipped; counts them. */
function faulty(codecs: Codecs, wrong: number): { codecs: Codecs; count: () => number } {
  let made = 0;
  const xxh3 = (): ReturnType<Codecs["xxh3"]> => {
    const hash = codecs.xxh3();
    const digest = (): Uint8Array => {
      const bytes = hash.digest();
      return made++ === wrong ? bytes.with(3, (bytes[3] as number) ^ 1) : bytes;
    };
    return { reset: () => hash.reset(), update: (bytes) => hash.update(bytes), digest };
  };
  return { codecs: { ...codecs, xxh3 }, count: () => made };
}

async function recordWith(wrong: number) {
  const { codecs, ...ports } = await memoryPorts();
  const { codecs: recording, count } = faulty(codecs, wrong);
  const sizes = { segmentBytesMin: 2500 };
  const runs = await openRuns(folder, { ...ports, codecs: recording, ...sizes });
  const state = { cells: grid("u8", [6]), weather: value({ rain: "f64" }) };
  const run = await runs.record("run", { state, window: 9 });
  for (let tick = 1; tick <= ticks; tick++) {
    run.state.cells[tick % 6] = tick;
    if (tick % 3 === 0) run.state.weather.rain = tick;
    await run.commit();
  }
  await run.close();
  return { runs: await openRuns(folder, { ...ports, codecs }), digests: count() };
}

/** Whether looking at each tick with `verify`, from a reader of its own, finds that something is wrong. */
async function looked(run: Run): Promise<boolean> {
  for (const [from, to] of [
    [0, ticks],
    [ticks, 0],
  ] as const) {
    try {
      for await (const { tick } of run.play({ from, to, verify: true, reuse: true }))
        assert(tick >= 0);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "TIMELINE_DIGEST", String(error));
      return true;
    }
  }
  return false;
}

test("T3, T5: any digest that was wrong from the start is found, in keyframes and in ticks", async () => {
  const { runs: sound, digests } = await recordWith(-1);
  await using whole = await sound.open("run");
  const { damage, keyframes } = await whole.verify();
  assert.deepEqual([damage, await looked(whole)], [[], false]);
  assert(keyframes > 3 && digests > 100, `${keyframes} keyframes, ${digests} digests`);
  for (let wrong = 0; wrong < digests; wrong += 3) {
    const { runs } = await recordWith(wrong);
    await using run = await runs.open("run");
    const what = `digest ${wrong} of ${digests}`;
    assert.notDeepEqual((await run.verify()).damage, [], what);
    // Read without looking at digests, the states are what they were.
    const cells = (await run.at(40)).state["cells"] as unknown as Uint8Array;
    assert.deepEqual([...cells], [36, 37, 38, 39, 40, 35], what);
    // Keyframes that playing passes over are the business of `verify`.
    if (await looked(run)) continue;
    await assert.doesNotReject(async () => run.at(40, { verify: true }), what);
  }
});
