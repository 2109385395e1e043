/** Several looks at a journal at once, while it grows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag } from "../../src/format/frame.ts";
import { JournalReader, type SegmentSource } from "../../src/journal/journal-reader.ts";
import { journalIdentity } from "../../src/runs/run.ts";
import { segmentFiles } from "../../src/runs/segment-files.ts";
import { MemoryVfs, seededRandom } from "../../src/testing/index.ts";
import { codecs, directory, goOn, recordOn } from "./small-run.ts";

const lastTick = 60;

/** A source whose every answer comes some turns later, so that calls fall between each other. */
function slow(source: SegmentSource, wait: () => Promise<void>): SegmentSource {
  const later = async <T>(answer: () => Promise<T>): Promise<T> => {
    await wait();
    return answer();
  };
  return {
    list: async () => later(async () => source.list()),
    cache: async (name) => later(async () => source.cache(name)),
    open: async (name) => {
      const bytes = await source.open(name);
      return {
        size: async () => later(async () => bytes.size()),
        read: async (offset, length) => later(async () => bytes.read(offset, length)),
        close: async () => bytes.close(),
      };
    },
  };
}

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`T7: looks that fall between each other miss no tick and show none by half (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const turns = (most: number): number => (random.bytes(1)[0] as number) % most;
    const wait = async (): Promise<void> => {
      for (let left = turns(6); left > 0; left--) await Promise.resolve();
    };
    const vfs = new MemoryVfs();
    // Small bodies, so that a tick has several frames.
    const run = await recordOn(vfs, { segmentBytesMin: 3000, bodyBytesMax: 40 });
    const source = slow(segmentFiles(vfs, directory), wait);
    const reader = await JournalReader.open(source, journalIdentity(run.card), codecs);
    let wasContinued = false;

    const follow = async (): Promise<void> => {
      let tick = -1;
      while (tick < lastTick) {
        const step = await reader.stepAfter(tick);
        if (step === undefined) {
          const recorded = run.durableTick;
          await reader.refresh();
          const last = await reader.lastStep();
          assert(last !== undefined && last.tick >= recorded, `${last?.tick} of ${recorded}`);
          await new Promise(setImmediate);
          continue;
        }
        assert.equal(step.tick, tick + 1);
        const { table } = step.segment;
        const end = table.groupEnd(step.position);
        wasContinued ||= end > step.position + 1;
        assert.equal(
          table.entry(end - 1).flags & FrameFlag.continued,
          0,
          `tick ${step.tick} whole`,
        );
        tick = step.tick;
      }
    };
    const following = [follow(), follow(), follow()];
    while (run.tick < lastTick) {
      await goOn(run, Math.min(run.tick + 1 + turns(4), lastTick));
      await wait();
      if (turns(3) === 0) await new Promise(setImmediate);
    }
    await run.close();
    await Promise.all(following);
    assert(wasContinued && reader.names.length > 2, "the run has what can go wrong");
    await reader.close();
  });
}
