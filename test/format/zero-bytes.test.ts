import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countZeros, isConstant, splitZeros } from "../../src/format/zero-bytes.ts";

const byte = fc.oneof(
  { arbitrary: fc.constant(0), weight: 4 },
  { arbitrary: fc.constantFrom(1, 0x7f, 0x80, 0xff), weight: 2 },
  { arbitrary: fc.nat({ max: 255 }), weight: 1 },
);
/** Bytes at any place of a longer array, so that words do not always lie well. */
const placed = fc
  .tuple(fc.array(byte, { maxLength: 70 }), fc.nat({ max: 7 }))
  .map(([bytes, begin]) =>
    Uint8Array.of(...new Uint8Array(begin).fill(9), ...bytes).subarray(begin),
  );

test("zeros are counted, wherever the bytes lie", () => {
  fc.assert(
    fc.property(placed, (bytes) => {
      assert.equal(countZeros(bytes), bytes.filter((each) => each === 0).length);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("bytes are constant only if each is like the first", () => {
  const alike = fc
    .tuple(byte, fc.nat({ max: 40 }), fc.nat({ max: 7 }))
    .map(([each, length, begin]) => new Uint8Array(length + begin).fill(each).subarray(begin));
  fc.assert(
    fc.property(alike, fc.nat(), byte, (bytes, place, other) => {
      assert(isConstant(bytes));
      if (bytes.length < 2) return;
      const at = place % bytes.length;
      const isSame = bytes[at] === other;
      bytes[at] = other;
      assert.equal(isConstant(bytes), isSame);
    }),
    { seed: 2, numRuns: 1000 },
  );
});

test("the map and the rest give the bytes back, and nothing is written behind their room", () => {
  fc.assert(
    fc.property(placed, (bytes) => {
      const some = bytes.filter((each) => each !== 0);
      const map = new Uint8Array(Math.ceil(bytes.length / 8));
      const rest = new Uint8Array(some.length + 1);
      splitZeros(bytes, map, rest);
      assert.deepEqual(rest.subarray(0, some.length), some);
      const bits = Array.from({ length: 8 * map.length }, (_, i) => (map[i >> 3]! >> (i & 7)) & 1);
      assert.deepEqual(
        bits,
        bits.map((_, i) => ((bytes[i] ?? 0) === 0 ? 0 : 1)),
      );
    }),
    { seed: 3, numRuns: 1000 },
  );
});
