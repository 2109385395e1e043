/** One suite for every implementation of `Codecs`, and what they owe each other: the same bytes mean the same to all. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { suite, test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { hexOf } from "../../src/format/bytes.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { plainCodecs, seededRandom } from "../../src/testing/index.ts";
import type { Codecs } from "../../src/types.ts";

const node = await nodeCodecs();
const plain = await plainCodecs();

/** Nothing, one byte, what packs well and what does not, and sizes around a block of zstd. */
const samples = [0, 1, 5, 47, 300, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 300_000].flatMap(
  (length) => [seededRandom(length).bytes(length), new Uint8Array(length).fill(7)],
);

function digest(codecs: Codecs, pieces: readonly Uint8Array[]): string {
  const hash = codecs.xxh3();
  hash.reset();
  for (const piece of pieces) hash.update(piece);
  return hexOf(hash.digest());
}

for (const [name, codecs] of [
  ["Node's", node],
  ["plain", plain],
] as const) {
  suite(`F2: the contract of Codecs, held by the ${name} ones`, () => {
    test("what was packed is unpacked, also from the middle of a larger buffer", () => {
      for (const sample of samples) {
        const packed = codecs.zstdCompress(sample);
        assert(Buffer.from(codecs.zstdDecompress(packed, sample.length)).equals(sample));
        const within = new Uint8Array(packed.length + 20);
        within.set(packed, 9);
        const view = within.subarray(9, 9 + packed.length);
        assert(Buffer.from(codecs.zstdDecompress(view, sample.length)).equals(sample));
      }
    });

    test("the result is a plain Uint8Array, whose slice is a copy", () => {
      const raw = codecs.zstdDecompress(codecs.zstdCompress(Uint8Array.of(1, 2, 3)), 3);
      assert.equal(Object.getPrototypeOf(raw), Uint8Array.prototype);
      raw.slice()[0] = 9;
      assert.equal(raw[0], 1);
    });

    test("another length than the frame's is refused, and so is what is no frame or more than one", () => {
      for (const sample of samples.filter(({ length }) => length < 1000)) {
        const packed = codecs.zstdCompress(sample);
        for (const length of [sample.length + 1, sample.length - 1, 2 ** 20]) {
          if (length >= 0)
            assert.throws(() => codecs.zstdDecompress(packed, length), Error, `${length}`);
        }
        const twice = Buffer.concat([packed, packed]);
        const wrong = [
          twice,
          Buffer.concat([packed, Uint8Array.of(0)]),
          packed.subarray(0, -1),
          packed.subarray(1),
        ];
        for (const bytes of wrong) {
          assert.throws(() => codecs.zstdDecompress(new Uint8Array(bytes), sample.length), Error);
        }
      }
      assert.throws(() => codecs.zstdDecompress(new Uint8Array(0), 0), Error);
    });

    test("CRC-32 is the one of zlib, in one piece or continued", () => {
      assert.equal(codecs.crc32(Buffer.from("123456789")), 0xcbf43926);
      fc.assert(
        fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
          assert.equal(codecs.crc32(a), crc32(a));
          assert.equal(codecs.crc32(b, codecs.crc32(a)), crc32(Buffer.concat([a, b])));
        }),
        { seed: 1 },
      );
    });

    test("XXH3-128 is the same in one piece and in many, and starts anew after a reset", () => {
      assert.equal(digest(codecs, []), "99aa06d3014798d86001c324468d497f");
      for (const sample of samples) {
        const pieces = [sample.subarray(0, 17), sample.subarray(17, 240), sample.subarray(240)];
        assert.equal(digest(codecs, pieces), digest(codecs, [sample]));
      }
    });

    test("a digest is the caller's own", () => {
      const hash = codecs.xxh3();
      hash.reset();
      const first = hash.digest();
      hash.reset();
      hash.update(Uint8Array.of(1));
      assert.notEqual(hexOf(hash.digest()), hexOf(first));
      assert.equal(hexOf(first), "99aa06d3014798d86001c324468d497f");
    });

    test("arrays are equal when all their bytes are, wherever they lie", () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(5), fc.nat(), (bytes, shift, any) => {
          const moved = new Uint8Array(shift + bytes.length);
          moved.set(bytes, shift);
          const same = moved.subarray(shift);
          assert(codecs.equal(bytes, same));
          if (bytes.length === 0) return;
          const at = any % bytes.length;
          same[at] = same[at]! ^ 1;
          assert(!codecs.equal(bytes, same));
        }),
        { seed: 2 },
      );
    });
  });
}

test("F3: both give the same checksums and digests", () => {
  for (const sample of samples) {
    assert.equal(plain.crc32(sample, 99), node.crc32(sample, 99));
    assert.equal(digest(plain, [sample]), digest(node, [sample]));
  }
});

test("F2: Node reads the frames of the plain codecs", () => {
  for (const sample of samples) {
    assert(
      Buffer.from(node.zstdDecompress(plain.zstdCompress(sample), sample.length)).equals(sample),
    );
  }
});

const command = "zstd";
const isThere = spawnSync(command, ["--version"]).status === 0;
const isCI = process.env["CI"] !== undefined;
const skip =
  isThere || isCI ? false : "the zstd command is missing; `apt-get install zstd` brings it";

test("F2: the zstd command reads the frames of both", { skip }, () => {
  for (const codecs of [plain, node]) {
    for (const sample of samples) {
      const input = codecs.zstdCompress(sample);
      const { stdout, stderr, status } = spawnSync(command, ["-dcq"], {
        input,
        maxBuffer: 2 ** 20,
      });
      assert.equal(status, 0, String(stderr));
      assert(stdout.equals(sample), `${sample.length} bytes`);
    }
  }
});
