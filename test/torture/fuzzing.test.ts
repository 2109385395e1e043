/** The rows K find what is wrong, and what was found once stays right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inputReaders } from "../../src/cli/fuzz/readers.ts";
import { ByteReader } from "../../src/format/bytes.ts";
import { nodeClock } from "../../src/journal/clock-node.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { inputOfCrasher, readCorpus } from "../../src/torture/fuzz/corpus-node.ts";
import { execute } from "../../src/torture/fuzz/execute.ts";
import {
  type Bench,
  fileOf,
  oneFile,
  type Reader,
  type Usage,
} from "../../src/torture/fuzz/reader.ts";
import { engineReaders } from "../../src/torture/fuzz/readers/index.ts";
import { record, Recordings } from "../../src/torture/fuzz/recordings.ts";
import { stateBytesOf } from "../../src/torture/fuzz/state-bytes.ts";
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
  const context = { ...contextOf(10, blind), seeds: seedsFrom(200, 10) };
  const { violations } = await fuzz(context, [readerOf("run")]);
  assert(violations.some(({ what }) => /served with another state/.test(what)));
});

/** Of a process that takes so much in each execution. */
function benchThatTakes(milliseconds: number, bytes: number): Bench {
  let executions = 0;
  const usage = (): Usage => {
    const taken = executions++;
    return { milliseconds: milliseconds * taken, peak: bytes * taken, arrays: 0 };
  };
  return { codecs, recordings: new Recordings(codecs), usage };
}

test("row K1: a reader that changes a prototype, or takes too much, is caught", async () => {
  const reader: Reader = { ...readerOf("rule"), read: () => undefined };
  const input = oneFile(new Uint8Array(0));
  const [MiB, most] = [2 ** 20, 2 ** 28];
  assert.equal(await execute(reader, input, benchThatTakes(1000, most)), "taken");
  await assert.rejects(execute(reader, input, benchThatTakes(1001, 0)), /it took 1001 ms/);
  await assert.rejects(execute(reader, input, benchThatTakes(0, most + 1)), /memory grew by 256/);
  const heavy: Reader = { ...reader, weigh: async () => Promise.resolve(MiB) };
  assert.equal(await execute(heavy, input, benchThatTakes(1001, most + 1)), "taken");
  await assert.rejects(execute(heavy, input, benchThatTakes(1100, 0)), /it took 1100 ms/);
  const shared: object = Object.prototype;
  const polluting: Reader = {
    ...reader,
    read: () => void Object.defineProperty(shared, "fuzz", { configurable: true }),
  };
  try {
    const polluted = await fuzz(contextOf(1), [polluting]);
    assert.match(polluted.violations[0]?.what ?? "", /a prototype changed/);
  } finally {
    Reflect.deleteProperty(shared, "fuzz");
  }
});

test("row K1: a row in a far slot weighs what all slots before it take", async () => {
  const { files } = inputOfCrasher(readCorpus().get("run-row-at-a-far-slot.json")!);
  assert((await stateBytesOf(files, codecs)) > 2 ** 25);
  const ordinary = await record(1, codecs);
  assert((await stateBytesOf(ordinary.files, codecs)) < 2 ** 17);
  assert.equal(await stateBytesOf(new Map([["run.json", new Uint8Array(3)]]), codecs), 0);
});

test("row K2: the row of round trips holds", async () => {
  const row = parserRows().find(({ id }) => id === "K2")!;
  const { violations, tried } = await row.run!(contextOf(20));
  assert.deepEqual(violations, []);
  assert.equal(tried, 20);
});

test("row K4: what readers once failed on is refused or read right, in less than 10 s of a processor", async () => {
  const before = process.cpuUsage();
  const { violations, tried } = await replayCorpus(contextOf(1), readers);
  assert.deepEqual(violations, []);
  assert.equal(tried, readCorpus().size);
  assert(tried > 0);
  const { user, system } = process.cpuUsage(before);
  assert(user + system < 10_000_000);
});
