import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import {
  NumberEncoding,
  readNumbers,
  writePlanes,
  writeWords,
} from "../../src/format/number-blocks.ts";
import { PlaneEncoding } from "../../src/format/planes.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs } from "../../src/testing/index.ts";
import { seededBytes } from "./number-series.ts";

const codecs = await nodeCodecs();
const plain = await plainCodecs();
const { words, planes, differences, secondDifferences } = NumberEncoding;

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(1);
  write(out);
  return out.copy();
}
const reader = (bytes: Uint8Array | readonly number[]): ByteReader => {
  return new ByteReader(Uint8Array.from(bytes), "a block");
};

const units = fc.constantFrom(1, 2, 4, 8, 16);
const planed = fc.constantFrom(planes, differences, secondDifferences);
/** Bytes that pack well, badly, or not at all. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.tuple(fc.nat(255), fc.nat(600)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  fc.nat(600).map((length) => Uint8Array.from({ length }, (_, i) => i >> 5)),
  fc.nat(600).map((length) => Uint8Array.from({ length }, (_, i) => (i % 29 === 0 ? i : 0))),
);

test("F2: numbers of every width read back, as words and as planes of every meaning, seed 2", () => {
  const offsets = fc.nat(7);
  fc.assert(
    fc.property(
      contents,
      units,
      planed,
      offsets,
      fc.boolean(),
      (bytes, unit, encoding, at, packs) => {
        const chosen = packs ? codecs : plain;
        const length = bytes.length - (bytes.length % unit);
        const shifted = new Uint8Array(at + length).subarray(at);
        shifted.set(bytes.subarray(0, length));
        const inPlanes = written((out) => writePlanes(out, encoding, shifted, unit, chosen));
        const asWords = written((out) => writeWords(out, shifted));
        for (const [block, told] of [
          [inPlanes, encoding],
          [asWords, words],
        ] as const) {
          const read = readNumbers(reader(block), length / unit, unit, chosen);
          assert.deepEqual(read, { encoding: told, words: bytes.slice(0, length) });
        }
      },
    ),
    { seed: 2, numRuns: 600 },
  );
});

test("F2: a plane holds the bytes of one weight, the lowest first", () => {
  const count = 60;
  const numbers = Uint32Array.from({ length: count }, (_, i) => 0xa1_00_00_07 + (i << 8));
  const bytes = new Uint8Array(numbers.buffer);
  const block = written((out) => writePlanes(out, planes, bytes, 4, plain));
  const rising = Uint8Array.from({ length: count }, (_, i) => i);
  assert.deepEqual(
    [...block],
    [planes, 1, 7, 0, ...rising, 1, 0, 1, 0xa1],
    "a constant, a raw one and two constants",
  );
});

test("F2: what is known of the planes is told back, and gives the same numbers when used", () => {
  const bytes = new Uint8Array(4 * 3000);
  const view = new DataView(bytes.buffer);
  const random = seededBytes(3, 3000);
  random.forEach((byte, i) => view.setUint32(4 * i, byte + ((i >> 7) << 8), true));
  for (let i = 0; i < 3000; i++) if (random[(i * 7) % 3000]! < 40) bytes[4 * i + 2] = random[i]!;
  const known: (PlaneEncoding | undefined)[] = [];
  const first = written((out) => writePlanes(out, differences, bytes, 4, codecs, known));
  const { raw, zstd, sparse, constant } = PlaneEncoding;
  assert.deepEqual(known, [raw, zstd, sparse, constant]);
  const again = written((out) => writePlanes(out, differences, bytes, 4, codecs, known));
  assert.deepEqual(again, first);
  assert.deepEqual(known, [raw, zstd, sparse, constant]);
});

test("F6: an unknown encoding of numbers or of a plane is refused as unknown, not as damage", () => {
  const unknown = { code: "FORMAT_UNKNOWN" };
  for (const encoding of [2, 3, 4, 5, 8, 255]) {
    assert.throws(
      () => readNumbers(reader([encoding, 0, 0]), 1, 1, codecs),
      unknown,
      `${encoding}`,
    );
  }
  for (const meaning of [1, 6, 7]) {
    assert.throws(() => readNumbers(reader([meaning, 4, 0]), 1, 1, codecs), unknown, "a plane");
  }
});

const zstdOf = (bytes: readonly number[]): Uint8Array =>
  codecs.zstdCompress(Uint8Array.from(bytes));

test("F5: numbers that are too short, too long, or say more than they hold are refused", () => {
  const wrong: readonly number[][] = [
    [],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4, 5],
    [1, 0, 1, 2],
    [1, 1, 7],
    [1, 1, 7, 1, 7, 0],
    [1, 1, 7, 2, 99],
    [1, 1, 7, 2, 3, 1, 2, 3],
  ];
  for (const [encoding, ...rest] of wrong) {
    // The planes of every meaning are read alike.
    for (const meaning of encoding === 1 ? [1, 6, 7] : [encoding]) {
      const bytes = meaning === undefined ? [] : [meaning, ...rest];
      const read = (): unknown => readNumbers(reader(bytes), 2, 2, codecs);
      assert.throws(read, { code: "FORMAT_DAMAGED" }, String(bytes));
    }
  }
});

test("F5: bytes behind a zstd frame are refused: every block must be used up", () => {
  const raw = Array.from({ length: 100 }, (_, i) => i >> 4);
  const [frame, twice] = [zstdOf(raw), [...zstdOf(raw.slice(0, 60)), ...zstdOf(raw.slice(60))]];
  const plane = (packed: Iterable<number>): number[] => {
    const bytes = [...packed];
    return [1, 2, bytes.length, ...bytes];
  };
  assert.deepEqual([...readNumbers(reader(plane(frame)), 100, 1, codecs).words], raw);
  for (const packed of [[...frame, 0], [...frame, 1, 2, 3], [...frame, ...zstdOf([])], twice]) {
    assert.throws(() => readNumbers(reader(plane(packed)), 100, 1, codecs), {
      code: "FORMAT_DAMAGED",
    });
  }
});
