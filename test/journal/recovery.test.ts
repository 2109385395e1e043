/** What a crash leaves at the end of a journal, and what the next writer makes of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { framesOf, headerOf } from "./forge.ts";
import {
  contents,
  crashCopy,
  directory,
  filesUnder,
  goOn,
  journalPath,
  openOn,
  past,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "./small-run.ts";
import { MemoryVfs } from "../../src/testing/index.ts";

const expected = states(200);

/** A run that goes up to `lastTick` and dies there. */
async function died(lastTick: number, sizes = {}): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  await goOn(await recordOn(vfs, sizes), lastTick);
  return crashCopy(vfs);
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Ticks whose last frame ends at or before a byte; -1 for none. */
function lastTickWithin(frames: ReturnType<typeof framesOf>, length: number): number {
  const whole = frames.filter(({ offset, header }) => {
    const isLastOfGroup = (header.flags & 1) === 0;
    return (
      isLastOfGroup && offset + header.length <= length && (header.kind === 2 || header.kind === 3)
    );
  });
  return Math.max(-1, ...whole.map(({ header }) => header.tick));
}

/** Where the last complete group of frames ends at or before a byte. */
function groupEndWithin(
  bytes: Uint8Array,
  frames: ReturnType<typeof framesOf>,
  length: number,
): number {
  const ends = frames
    .filter(({ header }) => (header.flags & 1) === 0)
    .map(({ offset, header }) => offset + header.length);
  return Math.max(headerOf(bytes).length, ...ends.filter((end) => end <= length));
}

/** Recovers, and looks at everything that a recovery promises. */
async function checkRecovery(
  vfs: MemoryVfs,
  path: string,
  whole: Uint8Array,
  length: number,
): Promise<void> {
  const frames = framesOf(whole);
  const tick = lastTickWithin(frames, length);
  const where = `cut at ${length}`;
  const end = groupEndWithin(whole, frames, length);
  const torn = whole.slice(end, length);

  const run = await recordOn(vfs, {}, { resume: "auto" });
  assert.equal(run.tick, Math.max(0, tick), where);
  assert.equal(run.recovery.resumed, tick >= 0, where);
  if (tick < 0) return checkStartedAnew(vfs, run, where);
  assert.equal(past(run), expected[tick], where);
  assert.equal(run.recovery.tornBytes, torn.length, where);
  assert.equal(
    hexOf(vfs.read(path)),
    hexOf(whole.subarray(0, end)),
    `${where}: the prefix is untouched`,
  );
  if (torn.length === 0) assert.equal(run.recovery.keptAt, undefined, where);
  else assert.equal(hexOf(vfs.read(`${directory}/${run.recovery.keptAt}`)), hexOf(torn), where);

  // The rest depends on what was kept, and not on where the cut was: a part of the cuts shows it.
  if (length % 7 !== 0) return;
  const first = crashCopy(vfs);
  const before = contents(first, journalPath);
  const again = await recordOn(first, {}, { resume: "only" });
  assert.deepEqual([again.tick, again.recovery.tornBytes], [tick, 0], where);
  assert.deepEqual(
    contents(first, journalPath),
    before,
    `${where}: a second recovery changes nothing`,
  );

  await goOn(again, tick + 2);
  await again.close();
  const read = await openOn(first);
  assert.equal(past(await read.at(tick + 2)), expected[tick + 2], where);
  // Verifying replays every tick and holds each against its digests.
  const report = await read.verify();
  assert.deepEqual([report.damage, report.tailBytes], [[], 0], where);
}

/** A run that crashed before its first tick was durable counts as none. */
async function checkStartedAnew(
  vfs: MemoryVfs,
  run: Awaited<ReturnType<typeof recordOn>>,
  where: string,
): Promise<void> {
  await goOn(run, 3);
  await run.close();
  const read = await openOn(vfs);
  assert.equal(past(await read.at(3)), expected[3], where);
  assert.deepEqual((await read.verify()).damage, [], where);
}

for (const [name, sizes, step] of [
  ["single frames", {}, 1],
  ["continued frames", { bodyBytesMax: 60 }, 3],
] as const) {
  test(`J2: a journal of ${name} that is cut at any byte keeps exactly its complete ticks`, async () => {
    const vfs = await died(3, sizes);
    const [path] = segmentPaths(vfs) as [string];
    const whole = vfs.read(path);
    const frames = framesOf(whole);
    // Before the first tick is there, nothing was acknowledged; the next test cuts there.
    for (let length = whole.length; lastTickWithin(frames, length) >= 0; length -= step) {
      const cut = crashCopy(vfs);
      putFile(cut, path, whole.subarray(0, length));
      await checkRecovery(cut, path, whole, length);
    }
  });
}

test("R5: a journal that is cut before its first tick counts as none", async () => {
  const vfs = await died(1);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const [first] = framesOf(whole);
  for (let length = 0; length < first!.offset + first!.header.length; length += 9) {
    const cut = crashCopy(vfs);
    putFile(cut, path, whole.subarray(0, length));
    await checkRecovery(cut, path, whole, length);
  }
});

test("J2: a segment that was being created is put aside, cut at any byte of its header", async () => {
  const vfs = await died(30, { segmentBytesMin: 1 });
  const last = segmentPaths(vfs).at(-1)!;
  const whole = vfs.read(last);
  const length = headerOf(whole).length;
  const before = headerOf(whole).firstTick - 1;
  for (let end = 0; end <= length; end++) {
    const cut = crashCopy(vfs);
    putFile(cut, last, whole.subarray(0, end));
    const reader = await openOn(cut);
    assert.equal(reader.tick, before);
    if (end % 4 !== 0 && end < length) continue;
    const run = await recordOn(cut, {}, { resume: "only" });
    assert.deepEqual([run.tick, past(run)], [before, expected[before]], `cut at ${end}`);
    if (end > 0 && end < length) {
      const kept = filesUnder(cut, `${journalPath}/torn`).map((path) => hexOf(cut.read(path)));
      assert.deepEqual(kept, [hexOf(whole.subarray(0, end))], `cut at ${end}`);
    }
    if (end % 40 !== 0 && end < length) continue;
    await goOn(run, before + 3);
    await run.close();
    const read = await openOn(cut);
    assert.equal(past(await read.at(before + 3)), expected[before + 3]);
    assert.deepEqual((await read.verify()).damage, [], `cut at ${end}`);
  }
});

test("J2: what was kept of one torn tail survives the next one at the same place", async () => {
  const vfs = await died(5);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const tails = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6, 7)];
  let current = vfs;
  for (const tail of tails) {
    putFile(current, path, new Uint8Array(Buffer.concat([whole, tail])));
    await recordOn(current, {}, { resume: "only" });
    current = crashCopy(current);
  }
  const kept = filesUnder(current, `${journalPath}/torn`).map((file) => hexOf(current.read(file)));
  assert.deepEqual(kept.sort(), tails.map(hexOf));
});

test("J2: a crash between two steps of a recovery loses nothing of what is kept", async () => {
  const vfs = await died(5);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const torn = whole.subarray(0, -7);
  putFile(vfs, path, torn);
  const recovered = crashCopy(vfs);
  const run = await recordOn(recovered, {}, { resume: "only" });
  const kept = recovered.read(`${directory}/${run.recovery.keptAt}`);
  // Kept aside already, not cut yet: as after a crash right before the cut.
  const between = crashCopy(recovered);
  putFile(between, path, torn);
  const again = await recordOn(between, {}, { resume: "only" });
  assert.deepEqual([again.tick, again.recovery.tornBytes], [4, kept.length]);
  assert.equal(hexOf(between.read(`${directory}/${again.recovery.keptAt}`)), hexOf(kept));
});
