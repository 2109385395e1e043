/** Ticks that are not there, and journals that stop between two segments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError } from "everytick";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf } from "./forge.ts";
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
const sizes = { segmentBytesMin: 1 };

/** The journal of a run that died right after a new segment was made, with a gap at the end of the one before. */
async function diedBehindGap(): Promise<{ vfs: MemoryVfs; tick: number; gapEnd: number }> {
  const [tick, gapEnd] = [await lastTickOfFirstSegment(), 50];
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, sizes);
  await goOn(run, tick);
  await run.gap({ until: gapEnd, reason: "the machine slept" });
  await run.commit();
  const left = crashCopy(vfs);
  const paths = segmentPaths(left);
  assert.equal(paths.length, 2);
  const whole = left.read(paths[1]!);
  putFile(left, paths[1]!, whole.subarray(0, headerOf(whole).length));
  return { vfs: left, tick, gapEnd };
}

async function lastTickOfFirstSegment(): Promise<number> {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, sizes);
  while (segmentPaths(vfs).length < 2) await goOn(run, run.tick + 1);
  return run.tick - 1;
}

test("C4: a gap is remembered when the journal ends with a new segment that holds nothing yet", async () => {
  const { vfs, tick, gapEnd } = await diedBehindGap();
  const run = await recordOn(vfs, sizes, { resume: "only" });
  assert.equal(run.tick, tick);
  await assert.rejects(run.commit({ tick: tick + 1 }), (error) => isEverytickError(error));
  assert.equal((await run.commit()).tick, gapEnd + 1);
});

test("C4: a gap behind a gap reads back, also when a crash left an empty segment between them", async () => {
  const { vfs, tick, gapEnd } = await diedBehindGap();
  const run = await recordOn(vfs, sizes, { resume: "only" });
  await run.gap({ until: gapEnd + 5, reason: "and slept again" });
  await run.commit();
  await run.close();
  const read = await openOn(vfs);
  assert.equal(read.tick, gapEnd + 6);
  assert.deepEqual((await read.verify()).damage, []);
  assert.equal((await read.verify()).tailBytes, 0);
  for (const missing of [tick + 1, gapEnd, gapEnd + 5]) {
    await assert.rejects(read.at(missing), { code: "TIMELINE_GAP" });
  }
});

test("J6: a segment that was made and left empty gets no keyframe of a tick that it does not hold", async () => {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, sizes);
  while (segmentPaths(vfs).length < 2) await goOn(run, run.tick + 1);
  const last = segmentPaths(vfs).at(-1)!;
  const whole = vfs.read(last);
  const left = crashCopy(vfs);
  putFile(left, last, whole.subarray(0, headerOf(whole).length));
  const resumed = await recordOn(left, sizes, { resume: "only" });
  await goOn(resumed, resumed.tick + 40);
  await resumed.close();
  for (const path of segmentPaths(left)) {
    const recorded = new Set<number>();
    for (const { header } of framesOf(left.read(path))) {
      const isRequired = (header.flags & FrameFlag.required) !== 0;
      if (header.kind === FrameKind.delta || isRequired) recorded.add(header.tick);
      if (header.kind === FrameKind.keyframe)
        assert(recorded.has(header.tick), `${path}, tick ${header.tick}`);
    }
  }
  const read = await openOn(left);
  assert.equal(past(await read.at(read.tick)), expected[read.tick]);
  assert.deepEqual((await read.verify()).damage, []);
});

test("J1: a distance between two ticks that its frame cannot hold is refused, and recorded nothing of", async () => {
  for (const far of [2 ** 32, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    const vfs = new MemoryVfs();
    const run = await recordOn(vfs, {}, { sparse: true });
    await assert.rejects(
      run.commit({ tick: far }),
      (error) => isEverytickError(error),
      `tick ${far}`,
    );
    await goOn(run, 2);
    const copy = crashCopy(vfs);
    assert.equal((await recordOn(copy, {}, { resume: "only" })).tick, 2);
  }
  for (const until of [2 ** 32, 2 ** 40]) {
    const vfs = new MemoryVfs();
    const run = await recordOn(vfs);
    await assert.rejects(
      run.gap({ until, reason: "" }),
      (error) => isEverytickError(error),
      `gap to ${until}`,
    );
    await goOn(run, 2);
    assert.equal((await recordOn(crashCopy(vfs), {}, { resume: "only" })).tick, 2);
  }
});

test("J1: the largest distance that a frame holds survives", async () => {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, {}, { sparse: true });
  const far = 2 ** 32 - 1;
  await run.commit({ tick: far });
  await run.commit({ tick: far + 7 });
  const read = await openOn(crashCopy(vfs));
  assert.deepEqual([read.firstTick, read.tick], [0, far + 7]);
  assert.equal((await read.at(far)).tick, far);
  assert.deepEqual((await read.verify()).damage, []);
});

test("F1: the first tick of a segment is above all ticks of those before, the ticks of a gap among them", async () => {
  const { vfs, gapEnd } = await diedBehindGap();
  const [, second] = segmentPaths(vfs) as [string, string];
  assert.equal(headerOf(vfs.read(second)).firstTick, gapEnd + 1);
  assert.match(second, new RegExp(`/0+${gapEnd + 1}\\.seg$`));
});
