import { EverytickError } from "../errors.ts";
import { readBody } from "../format/body.ts";
import { applyChanges } from "../format/changes.ts";
import { Image } from "../format/image.ts";
import type { StoreLayout } from "../format/layout.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import type { JournalReader, Step } from "../journal/journal-reader.ts";
import { limits } from "../limits.ts";
import type { Clock, LogEntry, LogOptions } from "../types.ts";
import { PastLog } from "../world/state/live-log.ts";
import { rangeOf } from "./play.ts";
import type { TimelineIdentity } from "./timeline.ts";

/**
 * The rows of a log, tick by tick, in either direction; within a tick in the order in which they were appended. Of each
 * tick's frames nothing else is decoded.
 * @throws RUNS_STORE, TIMELINE_TICK, JOURNAL_DAMAGED
 */
export async function* logRows(
  journal: JournalReader,
  { layout }: TimelineIdentity,
  name: string,
  { from, to, signal }: LogOptions,
  clock: Clock,
): AsyncGenerator<LogEntry, void, undefined> {
  const store = logOf(layout.stores, name);
  const range = await rangeOf(journal, from, to);
  if (range === undefined) return;
  const image = new Image(layout);
  const fetcher = new FrameFetcher();
  const isWanted = ({ number }: StoreLayout): boolean => number === store.number;
  let lastYield = clock.monotonic();
  let step = await journal.stepAtOrBefore(range.begin);
  while (step !== undefined && isWithin(step, range)) {
    signal?.throwIfAborted();
    image.clear(isWanted);
    const direction = range.forward ? "forward" : "back";
    for await (const { body } of fetcher.group(step.segment, step.position, direction)) {
      const { parts } = readBody(body, layout, journal.codecs, { isWanted });
      for (const part of parts) applyChanges(image, part, "forward");
    }
    for (const row of new PastLog(store, image.stores[store.number] ?? [])) {
      yield { tick: step.tick, row };
    }
    step = range.forward
      ? await journal.stepAfter(step.tick)
      : await journal.stepAtOrBefore(step.tick - 1);
    if (clock.monotonic() - lastYield > limits.yieldMilliseconds) {
      await clock.yield();
      lastYield = clock.monotonic();
    }
  }
  const damage = to === undefined ? await journal.damage() : undefined;
  if (damage !== undefined) throw damage;
}

function isWithin({ tick }: Step, { last, forward }: { last: number; forward: boolean }): boolean {
  return forward ? tick <= last : tick >= last;
}

function logOf(stores: readonly StoreLayout[], name: string): StoreLayout {
  const logs = stores.filter(({ lifetime }) => lifetime.rows === "tick");
  const store = logs.find((log) => log.name === name);
  if (store !== undefined) return store;
  const names = logs.map((log) => log.name).join(", ");
  throw new EverytickError("RUNS_STORE", {
    expected: names === "" ? "a run with logs" : names,
    found: name,
  });
}
