/** Opening a run: by indexes, with a cache that may be anything, and from segments that may be missing. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { grid, isEverytickError, openRuns } from "everytick";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { MemoryVfs, seededRandom } from "../../src/testing/index.ts";
import type { ByteSource } from "../../src/types.ts";
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
  state,
  states,
} from "./small-run.ts";

const expected = states(150);

/** Files in memory that count what is read of each, and whether each source is closed. */
class CountingVfs extends MemoryVfs {
  bytesRead = 0;
  openSources = 0;

  override source(path: string): ByteSource {
    const source = super.source(path);
    this.openSources += 1;
    let closed = false;
    return {
      size: () => source.size(),
      read: async (offset, length) => {
        assert(!closed, "read after close");
        const bytes = await source.read(offset, length);
        this.bytesRead += bytes.length;
        return bytes;
      },
      close: async () => {
        if (!closed) this.openSources -= 1;
        closed = true;
        await source.close();
      },
    };
  }

  override read(path: string): Uint8Array {
    const bytes = super.read(path);
    this.bytesRead += bytes.length;
    return bytes;
  }
}

const manyTicks = 20_000;

/** One run of many small ticks, closed in good order. */
async function longRun(segmentBytesMin: number): Promise<CountingVfs> {
  const vfs = new CountingVfs();
  const codecs = await nodeCodecs();
  const runs = await openRuns("runs", { ...portsOn(vfs), codecs, segmentBytesMin });
  const run = await runs.record("a", { state: { cells: grid("u8", [64]) }, window: 1000 });
  const random = seededRandom(1).bytes(8 * manyTicks);
  for (let tick = 1; tick <= manyTicks; tick++) {
    const drawn = random.subarray(8 * tick - 8, 8 * tick);
    const index = [...new Set(drawn.map((byte) => byte & 63))];
    await run.commit({ changes: { cells: { index, value: index.map((_, i) => drawn[i]!) } } });
  }
  await run.close();
  return vfs;
}

const long: Record<string, CountingVfs> = {};
before(async () => {
  long["its cache"] = await longRun(2 ** 30);
  long["footers and a cache"] = await longRun(400_000);
});

for (const name of ["its cache", "footers and a cache"]) {
  test(`J8: with ${name}, opening ${manyTicks} ticks reads less than a twentieth of the history`, async () => {
    const vfs = long[name]!;
    const history = segmentPaths(vfs).reduce((sum, path) => sum + vfs.stat(path)!.size, 0);
    vfs.bytesRead = 0;
    const run = await (
      await openRuns("runs", { ...portsOn(vfs), codecs: await nodeCodecs() })
    ).open("a");
    assert.equal(run.tick, manyTicks);
    assert(vfs.bytesRead < history / 20, `${vfs.bytesRead} of ${history} bytes`);
    await run.close();
    assert.equal(vfs.openSources, 0, "every source is closed");
  });
}

test("J8: however many segments a run has, opening it opens the first, the last, and the one before that", async () => {
  const vfs = long["footers and a cache"]!;
  assert(segmentPaths(vfs).length > 4, `${segmentPaths(vfs).length} segments`);
  const run = await (
    await openRuns("runs", { ...portsOn(vfs), codecs: await nodeCodecs() })
  ).open("a");
  assert.equal(vfs.openSources, 3);
  await run.close();
});

test("J8: without its cache the same run is scanned and says the same", async () => {
  const vfs = long["its cache"]!;
  const bare = crashCopy(vfs);
  for (const path of filesUnder(bare, `${directory}/cache`)) bare.remove(path);
  const codecs = await nodeCodecs();
  const [a, b] = await Promise.all(
    [vfs, bare].map(async (files) =>
      (await openRuns("runs", { ...portsOn(files), codecs })).open("a"),
    ),
  );
  for (const tick of [0, 1, 7777, manyTicks]) {
    const [one, other] = [await a!.at(tick), await b!.at(tick)];
    assert.deepEqual([one.historyDigest, one.state], [other.historyDigest, other.state]);
  }
});

async function closedRun(lastTick: number, sizes = {}, seed = 1): Promise<MemoryVfs> {
  const vfs = new MemoryVfs();
  const ports = { ...portsOn(vfs), random: seededRandom(seed), ...sizes };
  const run = await (await openRuns("runs", ports)).record("a", { state });
  await goOn(run, lastTick);
  await run.close();
  return vfs;
}

const cachePath = `${directory}/cache/0000000000000000.seg.index`;

/** Everything that a reader says of a run. */
async function answers(vfs: MemoryVfs): Promise<unknown> {
  const run = await openOn(vfs);
  const seen: unknown[] = [run.firstTick, run.tick];
  for await (const frame of run.play()) seen.push(past(frame), frame.historyDigest);
  const { damage, ...report } = await run.verify();
  return [...seen, damage, report];
}

test("J8: a cache that is missing, cut, flipped, of another run or older gives the same answers", async () => {
  const vfs = await closedRun(20);
  const cache = vfs.read(cachePath);
  const told = await answers(vfs);
  const foreign = (await closedRun(20, {}, 2)).read(cachePath);
  const older = (await closedRun(10)).read(cachePath);
  const longer = (await closedRun(30)).read(cachePath);
  const flips = Array.from({ length: 8 * cache.length }, (_, bit) => {
    const flipped = cache.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    return flipped;
  });
  const cuts = Array.from(cache, (_, length) => cache.subarray(0, length));
  const doubled = new Uint8Array(Buffer.concat([cache, cache]));
  const others = [
    foreign,
    older,
    longer,
    doubled,
    new Uint8Array(5000),
    seededRandom(1).bytes(5000),
  ];
  for (const other of [...others, ...cuts, ...flips.filter((_, bit) => bit % 9 === 0)]) {
    putFile(vfs, cachePath, other);
    assert.deepEqual(await answers(vfs), told);
  }
  vfs.remove(cachePath);
  assert.deepEqual(await answers(vfs), told);
});

test("J8: a cache of frames that were cut since is not believed, and the next writer makes its own", async () => {
  const vfs = await closedRun(20);
  const [path] = segmentPaths(vfs) as [string];
  const whole = vfs.read(path);
  for (const lost of [1, 150, 700]) {
    const cut = crashCopy(vfs);
    putFile(cut, path, whole.subarray(0, whole.length - lost));
    const bare = crashCopy(cut);
    bare.remove(cachePath);
    assert.deepEqual(await answers(cut), await answers(bare));
    const run = await recordOn(cut, {}, { resume: "only" });
    await goOn(run, 25);
    await run.close();
    assert.equal(past(await (await openOn(cut)).at(25)), expected[25]);
    assert.deepEqual((await (await openOn(cut)).verify()).damage, []);
  }
});

/** A run with a wrong segment is refused, by an error that names the file, or one beside it. */
async function refusal(vfs: MemoryVfs, ...names: readonly string[]): Promise<void> {
  const untouched = contents(vfs, directory);
  let refused = 0;
  const check = (error: unknown): true => {
    assert(isEverytickError(error), String(error));
    assert(["JOURNAL_MISSING", "JOURNAL_DAMAGED"].includes(error.code), error.message);
    assert(
      names.some((name) => error.message.includes(name)),
      error.message,
    );
    refused += 1;
    return true;
  };
  await assert.rejects(recordOn(vfs, {}, { resume: "auto" }), check, "a writer");
  await assert.rejects(answers(vfs), check, "a reader that plays everything");
  assert.equal(refused, 2);
  assert.deepEqual(contents(vfs, directory), untouched);
}

const nameOf = (path: string): string => path.split("/").at(-1)!;

test("J11: a missing segment is refused by name, and its ticks are not called unrecorded", async () => {
  const whole = await closedRun(100, { segmentBytesMin: 1 });
  const paths = segmentPaths(whole);
  for (const [i, path] of paths.slice(0, -1).entries()) {
    if (i === 0) continue;
    const vfs = crashCopy(whole);
    vfs.remove(path);
    await refusal(vfs, nameOf(paths[i - 1]!), nameOf(path), nameOf(paths[i + 1]!));
    const lost = Number(nameOf(path).slice(0, 16));
    await assert.rejects((await openOn(vfs)).at(lost), { code: "JOURNAL_MISSING" });
  }
});

test("J11: a segment of another run is refused by name", async () => {
  const [vfs, other] = [
    await closedRun(100, { segmentBytesMin: 1 }),
    await closedRun(100, { segmentBytesMin: 1 }, 2),
  ];
  for (const path of segmentPaths(vfs)) {
    const mixed = crashCopy(vfs);
    putFile(mixed, path, other.read(path));
    await refusal(mixed, nameOf(path));
  }
});

test("J11: a segment under the name of another is refused by name", async () => {
  const vfs = await closedRun(100, { segmentBytesMin: 1 });
  const paths = segmentPaths(vfs);
  const renamed = crashCopy(vfs);
  const wrong = `${directory}/journal/0000000000000099.seg`;
  renamed.rename(paths.at(-1)!, wrong);
  await refusal(renamed, nameOf(wrong));
  const swapped = crashCopy(vfs);
  putFile(swapped, paths[1]!, vfs.read(paths[2]!));
  await refusal(swapped, nameOf(paths[1]!));
});

test("J11: every source is closed when a run is refused", async () => {
  const vfs = await closedRun(100, { segmentBytesMin: 1 });
  const counting = new CountingVfs();
  for (const path of filesUnder(vfs, directory)) {
    counting.makeDirectory(path.slice(0, path.lastIndexOf("/")));
    putFile(counting, path, vfs.read(path));
  }
  const last = segmentPaths(counting).at(-1)!;
  const bytes = counting.read(last);
  bytes[20]! ^= 1;
  putFile(counting, last, bytes);
  await assert.rejects(openOn(counting));
  await assert.rejects(recordOn(counting, {}, { resume: "auto" }));
  assert.equal(counting.openSources, 0);
});
