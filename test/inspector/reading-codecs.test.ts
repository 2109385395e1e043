import assert from "node:assert/strict";
import { constants, crc32 as nodeCrc32, createZstdCompress, zstdCompressSync } from "node:zlib";
import { test } from "node:test";
import { readingCodecs } from "../../inspector/src/engine/codecs.ts";
import { seededRandom } from "../../src/testing/index.ts";

const codecs = readingCodecs();

test("the page's checksum is that of the files, for every length and continued anywhere", () => {
  const bytes = seededRandom(3).bytes(300);
  assert.equal(codecs.crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length);
    assert.equal(codecs.crc32(part), nodeCrc32(part), `${length} bytes`);
    const half = length >> 1;
    const first = codecs.crc32(part.subarray(0, half));
    assert.equal(codecs.crc32(part.subarray(half), first), nodeCrc32(part));
  }
});

test("the page unpacks what was packed, and refuses another length and other bytes", () => {
  const random = seededRandom(4);
  for (const length of [0, 1, 100, 70_000, 300_000]) {
    const raw = Uint8Array.from(random.bytes(length), (byte) => byte % 5);
    const packed = new Uint8Array(zstdCompressSync(raw));
    assert.deepEqual(codecs.zstdDecompress(packed, length), raw);
    assert.throws(() => codecs.zstdDecompress(packed, length + 1));
    if (length > 0) assert.throws(() => codecs.zstdDecompress(packed.subarray(0, -1), length));
  }
});

test("a frame that does not state its length is unpacked all the same, and held to it", async () => {
  const raw = Uint8Array.from(seededRandom(5).bytes(200_000), (byte) => byte % 3);
  const stream = createZstdCompress({ params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
  stream.end(raw);
  const packed = new Uint8Array(Buffer.concat(await stream.toArray()));
  assert.deepEqual(codecs.zstdDecompress(packed, raw.length), raw);
  assert.throws(() => codecs.zstdDecompress(packed, raw.length - 1), /expected/);
  assert.throws(() => codecs.zstdDecompress(packed, raw.length + 1), /expected/);
});
