/** Segments without their neighbours, and what an automaton's journal weighs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns } from "everytick";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { MemoryVfs, seededRandom } from "../../src/testing/index.ts";
import { framesOf } from "./forge.ts";
import {
  crashCopy,
  directory,
  goOn,
  journalPath,
  openOn,
  past,
  portsOn,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "./small-run.ts";

const lastTick = 150;
const expected = states(lastTick);

for (const sizes of [{ segmentBytesMin: 1 }, { segmentBytesMin: 1, bodyBytesMax: 25 }]) {
  const name = JSON.stringify(sizes);
  test(`J6: each sealed segment is readable alone with its card, in both directions, ${name}`, async () => {
    const vfs = new MemoryVfs();
    const whole = await recordOn(vfs, sizes);
    await goOn(whole, lastTick);
    await whole.close();
    let seen = 0;
    for (const path of segmentPaths(vfs).slice(0, -1)) {
      const alone = new MemoryVfs();
      alone.makeDirectory(journalPath);
      putFile(alone, `${directory}/run.json`, vfs.read(`${directory}/run.json`));
      putFile(alone, path, vfs.read(path));
      const run = await openOn(alone);
      const ticks = Array.from(
        { length: run.tick - run.firstTick + 1 },
        (_, i) => run.firstTick + i,
      );
      // Each by a reader of its own, so that each begins at the keyframe.
      for (const tick of ticks) {
        const other = await openOn(alone);
        assert.equal(
          past(await other.at(tick, { verify: true })),
          expected[tick],
          `${path}, tick ${tick}`,
        );
      }
      const back: string[] = [];
      for await (const frame of run.play({ from: run.tick, to: run.firstTick }))
        back.push(past(frame));
      assert.deepEqual(
        back,
        ticks.toReversed().map((tick) => expected[tick]),
      );
      seen += ticks.length;
    }
    assert(seen > lastTick / 2);
  });
}

test("J9: redundant keyframes weigh less than a tenth of an automaton's history", async () => {
  const vfs = new MemoryVfs();
  const codecs = await nodeCodecs();
  const runs = await openRuns("runs", { ...portsOn(vfs), codecs, segmentBytesMin: 100_000 });
  const size = 64;
  const start = seededRandom(3)
    .bytes(size * size)
    .map((byte) => (byte < 80 ? 1 : 0));
  const run = await runs.record("a", { state: { cells: grid("u8", [size, size]) }, window: 100 });
  run.state.cells.set(start);
  for (let tick = 1; tick <= 1500; tick++) {
    await run.commit();
    life(run.state.cells, size);
  }
  await run.close();
  let [redundant, all] = [0, 0];
  for (const path of segmentPaths(vfs)) {
    for (const { header } of framesOf(vfs.read(path))) {
      all += header.length;
      const isRequired = (header.flags & FrameFlag.required) !== 0;
      if (header.kind === FrameKind.keyframe && !isRequired) redundant += header.length;
    }
  }
  assert(segmentPaths(vfs).length > 2);
  assert(redundant > 0);
  assert(redundant < all / 10, `${redundant} of ${all} bytes`);
});

/** Conway's rule on a torus, in place. */
function life(cells: Uint8Array, size: number): void {
  const before = cells.slice();
  for (let y = 0; y < size; y++) {
    const rows = [(y + size - 1) % size, y, (y + 1) % size].map((row) => row * size);
    for (let x = 0; x < size; x++) {
      const columns = [(x + size - 1) % size, x, (x + 1) % size];
      let sum = 0;
      for (const row of rows) for (const column of columns) sum += before[row + column]!;
      const own = before[y * size + x]!;
      cells[y * size + x] = sum === 3 || (sum === 4 && own === 1) ? 1 : 0;
    }
  }
}

test("J9: the first tick of a segment comes before the keyframe that makes the segment readable alone", async () => {
  const vfs = new MemoryVfs();
  const run = await recordOn(vfs, { segmentBytesMin: 1 });
  await goOn(run, 60);
  for (const path of segmentPaths(crashCopy(vfs))) {
    const kinds = framesOf(vfs.read(path)).map(({ header }) => header.kind);
    const [step, keyframe] = [FrameKind.delta, FrameKind.keyframe].map((kind) =>
      kinds.indexOf(kind),
    );
    const isFirst = path.endsWith("/0000000000000000.seg");
    if (!isFirst && keyframe !== -1) assert(step !== -1 && step! < keyframe!, path);
  }
  await run.close();
});
