import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeZstd, plainZstd } from "../../src/journal/zstd-node.ts";

const kept = nodeZstd();

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * i) % 7);
}

test("F2: kept contexts give the same bytes as Node's own calls, and read them back", () => {
  for (const length of [0, 1, 8, 100, 5000, 200_000]) {
    const bytes = sample(length);
    const packed = kept.compress(bytes);
    assert.deepEqual(packed, plainZstd.compress(bytes));
    assert.deepEqual(kept.decompress(packed, length), bytes);
    assert.deepEqual(plainZstd.decompress(packed, length), bytes);
  }
});

test("F5: another length, a cut frame, a second frame and other bytes are refused, and the next frame is read", () => {
  const bytes = sample(1000);
  const packed = kept.compress(bytes);
  const twice = new Uint8Array(2 * packed.length);
  twice.set(packed);
  twice.set(packed, packed.length);
  const bad: [Uint8Array, number][] = [
    [packed, 999],
    [packed, 1001],
    [packed.subarray(0, -1), 1000],
    [twice, 1000],
    [Uint8Array.of(...packed, 0), 1000],
    [Uint8Array.of(1, 2, 3), 1000],
    [new Uint8Array(0), 1000],
  ];
  for (const { decompress } of [kept, plainZstd]) {
    for (const [frame, length] of bad) {
      assert.throws(() => decompress(frame, length));
      assert.deepEqual(decompress(packed, 1000), bytes);
    }
  }
});
