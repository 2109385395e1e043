import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, MemoryVfs, seededRandom } from "everytick/testing";
import { Recording } from "./everytick/recording.ts";
import { applyTick, copyState } from "./workloads/state.ts";
import { workloadNames, workloads, type WorkloadName } from "./workloads/workloads.ts";

const path = join(import.meta.dirname, "sizes.json");

/** Bytes per tick of each shortened workload, all in. */
export type Sizes = { readonly [workload in WorkloadName]: number };

/** Records a shortened workload in memory. The figure is the same each time and everywhere. */
export async function sizeOf(name: WorkloadName): Promise<number> {
  const { make, shortTicks } = workloads[name];
  const workload = make(shortTicks);
  const ports = { vfs: new MemoryVfs(), clock: new ManualClock(), random: seededRandom(1) };
  const recording = new Recording("state", ports);
  await recording.open("/runs", workload, "grouped");
  const before = copyState(workload.initial);
  const after = copyState(workload.initial);
  for (const [place, changes] of workload.ticks.entries()) {
    applyTick(after, changes);
    const tick = { number: place + 1, changes, before, after };
    recording.simulate(tick);
    await recording.recordTick(tick);
    applyTick(before, changes);
  }
  await recording.finish();
  const bytes = await recording.historyBytes();
  await recording.close();
  return Math.round(bytes / shortTicks);
}

/** The sizes that were accepted last. */
export function acceptedSizes(): Sizes {
  return JSON.parse(readFileSync(path, "utf8")) as Sizes;
}

/** Makes today's sizes those that the test holds. */
export async function acceptSizes(): Promise<void> {
  const sizes: { [workload: string]: number } = {};
  for (const name of workloadNames) {
    sizes[name] = await sizeOf(name);
    console.log(`${name}: ${sizes[name]} bytes per tick`);
  }
  writeFileSync(path, `${JSON.stringify(sizes, null, 2)}\n`);
}
