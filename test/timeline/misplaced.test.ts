/** Frames and parts that are whole but stand where this version, or the format, has none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, openRuns, value, type Run } from "everytick";
import { FrameFlag, FrameKind } from "../../src/format/frame.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { MemoryVfs } from "../../src/testing/index.ts";
import { framesOf, headerOf, like, segmentOf, type FrameToForge } from "../journal/forge.ts";
import { journalPath, putFile, segmentPaths } from "../journal/small-run.ts";

const codecs = await nodeCodecs();

/** Ticks 0 to 2, then what `change` makes of the frames. */
async function forged(change: (frames: FrameToForge[]) => FrameToForge[]): Promise<Run> {
  const vfs = new MemoryVfs();
  const state = { cells: grid("u8", [4]), fixed: value({ n: "u8" }, { role: "static" }) };
  const runs = await openRuns("runs", { vfs, codecs });
  const live = await runs.record("a", { state });
  for (const tick of [1, 2]) {
    live.state.cells[tick] = tick;
    await live.commit();
  }
  await live.close();
  const [path] = segmentPaths(vfs) as [string];
  const bytes = vfs.read(path);
  const frames = framesOf(bytes).filter(({ header }) => header.kind !== FrameKind.mark);
  const { length } = headerOf(bytes);
  const changed = change(frames.map((frame) => like(frame, { durableOffset: length })));
  putFile(vfs, path, segmentOf(headerOf(bytes), changed));
  for (const name of vfs.list(`${journalPath}/../cache`) ?? []) vfs.remove(`runs/a/cache/${name}`);
  return (await openRuns("runs", { vfs, codecs })).open("a");
}

test("F6: a required keyframe behind the first tick is refused by name, and the ticks before it are read", async () => {
  await using run = await forged((frames) => {
    const [first, last] = [frames[0], frames.at(-1)] as [FrameToForge, FrameToForge];
    const gap = { kind: FrameKind.gap, tick: 5, baseDistance: 3, changedElements: 0 };
    const body = new TextEncoder().encode('{"reason":"asleep"}');
    const again = { ...first.fields, tick: 6, flags: first.fields.flags ?? 0 };
    assert.equal(again.flags & FrameFlag.required, FrameFlag.required);
    return [...frames, { fields: { ...last.fields, ...gap }, body }, { ...first, fields: again }];
  });
  assert.equal((await run.at(2)).tick, 2);
  const refused = { code: "FORMAT_UNKNOWN" };
  await assert.rejects(run.at(6), refused);
  await assert.rejects(Array.fromAsync(run.play()), refused);
  await assert.rejects(Array.fromAsync(run.play({ from: 6, to: 0 })), refused);
  assert.equal((await run.at(1)).tick, 1);
  const { damage } = await run.verify();
  assert.deepEqual(
    damage.map(({ found, ticks }) => [found, ticks]),
    [["another required keyframe", [6, 6]]],
  );
});

test("W9: a static store in a later tick is refused whichever way it is met", async () => {
  await using run = await forged((frames) => {
    // One part: the store 1, all rows, its column 0 as one word.
    const body = Uint8Array.of(0, 1, 1, 0, 1, 0, 1, 0, 2, 0, 9);
    return frames.map((frame) => {
      const { kind, tick } = frame.fields;
      return kind === FrameKind.delta && tick === 2 ? { ...frame, body } : frame;
    });
  });
  assert.equal((await run.at(1)).tick, 1);
  const where = /static stores in the frames of the first tick alone/;
  await assert.rejects(run.at(2), { code: "JOURNAL_DAMAGED", message: where });
  await assert.rejects(Array.fromAsync(run.play()), { code: "JOURNAL_DAMAGED", message: where });
  const { damage } = await run.verify();
  assert.equal(damage.length, 1);
  assert.match(damage[0]!.expected, where);
});
