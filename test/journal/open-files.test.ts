/** A journal has more segments than a process may have files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { JournalReader, type SegmentSource } from "../../src/journal/journal-reader.ts";
import { OpenSegments } from "../../src/journal/open-segments.ts";
import type { Segment } from "../../src/journal/segment-reader.ts";
import { limits } from "../../src/limits.ts";
import { journalIdentity } from "../../src/runs/run.ts";
import { segmentFiles } from "../../src/runs/segment-files.ts";
import { Chance, MemoryVfs } from "../../src/testing/index.ts";
import { codecs, directory, goOn, recordOn } from "./small-run.ts";

const MiB = 2 ** 20;
const lastTick = 3600;

/** Counts the files that are open, and yields within each read. */
class CountedSource implements SegmentSource {
  readonly #source: SegmentSource;
  openFiles = 0;
  most = 0;

  constructor(source: SegmentSource) {
    this.#source = source;
  }

  async list(): Promise<readonly string[]> {
    return this.#source.list();
  }

  async cache(name: string): Promise<Uint8Array | undefined> {
    return this.#source.cache(name);
  }

  async open(name: string) {
    const source = await this.#source.open(name);
    this.openFiles += 1;
    this.most = Math.max(this.most, this.openFiles);
    let isOpen = true;
    return {
      size: async () => source.size(),
      read: async (offset: number, length: number) => {
        await new Promise(setImmediate);
        assert(isOpen, "a file that is closed is read");
        return source.read(offset, length);
      },
      close: async () => {
        assert(isOpen, "a file is closed twice");
        isOpen = false;
        this.openFiles -= 1;
        await source.close();
      },
    };
  }
}

test("T1: ticks of hundreds of segments are read in any order with few files open", async () => {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, { segmentBytesMin: 1 });
  await goOn(run, lastTick);
  await run.close();
  const source = new CountedSource(segmentFiles(vfs, directory));
  const reader = await JournalReader.open(source, journalIdentity(run.card), codecs);
  assert(reader.names.length > 3 * limits.openFiles, `${reader.names.length} segments`);
  const chance = new Chance(1);
  for (let round = 0; round < 100; round++) {
    const ticks = Array.from({ length: 8 }, () => chance.below(lastTick + 1));
    await Promise.all(
      ticks.map(async (tick) => {
        const step = await reader.stepAtOrBefore(tick);
        assert.equal(step?.tick, tick);
        const { table, source: own } = step.segment;
        const length = table.length(step.position);
        assert.equal((await own.read(table.offset(step.position), length)).length, length);
      }),
    );
  }
  assert(source.most <= limits.openFiles + 8, `${source.most} files were open at once`);
  await reader.close();
  assert.equal(source.openFiles, 0);
});

test("tables that were used longest ago are forgotten, the one that grows never", async () => {
  const segments = new OpenSegments();
  const opened: string[] = [];
  const get = async (name: string): Promise<void> => {
    const open = async (): Promise<Segment> => {
      opened.push(name);
      return Promise.resolve({ table: { bytes: 10 * MiB } } as unknown as Segment);
    };
    await segments.get(name, open, "last");
  };
  for (const name of ["last", "a", "b", "a", "c"]) await get(name);
  assert.deepEqual(
    ["last", "a", "b", "c"].filter((name) => segments.has(name)),
    ["last", "a", "c"],
  );
  await get("last");
  await get("b");
  assert.deepEqual(opened, ["last", "a", "b", "c", "b"]);
});

test("a segment that cannot be opened is tried again", async () => {
  const segments = new OpenSegments();
  const fail = async (): Promise<Segment> => Promise.reject(new Error("not now"));
  await assert.rejects(segments.get("a", fail, undefined), /not now/);
  assert(!segments.has("a"));
});
