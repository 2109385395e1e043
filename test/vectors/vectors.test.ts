/**
 * Runs that were recorded once and for all. They hold the format page, this code and `tools/reader.py` together: each
 * reads the same states out of the same bytes, and the code still writes those bytes.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { nodeVfs } from "../../src/journal/vfs-node.ts";
import { filesUnder } from "../journal/small-run.ts";
import { expectedOf, type Expected } from "./expected.ts";
import { historyOf, recordings } from "./recordings.ts";

const here = import.meta.dirname;
const python = "python3";
const reader = join(here, "../../tools/reader.py");
const names = Object.keys(recordings);

function expectedIn(name: string): Expected {
  return JSON.parse(readFileSync(join(here, `${name}.json`), "utf8")) as Expected;
}

/** Every file of a folder by its path there. */
function filesOf(vfs: Parameters<typeof filesUnder>[0], folder: string): Map<string, Buffer> {
  const files = filesUnder(vfs, folder).map(
    (path) => [path.slice(folder.length + 1), path] as const,
  );
  return new Map(files.map(([name, path]) => [name, Buffer.from(vfs.read(path))]));
}

for (const name of names) {
  test(`T1: the vector ${name} reads as it was recorded, forwards with every digest checked`, async () => {
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

// --- The reader that knows the page alone ------------------------------------------------------------------------

const isMissing = [
  [python, "--version"],
  ["zstd", "--version"],
].some(([command = "", option = ""]) => spawnSync(command, [option]).status !== 0);
const isCI = process.env["CI"] !== undefined;
const message =
  "needs python3 and the zstd command; on Debian `apt-get install python3 zstd` brings them";
const skipReader = isMissing && !isCI ? message : false;

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the reader says. Several are asked at once: most of their time they wait. */
async function readerPy(...args: readonly string[]): Promise<Said> {
  const child = spawn(python, [reader, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { status: child.exitCode, stdout, stderr };
}

suite("T1: reader.py and this code read the same", { skip: skipReader, concurrency: 3 }, () => {
  for (const name of names) {
    test(`T1: reader.py reads the vector ${name} as this code does`, async () => {
      const { stdout, stderr, status } = await readerPy(join(here, name), "--json");
      assert.equal(status, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), expectedIn(name));
    });
  }

  const folder = join(here, "segments/journal");
  const segments = nodeVfs.list(folder) ?? [];
  for (const segment of segments.slice(0, -1)) {
    test(`J6: reader.py reads the sealed segment ${segment} alone, in both directions`, async () => {
      const { stdout, stderr, status } = await readerPy("--segment", join(folder, segment));
      assert.equal(status, 0, stderr);
      const alone = (JSON.parse(stdout) as Expected).ticks;
      const first = Number(segment.slice(0, 16));
      const whole = expectedIn("segments").ticks.filter(({ tick }) => tick >= first);
      assert(alone.length > 0);
      assert.deepEqual(alone, whole.slice(0, alone.length));
    });
  }

  const places: [segment: string, share: number][] = [
    [segments[0]!, 0.5],
    [segments[1]!, 0.9],
    [segments[2]!, 0.999],
    [segments.at(-1)!, 0.6],
  ];
  for (const [segment, share] of places) {
    test(`F4: reader.py and this code refuse a flipped bit at ${share} of ${segment}`, async (t) => {
      const copy = await mkdtemp(join(tmpdir(), "everytick-vectors-"));
      t.after(() => rm(copy, { recursive: true, force: true }));
      cpSync(join(here, "segments"), join(copy, "a"), { recursive: true });
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
