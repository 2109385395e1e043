/** What a recording weighs, and what a look at any tick costs: counted, never timed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns, type Codecs, type Run } from "everytick";
import { MemoryVfs } from "everytick/testing";
import { automaton } from "everytick/worlds/automaton";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { folder } from "../runs/memory-runs.ts";
import { memoryRuns } from "./life.ts";

test("TAK-57: deltas weigh a small part of the states that they stand for, and give each of them back", async () => {
  const runs = await memoryRuns();
  const loads = [
    // A gun: little changes, always. Full states are 112 x 96 bytes each.
    { params: { pattern: "gosper-glider-gun", size: "112x96" }, ticks: 300, ratio: 40 },
    // Soup: much changes at first.
    { params: { size: "128x128", density: 0.3 }, ticks: 300, ratio: 15 },
    // Voxels that never rest, each twentieth in each tick.
    { params: { size: "32x32x32", rule: "B6/S6-10", density: 0.25 }, ticks: 100, ratio: 8 },
  ];
  for (const [i, { params, ticks, ratio }] of loads.entries()) {
    await using run = await runs.record(`load-${i}`, {
      world: automaton,
      params: { ...params },
      window: 64,
    });
    const copies = [run.state.cells.slice()];
    for (let tick = 1; tick <= ticks; tick++) {
      await run.step();
      copies.push(run.state.cells.slice());
    }
    await run.flush();
    const { bytes, stateBytes } = await run.facts();
    const found = ((ticks + 1) * stateBytes) / bytes;
    assert(found > ratio, `${JSON.stringify(params)}: ${found.toFixed(1)} times smaller`);
    for await (const { tick, state } of run.play({ verify: true, reuse: true })) {
      assert.deepEqual(state.cells, copies[tick]);
    }
  }
});

/** Counts checksums: a reader makes the same number of them for each frame that it decodes. */
async function countingCodecs(): Promise<{ codecs: Codecs; counts: { checksums: number } }> {
  const codecs = await nodeCodecs();
  const counts = { checksums: 0 };
  const crc32 = (bytes: Uint8Array, start?: number): number => {
    counts.checksums++;
    return codecs.crc32(bytes, start);
  };
  return { codecs: { ...codecs, crc32 }, counts };
}

test("TAK-58: however long a run is, a seek decodes no more frames than lie between two keyframes", async () => {
  const vfs = new MemoryVfs();
  const { codecs, counts } = await countingCodecs();
  const runs = await openRuns(folder, { vfs, codecs, segmentBytesMin: 60_000 });
  const params = { size: "48x48", rule: "B36/S23", density: 0.4 };
  const world = automaton;
  const worst: number[] = [];
  for (const last of [1000, 3000]) {
    const run = await runs.record("long", { world, params, resume: "auto", window: 64 });
    await run.step(last - run.tick);
    await run.close();
    const { keyframes, ticks } = await (await runs.open("long")).verify();
    assert(keyframes > 3, `${keyframes} keyframes`);

    const decoded = async (work: (reader: Run) => Promise<unknown>): Promise<number> => {
      await using reader = await runs.open("long");
      // Opens every index, so that frames alone are counted.
      for (let tick = 0; tick < last; tick += 100) await reader.at(tick);
      counts.checksums = 0;
      await work(reader);
      return counts.checksums;
    };
    const whole = await decoded(async (reader) => {
      for await (const { tick } of reader.play({ from: 0, to: last, reuse: true }))
        assert(tick >= 0);
    });
    const perFrame = whole / ticks;
    let most = 0;
    for (let tick = 7; tick < last; tick += 83) {
      // From the other end of the run, so that nothing near helps.
      const far = tick > last / 2 ? 0 : last;
      const both = await decoded(async (reader) =>
        reader.at(far).then(async () => reader.at(tick)),
      );
      const alone = await decoded(async (reader) => reader.at(far));
      most = Math.max(most, (both - alone) / perFrame);
    }
    const spacing = ticks / keyframes;
    assert(most <= 2 * spacing + 5, `${most} frames, a keyframe every ${spacing}`);
    worst.push(most);
  }
  const [short = 0, long = 0] = worst;
  assert(long <= 1.5 * short + 10, `${short} frames in 1000 ticks, ${long} in 3000`);
});
