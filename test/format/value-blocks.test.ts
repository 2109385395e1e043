/** The blocks of columns of variable length: one by one, or as numbers of the distinct ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEverytickError } from "../../src/errors.ts";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { readValues, writeValues, type ValuePairs } from "../../src/format/value-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs, seededRandom } from "../../src/testing/index.ts";
import { Choices } from "../model/choices.ts";

const node = await nodeCodecs();
const plain = await plainCodecs();

const rawLengthMax = 2 ** 20;
const none = new Uint8Array(0);

function write(pairs: ValuePairs, codecs = node): Uint8Array {
  const out = new ByteWriter();
  writeValues(out, pairs, codecs);
  return out.copy();
}
function read(block: Uint8Array | readonly number[], rows: number, max = rawLengthMax): ValuePairs {
  return readValues(new ByteReader(Uint8Array.from(block), "a block"), rows, max, node);
}
const text = (value: string): Uint8Array => Buffer.from(value);
const born = (newValues: readonly Uint8Array[]): ValuePairs => ({
  oldValues: newValues.map(() => none),
  newValues,
});

/** Rows whose values come from a few, or from many. */
const pairs: fc.Arbitrary<ValuePairs> = fc
  .record({
    distinct: fc.oneof(
      fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 40 }),
    ),
    rows: fc.oneof(fc.nat(12), fc.nat(600)),
    seed: fc.integer(),
  })
  .map(({ distinct, rows, seed }) => {
    const choices = new Choices(seed);
    const drawn = (): Uint8Array[] => {
      return Array.from({ length: rows }, () => choices.pick([none, ...distinct]));
    };
    return { oldValues: drawn(), newValues: drawn() };
  });

test("F2: any values read back, in either form, packed or not", () => {
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(pairs, fc.boolean(), (given, packs) => {
      const block = write(given, packs ? node : plain);
      seen.add(block[0]);
      assert.deepEqual(read(block, given.newValues.length), given);
    }),
    { seed: 1, numRuns: 500 },
  );
  assert.deepEqual(seen, new Set([2, 3, 4, 5]));
});

test("F2: equal values are one, whether they are the same object or not", () => {
  const same = text("wolf ".repeat(9));
  const one = born(Array.from({ length: 40 }, () => same));
  const many = born(Array.from({ length: 40 }, () => same.slice()));
  assert.deepEqual(write(one), write(many));
  assert(write(one).length < 3 * same.length);
});

test("F2: each form is used where it is smaller, seed 3", () => {
  const [random, choices] = [seededRandom(3), new Choices(3)];
  const noise = (length: number): Uint8Array => random.bytes(length);
  const few = [noise(3), noise(3), noise(3)];
  const many = Array.from({ length: 500 }, () => noise(20));
  const cases: readonly [id: number, newValues: readonly Uint8Array[]][] = [
    [2, [noise(5)]],
    [2, Array.from({ length: 30 }, () => noise(20))],
    [3, Array.from({ length: 30 }, (_, i) => text(`value number ${i}`))],
    [4, Array.from({ length: 6 }, (_, i) => few[i % 3]!)],
    [5, Array.from({ length: 3000 }, () => choices.pick(few))],
    // Many different ones, each in many rows.
    [5, Array.from({ length: 3000 }, () => choices.pick(many))],
    // Long values are not looked up, and those that repeat are the business of zstd.
    [3, Array.from({ length: 20 }, () => new Uint8Array(257).fill(7))],
  ];
  for (const [id, newValues] of cases) assert.equal(write(born(newValues))[0], id, String(id));
});

test("F2: a block weighs no more than its values one by one", () => {
  fc.assert(
    fc.property(pairs, (given) => {
      const heap = new ByteWriter();
      given.newValues.forEach((value, i) => {
        for (const bytes of [given.oldValues[i]!, value]) {
          heap.varint(bytes.length);
          heap.bytes(bytes);
        }
      });
      const { length } = write(given);
      assert(length <= 1 + heap.length, `${length} bytes, not ${1 + heap.length}`);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test("F2: the bytes of a block do not depend on what was written before it", () => {
  const given = born([text("a"), text("a"), text("b"), text("a")]);
  const first = write(given);
  write(born(Array.from({ length: 900 }, (_, i) => text(`other ${i}`))));
  assert.deepEqual(write(given), first);
});

test("values that were read are the reader's own, not views of the block", () => {
  const block = write(born([text("abc"), text("def")]), plain);
  const { newValues } = read(block, 2);
  block.fill(0xff);
  assert.deepEqual(newValues, [Uint8Array.of(97, 98, 99), Uint8Array.of(100, 101, 102)]);
});

test("F5: blocks that hold less, more or other than they say are refused", () => {
  const zstd = (bytes: readonly number[]): number[] => [
    ...node.zstdCompress(Uint8Array.from(bytes)),
  ];
  const damaged: Readonly<Record<string, readonly number[]>> = {
    "no bytes": [],
    "no count of values": [4],
    "a dictionary of nothing for a row": [4, 0],
    "a code of no value": [4, 1, 1, 65, 0, 1],
    "a code too few": [4, 1, 1, 65, 0],
    "a code too many": [4, 1, 1, 65, 0, 0, 0],
    "a value longer than the block": [4, 1, 9, 65, 0, 0],
    "more values than a list can hold": [4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0, 0],
    "more values than bytes": [4, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0],
    "a heap that ends": [2, 1, 65, 1],
    "a heap that goes on": [2, 0, 0, 0],
    "a packed heap longer than is allowed": [3, 0xff, 0xff, 0xff, 0x7f, ...zstd([0, 0])],
    "a packed dictionary longer than is allowed": [5, 0xff, 0xff, 0xff, 0x7f, ...zstd([0, 0])],
    "a packed dictionary that is shorter than it says": [5, 9, ...zstd([1, 0, 0, 0])],
    "a packed dictionary that is longer than it says": [5, 3, ...zstd([1, 0, 0, 0])],
    "a packed dictionary with a byte behind it": [5, 5, ...zstd([1, 0, 0, 0, 0])],
    "no zstd frame": [5, 4, 1, 2, 3, 4],
  };
  for (const [what, block] of Object.entries(damaged)) {
    assert.throws(() => read(block, 1), { code: "FORMAT_DAMAGED" }, what);
  }
  for (const id of [0, 1, 6, 255]) {
    assert.throws(() => read([id, 1, 0, 0, 0], 1), { code: "FORMAT_UNKNOWN" }, String(id));
  }
  // As the page says, a value may stand twice, or be unused.
  const twice = [4, 3, 1, 65, 1, 65, 1, 66, 0, 1];
  assert.deepEqual(read(twice, 1), {
    oldValues: [Uint8Array.of(65)],
    newValues: [Uint8Array.of(65)],
  });
});

test("F5: any bytes are a coded error or an answer of as many rows, in bounded memory", () => {
  const blocks = [
    write(born(Array.from({ length: 60 }, (_, i) => text(`n${i % 4}`)))),
    write(born(Array.from({ length: 60 }, (_, i) => text(`n${i}`)))),
    write(born(Array.from({ length: 400 }, (_, i) => text(`the long name of ${i % 5}`)))),
    write(born([text("x")]), plain),
  ];
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3) });
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(...blocks), fc.array(change, { maxLength: 3 }))
      .map(([block, changes]) => {
        const bytes = [...block];
        for (const { at, byte, cut } of changes) bytes.splice(at % bytes.length, cut, byte);
        return Uint8Array.from(bytes);
      }),
  );
  const rows = fc.constantFrom(0, 1, 60, 400, 65_536);
  let answers = 0;
  fc.assert(
    fc.property(hostile, rows, (block, count) => {
      try {
        const found = read(block, count, 10_000);
        assert.deepEqual([found.oldValues.length, found.newValues.length], [count, count]);
        answers += 1;
      } catch (error) {
        assert(isEverytickError(error), String(error));
      }
    }),
    { seed: 2, numRuns: 2000 },
  );
  assert(answers > 20, `${answers} answers`);
});
