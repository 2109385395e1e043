/** Ways back over second differences, whose ends the timeline must come to from before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, type Codecs } from "everytick";
import { memoryPorts } from "everytick/testing";
import { LastDifferences } from "../../src/format/last-differences.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import { PassedDifferences } from "../../src/timeline/passed-differences.ts";

const ticks = 300;

/** The codecs, and how many checksums they made: two for each frame that is read. */
function counted(codecs: Codecs): { codecs: Codecs; count: () => number } {
  let made = 0;
  const crc32: Codecs["crc32"] = (...given) => {
    made += 1;
    return codecs.crc32(...given);
  };
  return { codecs: { ...codecs, crc32 }, count: () => made };
}

test("T6: playing back over many ends of second differences reads each frame a few times, not from the keyframe each time", async () => {
  const { codecs: _, ...ports } = await memoryPorts();
  const { codecs, count } = counted(await nodeCodecs());
  const runs = await openRuns("runs", { ...ports, codecs });
  const run = await runs.record("a", { state: { drift: grid("u32", [400]) }, window: 64 });
  const { drift } = run.state;
  for (let i = 0; i < drift.length; i++) drift[i] = (i * 2654435761) % 2 ** 32;
  for (let tick = 1; tick <= ticks; tick++) {
    const moving = tick % 10 === 0 ? 0 : drift.length;
    for (let i = 0; i < moving; i++) drift[i]! += 1000 * i + (i & tick & 3);
    await run.commit();
  }
  await run.close();
  const framesOf = async (from: number, to: number): Promise<number> => {
    await using reader = await runs.open("a");
    const before = count();
    for await (const past of reader.play({ from, to, reuse: true })) assert(past.tick >= 0);
    return count() - before;
  };
  const [forwards, back] = [await framesOf(0, ticks), await framesOf(ticks, 0)];
  assert(back > forwards, `${back} checksums back, ${forwards} forwards: no way ended`);
  assert(back < 4 * forwards, `${back} checksums back, ${forwards} forwards`);
});

test("T6: of the differences that a timeline passed, the earliest are forgotten", () => {
  const passed = new PassedDifferences();
  const differencesOf = (bytes: number): LastDifferences => {
    const one = new LastDifferences();
    one.set("a part", { rows: undefined, differences: new Uint8Array(bytes) });
    return one;
  };
  const third = Math.floor(limits.passedBytes / 3);
  for (const tick of [1, 2, 4]) passed.keep(tick, differencesOf(third));
  assert(passed.of(1) && passed.of(2) && passed.of(4));
  assert.equal(passed.of(3), undefined);
  passed.keep(5, differencesOf(third));
  assert.deepEqual(
    [1, 2, 4, 5].map((tick) => passed.of(tick) !== undefined),
    [false, true, true, true],
  );
  // One that is larger than all the room is kept alone.
  passed.keep(6, differencesOf(2 * limits.passedBytes));
  assert.deepEqual(
    [4, 5, 6].map((tick) => passed.of(tick) !== undefined),
    [false, false, true],
  );
});
