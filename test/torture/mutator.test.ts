/** The mutator of the rows K: what it forges gets past the checksums, and a seed makes the same again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError } from "everytick";
import { readBody } from "../../src/format/body.ts";
import { frameHeaderSize, FrameKind } from "../../src/format/frame.ts";
import { layoutOf, type Layout } from "../../src/format/layout.ts";
import { readSegmentHeader } from "../../src/format/segment.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { FrameChecker, isProblem } from "../../src/journal/frame-checker.ts";
import { Chance } from "../../src/testing/index.ts";
import { otherBody, parseBody, writeBody } from "../../src/torture/fuzz/body-tree.ts";
import { inputOfCrasher } from "../../src/torture/fuzz/corpus-node.ts";
import { inputOf } from "../../src/torture/fuzz/execute.ts";
import { segmentsOf } from "../../src/torture/fuzz/forged-run.ts";
import { joined } from "../../src/torture/fuzz/noise.ts";
import { type Bench, fileOf, oneFile, type Reader } from "../../src/torture/fuzz/reader.ts";
import { engineReaders } from "../../src/torture/fuzz/readers/index.ts";
import { record, Recordings } from "../../src/torture/fuzz/recordings.ts";
import {
  allFixed,
  type Fixes,
  parseSegment,
  type SegmentTree,
  writeSegment,
} from "../../src/torture/fuzz/segment-tree.ts";
import { processUsage } from "../../src/torture/fuzz/usage-node.ts";
import { crasherAt } from "./keep.ts";

const codecs = await nodeCodecs();
const recording = await record(2, codecs);
const [name] = segmentsOf(recording.files) as [string];
const original = recording.files.get(name)!;

function benchOf(): Bench {
  const recordings = new Recordings(codecs);
  return { codecs, recordings, usage: processUsage };
}

/** How many frames of a segment are valid where they stand, and how many of their bodies are refused. */
function judged(segment: Uint8Array, layout: Layout): { frames: number; refused: number } {
  const header = readSegmentHeader(segment, "a.seg", codecs);
  const before = { lastTick: -1, lastGapTick: -1, previousChecksum: 0, continued: undefined };
  const checker = new FrameChecker(codecs, header, { ...before, epoch: header.epoch });
  let [frames, refused, offset] = [0, 0, header.length];
  while (offset < segment.length) {
    const frame = checker.next(segment, offset, offset);
    if (isProblem(frame)) break;
    frames += 1;
    const body = segment.subarray(offset + frameHeaderSize, offset + frame.length);
    offset += frame.length;
    if (frame.kind !== FrameKind.keyframe) continue;
    try {
      readBody(body, layout, codecs);
    } catch (error) {
      assert(isEverytickError(error));
      refused += 1;
    }
  }
  return { frames, refused };
}

function withOtherKeyframe(seed: number): SegmentTree {
  const tree = parseSegment(original)!;
  const frame = tree.frames[0]!;
  const body = otherBody(frame.subarray(frameHeaderSize), new Chance(seed), codecs);
  tree.frames[0] = joined(frame.subarray(0, frameHeaderSize), body);
  return tree;
}

test("row K1: what is taken apart is put together as it was", () => {
  for (const [path, bytes] of recording.files) {
    if (!path.endsWith(".seg")) continue;
    const tree = parseSegment(bytes)!;
    assert.deepEqual(writeSegment(tree, codecs, allFixed), bytes);
    for (const frame of tree.frames) {
      if (frame[8] !== FrameKind.keyframe && frame[8] !== FrameKind.delta) continue;
      const body = frame.subarray(frameHeaderSize);
      assert.deepEqual(writeBody(parseBody(body)!), body.slice());
    }
  }
});

test("row K1: a forged body with fixed checksums is a valid frame, and reaches the reader of bodies", () => {
  const { world } = readSegmentHeader(original, "a.seg", codecs);
  const layout = layoutOf(world);
  const { frames } = judged(original, layout);
  let refused = 0;
  for (let seed = 0; seed < 100; seed++) {
    const tree = withOtherKeyframe(seed);
    const found = judged(writeSegment(tree, codecs, allFixed), layout);
    assert.equal(found.frames, frames, `seed ${seed}`);
    refused += found.refused > 0 ? 1 : 0;
  }
  assert(refused > 20 && refused < 100, `${refused} of 100 were refused`);
});

test("row K1: without fixed checksums no forged body is a valid frame", () => {
  const layout = layoutOf(readSegmentHeader(original, "a.seg", codecs).world);
  const fixes: Fixes = { ...allFixed, checksums: false };
  for (let seed = 0; seed < 50; seed++) {
    const tree = withOtherKeyframe(seed);
    const isSame = writeSegment(tree, codecs, allFixed).every((byte, at) => original[at] === byte);
    if (isSame) continue;
    assert.equal(judged(writeSegment(tree, codecs, fixes), layout).frames, 0, `seed ${seed}`);
  }
});

for (const reader of engineReaders) {
  test(`row K1: a seed makes the same input of the reader ${reader.name} again`, async () => {
    const bench = benchOf();
    await inputOf(reader, 1, bench);
    const one = await inputOf(reader, 7, bench);
    const other = await inputOf(reader, 7, benchOf());
    assert.deepEqual(other.files, one.files);
  });
}

test("row K4: a crasher is made small before it is kept, and is read back from its file", async () => {
  const reader: Reader = {
    name: "sevens",
    make: async () => Promise.resolve(oneFile(Uint8Array.from({ length: 300 }, (_, i) => i))),
    read: (input) => {
      if (fileOf(input).includes(7)) throw new Error("a seven");
    },
  };
  const crasher = await crasherAt(reader, 1, benchOf());
  assert.match(crasher?.what ?? "", /a seven/);
  assert.deepEqual([...fileOf(inputOfCrasher(crasher!))], [7]);
});
