/** Which operations an acknowledgement waits for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FailingVfs } from "./failing-vfs.ts";
import { advance, goOn, journalPath, recordOn, segmentPaths } from "./small-run.ts";

const sizes = { segmentBytesMin: 1 };

/** Records ticks; `acks` says how many operations had been done when each was acknowledged. */
async function recorded(
  lastTick: number,
): Promise<{ operations: readonly string[]; acks: readonly number[] }> {
  const vfs = new FailingVfs();
  const run = await recordOn(vfs, sizes);
  const acks = [vfs.operations.length];
  while (run.tick < lastTick) {
    advance(run.state, run.tick + 1);
    await run.commit();
    acks.push(vfs.operations.length);
  }
  return { operations: vfs.operations, acks };
}

test("J10: a segment's header and name are synced before the first acknowledgement in it", async () => {
  const { operations, acks } = await recorded(60);
  const created = operations.flatMap((operation, at) => {
    const path = /^open (.*\.seg)$/.exec(operation)?.[1];
    return path === undefined ? [] : [{ path, at }];
  });
  assert(created.length > 3);
  for (const { path, at } of created) {
    const nextAck = acks.find((count) => count > at);
    if (nextAck === undefined) continue;
    const before = operations.slice(at + 1, nextAck);
    const firstFrame = before.indexOf(`write ${path}`, before.indexOf(`write ${path}`) + 1);
    const header = before.slice(0, firstFrame);
    assert.deepEqual(header, [`write ${path}`, `sync ${path}`, `syncDirectory ${journalPath}`]);
  }
});

test("J10: a segment is made only after the one before it was sealed and synced", async () => {
  const { operations } = await recorded(60);
  operations.forEach((operation, at) => {
    if (!/^open .*\.seg$/.test(operation) || operation.includes("/0000000000000000.seg")) return;
    const before = operations.slice(0, at).filter((one) => one.includes(".seg"));
    assert.match(before.at(-1) ?? "", /^sync /);
    assert.match(before.at(-2) ?? "", /^write /);
  });
});

test("J1: each acknowledgement waits for a sync behind its last write", async () => {
  const { operations, acks } = await recorded(30);
  for (const count of acks) {
    const done = operations.slice(0, count);
    const [write, sync] = ["write ", "sync "].map((kind) =>
      done.findLastIndex((one) => one.startsWith(kind)),
    );
    assert(sync! > write!, `after ${count} operations: ${done.at(-1)}`);
  }
});

test("J1: a window of commits is synced together, and no later than it says", async () => {
  const vfs = new FailingVfs();
  const run = await recordOn(vfs, {}, { window: 9 });
  const before = vfs.operations.length;
  await goOn(run, 100);
  const syncs = vfs.operations.slice(before).filter((one) => one.startsWith("sync "));
  assert.equal(syncs.length, 10);
  assert(run.tick - run.durableTick <= 9);
});

test("J10: what a resumed writer finds is synced before it goes on", async () => {
  const vfs = new FailingVfs();
  await goOn(await recordOn(vfs, sizes), 7);
  const left = new FailingVfs();
  for (const name of [
    "run.json",
    ...segmentPaths(vfs).map((path) => path.slice("runs/a/".length)),
  ]) {
    left.makeDirectory(journalPath);
    const file = left.open(`runs/a/${name}`, "create");
    file.write(vfs.read(`runs/a/${name}`), 0);
    file.close();
  }
  left.operations.length = 0;
  const run = await recordOn(left, sizes, { resume: "only" });
  const path = segmentPaths(left).at(-1)!;
  const touched = left.operations.filter((one) => one.includes("/journal"));
  // Written again: a sync before may have failed, and its pages count as clean.
  assert.deepEqual(touched.slice(0, 6), [
    `open ${path}`,
    `write ${path}`,
    `open ${path}`,
    `truncate ${path}`,
    `sync ${path}`,
    `syncDirectory ${journalPath}`,
  ]);
  await run.close();
  assert.equal(left.openFiles, 0);
});
