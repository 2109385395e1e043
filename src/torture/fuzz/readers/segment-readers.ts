import { readFrameIndex, readTrailer, writeFrameIndex } from "../../../format/frame-index.ts";
import { FrameTable } from "../../../format/frame-table.ts";
import { readFrameHeader } from "../../../format/frame.ts";
import { readSegmentHeader, segmentHeaderLength } from "../../../format/segment.ts";
import { readIndexBlocks, writeIndexBlock } from "../../../journal/index-cache.ts";
import { openSegment } from "../../../journal/segment-reader.ts";
import type { Chance } from "../../../testing/index.ts";
import type { ByteSource, Codecs } from "../../../types.ts";
import { expect } from "../../oracle.ts";
import { otherBlock } from "../blocks.ts";
import { changeSegment, otherHeader, segmentsOf } from "../forged-run.ts";
import { noisy } from "../noise.ts";
import { otherNumber } from "../numbers.ts";
import { type Bench, fileOf, oneFile, type Reader } from "../reader.ts";
import { allFixed, parseSegment, withHeaderChecksum, writeSegment } from "../segment-tree.ts";

async function anySegment(seed: number, chance: Chance, { recordings }: Bench) {
  const { files } = await recordings.of(seed, chance);
  return files.get(chance.pick(segmentsOf(files))) as Uint8Array;
}

export const segmentHeaderReader: Reader = {
  name: "segment-header",
  async make(seed, chance, bench) {
    const { header } = parseSegment(await anySegment(seed, chance, bench))!;
    const other = chance.chance(0.7) ? otherHeader(header, chance) : noisy(header, chance);
    if (chance.chance(0.2)) return oneFile(other);
    return oneFile(
      chance.chance(0.5)
        ? writeSegment(
            { header: other, frames: [], rest: new Uint8Array(0) },
            bench.codecs,
            allFixed,
          )
        : withHeaderChecksum(other, bench.codecs),
    );
  },
  read(input, { codecs }) {
    const bytes = fileOf(input);
    expect(segmentHeaderLength(bytes) >= 16, "a header of no length");
    const { length } = readSegmentHeader(bytes, "a.seg", codecs);
    expect(length <= bytes.length, "a header longer than its file");
  },
};

export const frameHeaderReader: Reader = {
  name: "frame-header",
  async make(seed, chance, bench) {
    const bytes = await anySegment(seed, chance, bench);
    const { frames } = parseSegment(bytes)!;
    const donor = chance.pick(frames);
    const piece = chance.chance(0.7) ? donor.subarray(0, 96) : bytes.subarray(-16);
    return oneFile(noisy(piece, chance, donor));
  },
  read(input) {
    const bytes = fileOf(input);
    const header = readFrameHeader(bytes);
    expect(header === undefined || header.historyDigest.length === 16, "a digest cut short");
    const offset = readTrailer(bytes);
    expect(offset === undefined || offset >= 0, "an offset below 0");
  },
};

/** A segment behind its checksums: by its footer, its cache or a scan. */
export const segmentReader: Reader = {
  name: "segment",
  async make(seed, chance, bench) {
    const tree = parseSegment(await anySegment(seed, chance, bench))!;
    const donor = parseSegment(await anySegment(seed, chance, bench))!;
    for (let left = 1 + chance.below(2); left > 0; left--) {
      changeSegment(tree, donor.frames, chance, bench.codecs);
    }
    const fixes = {
      header: chance.chance(0.95),
      checksums: chance.chance(0.9),
      lengths: chance.chance(0.9),
      seal: chance.chance(0.7),
    };
    return oneFile(writeSegment(tree, bench.codecs, fixes));
  },
  async read(input, { codecs }) {
    const before = async () => Promise.resolve({ lastTick: -1, lastGapTick: -1 });
    const name = { name: "a.seg", firstTick: 0, generation: 0 };
    const segment = await openSegment(name, sourceOf(fileOf(input)), before, undefined, codecs);
    checkTable(segment.table, fileOf(input).length);
  },
};

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: async () => Promise.resolve(bytes.length),
    read: async (at, length) => Promise.resolve(bytes.slice(at, at + Math.max(0, length))),
    close: async () => Promise.resolve(),
  };
}

/** Frames lie one behind the other within the file, and what looks for ticks finds an end. */
function checkTable(table: FrameTable, size: number): void {
  expect(table.end <= size, "frames behind the end of the file");
  for (let position = 0; position < table.count; position++) {
    const next = position + 1 < table.count ? table.offset(position + 1) : table.end;
    expect(table.offset(position) + table.length(position) === next, "frames with holes");
    expect(table.groupEnd(position) > position, "a group without an end");
  }
  for (const tick of [0, 5, 2 ** 53 - 1]) {
    expect(table.stepAtOrBefore(tick) < table.stepCount, "a step behind the last");
    table.gapAt(tick);
  }
  table.lastGapTick();
}

const begin = 500;
const place = { uuid: new Uint8Array(16).fill(7), number: 0, generation: 0 };

function randomTable(chance: Chance): FrameTable {
  const table = new FrameTable(begin);
  for (let left = chance.below(60); left >= 0; left--) {
    table.push({
      kind: chance.pick([2, 3, 3, 4, 7, 0x86]),
      flags: chance.pick([0, 0, 1, 2, 4]),
      tick: table.count + chance.below(3),
      length: 96 + chance.below(300),
      baseDistance: chance.below(3),
      changedElements: chance.below(999),
    });
  }
  return table;
}

function forgedIndex(chance: Chance, codecs: Codecs): Uint8Array {
  const index = writeFrameIndex(randomTable(chance), 0, 0, codecs);
  if (chance.chance(0.4)) return noisy(index, chance);
  // Count and raw length stand where a block of values has its encoding and raw length.
  return otherBlock(index, chance, codecs);
}

export const indexReader: Reader = {
  name: "index",
  async make(_seed, chance, { codecs }) {
    return Promise.resolve(oneFile(forgedIndex(chance, codecs)));
  },
  read(input, { codecs }) {
    const table = new FrameTable(begin);
    readFrameIndex(fileOf(input), 0, table, codecs);
    for (let position = 0; position < table.count; position++) table.entry(position);
  },
};

export const cacheReader: Reader = {
  name: "cache",
  async make(_seed, chance, { codecs }) {
    return Promise.resolve(oneFile(forgedCache(chance, codecs)));
  },
  read(input, { codecs }) {
    const table = readIndexBlocks(fileOf(input), place, begin, codecs);
    expect(table.begin === begin, "a table that begins elsewhere");
  },
};

function forgedCache(chance: Chance, codecs: Codecs): Uint8Array {
  const block = writeIndexBlock(randomTable(chance), 0, place, codecs);
  if (chance.chance(0.2)) return noisy(block, chance);
  const index = forgedIndex(chance, codecs);
  const forged = new Uint8Array(36 + index.length);
  forged.set(block.subarray(0, 36));
  forged.set(index, 36);
  const view = new DataView(forged.buffer);
  const length = forged.length - 8;
  view.setUint32(4, chance.chance(0.1) ? otherNumber(chance, length) : length, true);
  if (chance.chance(0.1)) view.setUint32(32, otherNumber(chance, begin), true);
  view.setUint32(0, codecs.crc32(forged.subarray(4)), true);
  return forged;
}
