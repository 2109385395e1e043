import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryVfs } from "everytick/testing";
import { framesOf, headerOf, like, segmentOf } from "../journal/forge.ts";
import {
  goOn,
  openOn,
  past,
  putFile,
  recordOn,
  segmentPaths,
  states,
} from "../journal/small-run.ts";

test("T3: a state that does not match its digest is found when asked for, though every checksum holds", async () => {
  const vfs = new MemoryVfs();
  await goOn(await recordOn(vfs), 6);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  const frames = framesOf(whole);
  const forged = frames.map((frame, i) => {
    const isLast = i === frames.length - 1;
    return isLast ? like(frame, { historyDigest: new Uint8Array(16).fill(7) }) : like(frame);
  });
  putFile(vfs, path, segmentOf(headerOf(whole), forged));
  const run = await openOn(vfs);
  await assert.rejects(run.at(6, { verify: true }), { code: "TIMELINE_DIGEST" });
  assert.equal(past(await run.at(5, { verify: true })), states(6)[5]);
  const [damage] = (await run.verify()).damage;
  assert.deepEqual(damage?.ticks, [6, 6]);
});
