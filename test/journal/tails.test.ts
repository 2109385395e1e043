/** What may lie behind the last frame of a journal and is no history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns } from "everytick";
import { MemoryVfs, seededRandom } from "../../src/testing/index.ts";
import { framesOf, headerOf, like, segmentOf } from "./forge.ts";
import {
  crashCopy,
  directory,
  goOn,
  openOn,
  past,
  portsOn,
  putFile,
  recordOn,
  segmentPaths,
  state,
  states,
} from "./small-run.ts";

const expected = states(200);
const lastTick = 9;

async function died(): Promise<{ vfs: MemoryVfs; path: string; whole: Uint8Array }> {
  const vfs = new MemoryVfs();
  await goOn(await recordOn(vfs), lastTick);
  const copy = crashCopy(vfs);
  const [path] = segmentPaths(copy) as [string];
  return { vfs: copy, path, whole: copy.read(path) };
}

/** The frames of a segment, as they stood in it. */
function frameBytes(segment: Uint8Array): Uint8Array {
  return segment.subarray(headerOf(segment).length);
}

/** Puts a tail behind the journal and expects the reader and the next writer to see through it. */
async function checkTail(
  tail: Uint8Array,
  { vfs, path, whole }: Awaited<ReturnType<typeof died>>,
): Promise<void> {
  const given = crashCopy(vfs);
  putFile(given, path, new Uint8Array(Buffer.concat([whole, tail])));
  const read = await openOn(given);
  assert.equal(read.tick, lastTick);
  assert.equal(past(await read.at(lastTick)), expected[lastTick]);
  const report = await read.verify();
  assert.deepEqual([report.damage, report.tailBytes], [[], tail.length]);
  const run = await recordOn(given, {}, { resume: "only" });
  assert.equal(run.tick, lastTick);
  const isZero = tail.every((byte) => byte === 0);
  assert.equal(run.recovery.tornBytes, isZero ? 0 : tail.length);
  if (!isZero) {
    const kept = given.read(`${directory}/${run.recovery.keptAt}`);
    assert(Buffer.from(kept).equals(tail), "kept as it was found");
  }
  await goOn(run, lastTick + 5);
  await run.close();
  const after = await openOn(given);
  assert.equal(past(await after.at(lastTick + 5)), expected[lastTick + 5]);
  assert.deepEqual((await after.verify()).damage, []);
}

test("J7: zeros behind the last frame are no history and no torn bytes", async () => {
  const run = await died();
  for (const length of [1, 4, 95, 96, 97, 4096, 3_000_000])
    await checkTail(new Uint8Array(length), run);
});

test("J7: a whole older copy of the segment behind its end is no history", async () => {
  const run = await died();
  await checkTail(run.whole, run);
  await checkTail(frameBytes(run.whole), run);
});

test("J7: noise, also with the magic of frames in it, is no history", async () => {
  const run = await died();
  const noise = seededRandom(1).bytes(5000);
  for (let at = 0; at < noise.length - 4; at += 97) noise.set([0x54, 0x49, 0x43, 0x4b], at);
  await checkTail(noise, run);
  await checkTail(noise.subarray(1), run);
});

test("J7: frames of another run at their right place are no history", async () => {
  const run = await died();
  const ports = { ...portsOn(new MemoryVfs()), random: seededRandom(2) };
  const other = await (await openRuns("runs", ports)).record("a", { state });
  await goOn(other, lastTick + 10);
  const [path] = segmentPaths(ports.vfs) as [string];
  const foreign = ports.vfs.read(path);
  assert.equal(headerOf(foreign).length, headerOf(run.whole).length);
  await checkTail(foreign.subarray(run.whole.length), run);
});

test("J7: frames of another segment or generation at their right place are no history", async () => {
  const run = await died();
  const going = crashCopy(run.vfs);
  await goOn(await recordOn(going, {}, { resume: "only" }), lastTick + 10);
  const longer = going.read(run.path);
  const frames = framesOf(longer).map((frame) => like(frame));
  for (const place of [{ number: 1 }, { generation: 1 }]) {
    const elsewhere = segmentOf({ ...headerOf(longer), ...place }, frames);
    await checkTail(elsewhere.subarray(run.whole.length), run);
  }
});

test("J7: frames that an earlier writer left behind what a later one wrote are no history", async () => {
  const start = await died();
  // One writer goes on far and dies; of another, who began at the same place and came later, less is there.
  const far = crashCopy(start.vfs);
  await goOn(await recordOn(far, {}, { resume: "only" }), lastTick + 40);
  const stale = far.read(start.path);
  const vfs = crashCopy(start.vfs);
  for (const _ of [2, 3]) await (await recordOn(vfs, {}, { resume: "only" })).close();
  const whole = vfs.read(start.path);
  assert(stale.length > whole.length);
  await checkTail(stale.subarray(whole.length), { vfs: crashCopy(vfs), path: start.path, whole });
});

test("J7: valid frames behind a hole of bytes that no frame proves are no history", async () => {
  const { vfs, path, whole } = await died();
  // A batch of ticks that was written with one call and lost its first frame: nothing of it was acknowledged.
  const batch = crashCopy(vfs);
  const writing = await recordOn(batch, {}, { resume: "only", window: 1000 });
  await goOn(writing, lastTick + 6);
  await writing.flush();
  const longer = batch.read(path);
  const torn = longer.slice();
  torn[whole.length + 3] = torn[whole.length + 3]! ^ 1;
  await checkTail(torn.subarray(whole.length), { vfs, path, whole });
});
