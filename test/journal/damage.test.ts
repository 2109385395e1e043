/** Bytes that had been acknowledged and are not what they were. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, isEverytickError, openRuns } from "everytick";
import { frameHeaderSize, FrameKind } from "../../src/format/frame.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf } from "./forge.ts";
import {
  contents,
  crashCopy,
  directory,
  filesUnder,
  goOn,
  openOn,
  past,
  portsOn,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "./small-run.ts";

const expected = states(200);

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

async function recorded(lastTick: number, sizes = {}, closes = true): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, sizes);
  await goOn(run, lastTick);
  if (closes) await run.close();
  return crashCopy(vfs);
}

test("J3: damage that a later frame proves acknowledged is refused for writing, and no byte is touched", async () => {
  for (const closes of [true, false]) {
    const vfs = await recorded(12, {}, closes);
    const [path] = segmentPaths(vfs) as [string];
    const whole = vfs.read(path);
    const frames = framesOf(whole);
    const deltas = frames.filter(({ header }) => header.kind === FrameKind.delta);
    // The last ones that a running writer had synced are named by no later frame.
    for (const { offset, header } of deltas.slice(0, -2)) {
      for (const at of [offset, offset + 30, offset + header.length - 1]) {
        const damaged = withoutCache(vfs);
        putFile(damaged, path, flipped(whole, 8 * at));
        const before = contents(damaged, directory);
        await assert.rejects(recordOn(damaged, {}, { resume: "auto" }), (error) => {
          assert(isEverytickError(error, "JOURNAL_DAMAGED"), String(error));
          assert.match(error.details.where ?? "", new RegExp(`0{16}\\.seg, byte ${offset};`));
          return true;
        });
        assert.deepEqual(contents(damaged, directory), before);
        await checkReadable(damaged, header.tick);
      }
    }
  }
});

/** So that the segment is scanned: with a cache its last frame alone vouches for those before. */
function withoutCache(vfs: MemoryVfs): MemoryVfs {
  const copy = crashCopy(vfs);
  for (const path of filesUnder(copy, `${directory}/cache`)) copy.remove(path);
  return copy;
}

/** Ticks before the damaged one are read, the others are refused as damage. */
async function checkReadable(vfs: MemoryVfs, damagedTick: number): Promise<void> {
  const run = await openOn(vfs);
  for (let tick = 0; tick <= 12; tick++) {
    if (tick < damagedTick) assert.equal(past(await run.at(tick)), expected[tick]);
    else await assert.rejects(run.at(tick), { code: "JOURNAL_DAMAGED" }, `tick ${tick}`);
  }
  const { damage } = await run.verify();
  assert(damage.length > 0);
  assert.match(damage[0]!.file, /0{16}\.seg$/);
}

test("J3: damage in a sealed segment is met by the reader and by verify, and a writer changes nothing of it", async () => {
  const vfs = await recorded(100, { segmentBytesMin: 1 });
  const paths = segmentPaths(vfs);
  assert(paths.length > 3);
  const path = paths[1]!;
  const whole = vfs.read(path);
  const deltas = framesOf(whole).filter(({ header }) => header.kind === FrameKind.delta);
  const victim = deltas[Math.floor(deltas.length / 2)]!;
  putFile(vfs, path, flipped(whole, 8 * (victim.offset + frameHeaderSize)));
  const run = await openOn(vfs);
  const wrong: number[] = [];
  for (let tick = 0; tick <= 100; tick++) {
    try {
      assert.equal(past(await run.at(tick)), expected[tick]);
    } catch (error) {
      assert(isEverytickError(error, "JOURNAL_DAMAGED"), String(error));
      wrong.push(tick);
    }
  }
  // A keyframe serves the ticks on its own side of the damage; the tick itself is lost to both.
  assert(wrong.length <= deltas.length && wrong.includes(victim.header.tick), String(wrong));
  const [damage] = (await run.verify()).damage;
  assert(damage !== undefined && path.endsWith(damage.file), damage?.file);
  assert.equal(damage.offset, victim.offset);

  const before = contents(vfs, directory);
  try {
    await recordOn(vfs, {}, { resume: "only" });
  } catch (error) {
    assert(isEverytickError(error, "JOURNAL_DAMAGED"), String(error));
  }
  assert.equal(contents(vfs, directory).get(path), before.get(path));
});

test("J3: a segment before the last whose seal is gone is refused for writing", async () => {
  const vfs = await recorded(100, { segmentBytesMin: 1 });
  const path = segmentPaths(vfs)[1]!;
  const whole = vfs.read(path);
  const seal = framesOf(whole).at(-1)!;
  for (const bytes of [
    whole.subarray(0, seal.offset),
    flipped(whole, 8 * seal.offset),
    whole.subarray(0, -1),
  ]) {
    const damaged = crashCopy(vfs);
    putFile(damaged, path, bytes);
    const before = contents(damaged, directory);
    await assert.rejects(recordOn(damaged, {}, { resume: "auto" }), { code: "JOURNAL_DAMAGED" });
    assert.deepEqual(contents(damaged, directory), before);
  }
});

test("J3: a last segment that is overwritten as a whole is damage, not one that was being made", async () => {
  for (const [segmentBytesMin, lastTick] of [
    [1, 100],
    [2 ** 30, 12],
  ] as const) {
    const vfs = await recorded(lastTick, { segmentBytesMin });
    const path = segmentPaths(vfs).at(-1)!;
    const whole = vfs.read(path);
    for (const byte of [0, 0xff, 0xa5]) {
      const damaged = withoutCache(vfs);
      putFile(damaged, path, new Uint8Array(whole.length).fill(byte));
      const before = contents(damaged, directory);
      await assert.rejects(openOn(damaged), { code: "FORMAT_DAMAGED" });
      await assert.rejects(recordOn(damaged, {}, { resume: "auto" }), { code: "FORMAT_DAMAGED" });
      assert.deepEqual(contents(damaged, directory), before);
    }
  }
});

const tinyStates = [
  [0, 0, 0, 0],
  [0, 1, 0, 0],
];

/** A run so small that each of its bits can be flipped. */
async function tinyRun(closes: boolean): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const runs = await openRuns("runs", portsOn(vfs));
  const run = await runs.record("a", { state: { g: grid("u8", [4]) } });
  for (let tick = 1; tick < tinyStates.length; tick++) {
    run.state.g[tick] = tick;
    await run.commit();
  }
  if (closes) await run.close();
  return crashCopy(vfs);
}

/** Opens a run and reads its ticks: each is right or refused. @returns how many are right. */
async function readTiny(vfs: MemoryVfs, where: string): Promise<number> {
  let right = 0;
  try {
    const run = await (await openRuns("runs", portsOn(vfs))).open("a");
    for (const [tick, cells] of tinyStates.entries()) {
      try {
        const { state } = await run.at(tick);
        assert.deepEqual(
          [...(state as unknown as { g: Uint8Array }).g],
          cells,
          `${where}, tick ${tick}`,
        );
        right += 1;
      } catch (error) {
        if (!isEverytickError(error)) throw error;
      }
    }
  } catch (error) {
    if (!isEverytickError(error)) throw error;
  }
  return right;
}

for (const closes of [true, false]) {
  test(`F4: no flipped bit of a ${closes ? "closed" : "running"} run's frames ever gives a wrong state`, async () => {
    const vfs = await tinyRun(closes);
    const [path] = segmentPaths(vfs) as [string];
    const whole = vfs.read(path);
    const { length } = headerOf(whole);
    assert.equal(await readTiny(vfs, "untouched"), tinyStates.length);
    // A running run ends in other frames, and looks the same before them.
    for (let bit = 8 * length; bit < 8 * whole.length; bit += closes ? 1 : 5) {
      putFile(vfs, path, flipped(whole, bit));
      const right = await readTiny(vfs, `bit ${bit}`);
      const firstLost = framesOf(whole).filter(({ offset }) => offset <= bit >> 3).length - 1;
      assert(
        right >= Math.min(tinyStates.length, firstLost),
        `bit ${bit}: only ${right} ticks are left`,
      );
    }
    // The bits of the header have a test of their own; here some of them.
    for (let bit = 0; bit < 8 * length; bit += 97) {
      putFile(vfs, path, flipped(whole, bit));
      await readTiny(vfs, `bit ${bit}`);
    }
  });
}

test("F4: no flipped bit of a seal hides or changes a tick: the segment is scanned instead", async () => {
  const vfs = await recorded(40, { segmentBytesMin: 1 });
  const path = segmentPaths(vfs)[0]!;
  const whole = vfs.read(path);
  const seal = framesOf(whole).at(-1)!;
  assert.equal(seal.header.kind, FrameKind.seal);
  const ticks = framesOf(whole)
    .filter(({ header }) => header.kind === FrameKind.delta)
    .map(({ header }) => header.tick);
  for (let bit = 8 * seal.offset; bit < 8 * whole.length; bit += 9) {
    putFile(vfs, path, flipped(whole, bit));
    const run = await openOn(vfs);
    for (const tick of [0, ticks.at(-1)!]) assert.equal(past(await run.at(tick)), expected[tick]);
    await run.close();
  }
});
