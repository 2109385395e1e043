/** The rows K find what is wrong, and what was found once stays right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inputReaders } from "../../src/cli/fuzz/readers.ts";
import { ByteReader } from "../../src/format/bytes.ts";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { readCorpus } from "../../src/torture/fuzz/corpus-node.ts";
import { fileOf, type Reader } from "../../src/torture/fuzz/reader.ts";
import { engineReaders } from "../../src/torture/fuzz/readers/index.ts";
import { type RowContext, seedsFrom } from "../../src/torture/row.ts";
import { fuzz, parserRows, replayCorpus } from "../../src/torture/rows/parsers.ts";
import type { Codecs } from "../../src/types.ts";

const codecs = await nodeCodecs();
const readers = [...engineReaders, ...(await inputReaders())];
const readerOf = (name: string): Reader => readers.find((reader) => reader.name === name)!;

function contextOf(cases: number, own: Codecs = codecs): RowContext {
  return {
    codecs: own,
    clock: nodeClock,
    tier: "pr",
    seed: 1,
    seeds: seedsFrom(1, cases),
    isContinued: false,
    isOver: () => false,
  };
}

test("row K1: no reader is open to forged bytes", async () => {
  const { violations, tried } = await fuzz(contextOf(100), readers);
  assert.deepEqual(violations, []);
  assert(tried > 1000);
});

test("row K1: a reader that believes a count is caught, with the seed that shows it", async () => {
  const believing: Reader = {
    ...readerOf("index"),
    read(input) {
      const reader = new ByteReader(fileOf(input), "an index");
      const entries = Array.from({ length: reader.varint() }, () => reader.varint());
      assert(entries.length >= 0);
    },
  };
  const { violations } = await fuzz(contextOf(3000), [believing]);
  assert.match(violations[0]?.what ?? "", /Invalid array length|memory grew/);
  const seed = violations[0]?.seed ?? 0;
  const again = await fuzz({ ...contextOf(1), seeds: [seed] }, [believing]);
  assert.equal(again.violations[0]?.what, violations[0]?.what);
});

test("row K1: wrong data is caught where checksums are not looked at", async () => {
  const blind = { ...codecs, crc32: () => 0 };
  const { violations } = await fuzz(contextOf(150, blind), [readerOf("run")]);
  assert(violations.some(({ what }) => /served with another state/.test(what)));
});

test("row K1: a reader that changes a prototype, or takes too long, is caught", async () => {
  const slow: Reader = { ...readerOf("rule"), read: () => undefined };
  let now = 0;
  const clock = { ...nodeClock, monotonic: () => (now += 600) };
  const { violations } = await fuzz({ ...contextOf(1), clock }, [slow]);
  assert.deepEqual(violations, []);
  now = 0;
  const late = { ...nodeClock, monotonic: () => (now += 1001) };
  const found = await fuzz({ ...contextOf(1), clock: late }, [slow]);
  assert.match(found.violations[0]?.what ?? "", /it took/);
  const shared: object = Object.prototype;
  const polluting: Reader = {
    ...slow,
    read: () => void Object.defineProperty(shared, "fuzz", { configurable: true }),
  };
  try {
    const polluted = await fuzz(contextOf(1), [polluting]);
    assert.match(polluted.violations[0]?.what ?? "", /a prototype changed/);
  } finally {
    Reflect.deleteProperty(shared, "fuzz");
  }
});

test("row K2: the row of round trips holds", async () => {
  const row = parserRows().find(({ id }) => id === "K2")!;
  const { violations, tried } = await row.run!(contextOf(20));
  assert.deepEqual(violations, []);
  assert.equal(tried, 20);
});

test("row K4: what readers once failed on is refused or read right, all of it within 10 s", async () => {
  const startedAt = nodeClock.monotonic();
  const { violations, tried } = await replayCorpus(contextOf(1), readers);
  assert.deepEqual(violations, []);
  assert.equal(tried, readCorpus().size);
  assert(tried > 0);
  assert(nodeClock.monotonic() - startedAt < 10_000);
});
