import { EverytickError } from "../errors.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import { noteOf } from "./notes.ts";
import type { Tick } from "../types.ts";

/** Why a tick cannot be read: not a tick, damage, a gap, or simply not recorded. */
export async function missingTick(journal: JournalReader, tick: Tick): Promise<EverytickError> {
  if (!Number.isSafeInteger(tick) || tick < 0) {
    return new EverytickError("TIMELINE_TICK", { expected: "a whole number", found: String(tick) });
  }
  const damage = await journal.damageBefore(tick);
  if (damage !== undefined) return damage;
  const missing = await journal.missingAt(tick);
  if (missing !== undefined) return missing;
  const gap = await gapReason(journal, tick);
  const before = await journal.stepAtOrBefore(tick);
  const after = await journal.stepAfter(tick);
  const nearest = [before, after].flatMap((step) => (step === undefined ? [] : [step.tick]));
  const next =
    nearest.length === 0 ? undefined : `The nearest recorded ticks: ${nearest.join(" and ")}.`;
  if (gap !== undefined) {
    return new EverytickError("TIMELINE_GAP", {
      where: `tick ${tick}`,
      found: gap === "" ? "a gap without a reason" : gap,
      next,
    });
  }
  const first = (await journal.firstStep())?.tick;
  const last = (await journal.lastStep())?.tick;
  const expected =
    first === undefined ? "a run that records ticks" : `a tick from ${first} to ${last}`;
  return new EverytickError("TIMELINE_TICK", { expected, found: String(tick), next });
}

/** What the gap that covers a tick says, if there is one. */
async function gapReason(journal: JournalReader, tick: Tick): Promise<string | undefined> {
  const before = await journal.stepAtOrBefore(tick);
  const after = await journal.stepAfter(tick);
  for (const segment of new Set([before?.segment, after?.segment])) {
    const position = segment?.table.gapAt(tick);
    if (segment === undefined || position === undefined) continue;
    for await (const { body } of new FrameFetcher().group(segment, position, "forward")) {
      const { reason } = noteOf(body, `${segment.name}, the gap of tick ${tick}`);
      return typeof reason === "string" ? reason : "";
    }
  }
  return undefined;
}
