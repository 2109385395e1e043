/**
 * What the system does with pages whose sync failed: it reports it once, keeps them in memory as if they were clean, and a later
 * sync succeeds without writing them. What readers see then is not what the disk holds.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError } from "everytick";
import { MemoryVfs } from "../../src/testing/index.ts";
import type { VfsFile } from "../../src/types.ts";
import { advance, directory, goOn, openOn, past, putFile, recordOn, states } from "./small-run.ts";

const sizes = { segmentBytesMin: 1200, bodyBytesMax: 120 };
const expected = states(40);

/** Keeps beside each file what the disk holds of it. Names are durable at once: they are another test's matter. */
class ForgetfulVfs extends MemoryVfs {
  readonly disk = new Map<string, Uint8Array>();
  readonly #dirty = new Map<string, (readonly [from: number, to: number])[]>();
  /** The number of the sync that fails. */
  failAt = -1;
  syncs = 0;

  override open(path: string, mode: "create" | "update"): VfsFile {
    const file = super.open(path, mode);
    if (mode === "create") this.disk.set(path, new Uint8Array(0));
    const dirty = this.#dirty.get(path) ?? [];
    this.#dirty.set(path, dirty);
    return {
      write: (bytes, offset) => {
        file.write(bytes, offset);
        dirty.push([offset, offset + bytes.length]);
      },
      truncate: (size) => {
        file.truncate(size);
        this.disk.set(path, (this.disk.get(path) ?? new Uint8Array(0)).slice(0, size));
      },
      sync: () => {
        const ranges = dirty.splice(0);
        if (this.syncs++ === this.failAt)
          throw Object.assign(new Error("EIO: sync"), { code: "EIO" });
        for (const range of ranges) this.#keep(path, range);
      },
      close: () => file.close(),
    };
  }

  override rename(from: string, to: string): void {
    super.rename(from, to);
    this.disk.set(to, this.disk.get(from) ?? new Uint8Array(0));
    this.disk.delete(from);
  }

  override remove(path: string): void {
    super.remove(path);
    this.disk.delete(path);
  }

  #keep(path: string, [from, to]: readonly [number, number]): void {
    const old = this.disk.get(path) ?? new Uint8Array(0);
    const bytes = new Uint8Array(Math.max(old.length, to));
    bytes.set(old);
    bytes.set(this.read(path).subarray(from, to), from);
    this.disk.set(path, bytes);
  }

  /** What is left when the power fails now. */
  afterPowerLoss(): MemoryVfs {
    const left = new MemoryVfs();
    left.makeDirectory(`${directory}/journal/torn`);
    left.makeDirectory(`${directory}/cache`);
    for (const [path, bytes] of this.disk)
      if (!path.includes("/cache/")) putFile(left, path, bytes);
    return left;
  }
}

/** Records until the sync fails, opens the run again as one is told to, commits and loses power. */
async function throughFailure(failAt: number): Promise<boolean> {
  const vfs = new ForgetfulVfs();
  vfs.failAt = failAt;
  const what = `sync ${failAt}`;
  let acknowledged = -1;
  try {
    const run = await recordOn(vfs, sizes);
    try {
      for (acknowledged = 0; run.tick < 25;) {
        advance(run.state, run.tick + 1);
        acknowledged = (await run.commit()).durableTick;
      }
    } finally {
      await run.close();
    }
  } catch (error) {
    assert(isEverytickError(error), `${what}: ${String(error)}`);
  }
  const hasFailed = vfs.syncs > failAt;
  vfs.failAt = -1;
  const again = await recordOn(vfs, sizes, { resume: "auto" });
  assert(again.tick >= acknowledged, what);
  const seen = again.tick;
  await goOn(again, seen + 3);
  const left = vfs.afterPowerLoss();
  const read = await openOn(left);
  assert.equal(read.tick, seen + 3, `${what}: acknowledged after the reopening`);
  assert.deepEqual((await read.verify()).damage, [], what);
  for (let tick = 0; tick <= read.tick; tick++) {
    assert.equal(past(await read.at(tick)), expected[tick], `${what}: tick ${tick}`);
  }
  return hasFailed;
}

test("J1, J5, TAD-61: what a failed sync left in memory alone is written again before anything builds on it", async () => {
  let failed = 0;
  for (let at = 0; ; at++) {
    if (!(await throughFailure(at))) break;
    failed += 1;
  }
  assert(failed > 25, `${failed} syncs`);
});
