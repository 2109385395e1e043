import type { JournalReader } from "../journal/journal-reader.ts";
import type { Clock, PlayOptions, Tick } from "../types.ts";
import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Timeline } from "./timeline.ts";

/**
 * Moves a timeline over the recorded ticks between `from` and `to`, both included, in either direction, and yields at
 * each. Ticks that a gap or a sparse run leaves out are passed over.
 * @throws TIMELINE_TICK for an end outside of what is recorded.
 */
export async function* walk(
  journal: JournalReader,
  timeline: Timeline,
  { from, to, verify = false, signal }: PlayOptions,
  clock: Clock,
): AsyncGenerator<Tick, void, undefined> {
  const range = await rangeOf(journal, from, to);
  if (range === undefined) return;
  await timeline.seek(range.begin, { verify });
  let lastYield = clock.monotonic();
  for (;;) {
    signal?.throwIfAborted();
    yield timeline.tick;
    if (timeline.tick === range.last) break;
    const moved = range.forward
      ? await timeline.stepForward({ verify })
      : await timeline.stepBack({ verify });
    if (!moved) break;
    if (range.forward ? timeline.tick > range.last : timeline.tick < range.last) break;
    if (clock.monotonic() - lastYield > limits.yieldMilliseconds) {
      await clock.yield();
      lastYield = clock.monotonic();
    }
  }
  // Playing to the end must not make a damaged recording look like a short one.
  const damage = to === undefined ? await journal.damage() : undefined;
  if (damage !== undefined) throw damage;
}

/** The recorded ticks that a range begins and ends with. @throws TIMELINE_TICK */
export async function rangeOf(
  journal: JournalReader,
  from: Tick | undefined,
  to: Tick | undefined,
): Promise<{ begin: Tick; last: Tick; forward: boolean } | undefined> {
  const [first, end] = [await journal.firstStep(), await journal.lastStep()];
  if (first === undefined || end === undefined) return undefined;
  for (const tick of [from, to]) checkTick(tick, first.tick, end.tick);
  const last = to ?? end.tick;
  const start = from ?? first.tick;
  const forward = last >= start;
  const step = forward
    ? ((await journal.stepAtOrBefore(start)) ?? first)
    : await journal.stepAtOrBefore(start);
  const begin =
    forward && step !== undefined && step.tick < start ? await journal.stepAfter(start) : step;
  const isBeyond = begin === undefined || (forward ? begin.tick > last : begin.tick < last);
  return isBeyond ? undefined : { begin: begin.tick, last, forward };
}

function checkTick(tick: Tick | undefined, first: Tick, last: Tick): void {
  if (tick === undefined) return;
  if (Number.isSafeInteger(tick) && tick >= first && tick <= last) return;
  throw new EverytickError("TIMELINE_TICK", {
    expected: `a tick from ${first} to ${last}`,
    found: String(tick),
  });
}
