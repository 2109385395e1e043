/** What was committed is what is read, however the journal cuts it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import type { Run } from "../../src/runs/run.ts";
import { framesOf } from "./forge.ts";
import {
  advance,
  goOn,
  openOn,
  past,
  recordOn,
  segmentPaths,
  states,
  type Sizes,
} from "./small-run.ts";

const sizes: Record<string, Sizes> = {
  "sizes as they are": {},
  "tiny segments": { segmentBytesMin: 1 },
  "continued frames": { bodyBytesMax: 1 },
  "tiny segments of continued frames": { segmentBytesMin: 1, bodyBytesMax: 20 },
};
const lastTick = 150;
const expected = states(lastTick);

async function recorded(given: Sizes, ticks = lastTick): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, given);
  await goOn(run, ticks);
  await run.close();
  return vfs;
}

async function checkEverything(run: Run, from = 0, to = lastTick): Promise<void> {
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  for (const direction of ["forward", "back"] as const) {
    const ends = direction === "forward" ? { from, to } : { from: to, to: from };
    const seen: [number, string][] = [];
    for await (const frame of run.play({ ...ends, verify: true }))
      seen.push([frame.tick, past(frame)]);
    const inOrder = direction === "forward" ? ticks : ticks.toReversed();
    assert.deepEqual(
      seen,
      inOrder.map((tick) => [tick, expected[tick]]),
    );
  }
  for (let i = 0; i < ticks.length; i++) {
    const tick = ticks[(i * 61) % ticks.length]!;
    assert.equal(past(await run.at(tick)), expected[tick]);
  }
}

for (const [name, given] of Object.entries(sizes)) {
  test(`F2: every tick reads back, forwards, backwards and at random, with ${name}`, async () => {
    const vfs = await recorded(given);
    const run = await openOn(vfs);
    await checkEverything(run);
    const report = await run.verify();
    assert.deepEqual(report.damage, []);
    assert.deepEqual(
      [report.firstTick, report.lastTick, report.ticks],
      [0, lastTick, lastTick + 1],
    );
    if (given.segmentBytesMin !== undefined)
      assert(report.segments > 3, `${report.segments} segments`);
    const frames = segmentPaths(vfs).flatMap((path) => framesOf(vfs.read(path)));
    const continued = frames.filter(({ header }) => (header.flags & FrameFlag.continued) !== 0);
    assert.equal(continued.length > lastTick, given.bodyBytesMax !== undefined);
  });
}

test("F2, TAK-18: each tick gives back its changes as elements with their old and new values", async () => {
  const run = await openOn(await recorded({ segmentBytesMin: 1, bodyBytesMax: 20 }, 40));
  const parsed = expected.map((text) => JSON.parse(text) as [number[], number[], string, number]);
  for (let tick = 1; tick <= 40; tick++) {
    const [old, now] = [parsed[tick - 1]!, parsed[tick]!];
    const stores = ["cells", "seen"].flatMap((store, i) => {
      const [before, after] = [old[i] as number[], now[i] as number[]];
      return after.flatMap((value, index) => {
        return value === before[index] ? [] : [{ store, index, old: before[index], new: value }];
      });
    });
    const columns = ["text", "share"].flatMap((column, i) => {
      const [before, after] = [old[i + 2], now[i + 2]];
      return before === after ? [] : [{ store: "note", column, index: 0, old: before, new: after }];
    });
    const changes: unknown = JSON.parse(JSON.stringify(await run.changesAt(tick)));
    assert.deepEqual(changes, [...stores, ...columns], `tick ${tick}`);
  }
});

test("F3: the history is the same in any segments and frames, at any level, window and commit style", async () => {
  const digests = new Set<string>();
  for (const given of Object.values(sizes)) {
    const run = await openOn(await recorded(given));
    digests.add((await run.at(lastTick)).historyDigest);
  }
  const styles = [
    { window: 10 },
    { window: 1000, durability: "os" },
    { durability: "memory" },
    { sparse: true },
  ] as const;
  for (const options of styles) {
    const vfs = new MemoryVfs();
    const run = await recordOn(vfs, {}, options);
    await goOn(run, lastTick);
    await run.close();
    digests.add((await (await openOn(vfs)).at(lastTick)).historyDigest);
  }
  digests.add(await digestOfExplicit());
  assert.equal(digests.size, 1);
});

/** The same history, said by explicit changes: every element of the grid, changed or not. */
async function digestOfExplicit(): Promise<string> {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs);
  const cells = new Uint8Array(30);
  const shadow = { cells, seen: new Uint16Array(4), note: { text: "", share: 0 } };
  const index = [...cells.keys()];
  for (let tick = 1; tick <= lastTick; tick++) {
    advance(shadow, tick);
    const seen = { index: [tick % 4], value: [shadow.seen[tick % 4]!] };
    await run.commit({
      changes: { cells: { index, value: cells }, seen, note: { ...shadow.note } },
    });
  }
  await run.close();
  const read = await openOn(vfs);
  assert.equal(past(await read.at(lastTick)), expected[lastTick]);
  return (await read.at(lastTick)).historyDigest;
}

test("F3: a run that was closed and resumed again and again has the history of an unbroken one", async () => {
  const unbroken = await openOn(await recorded({}, 40));
  const vfs = new MemoryVfs();
  for (let tick = 0; tick <= 40; tick += 5) {
    const run = await recordOn(vfs, { segmentBytesMin: 1 }, { resume: "auto" });
    await goOn(run, tick);
    await run.close();
  }
  const broken = await openOn(vfs);
  assert.equal((await broken.at(40)).historyDigest, (await unbroken.at(40)).historyDigest);
  assert.deepEqual((await broken.verify()).damage, []);
});

test("J6: a sealed segment has its index at its end, and each holds a keyframe", async () => {
  const vfs = await recorded({ segmentBytesMin: 1 });
  const paths = segmentPaths(vfs);
  for (const [i, path] of paths.entries()) {
    const frames = framesOf(vfs.read(path));
    const kinds = frames.map(({ header }) => header.kind);
    assert.equal(kinds.includes(FrameKind.seal), i < paths.length - 1);
    if (i === paths.length - 1) continue;
    assert.equal(kinds.indexOf(FrameKind.seal), kinds.length - 1);
    assert(kinds.includes(FrameKind.keyframe), path);
    // A redundant keyframe names a tick that its own segment records.
    const own = frames
      .filter(({ header }) => header.kind === FrameKind.delta)
      .map(({ header }) => header.tick);
    const named = frames.filter(({ header }) => header.kind === FrameKind.keyframe);
    for (const { header } of named) {
      assert((header.flags & FrameFlag.required) !== 0 || own.includes(header.tick), path);
    }
  }
});
