import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  readFrameIndex,
  readTrailer,
  trailerSize,
  writeFrameIndex,
  writeTrailer,
} from "../../src/format/frame-index.ts";
import { FrameTable, isStep, type FrameEntry } from "../../src/format/frame-table.ts";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";

const codecs = await nodeCodecs();

const { delta, keyframe, gap, epoch, mark } = FrameKind;
/** Deltas more often than others; the last is one that nobody knows. */
const kinds: readonly number[] = [delta, delta, delta, keyframe, gap, epoch, mark, 0xc0];

/** Frames as a writer leaves them: groups of one or more frames, ticks that never fall except for late keyframes. */
const histories: fc.Arbitrary<FrameEntry[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      frames: fc.integer({ min: 1, max: 3 }),
      lengths: fc.integer({ min: 96, max: 5000 }),
      distance: fc.integer({ min: 1, max: 4 }),
      changed: fc.nat(2 ** 32 - 1),
    }),
    { maxLength: 40 },
  )
  .map((groups) => groupsToEntries(groups));

interface Group {
  readonly kind: number;
  readonly frames: number;
  readonly lengths: number;
  readonly distance: number;
  readonly changed: number;
}

function groupsToEntries(groups: readonly Group[]): FrameEntry[] {
  let [tick, covered] = [100, 100];
  return groups.flatMap(({ kind, frames, lengths, distance, changed }) => {
    const from = kind === FrameKind.gap ? covered : tick;
    const moves = kind === FrameKind.delta || kind === FrameKind.gap;
    if (moves) covered += distance;
    if (kind === FrameKind.delta) tick = covered;
    const isContinued = kind === FrameKind.delta || kind === FrameKind.keyframe;
    const count = isContinued ? frames : 1;
    return Array.from({ length: count }, (_, i) => ({
      kind,
      flags: i < count - 1 ? FrameFlag.continued : 0,
      tick: kind === FrameKind.gap ? covered : tick,
      length: lengths + i,
      baseDistance: moves ? covered - from : 0,
      changedElements: i === count - 1 ? changed : 0,
    }));
  });
}

function tableOf(entries: readonly FrameEntry[], begin = 500): FrameTable {
  const table = new FrameTable(begin);
  for (const entry of entries) table.push(entry);
  return table;
}

const entriesOf = (table: FrameTable): FrameEntry[] => {
  return Array.from({ length: table.count }, (_, position) => table.entry(position));
};

/** First positions of groups. */
function groupStarts(entries: readonly FrameEntry[]): number[] {
  return entries.flatMap((_, i) => {
    const before = entries[i - 1];
    return before !== undefined && (before.flags & FrameFlag.continued) !== 0 ? [] : [i];
  });
}

test("J8: a table answers as a search through all its frames does", () => {
  fc.assert(
    fc.property(histories, (entries) => {
      const table = tableOf(entries);
      assert.deepEqual(entriesOf(table), entries);
      const starts = groupStarts(entries);
      const steps = starts.filter((position) => isStep(entries[position]!));
      assert.deepEqual(
        Array.from({ length: table.stepCount }, (_, i) => table.step(i)),
        steps,
      );
      const keyframes = starts.filter((position) => entries[position]!.kind === FrameKind.keyframe);
      assert.deepEqual([...table.keyframes()], keyframes);
      assert.equal(table.hasKeyframe, keyframes.length > 0);
      starts.forEach((start, i) =>
        assert.equal(table.groupEnd(start), starts[i + 1] ?? entries.length),
      );

      const offsets = entries.map(
        (_, i) => 500 + entries.slice(0, i).reduce((sum, { length }) => sum + length, 0),
      );
      assert.deepEqual(
        entries.map((_, i) => table.offset(i)),
        offsets,
      );
      const gaps = entries.filter(({ kind }) => kind === FrameKind.gap);
      for (let tick = 98; tick < 100 + 5 * entries.length; tick++) {
        const before = steps.findLastIndex((position) => entries[position]!.tick <= tick);
        assert.equal(table.stepAtOrBefore(tick), before);
        const covering = gaps.find((one) => tick <= one.tick && tick > one.tick - one.baseDistance);
        assert.equal(table.gapAt(tick), covering && entries.indexOf(covering));
      }
      assert.equal(table.lastGapTick(), gaps.at(-1)?.tick ?? -1);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("J8: a copy of a table does not move with it", () => {
  const entries = groupsToEntries([
    { kind: FrameKind.delta, frames: 1, lengths: 100, distance: 1, changed: 0 },
  ]);
  const table = tableOf(entries);
  const copy = table.copy();
  table.push(entries[0]!);
  assert.deepEqual([copy.count, copy.end], [1, 600]);
});

test("J8: a table grows beyond its first room", () => {
  const table = new FrameTable(0);
  for (let tick = 0; tick < 5000; tick++) {
    table.push({
      kind: FrameKind.delta,
      flags: 0,
      tick,
      length: 100,
      baseDistance: 1,
      changedElements: tick,
    });
  }
  assert.deepEqual([table.stepAtOrBefore(4321), table.offset(4321)], [4321, 432_100]);
  assert.equal(table.entry(4999).changedElements, 4999);
});

test("F2: an index block reads back, whole or from a position on", () => {
  fc.assert(
    fc.property(histories, fc.nat(), (entries, any) => {
      const table = tableOf(entries);
      const from = any % (entries.length + 1);
      const firstTick = from === 0 ? 100 : 0;
      const block = writeFrameIndex(table, from, firstTick, codecs);
      const read = new FrameTable(from < entries.length ? table.offset(from) : table.end);
      readFrameIndex(block, firstTick, read, codecs);
      assert.deepEqual(entriesOf(read), entries.slice(from));
      assert.equal(read.end, table.end);
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("J8: the index of a long segment takes a few bytes for each tick", () => {
  const table = new FrameTable(500);
  for (let tick = 0; tick < 20_000; tick++) {
    const noise = Math.imul(tick, 2654435761) >>> 24;
    table.push({
      kind: 3,
      flags: 0,
      tick,
      length: 110 + (noise & 31),
      baseDistance: 1,
      changedElements: noise & 15,
    });
  }
  assert(writeFrameIndex(table, 0, 0, codecs).length < 2 * 20_000);
});

test("F2: a trailer names the offset of its seal, and other bytes name none", () => {
  for (const offset of [0, 116, 2 ** 31, 2 ** 32 - 1]) {
    const trailer = writeTrailer(offset);
    assert.equal(trailer.length, trailerSize);
    assert.equal(readTrailer(trailer), offset);
    for (let bit = 64; bit < 128; bit++) {
      const flipped = trailer.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(readTrailer(flipped), undefined);
    }
    assert.equal(readTrailer(trailer.subarray(1)), undefined);
  }
});
