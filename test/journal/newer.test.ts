/** Journals of a version that is newer than this one, or that no writer makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError } from "everytick";
import { FrameKind, type FrameFields } from "../../src/format/frame.ts";
import { writeFrameIndex, writeTrailer } from "../../src/format/frame-index.ts";
import { FrameTable } from "../../src/format/frame-table.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf, like, segmentOf, withFrame, type FrameToForge } from "./forge.ts";
import {
  codecs,
  contents,
  crashCopy,
  directory,
  goOn,
  openOn,
  past,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "./small-run.ts";

const lastTick = 6;
const expected = states(lastTick + 10);

async function died(): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  await goOn(await recordOn(vfs), lastTick);
  return crashCopy(vfs);
}

const nothing = new Uint8Array(0);
/** A frame that records no tick. */
const bare = { baseDistance: 0, changedElements: 0, flags: 0 };

test("F6: an ancillary frame that nobody knows is skipped, wherever it stands", async () => {
  const vfs = await died();
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const unknown = (after: ReturnType<typeof framesOf>[number]): FrameToForge => {
    return like(after, { ...bare, kind: 0xc1, stateDigest: undefined }, Uint8Array.of(1, 2, 3));
  };
  const between = framesOf(whole).flatMap((frame) => [like(frame), unknown(frame)]);
  putFile(vfs, path, segmentOf(headerOf(whole), between));
  const run = await openOn(vfs);
  for (let tick = 0; tick <= lastTick; tick++)
    assert.equal(past(await run.at(tick)), expected[tick]);
  assert.deepEqual((await run.verify()).damage, []);
  const resumed = await recordOn(vfs, {}, { resume: "only" });
  assert.deepEqual([resumed.tick, resumed.recovery.tornBytes], [lastTick, 0]);
  await goOn(resumed, lastTick + 3);
  await resumed.close();
  const after = await openOn(vfs);
  assert.equal(past(await after.at(lastTick + 3)), expected[lastTick + 3]);
  assert.deepEqual((await after.verify()).damage, []);
});

test("F6: a run is closed by the mark of that name, whatever ancillary frames stand behind it", async () => {
  const vfs = await died();
  await (await recordOn(vfs, {}, { resume: "only" })).close();
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const status = async (bytes: Uint8Array): Promise<string> => {
    const copy = crashCopy(vfs);
    putFile(copy, path, bytes);
    return (await (await openOn(copy)).facts()).status;
  };
  assert.equal(await status(whole), "closed");
  assert.equal(await status(withFrame(whole, (last) => like(last, { kind: 0xc1 }))), "closed");
  const name = new TextEncoder().encode('{"name":"lunch"}');
  assert.equal(await status(withFrame(whole, (last) => like(last, {}, name))), "closed");
  const frames = framesOf(whole).map((frame) => like(frame));
  const renamed = [...frames.slice(0, -1), { ...frames.at(-1)!, body: name }];
  assert.equal(await status(segmentOf(headerOf(whole), renamed)), "interrupted");
});

/** Frames with every checksum right that this version must not take for a torn tail. */
const refused: Record<string, (last: ReturnType<typeof framesOf>[number]) => FrameToForge> = {
  "an unknown critical kind": (last) => like(last, { ...bare, kind: 9 }, nothing),
  "the reserved kind 1": (last) => like(last, { ...bare, kind: 1 }, nothing),
  "the reserved kind 5": (last) => like(last, { ...bare, kind: 5 }, nothing),
  "kind 0": (last) => like(last, { ...bare, kind: 0 }, nothing),
  "an unknown flag": (last) => like(last, { ...next(last), flags: 8 }),
  "a delta from a tick that is not the last": (last) =>
    like(last, { ...next(last), baseDistance: 2 }),
  "a delta from itself": (last) => like(last, { ...next(last), baseDistance: 0 }),
  "a gap from another tick": (last) =>
    like(last, { ...next(last), kind: FrameKind.gap, baseDistance: 3 }),
};

function next({ header }: ReturnType<typeof framesOf>[number]): Partial<FrameFields> {
  return { tick: header.tick + 1, baseDistance: 1 };
}

for (const [name, frame] of Object.entries(refused)) {
  test(`F6: ${name} at the end is refused, and no writer cuts it`, async () => {
    const vfs = await died();
    const [path] = segmentPaths(vfs) as [string];
    putFile(vfs, path, withFrame(vfs.read(path), frame));
    const before = contents(vfs, directory);
    await assert.rejects(recordOn(vfs, {}, { resume: "auto" }), (error) => isEverytickError(error));
    assert.deepEqual(contents(vfs, directory), before);
    // What stands before it may still be read, or the run is refused as a whole; a wrong state never comes.
    try {
      const run = await openOn(vfs);
      assert.equal(past(await run.at(lastTick)), expected[lastTick]);
      await assert.rejects(run.at(lastTick + 1), (error) => isEverytickError(error));
    } catch (error) {
      assert(isEverytickError(error), String(error));
    }
  });
}

test("F6: a segment of a newer format is refused, and nothing is changed", async () => {
  const vfs = await died();
  const [path] = segmentPaths(vfs) as [string];
  const bytes = vfs.read(path);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, 1, true);
  const { length } = headerOf(vfs.read(path));
  view.setUint32(length - 4, codecs.crc32(bytes.subarray(0, length - 4)), true);
  putFile(vfs, path, bytes);
  const before = contents(vfs, directory);
  await assert.rejects(openOn(vfs), { code: "FORMAT_NEWER" });
  await assert.rejects(recordOn(vfs, {}, { resume: "auto" }), { code: "FORMAT_NEWER" });
  assert.deepEqual(contents(vfs, directory), before);
});

test("F6: an unknown critical frame is refused in a sealed segment too, where only the index is read", async () => {
  const vfs = new MemoryVfs();
  const writing = await recordOn(vfs, { segmentBytesMin: 1 });
  await goOn(writing, 40);
  await writing.close();
  const path = segmentPaths(vfs)[0]!;
  const whole = vfs.read(path);
  const frames = framesOf(whole);
  const kept = frames.slice(0, -1).map((frame) => like(frame));
  const unknown = like(frames.at(-2)!, { ...bare, kind: 9, stateDigest: undefined }, nothing);
  const table = new FrameTable(headerOf(whole).length);
  for (const { fields, body } of [...kept, unknown])
    table.push({ ...fields, length: 96 + body.length });
  const index = writeFrameIndex(table, 0, 0, codecs);
  const seal = like(frames.at(-1)!, {}, Uint8Array.of(...index, ...writeTrailer(table.end)));
  putFile(vfs, path, segmentOf(headerOf(whole), [...kept, unknown, seal]));
  const read = async (): Promise<unknown> => (await openOn(vfs)).at(3);
  await assert.rejects(read, (error) => isEverytickError(error));
});
