/**
 * Runs that were recorded once and for all. They hold the format page, this code and `tools/reader.py` together: each
 * reads the same states out of the same bytes, and the code still writes those bytes.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { filesUnder } from "../journal/small-run.ts";
import { encodingsIn } from "./encodings-in.ts";
import { expectedOf, type Expected } from "./expected.ts";
import { historyOf } from "./recording.ts";
import { readerPy, skipReader } from "./python-reader.ts";
import { recordings } from "./recordings.ts";

const here = import.meta.dirname;
const names = Object.keys(recordings);

function expectedIn(name: string): Expected {
  return JSON.parse(readFileSync(join(here, `${name}.json`), "utf8")) as Expected;
}

function segmentsOf(name: string): readonly string[] {
  return nodeVfs.list(join(here, name, "journal")) ?? [];
}

/** All segments that have a successor, so each ends in a seal. */
function sealedSegments(): [name: string, segment: string][] {
  return names.flatMap((name) =>
    segmentsOf(name)
      .slice(0, -1)
      .map((segment): [string, string] => [name, segment]),
  );
}

/** Every file of a folder by its path there. */
function filesOf(vfs: Parameters<typeof filesUnder>[0], folder: string): Map<string, Buffer> {
  const files = filesUnder(vfs, folder).map(
    (path) => [path.slice(folder.length + 1), path] as const,
  );
  return new Map(files.map(([name, path]) => [name, Buffer.from(vfs.read(path))]));
}

for (const name of names) {
  test(`T1: the vector ${name} reads as it was recorded, in both directions, with every digest checked`, async () => {
    const before = filesOf(nodeVfs, join(here, name));
    assert.deepEqual(await expectedOf(nodeVfs, here, name), expectedIn(name));
    assert.deepEqual(filesOf(nodeVfs, join(here, name)), before, "reading changes no file");
  });

  // zstd may pack better one day; what it packs stays readable.
  const madeWith = readFileSync(join(here, "zstd-version.txt"), "utf8").trim();
  const sameZstd = process.versions["zstd"] === madeWith;
  const skip = sameZstd ? false : `the vectors were packed by zstd ${madeWith}`;
  test(`F3: recording the vector ${name} again gives the same bytes`, { skip }, async () => {
    const again = filesOf(historyOf(await recordings[name]!()), "runs/a");
    const kept = filesOf(nodeVfs, join(here, name));
    assert.deepEqual([...again.keys()].sort(), [...kept.keys()].sort());
    for (const [path, bytes] of kept) assert(again.get(path)?.equals(bytes), path);
  });
}

test("F3: a vector that is packed otherwise still reads the same", async () => {
  for (const name of names) {
    const again = historyOf(await recordings[name]!());
    assert.deepEqual(await expectedOf(again, "runs", "a"), expectedIn(name));
  }
});

test("F2: together the vectors use every encoding of blocks, planes and row lists", () => {
  const met = new Set<string>();
  for (const name of names) {
    for (const segment of segmentsOf(name)) {
      const bytes = nodeVfs.read(join(here, name, "journal", segment));
      for (const encoding of encodingsIn(bytes)) met.add(encoding);
    }
  }
  const wanted = [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((id) => `delta column ${id}`),
    ...[0, 1, 2, 3].map((id) => `plane ${id}`),
    ...[1, 2].map((id) => `index ${id}`),
    ...[1, 6, 7].map((id) => `chunk column ${id}`),
    ...["map raw", "map packed", "rest raw", "rest packed"],
  ];
  assert.deepEqual(
    wanted.filter((encoding) => !met.has(encoding)),
    [],
  );
  const inKeyframes = [...met].filter((encoding) => encoding.startsWith("keyframe column"));
  assert.deepEqual(
    inKeyframes.sort(),
    [0, 1, 2, 3, 4, 5].map((id) => `keyframe column ${id}`),
  );
});

// --- The reader that knows the page alone ------------------------------------------------------------------------

suite("T1: reader.py and this code read the same", { skip: skipReader, concurrency: 3 }, () => {
  for (const name of names) {
    test(`T1: reader.py reads the vector ${name} as this code does`, async () => {
      const { stdout, stderr, status } = await readerPy(join(here, name), "--json");
      assert.equal(status, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), expectedIn(name));
    });
  }

  for (const [name, segment] of sealedSegments()) {
    test(`J6: reader.py reads ${segment} of ${name} alone, in both directions`, async () => {
      const path = join(here, name, "journal", segment);
      const { stdout, stderr, status } = await readerPy("--segment", path);
      assert.equal(status, 0, stderr);
      const alone = (JSON.parse(stdout) as Expected).ticks;
      const first = Number(segment.slice(0, 16));
      const whole = expectedIn(name).ticks.filter(({ tick }) => tick >= first);
      assert(alone.length > 0);
      assert.deepEqual(alone, whole.slice(0, alone.length));
    });
  }

  const places: [name: string, segment: number, share: number][] = [
    ["segments", 0, 0.5],
    ["segments", 1, 0.9],
    ["segments", 2, 0.999],
    ["segments", -1, 0.6],
    ["table-keys", 0, 0.3],
    ["column-types", 0, 0.7],
    ["logs", 1, 0.5],
    ["static-stores", 0, 0.4],
    ["continued-rows", 1, 0.8],
  ];
  for (const [name, number, share] of places) {
    const segment = segmentsOf(name).at(number)!;
    test(`F4: reader.py and this code refuse a flipped bit at ${share} of ${segment} of ${name}`, async (t) => {
      const copy = await mkdtemp(join(tmpdir(), "everytick-vectors-"));
      t.after(() => rm(copy, { recursive: true, force: true }));
      cpSync(join(here, name), join(copy, "a"), { recursive: true });
      const path = join(copy, "a/journal", segment);
      const bytes = readFileSync(path);
      bytes[Math.floor(share * bytes.length)]! ^= 0x10;
      writeFileSync(path, bytes);
      const { status, stderr } = await readerPy(join(copy, "a"), "--json");
      assert.equal(status, 3);
      assert(stderr.includes(segment), stderr);
      await assert.rejects(expectedOf(nodeVfs, copy, "a"));
    });
  }
});
