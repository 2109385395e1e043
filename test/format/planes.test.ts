import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { PlaneEncoding, readPlane, writePlane } from "../../src/format/planes.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs } from "../../src/testing/index.ts";
import type { Codecs } from "../../src/types.ts";
import { seededBytes } from "./number-series.ts";

const node = await nodeCodecs();
const plain = await plainCodecs();
const { raw, constant, zstd, sparse } = PlaneEncoding;

function written(bytes: Uint8Array, known?: PlaneEncoding, codecs: Codecs = node): Uint8Array {
  const out = new ByteWriter(1);
  const told = writePlane(out, bytes, codecs, known);
  assert.equal(out.borrow()[0], told, "the encoding that is told is the one that stands there");
  return out.copy();
}

function read(block: Iterable<number>, count: number, codecs: Codecs = node): Uint8Array {
  const reader = new ByteReader(Uint8Array.from(block), "a plane");
  const values = new Uint8Array(count);
  readPlane(reader, values, count, 1, 0, codecs);
  reader.end();
  return values;
}

/** As the page says it; `pack` packs a half, or gives nothing. */
function sparseBlock(
  bytes: Uint8Array,
  pack: (half: Uint8Array) => Uint8Array | undefined,
): number[] {
  const map = new Uint8Array(Math.ceil(bytes.length / 8));
  bytes.forEach((byte, i) => byte !== 0 && (map[i >> 3]! |= 1 << (i & 7)));
  const halves = [map, bytes.filter((byte) => byte !== 0)].flatMap((half) => {
    const frame = pack(half);
    return [...varint(frame?.length ?? 0), ...(frame ?? half)];
  });
  return [sparse, ...halves];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

function packed(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 48) return undefined;
  const frame = node.zstdCompress(bytes);
  return frame.length + 4 < bytes.length ? frame : undefined;
}

/** The sizes of a plane in each encoding that it can have. */
function sizesOf(bytes: Uint8Array): Map<PlaneEncoding, number> {
  const sizes = new Map<PlaneEncoding, number>([[raw, 1 + bytes.length]]);
  const frame = packed(bytes);
  if (frame !== undefined) sizes.set(zstd, 1 + varint(frame.length).length + frame.length);
  sizes.set(sparse, sparseBlock(bytes, packed).length);
  if (bytes.every((byte) => byte === bytes[0])) sizes.set(constant, 2);
  return sizes;
}

/** A plane in which one byte of so many is not zero. */
function scattered(seed: number, length: number, oneOf: number): Uint8Array {
  const [where, what] = [seededBytes(seed, length), seededBytes(seed + 1, length)];
  return what.map((byte, i) => (where[i]! * oneOf < 256 ? byte | 1 : 0));
}

/** Skewed: small numbers are far more frequent than large ones. */
function skewed(seed: number, length: number): Uint8Array {
  return seededBytes(seed, length).map((byte) => Math.clz32(byte + 1) - 23);
}

function* planesOf(length: number): Generator<[name: string, bytes: Uint8Array]> {
  yield ["random", seededBytes(length, length)];
  yield ["skewed", skewed(length + 1, length)];
  yield ["zero", new Uint8Array(length)];
  yield ["constant", new Uint8Array(length).fill(200)];
  yield ["one byte set", new Uint8Array(length).with(length >> 1, 9)];
  yield ["the last set", new Uint8Array(length).with(length - 1, 255)];
  for (const oneOf of [2, 4, 16, 100])
    yield [`one of ${oneOf} set`, scattered(length, length, oneOf)];
  yield ["steps", Uint8Array.from({ length }, (_, i) => i >> 4)];
}

const lengths = [...Array.from({ length: 70 }, (_, i) => i + 1), 127, 128, 129, 1000, 4095, 20_001];

test("F2: a plane of any length reads back, into every place of a word", () => {
  for (const length of lengths) {
    for (const [name, bytes] of planesOf(length)) {
      for (const codecs of [node, plain]) {
        const block = written(bytes, undefined, codecs);
        assert(node.equal(read(block, length, codecs), bytes), `${length}, ${name}`);
        const values = new Uint8Array(4 * length);
        readPlane(new ByteReader(block, "a plane"), values, length, 4, 3, codecs);
        assert(
          values.every((byte, i) => byte === (i % 4 === 3 ? bytes[i >> 2] : 0)),
          `${length}, ${name}, the highest of four`,
        );
      }
    }
  }
});

test("F2: a plane is written in the smallest encoding, and costs at most a byte more than raw", () => {
  const chosen = new Set<number>();
  for (const length of lengths.filter((each) => each < 16_384)) {
    for (const [name, bytes] of planesOf(length)) {
      const block = written(bytes);
      const sizes = sizesOf(bytes);
      const least = Math.min(...sizes.values());
      const what = `${length}, ${name}: ${JSON.stringify([...sizes])}`;
      // A sparse plane must save more than the length that stands before a zstd frame.
      assert(block.length <= least + 2, `${block.length}; ${what}`);
      assert.equal(block.length, sizes.get(block[0] as PlaneEncoding), what);
      assert(block.length <= 1 + length, what);
      if (sizes.has(constant)) assert.deepEqual([...block], [constant, bytes[0]], what);
      chosen.add(block[0] as number);
    }
  }
  assert.deepEqual(chosen, new Set([raw, constant, zstd, sparse]));
});

test("F2: each kind of plane has its encoding", () => {
  const length = 4000;
  const cases: [PlaneEncoding, Uint8Array][] = [
    [raw, seededBytes(1, length)],
    [constant, new Uint8Array(length).fill(3)],
    [zstd, skewed(1, length)],
    [zstd, Uint8Array.from({ length }, (_, i) => i >> 6)],
    [sparse, scattered(1, length, 5)],
    [sparse, scattered(1, length, 20)],
  ];
  for (const [encoding, bytes] of cases) assert.equal(written(bytes)[0], encoding);
});

test("F2: a sparse plane is a map of bits and the bytes that are not zero, either packed where that is smaller", () => {
  const bytes = Uint8Array.of(0, 5, 0, 0, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0);
  assert.deepEqual([...written(bytes)], [sparse, 0, 0b1000_0010, 0b0000_1000, 0, 5, 6, 7]);
  for (const [seed, length, oneOf] of [
    [1, 3000, 5],
    [2, 3001, 40],
    [3, 500, 9],
  ] as const) {
    const plane = scattered(seed, length, oneOf);
    assert.deepEqual([...written(plane)], sparseBlock(plane, packed));
    assert.deepEqual(
      read(
        sparseBlock(plane, () => undefined),
        length,
      ),
      plane,
    );
    assert.deepEqual(
      read(
        sparseBlock(plane, (half) => node.zstdCompress(half)),
        length,
      ),
      plane,
    );
  }
});

/** Counts the calls of zstd. */
function counting(): { readonly codecs: Codecs; readonly calls: () => number } {
  let calls = 0;
  const zstdCompress = (bytes: Uint8Array): Uint8Array => {
    calls += 1;
    return node.zstdCompress(bytes);
  };
  return { codecs: { ...node, zstdCompress }, calls: () => calls };
}

test("F2: what is known is tried alone", () => {
  const length = 4000;
  const planes = [seededBytes(5, length), skewed(5, length), scattered(5, length, 5)];
  for (const bytes of planes) {
    const tries = (known?: PlaneEncoding): { calls: number; encoding: number | undefined } => {
      const { codecs, calls } = counting();
      const block = written(bytes, known, codecs);
      assert(node.equal(read(block, length), bytes));
      assert(block.length <= 1 + length);
      return { calls: calls(), encoding: block[0] };
    };
    assert.deepEqual(tries(raw), { calls: 0, encoding: raw });
    assert.equal(tries(zstd).calls, 1);
    assert.notEqual(tries(zstd).encoding, sparse);
    assert(tries(sparse).calls <= 2);
    assert.notEqual(tries(sparse).encoding, zstd);
    // Behind a constant anything may follow.
    assert.deepEqual(tries(constant), tries());
  }
  for (const known of [undefined, raw, zstd, sparse, constant]) {
    const { codecs, calls } = counting();
    assert.equal(written(new Uint8Array(length), known, codecs).length, 2, "a constant is seen");
    assert.equal(calls(), 0);
  }
});

test("F2: a large plane that looks random is not packed whole", () => {
  const length = 40_000;
  const { codecs, calls } = counting();
  assert.equal(written(seededBytes(6, length), undefined, codecs)[0], raw);
  assert.equal(calls(), 1);
  assert.equal(written(skewed(6, length))[0], zstd);
  assert.equal(written(scattered(6, length, 9))[0], sparse);
});

test("F2: any bytes read back, whatever is known of them, seed 1", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 255), { minLength: 1, maxLength: 900 }),
  );
  const known = fc.constantFrom(undefined, raw, constant, zstd, sparse);
  fc.assert(
    fc.property(bytes, known, (given, encoding) => {
      const plane = Uint8Array.from(given);
      const block = written(plane, encoding);
      assert(block.length <= 1 + plane.length);
      assert.deepEqual(read(block, plane.length), plane);
    }),
    { seed: 1, numRuns: 800 },
  );
});

test("F5: a sparse plane with a short map, spare bits or wrong lengths is refused", () => {
  const zeros = node.zstdCompress(new Uint8Array(2));
  const wrong: Readonly<Record<string, readonly number[]>> = {
    "no map": [sparse],
    "a short map": [sparse, 0, 1],
    "spare bits": [sparse, 0, 1, 0b0000_0100, 0, 9],
    "a spare bit at the top": [sparse, 0, 1, 0b1000_0000, 0, 9, 9],
    "no length of the rest": [sparse, 0, 1, 0],
    "too few bytes": [sparse, 0, 3, 0, 0, 9],
    "too many bytes": [sparse, 0, 1, 0, 0, 9, 9],
    "a packed map that is cut": [sparse, zeros.length, ...zeros.slice(0, -1)],
    "a packed map of a wrong length": [sparse, zeros.length - 1, ...zeros, 0],
    "a map that unpacks to another length": [sparse, ...packedMap(3), 0],
    "a rest that unpacks to another length": [sparse, 0, 3, 0, ...packedMap(3)],
    "a length beyond the block": [sparse, 200, 1, 0, 0, 9],
    "no zstd frame": [sparse, 2, 1, 0, 0, 9],
  };
  assert.deepEqual(
    [...read([sparse, 0, 0b11, 0b10, 0, 7, 8, 9], 10)],
    [7, 8, 0, 0, 0, 0, 0, 0, 0, 9],
  );
  for (const [what, block] of Object.entries(wrong)) {
    assert.throws(() => read(block, 10), { code: "FORMAT_DAMAGED" }, what);
  }
});

/** The stored length of some zeros as a zstd frame, and the frame. */
function packedMap(length: number): number[] {
  const frame = node.zstdCompress(new Uint8Array(length));
  return [frame.length, ...frame];
}

test("F5: a plane that is cut anywhere, or goes on, is refused", () => {
  const length = 600;
  for (const bytes of [seededBytes(7, length), skewed(7, length), scattered(7, length, 6)]) {
    const block = written(bytes);
    for (let end = 0; end < block.length; end += 1 + (end >> 4)) {
      assert.throws(() => read(block.subarray(0, end), length), { code: "FORMAT_DAMAGED" });
    }
    assert.throws(() => read([...block, 0], length), { code: "FORMAT_DAMAGED" });
  }
});
