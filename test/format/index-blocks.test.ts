import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { readIndex, writeIndex } from "../../src/format/index-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs } from "../../src/testing/index.ts";
import type { Codecs } from "../../src/types.ts";

const codecs = await nodeCodecs();
const plain = await plainCodecs();

function written(rows: Uint32Array, chosen: Codecs = codecs): Uint8Array {
  const out = new ByteWriter(1);
  writeIndex(out, rows, chosen);
  return out.copy();
}
const reader = (bytes: Uint8Array | readonly number[]): ByteReader => {
  return new ByteReader(Uint8Array.from(bytes), "a block");
};
const zstd = (bytes: readonly number[]): Uint8Array => codecs.zstdCompress(Uint8Array.from(bytes));

/** Rising rows, dense or far apart. */
const rising = fc
  .array(fc.oneof(fc.constant(1), fc.nat(300), fc.nat(2 ** 22)), { maxLength: 60 })
  .map((gaps) => {
    let row = -1;
    return Uint32Array.from(gaps, (gap) => (row += 1 + gap));
  });

test("F2: row numbers read back, packed or not, seed 1", () => {
  fc.assert(
    fc.property(rising, fc.boolean(), (rows, packs) => {
      const chosen = packs ? codecs : plain;
      const end = (rows.at(-1) ?? 0) + 1;
      assert.deepEqual(readIndex(reader(written(rows, chosen)), rows.length, end, chosen), rows);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("F2: row numbers are packed where that is smaller, and never cost more than their gaps", () => {
  const encoding = (length: number): number | undefined => {
    return written(new Uint32Array(length).map((_, i) => 7 * i))[0];
  };
  assert.deepEqual([encoding(10), encoding(500)], [1, 2]);
  fc.assert(
    fc.property(rising, (rows) => assert(written(rows).length <= 1 + gapBytes(rows))),
    { seed: 2, numRuns: 200 },
  );
});

/** Bytes of the gaps as varints. */
function gapBytes(rows: Uint32Array): number {
  return rows.reduce((sum, row, i) => {
    const gap = i === 0 ? row : row - (rows[i - 1] as number) - 1;
    return sum + Math.max(1, Math.ceil(gap.toString(2).length / 7));
  }, 0);
}

test("F6: an unknown encoding of row numbers is refused as unknown, not as damage", () => {
  for (const encoding of [0, 3, 6, 255]) {
    assert.throws(() => readIndex(reader([encoding, 0]), 1, 9, codecs), { code: "FORMAT_UNKNOWN" });
  }
});

test("F5: row numbers that are too few, too many, too high or badly packed are refused", () => {
  const wrong: [bytes: readonly number[], count: number][] = [
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
  for (const [bytes, count] of wrong) {
    const read = (): unknown => readIndex(reader(bytes), count, 9, codecs);
    assert.throws(read, { code: "FORMAT_DAMAGED" }, String(bytes));
  }
});
