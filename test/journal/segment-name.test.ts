import assert from "node:assert/strict";
import { test } from "node:test";
import { segmentName, segmentsAmong } from "../../src/journal/segment-name.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf, like, segmentOf } from "./forge.ts";
import {
  crashCopy,
  goOn,
  openOn,
  past,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "./small-run.ts";

const expected = states(100);

test("J11: a segment is named by its first tick, and by its generation when it was rewritten", () => {
  assert.equal(segmentName(0), "0000000000000000.seg");
  assert.equal(segmentName(Number.MAX_SAFE_INTEGER), "9007199254740991.seg");
  assert.equal(segmentName(17, 3), "0000000000000017-3.seg");
  for (const [tick, generation] of [
    [0, 0],
    [5, 1],
    [2 ** 53 - 1, 2 ** 32 - 1],
  ] as const) {
    const name = segmentName(tick, generation);
    assert.deepEqual(segmentsAmong([name]), [{ name, firstTick: tick, generation }]);
  }
});

test("J11: names that no writer gives are no segments", () => {
  const others = [
    "torn",
    "1.seg",
    "0000000000000000.SEG",
    "0000000000000000-0.seg",
    "0000000000000000-01.seg",
  ];
  const more = [
    "00000000000000000.seg",
    "0000000000000000.seg.new",
    "-000000000000001.seg",
    "0000000000000000-1",
  ];
  assert.deepEqual(segmentsAmong([...others, ...more]), []);
});

test("J11: segments are in the order of their ticks, and of one tick the highest generation counts", () => {
  const names = [
    segmentName(30),
    segmentName(20, 9),
    segmentName(20, 10),
    segmentName(20),
    segmentName(3),
  ];
  for (const list of [names, names.toReversed()]) {
    assert.deepEqual(
      segmentsAmong(list).map(({ name }) => name),
      [segmentName(3), segmentName(20, 10), segmentName(30)],
    );
  }
});

test("J11: a rewritten segment is read in place of the one it was made from, whatever that holds", async () => {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, { segmentBytesMin: 1 });
  await goOn(run, 60);
  await run.close();
  const path = segmentPaths(vfs)[1]!;
  const whole = vfs.read(path);
  const { firstTick } = headerOf(whole);
  const rewritten = segmentOf(
    { ...headerOf(whole), generation: 1 },
    framesOf(whole).map((frame) => like(frame)),
  );
  for (const old of [whole, whole.subarray(0, 200), new Uint8Array(0)]) {
    const both = crashCopy(vfs);
    putFile(both, path, old);
    putFile(both, path.replace(/[^/]+$/, segmentName(firstTick, 1)), rewritten);
    const read = await openOn(both);
    for (let tick = 0; tick <= 60; tick++) assert.equal(past(await read.at(tick)), expected[tick]);
    assert.deepEqual((await read.verify()).damage, []);
  }
});
