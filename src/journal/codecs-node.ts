import { createXXHash128 } from "hash-wasm";
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Codecs } from "../types.ts";

const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The codecs of Node: zstd level 1, CRC-32 and SHA-256 built in, XXH3-128 by hash-wasm. */
export async function nodeCodecs(): Promise<Codecs> {
  // One hasher serves all: a digest is never interleaved with another, since nothing waits inside one.
  const hasher = await createXXHash128();
  return {
    zstdCompress: (bytes) => {
      return zstdCompressSync(bytes, { ...compression, chunkSize: chunkSizeFor(bytes.length) });
    },
    zstdDecompress: (bytes, rawLength) => {
      const options = {
        maxOutputLength: Math.max(1, rawLength),
        chunkSize: chunkSizeFor(rawLength),
      };
      const raw = zstdDecompressSync(bytes, options);
      if (raw.length !== rawLength)
        throw new RangeError(`${raw.length} bytes instead of ${rawLength}`);
      return raw;
    },
    crc32: (bytes, start = 0) => crc32(bytes, start),
    xxh3: () => ({
      reset: () => void hasher.init(),
      update: (bytes) => void hasher.update(bytes),
      digest: () => hasher.digest("binary"),
    }),
    equal: (a, b) => Buffer.compare(a, b) === 0,
  };
}

/** zlib's output buffer: large enough for one piece, small enough not to waste memory on small results. */
function chunkSizeFor(length: number): number {
  return Math.min(Math.max(length + 64, 256), 1 << 20);
}
