import assert from "node:assert/strict";
import { test } from "node:test";
import { wolfSheep } from "../../../worlds/wolf-sheep/index.ts";
import { memoryRuns } from "../../runs/memory-runs.ts";
import { correlation, peaksOf } from "./oscillation.ts";

/** Ticks until the start is forgotten. */
const settling = 150;

for (const seed of [1, 42]) {
  test(`T9: by default sheep and wolves rise and fall in turn, wolves behind, grass against the sheep, seed ${seed}`, async () => {
    const { runs } = await memoryRuns();
    const options = { world: wolfSheep, seed, durability: "memory", window: 64 } as const;
    await using run = await runs.record("run", options);
    await run.step(1000);
    const [sheep, wolves, grass]: [number[], number[], number[]] = [[], [], []];
    for await (const { value } of run.series(({ census }) => ({ ...census }), { from: settling })) {
      sheep.push(value.sheep);
      wolves.push(value.wolves);
      grass.push(value.grass);
    }
    const [sheepPeaks, wolfPeaks] = [peaksOf(sheep), peaksOf(wolves)];
    assert(sheepPeaks.length >= 4, `sheep peak at ${sheepPeaks.join(", ")}`);
    for (const peak of sheepPeaks.slice(0, -1)) {
      const next = wolfPeaks.find((at) => at > peak) ?? Infinity;
      assert(next - peak > 20 && next - peak < 100, `sheep peak at ${peak}, wolves at ${next}`);
    }
    assert(Math.max(...sheep) > 3 * Math.min(...sheep), "sheep rise and fall");
    assert(Math.max(...wolves) > 2.5 * Math.min(...wolves), "wolves rise and fall");
    assert(correlation(sheep, grass) < -0.8, "grass is low when sheep are many");
  });
}
