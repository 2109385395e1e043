import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { gatherRows, rowsNotZero, scatterRows, xorInto } from "../../src/format/row-bytes.ts";

const cases = fc.record({
  width: fc.constantFrom(1, 2, 3, 4, 8, 12, 16),
  rows: fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 30 }),
  count: fc.nat({ max: 40 }),
  begin: fc.nat({ max: 7 }),
  seed: fc.nat(),
});

/** Bytes at some place of a longer array, so that words do not always lie well. */
function placed(length: number, begin: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: begin + length }, (_, i) => (i * 31 + seed) % 256).subarray(
    begin,
  );
}

test("rows are gathered as they stand, and behind the end lies nothing", () => {
  fc.assert(
    fc.property(cases, ({ width, rows, count, begin, seed }) => {
      const bytes = placed(count * width, begin, seed);
      const found = gatherRows(bytes, Uint32Array.from(rows), width);
      const expected = rows.flatMap((row) =>
        Array.from({ length: width }, (_, byte) => bytes[row * width + byte] ?? 0),
      );
      assert.deepEqual([...found], expected);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("rows that are scattered are found where they belong, and all else stays", () => {
  fc.assert(
    fc.property(cases, ({ width, rows, begin, seed }) => {
      const target = placed(41 * width, begin, seed);
      const before = target.slice();
      const bytes = placed(rows.length * width, seed % 8, seed + 1).slice();
      scatterRows(target, Uint32Array.from(rows), bytes, width);
      assert.deepEqual(gatherRows(target, Uint32Array.from(rows), width), bytes);
      for (let row = 0; row <= 40; row++) {
        if (rows.includes(row)) continue;
        const range = [row * width, (row + 1) * width] as const;
        assert.deepEqual(target.subarray(...range), before.subarray(...range));
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("rows that are not all zero are found, and undefined stands for all", () => {
  const sparse = fc.record({
    width: fc.constantFrom(1, 2, 3, 4, 8, 12),
    bytes: fc.array(fc.constantFrom(0, 0, 0, 0, 1, 128), { maxLength: 120 }),
    begin: fc.nat({ max: 7 }),
  });
  fc.assert(
    fc.property(sparse, ({ width, bytes, begin }) => {
      const count = Math.floor(bytes.length / width);
      const placedBytes = placed(count * width, begin, 0);
      placedBytes.set(bytes.slice(0, count * width));
      const rows = Array.from({ length: count }, (_, row) => row);
      const expected = rows.filter((row) =>
        placedBytes.subarray(row * width, (row + 1) * width).some((byte) => byte !== 0),
      );
      const found = rowsNotZero(placedBytes, width);
      assert.equal(found === undefined, expected.length === count);
      assert.deepEqual([...(found ?? rows)], expected);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("XOR of bytes of any length and place, twice, gives the bytes back", () => {
  const pairs = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 7 }), fc.nat({ max: 7 }), fc.nat());
  fc.assert(
    fc.property(pairs, ([length, one, other, seed]) => {
      const [a, b] = [placed(length, one, seed), placed(length, other, seed >> 3)];
      const before = b.slice();
      xorInto(b, a);
      assert.deepEqual(
        [...b],
        [...before].map((byte, i) => byte ^ a[i]!),
      );
      xorInto(b, a);
      assert.deepEqual(b, before);
    }),
    { seed: 4, numRuns: 500 },
  );
});
