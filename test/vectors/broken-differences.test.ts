/** Segments whose checksums and contents are right but whose differences break a rule, and planes that are not whole. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { isEverytickError, openRuns, type Run, type Runs } from "everytick";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import type { MemoryVfs } from "../../src/testing/index.ts";
import { filesUnder } from "../journal/small-run.ts";
import { CountingVfs } from "../runs/other-files.ts";
import {
  birth,
  chained,
  counts,
  countsAt,
  differences,
  event,
  event5,
  gaps,
  growth,
  lateKeyframe,
  second,
  size,
  words,
  zeros,
  type Block,
  type Chain,
} from "./forged-chain.ts";
import { readerPy, skipReader } from "./python-reader.ts";

const codecs = await nodeCodecs();

/** What `reader.py` says of a run. */
async function saidByPython(run: MemoryVfs): Promise<{ status: number | null; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-differences-"));
  try {
    for (const file of filesUnder(run, "runs/a")) {
      const target = join(folder, file.slice("runs/".length));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, run.read(file));
    }
    return await readerPy(join(folder, "a"), "--verify");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What `verify` finds, and the codes with which playing forwards and backwards end. */
async function saidHere(run: MemoryVfs): Promise<{ damage: string; codes: readonly string[] }> {
  const runs = await runsOn(run);
  await using reader = await runs.open("a");
  const { firstTick, tick } = reader;
  const codes = [
    await endOfPlay(await runs.open("a"), firstTick, tick),
    // A reader of its own comes from a keyframe.
    await endOfPlay(await runs.open("a"), tick, firstTick),
  ];
  return { damage: await damageOf(run), codes };
}

/** A reader in circles would not even let a timer end the test. */
async function runsOn(run: MemoryVfs): Promise<Runs> {
  const vfs = new CountingVfs(run);
  vfs.readsMax = 2000;
  return openRuns("runs", { vfs, codecs });
}

async function damageOf(run: MemoryVfs): Promise<string> {
  await using reader = await (await runsOn(run)).open("a");
  return JSON.stringify((await reader.verify()).damage);
}

async function endOfPlay(run: Run, from: number, to: number): Promise<string> {
  await using reader = run;
  try {
    for await (const past of reader.play({ from, to, reuse: true })) {
      assert.deepEqual(past.state["counts"], countsAt(past.tick));
    }
    return "none";
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    return error.code;
  }
}

/** Differences whose plane of low bytes is sparse. */
function sparse(map: Block, rest: Block): Block {
  return [6, 3, ...map, ...rest, ...zeros];
}
const wholeMap: Block = [0, 0xfe, 0xff, 0x0f];
const wholeRest: Block = [0, ...growth.slice(1)];

function zstd(bytes: Block): Block {
  return [...codecs.zstdCompress(Uint8Array.from(bytes))];
}

// --- What is refused, and what is not ----------------------------------------------------------------------------

const good: Readonly<Record<string, Chain>> = {
  "in a row": { blocks: [words(1), differences, second, second] },
  "from the first tick": { blocks: [differences, second, second, words(4)] },
  "with a keyframe between": {
    blocks: [differences, second, differences, second],
    keyframes: [{ at: 2, of: 2 }],
  },
  "with a late keyframe": {
    blocks: [differences, differences, second, second],
    keyframes: [{ at: 2, of: 1 }],
  },
  "in sparse planes": { blocks: [sparse(wholeMap, wholeRest), second, second, second] },
};

interface Broken extends Chain {
  /** What the reader in Python says. */
  readonly python: RegExp;
  /** What this code says. */
  readonly here: RegExp;
}

const alone = /a second difference in tick/;
const follows = /what the second differences of tick \d follow/;
const none = /the differences of the same rows in the tick before","found":"none/;
const fromNothing = /"old XOR new","found":"differences"/;
const listed = [counts(second, gaps(0, size), size)];
/** Element 0 never changes, so it need not be listed. */
const fewer = [counts(second, gaps(1, size - 1), size - 1)];

function plane(map: Block, rest: Block): Chain {
  return { blocks: [sparse(map, rest)] };
}

const broken: Readonly<Record<string, Broken>> = {
  "second differences that follow words": {
    blocks: [words(1), second],
    python: follows,
    here: none,
  },
  "second differences that follow words that follow differences": {
    blocks: [differences, words(2), second],
    python: follows,
    here: none,
  },
  "second differences that follow the first tick": { blocks: [second], python: alone, here: none },
  "second differences of the same rows, listed": {
    blocks: [differences, listed],
    python: follows,
    here: none,
  },
  "second differences of fewer rows": { blocks: [differences, fewer], python: follows, here: none },
  "second differences behind a keyframe": {
    blocks: [differences, second, second, second],
    keyframes: [{ at: 2, of: 2 }],
    python: alone,
    here: none,
  },
  "second differences from the tick of a late keyframe": {
    blocks: [differences, second, second, second],
    keyframes: [{ at: 3, of: 1 }],
    python: alone,
    here: none,
  },
  "differences in the first tick": {
    blocks: [differences],
    first: differences,
    python: /encoding of what changes from nothing/,
    here: fromNothing,
  },
  "differences in a log": {
    blocks: [words(1)],
    others: [event([6, 1, 10])],
    python: /encoding of what changes from nothing/,
    here: fromNothing,
  },
  "differences of a uuid": {
    blocks: [words(1)],
    others: [event5, birth([6, ...Array.from({ length: 16 }, () => [1, 2]).flat()])],
    python: /encoding of a column of uuid/,
    here: fromNothing,
  },
  "an unknown plane": {
    blocks: [[6, 4, ...zeros]],
    python: /kind of plane/,
    here: /"a known plane encoding","found":"4"/,
  },
  "spare bits of a map": {
    ...plane([0, 0xfe, 0xff, 0x1f], [...wholeRest, 1]),
    python: /bits of a map/,
    here: /bits for 20 bytes/,
  },
  "a map that is too short": {
    blocks: [[6, 3, 0, 0xfe, 0xff]],
    python: /runs past its block/,
    here: /3 more bytes/,
  },
  "fewer bytes than bits": {
    blocks: [[6, 3, ...wholeMap, ...wholeRest.slice(0, -1)]],
    python: /runs past its block/,
    here: /19 more bytes/,
  },
  "more bytes than bits": {
    ...plane(wholeMap, [...wholeRest, 1]),
    python: /not used up|kind of plane/,
    here: /more bytes|encoding|end/,
  },
  "a packed map of another length": {
    ...plane([zstd([0xfe, 0xff]).length, ...zstd([0xfe, 0xff])], wholeRest),
    python: /a zstd frame/,
    here: /3 bytes of content/,
  },
  "packed bytes, more than bits": {
    ...plane(wholeMap, [zstd([...growth, 1]).length, ...zstd([...growth, 1])]),
    python: /a zstd frame/,
    here: /19 bytes of content/,
  },
  "a stored length that is too long": {
    ...plane([zstd([0xfe, 0xff, 0x0f]).length + 1, ...zstd([0xfe, 0xff, 0x0f])], wholeRest),
    python: /length of a zstd frame/,
    here: /3 bytes of content/,
  },
};

suite("F5: differences", { concurrency: 3, skip: skipReader }, () => {
  for (const [what, chain] of Object.entries(good)) {
    test(`F2: reader.py and this code read differences ${what}`, async () => {
      const run = await chained(chain);
      const { status, stderr } = await saidByPython(run);
      assert.equal(status, 0, stderr);
      assert.deepEqual(await saidHere(run), { damage: "[]", codes: ["none", "none"] });
    });
  }

  for (const [what, chain] of Object.entries(broken)) {
    test(`F5: reader.py and this code refuse ${what}`, async () => {
      const run = await chained(chain);
      const { status, stderr } = await saidByPython(run);
      assert.equal(status, 3);
      assert.match(stderr, chain.python);
      const { damage, codes } = await saidHere(run);
      assert.match(damage, chain.here);
      assert.deepEqual(codes, ["JOURNAL_DAMAGED", "JOURNAL_DAMAGED"]);
    });
  }

  test("J6: reader.py and this code refuse second differences before the first keyframe of a segment", async () => {
    const right = await lateKeyframe(differences);
    assert.equal((await saidByPython(right)).status, 0);
    assert.deepEqual(await saidHere(right), { damage: "[]", codes: ["none", "none"] });
    const wrong = await lateKeyframe(second);
    const { status, stderr } = await saidByPython(wrong);
    assert.equal(status, 3);
    assert.match(stderr, alone);
    const { damage, codes } = await saidHere(wrong);
    assert.match(damage, none);
    assert.deepEqual(codes, ["JOURNAL_DAMAGED", "JOURNAL_DAMAGED"]);
  });

  test("F5: reader.py and this code refuse a row in two parts that hold differences", async () => {
    const one = counts([6, 0, ...growth.slice(0, 10), ...zeros], gaps(0, 10), 10);
    const two = counts([6, 0, ...growth.slice(9, 19), ...zeros], gaps(9, 10), 10);
    const twice = await chained({ blocks: [[one, two]] });
    const { status, stderr } = await saidByPython(twice);
    assert.equal(status, 3);
    assert.match(stderr, /a row in two parts/);
    assert.match(await damageOf(twice), /each element in one part of a tick/);
  });
});
