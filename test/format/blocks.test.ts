import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readIndex, readNumbers, writeIndex, writeNumbers } from "../../src/format/blocks.ts";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { readValues, writeValues } from "../../src/format/value-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs } from "../../src/testing/index.ts";

const codecs = await nodeCodecs();
const plain = await plainCodecs();

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(1);
  write(out);
  return out.copy();
}
const reader = (bytes: Uint8Array | readonly number[]): ByteReader => {
  return new ByteReader(Uint8Array.from(bytes), "a block");
};

/** Rising rows, dense or far apart. */
const rising = fc
  .array(fc.oneof(fc.constant(1), fc.nat(300), fc.nat(2 ** 22)), { maxLength: 60 })
  .map((gaps) => {
    let row = -1;
    return Uint32Array.from(gaps, (gap) => (row += 1 + gap));
  });
const widths = fc.constantFrom(1, 2, 4, 8);
/** Bytes that pack well, badly, or not at all. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.tuple(fc.nat(255), fc.nat(400)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc.nat(400).map((length) => Uint8Array.from({ length }, (_, i) => i >> 5)),
);

test("F2: row numbers read back, packed or not", () => {
  fc.assert(
    fc.property(rising, fc.boolean(), (rows, packs) => {
      const chosen = packs ? codecs : plain;
      const block = written((out) => writeIndex(out, rows, chosen));
      const end = (rows.at(-1) ?? 0) + 1;
      assert.deepEqual(readIndex(reader(block), rows.length, end, chosen), rows);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("F2: numbers of every width read back, as words, planes, constants or packed", () => {
  fc.assert(
    fc.property(contents, widths, (bytes, width) => {
      const xor = bytes.subarray(0, bytes.length - (bytes.length % width));
      const block = written((out) => writeNumbers(out, xor, width, codecs));
      assert.deepEqual(readNumbers(reader(block), xor.length / width, width, codecs), xor);
    }),
    { seed: 2, numRuns: 400 },
  );
});

test("F2: values of any length read back with what they replaced", () => {
  const pairs = fc.array(fc.tuple(contents, contents), { maxLength: 5 });
  fc.assert(
    fc.property(pairs, (given) => {
      const oldValues = given.map(([old]) => old);
      const newValues = given.map(([, value]) => value);
      const block = written((out) => writeValues(out, { oldValues, newValues }, codecs));
      const read = readValues(reader(block), given.length, 2 ** 20, codecs);
      assert.deepEqual(read, { oldValues, newValues });
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("F2: each encoding of the page is used where it is smallest, and none costs more than raw", () => {
  const encodings = (xor: Uint8Array, width: number): number[] => {
    return [...written((out) => writeNumbers(out, xor, width, codecs)).subarray(0, 2)];
  };
  const mixed = Uint8Array.from({ length: 64 }, (_, i) => (i * 97) ^ (i >> 1));
  assert.deepEqual(encodings(mixed.subarray(0, 24), 8).slice(0, 1), [0], "few rows: words");
  assert.deepEqual(encodings(mixed, 1), [1, 0], "planes, the first raw");
  assert.deepEqual(encodings(new Uint8Array(64).fill(7), 1), [1, 1], "planes, the first constant");
  assert.deepEqual(
    encodings(
      Uint8Array.from({ length: 900 }, (_, i) => i >> 6),
      1,
    ),
    [1, 2],
    "zstd",
  );
  const index = (length: number): number | undefined => {
    return written((out) =>
      writeIndex(
        out,
        new Uint32Array(length).map((_, i) => 7 * i),
        codecs,
      ),
    )[0];
  };
  assert.deepEqual([index(10), index(500)], [1, 2]);
  const values = (length: number): number | undefined => {
    return written((out) =>
      writeValues(
        out,
        { oldValues: [new Uint8Array(0)], newValues: [new Uint8Array(length)] },
        codecs,
      ),
    )[0];
  };
  assert.deepEqual([values(10), values(500)], [2, 3]);
});

test("F6: an unknown encoding is refused as unknown, not as damage", () => {
  const unknown = { code: "FORMAT_UNKNOWN" };
  assert.throws(() => readIndex(reader([3, 0]), 1, 9, codecs), unknown);
  assert.throws(
    () => readNumbers(reader([2, 0]), 1, 1, codecs),
    unknown,
    "of another kind of column",
  );
  assert.throws(() => readNumbers(reader([1, 3, 0]), 1, 1, codecs), unknown, "of a plane");
  assert.throws(() => readValues(reader([0, 0]), 1, 99, codecs), unknown);
  assert.throws(() => readValues(reader([6, 0]), 1, 99, codecs), unknown);
});

const zstd = (bytes: readonly number[]): Uint8Array => codecs.zstdCompress(Uint8Array.from(bytes));

test("F5: blocks that are too short, too long, or say more than they hold are refused", () => {
  const damaged = { code: "FORMAT_DAMAGED" };
  const indexes: [bytes: readonly number[], count: number][] = [
    [[1, 0], 2],
    [[1, 0, 0, 0], 2],
    [[1, 9], 1],
    [[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], 1],
    [[2, 6, ...zstd([0, 0, 0, 0, 0, 0])], 1],
    [[2, 3, ...zstd([0, 0])], 2],
    [[2, 2, ...zstd([0, 0]).subarray(0, -1)], 2],
    [[2, 2, 1, 2, 3], 2],
    [[], 1],
  ];
  for (const [bytes, count] of indexes) {
    assert.throws(() => readIndex(reader(bytes), count, 9, codecs), damaged, String(bytes));
  }
  const numbers: readonly number[][] = [
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4, 5],
    [1, 0, 1, 2],
    [1, 1, 7],
    [1, 1, 7, 1, 7, 0],
    [1, 1, 7, 2, 99],
    [1, 1, 7, 2, 3, 1, 2, 3],
  ];
  for (const bytes of numbers) {
    assert.throws(() => readNumbers(reader(bytes), 2, 2, codecs), damaged, String(bytes));
  }
  const values: readonly number[][] = [
    [2, 1],
    [2, 0, 1],
    [2, 0, 0, 0],
    [3, 0xff, 0xff, 0x7f, 0],
    [3, 2, 0],
  ];
  for (const bytes of values) {
    assert.throws(() => readValues(reader(bytes), 1, 1000, codecs), damaged, String(bytes));
  }
});

test("F5: bytes behind a zstd frame are refused: every block must be used up", () => {
  const raw = Array.from({ length: 100 }, (_, i) => i >> 4);
  const [frame, twice] = [zstd(raw), [...zstd(raw.slice(0, 60)), ...zstd(raw.slice(60))]];
  const plane = (packed: Iterable<number>): number[] => {
    const bytes = [...packed];
    return [1, 2, bytes.length, ...bytes];
  };
  assert.deepEqual([...readNumbers(reader(plane(frame)), 100, 1, codecs)], raw);
  for (const packed of [[...frame, 0], [...frame, 1, 2, 3], [...frame, ...zstd([])], twice]) {
    assert.throws(() => readNumbers(reader(plane(packed)), 100, 1, codecs), {
      code: "FORMAT_DAMAGED",
    });
  }
});
