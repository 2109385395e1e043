import { setImmediate } from "node:timers/promises";
import type { LiveRun } from "../runs/index.ts";
import type { Ack, Tick } from "../types.ts";
import { milliseconds } from "./stopwatch.ts";

const batchMilliseconds = 50;
const batchTicksMax = 65_536;

export interface SteppingOptions {
  /** Stops after the batch under way. */
  readonly signal: AbortSignal;
  /** Step and report single ticks, for those who watch every acknowledgement. */
  readonly single?: boolean;
  readonly onAck: (ack: Ack) => void;
}

/**
 * Steps a run up to a tick, or until the signal, and makes everything durable. Batches are measured in time, so
 * that Ctrl-C is answered at once by fast worlds and after one tick by slow ones. Resolves with the milliseconds
 * it took.
 */
export async function stepTo(
  run: LiveRun,
  lastTick: Tick,
  { signal, single = false, onAck }: SteppingOptions,
): Promise<number> {
  const startedAt = milliseconds();
  let batch = 1;
  while (run.tick < lastTick && !signal.aborted) {
    const batchAt = milliseconds();
    onAck(await run.step(Math.min(batch, lastTick - run.tick)));
    if (!single) batch = nextBatch(batch, milliseconds() - batchAt);
    // Signals are delivered when the event loop turns, and a loop of settled promises never turns it.
    await setImmediate();
  }
  onAck(await run.flush());
  return milliseconds() - startedAt;
}

/** Grows at most twofold, so that one lucky batch does not make the next one last for seconds. */
function nextBatch(batch: number, took: number): number {
  const fitting = Math.floor((batch * batchMilliseconds) / Math.max(took, 0.01));
  return Math.max(1, Math.min(fitting, batch * 2, batchTicksMax));
}
