import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  add,
  differencesOf,
  hasDifferences,
  subtract,
  unzigzag,
  zigzag,
} from "../../src/format/differences.ts";

const units = [1, 2, 4, 8] as const;
type Unit = (typeof units)[number];
type Binary = (a: Uint8Array, b: Uint8Array, unit: number, out: Uint8Array) => void;
type Unary = (words: Uint8Array, unit: number, out: Uint8Array) => void;

/** Any words, and those at which a carry, a borrow or a sign turns over. */
function wordsOf(unit: Unit): fc.Arbitrary<bigint> {
  const end = 1n << BigInt(8 * unit);
  const edges = [0n, 1n, 2n, end - 1n, end - 2n, end / 2n, end / 2n - 1n, end / 2n + 1n];
  if (unit === 8) {
    const middle = 1n << 32n;
    edges.push(middle, middle - 1n, middle + 1n, middle >> 1n, (middle >> 1n) - 1n, end - middle);
    edges.push(end - middle - 1n, end - (middle >> 1n));
  }
  return fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: end - 1n }));
}
const pairsOf = (unit: Unit): fc.Arbitrary<[bigint, bigint][]> =>
  fc.array(fc.tuple(wordsOf(unit), wordsOf(unit)), { maxLength: 40 });

/** Little-endian, a copy of its own that begins at `offset` of its buffer. */
function bytesOf(words: readonly bigint[], unit: Unit, offset = 0): Uint8Array {
  const bytes = new Uint8Array(offset + words.length * unit).subarray(offset);
  words.forEach((word, i) => {
    for (let byte = 0; byte < unit; byte++) {
      bytes[i * unit + byte] = Number((word >> BigInt(8 * byte)) & 0xffn);
    }
  });
  return bytes;
}

const modulo = (unit: Unit, word: bigint): bigint => BigInt.asUintN(8 * unit, word);

/** 0, −1, 1, −2, … become 0, 1, 2, 3, …: as the page says it. */
function zigzagOf(unit: Unit, word: bigint): bigint {
  const signed = BigInt.asIntN(8 * unit, word);
  return signed < 0n ? -2n * signed - 1n : 2n * signed;
}

function checkBinary(unit: Unit, run: Binary, expected: (a: bigint, b: bigint) => bigint): void {
  const property = fc.property(pairsOf(unit), (pairs) => {
    const [as, bs] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    const wanted = bytesOf(
      pairs.map(([a, b]) => modulo(unit, expected(a, b))),
      unit,
    );
    const [a, b, out] = [bytesOf(as, unit), bytesOf(bs, unit), new Uint8Array(wanted.length)];
    run(a, b, unit, out);
    assert.deepEqual(out, wanted);
    assert.deepEqual([a, b], [bytesOf(as, unit), bytesOf(bs, unit)], "what is read stays");
    run(a, bytesOf(bs, unit), unit, a);
    assert.deepEqual(a, wanted, "into the first");
    run(bytesOf(as, unit), b, unit, b);
    assert.deepEqual(b, wanted, "into the second");
  });
  fc.assert(property, { seed: unit, numRuns: 300 });
}

function checkUnary(unit: Unit, run: Unary, expected: (word: bigint) => bigint): void {
  const property = fc.property(fc.array(wordsOf(unit), { maxLength: 40 }), (words) => {
    const wanted = bytesOf(
      words.map((word) => modulo(unit, expected(word))),
      unit,
    );
    const [given, out] = [bytesOf(words, unit), new Uint8Array(wanted.length)];
    run(given, unit, out);
    assert.deepEqual(out, wanted);
    assert.deepEqual(given, bytesOf(words, unit), "what is read stays");
    run(given, unit, given);
    assert.deepEqual(given, wanted, "in place");
  });
  fc.assert(property, { seed: unit, numRuns: 300 });
}

for (const unit of units) {
  test(`F2: words of ${unit} bytes are subtracted and added as integers that wrap, seed ${unit}`, () => {
    checkBinary(unit, subtract, (a, b) => a - b);
    checkBinary(unit, add, (a, b) => a + b);
  });

  test(`F2: the zigzag of words of ${unit} bytes orders them by size, seed ${unit}`, () => {
    checkUnary(unit, zigzag, (word) => zigzagOf(unit, word));
    checkUnary(unit, unzigzag, (word) => (word % 2n === 0n ? word / 2n : -(word + 1n) / 2n));
  });

  test(`F2: subtracting undoes adding and one zigzag the other, words of ${unit} bytes, seed ${unit}`, () => {
    const property = fc.property(pairsOf(unit), (pairs) => {
      const [as, bs] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const [words, b] = [bytesOf(as, unit), bytesOf(bs, unit)];
      subtract(words, b, unit, words);
      add(words, b, unit, words);
      assert.deepEqual(words, bytesOf(as, unit));
      zigzag(words, unit, words);
      unzigzag(words, unit, words);
      assert.deepEqual(words, bytesOf(as, unit));
      unzigzag(words, unit, words);
      zigzag(words, unit, words);
      assert.deepEqual(words, bytesOf(as, unit));
    });
    fc.assert(property, { seed: 10 + unit, numRuns: 300 });
  });

  test(`F2: differences of ${unit} bytes follow from old XOR new and new, wherever they lie, seed ${unit}`, () => {
    const offsets = fc.tuple(fc.nat(9), fc.nat(9));
    const property = fc.property(pairsOf(unit), offsets, (pairs, [xorAt, newAt]) => {
      const flips = pairs.map(([old, now]) => old ^ now);
      const news = pairs.map(([, now]) => now);
      const [xor, bits] = [bytesOf(flips, unit, xorAt), bytesOf(news, unit, newAt)];
      const wanted = bytesOf(
        pairs.map(([old, now]) => modulo(unit, now - old)),
        unit,
      );
      assert.deepEqual(differencesOf(xor, bits, unit), wanted);
      assert.deepEqual([xor, bits], [bytesOf(flips, unit), bytesOf(news, unit)]);
    });
    fc.assert(property, { seed: 20 + unit, numRuns: 300 });
  });
}

test("F2: every byte, and every pair of bytes, against arithmetic", () => {
  const all = Uint8Array.from({ length: 65_536 }, (_, i) => i & 0xff);
  const other = Uint8Array.from({ length: 65_536 }, (_, i) => i >> 8);
  const out = new Uint8Array(65_536);
  subtract(all, other, 1, out);
  assert(out.every((byte, i) => byte === ((all[i]! - other[i]!) & 0xff)));
  const words = new Uint8Array(Uint16Array.from({ length: 65_536 }, (_, i) => i).buffer);
  zigzag(words, 2, words);
  const mapped = new Uint16Array(words.buffer);
  assert(mapped.every((word, i) => BigInt(word) === zigzagOf(2, BigInt(i))));
});

test("F2: only words of 1, 2, 4 and 8 bytes have differences", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16].filter((unit) => hasDifferences(unit)),
    [1, 2, 4, 8],
  );
  const bytes = new Uint8Array(48);
  for (const unit of [0, 3, 12, 16]) {
    assert.throws(() => subtract(bytes, bytes, unit, bytes), unit.toString());
    assert.throws(() => zigzag(bytes, unit, bytes));
  }
});
