/** `verify` holds every field of the format against what it should say, behind checksums that are right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/format/bytes.ts";
import { FrameKind, frameHeaderSize } from "../../src/format/frame.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { openRuns } from "../../src/runs/index.ts";
import { ManualClock, seededRandom } from "../../src/testing/index.ts";
import { segmentsOf } from "../../src/torture/fuzz/forged-run.ts";
import { joined } from "../../src/torture/fuzz/noise.ts";
import { diskOf, type Files, record } from "../../src/torture/fuzz/recordings.ts";
import {
  allFixed,
  parseSegment,
  type SegmentTree,
  writeSegment,
} from "../../src/torture/fuzz/segment-tree.ts";
import { runId, runsFolder } from "../../src/torture/workload.ts";

const codecs = await nodeCodecs();
/** Several segments, sealed, with marks and two epochs. */
const { files } = await record(3, codecs);
const names = segmentsOf(files);
const trees = (): SegmentTree[] => names.map((name) => parseSegment(files.get(name)!)!);

async function damageOf(forged: Files): Promise<string[]> {
  const ports = { vfs: diskOf(forged), codecs, clock: new ManualClock(), random: seededRandom(1) };
  await using runs = await openRuns(runsFolder, ports);
  const { damage } = await (await runs.open(runId)).verify();
  return damage.map(({ expected, found }) => `${expected}: ${found}`);
}

/** @returns what verify says of the recording with a segment changed, everything behind it made right. */
async function saidOf(change: (tree: SegmentTree) => boolean, fixes = allFixed): Promise<string[]> {
  const segments = trees();
  const changed = segments.findIndex((tree) => change(tree));
  assert(changed !== -1, "the recording has such a frame");
  const bytes = writeSegment(segments[changed]!, codecs, fixes);
  return damageOf(new Map(files).set(names[changed]!, bytes));
}

/** Changes the first frame of a kind. */
function frame(kind: number, change: (frame: Uint8Array) => Uint8Array | void) {
  return ({ frames }: SegmentTree): boolean => {
    const at = frames.findIndex((each) => each[8] === kind);
    if (at === -1) return false;
    frames[at] = change(frames[at]!) ?? frames[at]!;
    return true;
  };
}

function flip(at: number): (bytes: Uint8Array) => void {
  return (bytes) => void (bytes[at]! ^= 1);
}

function withBody(text: string): (frame: Uint8Array) => Uint8Array {
  return (bytes) => joined(bytes.subarray(0, frameHeaderSize), utf8.encoder.encode(text));
}

const { delta, mark, epoch, seal, keyframe } = FrameKind;

test("T10: verify finds nothing against a recording that its forgeries are made of", async () => {
  assert.deepEqual(await damageOf(files), []);
});

const forgeries: readonly [string, (tree: SegmentTree) => boolean, RegExp][] = [
  ["an era that the world has not", frame(delta, flip(10)), /eras/],
  ["an offset that was not durable yet", frame(delta, flip(46)), /durable offset/],
  ["a count of changed elements", frame(delta, flip(48)), /changed elements/],
  ["changed elements of a mark", frame(mark, flip(48)), /changed elements/],
  ["the digest that a mark repeats", frame(mark, flip(60)), /history digest/],
  ["a state digest without its flag", frame(mark, flip(72)), /state digest/],
  ["a base distance of a keyframe", frame(keyframe, flip(40)), /base distance/],
  ["a mark without a name", frame(mark, withBody('{"lame":"closed"}')), /`name`/],
  ["a mark that is not canonical", frame(mark, withBody('{ "name":"closed"}')), /"name"/],
  ["an epoch with a body", frame(epoch, withBody("x")), /no body/],
  ["a header's world hash", ({ header }) => flip(80)(header) === undefined, /world hash/],
  ["a header's history digest", ({ header }) => flip(64)(header) === undefined, /history digest/],
];

for (const [what, change, said] of forgeries) {
  test(`T10: verify finds ${what}`, async () => {
    assert.match((await saidOf(change)).join("\n"), said);
  });
}

test("T10: verify finds a seal that ends in no trailer, which no reader needs", async () => {
  const change = frame(seal, (bytes) => flip(bytes.length - 1)(bytes));
  assert.match((await saidOf(change, { ...allFixed, seal: false })).join("\n"), /a trailer/);
});

test("T10: verify finds a sealed segment without a keyframe", async () => {
  const change = (tree: SegmentTree): boolean => {
    const before = tree.frames.length;
    if (tree.frames[0]?.[9] === 6 || !tree.frames.some((each) => each[8] === seal)) return false;
    tree.frames = tree.frames.filter((each) => each[8] !== keyframe);
    return tree.frames.length < before;
  };
  assert.match((await saidOf(change)).join("\n"), /a keyframe in a sealed segment/);
});

test("T10: verify finds a digest of a tick under another store's number", async () => {
  const change = frame(delta, flip(frameHeaderSize + 1));
  assert.match((await saidOf(change)).join("\n"), /store/);
});
