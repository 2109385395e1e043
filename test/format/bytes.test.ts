import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEverytickError } from "../../src/errors.ts";
import {
  ByteReader,
  ByteWriter,
  bytesOf,
  bytesOfHex,
  hexOf,
  unzigzag,
  zigzag,
} from "../../src/format/bytes.ts";

const safe = fc.maxSafeNat();
const edges = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 49, 2 ** 53 - 1];

function varintOf(value: number): Uint8Array {
  const writer = new ByteWriter(1);
  writer.varint(value);
  return writer.copy();
}

/** LEB128 by the book, with integers of any size. */
function naiveVarint(value: number): number[] {
  const groups = value.toString(2).padStart(56, "0").match(/.{7}/g)?.reverse() ?? [];
  const used = Math.max(1, groups.findLastIndex((group) => group.includes("1")) + 1);
  return groups
    .slice(0, used)
    .map((group, i) => Number.parseInt(group, 2) + (i < used - 1 ? 128 : 0));
}

test("F2: a varint is LEB128 and reads back, up to 2^53 − 1", () => {
  const check = (value: number): void => {
    const bytes = varintOf(value);
    assert.deepEqual([...bytes], naiveVarint(value));
    const reader = new ByteReader(bytes, "a varint");
    assert.equal(reader.varint(), value);
    reader.end();
  };
  for (const value of edges) check(value);
  fc.assert(fc.property(safe, check), { seed: 1 });
});

test("F5: a varint of 2^53 and more, or of more than 8 bytes, is refused", () => {
  const beyond = naiveVarint(2 ** 53);
  assert.equal(beyond.length, 8);
  for (const bytes of [
    beyond,
    Array(8).fill(0xff),
    [...Array<number>(8).fill(0x80), 0],
    Array(9).fill(0x80),
  ]) {
    const reader = new ByteReader(Uint8Array.from(bytes), "a varint");
    assert.throws(() => reader.varint(), { code: "FORMAT_DAMAGED" });
  }
});

test("F5: every overrun is a coded error that names the thing and the byte", () => {
  const content = Uint8Array.of(1, 2, 3);
  const overruns: ((reader: ByteReader) => unknown)[] = [
    (reader) => reader.borrow(4),
    (reader) => reader.borrow(Number.MAX_SAFE_INTEGER),
    (reader) => (reader.borrow(3), reader.u8()),
    (reader) => (reader.borrow(3), reader.varint()),
    (reader) => reader.end(),
  ];
  for (const overrun of overruns) {
    const reader = new ByteReader(content, "a thing");
    assert.throws(
      () => overrun(reader),
      (error) =>
        isEverytickError(error, "FORMAT_DAMAGED") &&
        /^a thing, byte \d$/.test(error.details.where ?? ""),
    );
  }
  for (let length = 0; length < 8; length++) {
    const cut = varintOf(2 ** 53 - 1).subarray(0, length);
    assert.throws(() => new ByteReader(cut, "a varint").varint(), { code: "FORMAT_DAMAGED" });
  }
});

test("F2: zigzag maps differences of ticks to small whole numbers and back", () => {
  assert.deepEqual([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
  const differences = fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 });
  fc.assert(
    fc.property(differences, (value) => {
      assert.equal(unzigzag(zigzag(value)), value);
    }),
    { seed: 2 },
  );
});

test("F2: what a writer was given stands there in order, however often it grew", () => {
  const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), safe), { maxLength: 40 });
  fc.assert(
    fc.property(pieces, (given) => {
      const writer = new ByteWriter(1);
      writer.bytes(Uint8Array.of(9, 9, 9));
      writer.clear();
      for (const piece of given) {
        if (typeof piece === "number") writer.u64(piece);
        else if (piece.length % 2 === 0) writer.bytes(piece);
        else writer.borrowRoom(piece.length).set(piece);
      }
      const expected = given.flatMap((piece) => {
        if (typeof piece !== "number") return [...piece];
        return [...bytesOf(BigUint64Array.of(BigInt(piece)))];
      });
      assert.deepEqual([...writer.borrow()], expected);
      assert.equal(writer.length, expected.length);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test("F2: a copy outlives its writer, a view does not", () => {
  const writer = new ByteWriter(4);
  writer.u32(1);
  const [copy, view] = [writer.copy(), writer.borrow()];
  writer.clear();
  writer.u32(2);
  assert.deepEqual([copy[0], view[0]], [1, 2]);
});

test("F2: hex is lower case, two digits each, and reads back", () => {
  assert.equal(hexOf(Uint8Array.of(0, 10, 255)), "000aff");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(bytesOfHex(hexOf(bytes)), bytes);
    }),
    { seed: 4 },
  );
});
