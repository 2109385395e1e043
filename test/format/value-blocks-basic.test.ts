import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { readValues, writeValues, type ValuePairs } from "../../src/format/value-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";

const codecs = await nodeCodecs();

function written(pairs: ValuePairs): Uint8Array {
  const out = new ByteWriter(1);
  writeValues(out, pairs, codecs);
  return out.copy();
}
const reader = (bytes: Uint8Array | readonly number[]): ByteReader => {
  return new ByteReader(Uint8Array.from(bytes), "a block");
};

/** Bytes that pack well, badly, or not at all. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.tuple(fc.nat(255), fc.nat(400)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc.nat(400).map((length) => Uint8Array.from({ length }, (_, i) => i >> 5)),
);

test("F2: values of any length read back with what they replaced, seed 3", () => {
  const pairs = fc.array(fc.tuple(contents, contents), { maxLength: 5 });
  fc.assert(
    fc.property(pairs, (given) => {
      const oldValues = given.map(([old]) => old);
      const newValues = given.map(([, value]) => value);
      const block = written({ oldValues, newValues });
      const read = readValues(reader(block), given.length, 2 ** 20, codecs);
      assert.deepEqual(read, { oldValues, newValues });
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("F2: values are packed where that is smaller", () => {
  const encoding = (length: number): number | undefined => {
    return written({ oldValues: [new Uint8Array(0)], newValues: [new Uint8Array(length)] })[0];
  };
  assert.deepEqual([encoding(10), encoding(500)], [2, 3]);
});

test("F6: an unknown encoding of values is refused as unknown, not as damage", () => {
  for (const encoding of [0, 1, 6, 7]) {
    assert.throws(() => readValues(reader([encoding, 0]), 1, 99, codecs), {
      code: "FORMAT_UNKNOWN",
    });
  }
});

test("F5: values that are too short, too long, or say more than they hold are refused", () => {
  const wrong: readonly number[][] = [
    [2, 1],
    [2, 0, 1],
    [2, 0, 0, 0],
    [3, 0xff, 0xff, 0x7f, 0],
    [3, 2, 0],
  ];
  for (const bytes of wrong) {
    const read = (): unknown => readValues(reader(bytes), 1, 1000, codecs);
    assert.throws(read, { code: "FORMAT_DAMAGED" }, String(bytes));
  }
});
