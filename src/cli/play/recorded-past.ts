import { isEverytickError } from "../../errors.ts";
import type { Run } from "../../runs/index.ts";
import type { Past, Tick } from "../../types.ts";

/** The state at a tick; where none is recorded, at the next recorded tick on that side of it, or else on the other. */
export async function recordedPast(run: Run, tick: Tick, towards: 1 | -1): Promise<Past> {
  try {
    return await run.at(tick);
  } catch (error) {
    if (!isEverytickError(error, "TIMELINE_GAP") && !isEverytickError(error, "TIMELINE_TICK")) {
      throw error;
    }
    const found =
      (await nextRecorded(run, tick, towards)) ?? (await nextRecorded(run, tick, -towards));
    if (found === undefined) throw error;
    return run.at(found);
  }
}

async function nextRecorded(run: Run, tick: Tick, towards: number): Promise<Tick | undefined> {
  const to = towards > 0 ? run.tick : run.firstTick;
  for await (const past of run.play({ from: tick, to, reuse: true })) return past.tick;
  return undefined;
}
