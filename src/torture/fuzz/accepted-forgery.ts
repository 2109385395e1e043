import type { Tick } from "../../types.ts";
import { openRuns } from "../../runs/index.ts";
import { ManualClock, seededRandom } from "../../testing/index.ts";
import { coded } from "../examine.ts";
import { runId, runsFolder } from "../workload.ts";
import { inputOf } from "./execute.ts";
import type { Bench, Input } from "./reader.ts";
import { runReader } from "./readers/run-reader.ts";
import { diskOf, type Files, type Recording, type TickShown } from "./recordings.ts";

const triesMax = 50;

/** A forged run that `verify` finds nothing against, and the ticks that are read from it; about one in twelve is one. */
export async function acceptedForgery(seed: number, bench: Bench): Promise<Recording | undefined> {
  for (let number = 0; number < triesMax; number++) {
    const input = await inputOf(runReader, triesMax * seed + number, bench);
    if (input.forgedFrom === undefined || isSame(input, input.forgedFrom.files)) continue;
    const ticks = await coded(async () => acceptedTicks(input.files, bench));
    if (ticks !== undefined) return { files: input.files, ticks };
  }
  return undefined;
}

/** Caches are no part of what is recorded. */
function isSame({ files }: Input, original: Files): boolean {
  return [...files].every(([name, bytes]) => {
    const before = original.get(name);
    const isEqual = before?.length === bytes.length && bytes.every((byte, i) => before[i] === byte);
    return isEqual || name.startsWith("cache/");
  });
}

async function acceptedTicks(
  files: Files,
  { codecs }: Bench,
): Promise<ReadonlyMap<Tick, TickShown> | undefined> {
  const ports = { vfs: diskOf(files), codecs, clock: new ManualClock(), random: seededRandom(1) };
  await using runs = await openRuns(runsFolder, ports);
  const run = await runs.open(runId);
  const { damage } = await run.verify();
  if (damage.length > 0) return undefined;
  const ticks = new Map<Tick, TickShown>();
  for await (const { tick, historyDigest } of run.play({ reuse: true })) {
    ticks.set(tick, { shown: "", historyDigest });
  }
  return ticks;
}
