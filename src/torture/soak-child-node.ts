/** A process that records as fast as it can and reads its past, and says what it holds in memory. */
import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openRuns } from "../runs/runs.ts";
import { Chance } from "../testing/index.ts";
import { herdWorkload } from "./herd.ts";
import { runId } from "./workload.ts";

const [folder = "", seconds = "0", sampledSeconds = "1", seed = "1"] = process.argv.slice(2);
/** Ticks between two reads of any tick of the past. */
const readEvery = 256;

// What is garbage says nothing of what is held.
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const chance = new Chance(Number(seed));
const runs = await openRuns(folder);
const run = await runs.record(runId, { state: herdWorkload.state, window: 63 });
const startedAt = performance.now();
const elapsed = (): number => (performance.now() - startedAt) / 1000;
let sampleAt = 0;
while (elapsed() < Number(seconds)) {
  herdWorkload.advance(run);
  await run.commit();
  if (run.tick % readEvery === 0) await run.at(chance.below(run.tick));
  if (elapsed() < sampleAt) continue;
  sampleAt += Number(sampledSeconds);
  collectGarbage();
  const { rss: resident, heapUsed, arrayBuffers } = process.memoryUsage();
  const sample = { seconds: elapsed(), tick: run.tick, resident, live: heapUsed + arrayBuffers };
  writeSync(1, `${JSON.stringify(sample)}\n`);
}
await run.close();
