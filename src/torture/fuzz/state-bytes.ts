import { schemaHashOf } from "../../format/digest.ts";
import type { Image } from "../../format/image.ts";
import { layoutOf, rowBytes } from "../../format/layout.ts";
import { readCard } from "../../runs/card.ts";
import { openJournal } from "../../runs/run.ts";
import { ManualClock, seededRandom } from "../../testing/index.ts";
import { walk } from "../../timeline/play.ts";
import { Timeline } from "../../timeline/timeline.ts";
import type { Codecs } from "../../types.ts";
import { coded } from "../examine.ts";
import { runFolder } from "../workload.ts";
import { diskOf, type Files } from "./recordings.ts";

/** Of a value of variable length, what a pointer takes. */
const pointerBytes = 8;

/**
 * Bytes that the largest state of a run takes, as far as it can be read. Some hundred bytes may rightly hold a row in a slot
 * millions away, where rows were deleted before it.
 */
export async function stateBytesOf(files: Files, codecs: Codecs): Promise<number> {
  const clock = new ManualClock();
  const ports = { vfs: diskOf(files), codecs, clock, random: seededRandom(1) };
  const bytes = await coded(async () => {
    const card = readCard(ports.vfs, runFolder);
    if (card === undefined) return 0;
    const journal = await openJournal(runFolder, card, ports);
    const identity = { layout: layoutOf(card.world), schemaHash: schemaHashOf(card.world) };
    const timeline = new Timeline(journal, identity);
    // Images never shrink, so that in the end this one is as large as the largest state.
    const [first, last] = [await journal.firstStep(), await journal.lastStep()];
    if (first === undefined || last === undefined) return 0;
    for (const range of [{}, { from: last.tick, to: first.tick }]) {
      await coded(async () => {
        for await (const _ of walk(journal, timeline, range, clock)) void _;
      });
    }
    await journal.close();
    return imageBytes(timeline.image);
  });
  return bytes ?? 0;
}

function imageBytes(image: Image): number {
  return image.layout.stores.reduce((sum, store) => {
    const pointers = store.columns.filter(({ width }) => width === 0).length * pointerBytes;
    return sum + image.capacity(store.number) * (rowBytes(store) + pointers);
  }, 0);
}
