import { createXXHash128 } from "hash-wasm";
import { crc32 } from "node:zlib";
import type { Codecs } from "../types.ts";
import { nodeZstd } from "./zstd-node.ts";

/** The codecs of Node: zstd level 1, CRC-32 and SHA-256 built in, XXH3-128 by hash-wasm. */
export async function nodeCodecs(): Promise<Codecs> {
  // One hasher serves all: a digest is never interleaved with another, since nothing waits inside one.
  const hasher = await createXXHash128();
  const zstd = nodeZstd();
  return {
    zstdCompress: zstd.compress,
    zstdDecompress: zstd.decompress,
    crc32: (bytes, start = 0) => crc32(bytes, start),
    xxh3: () => ({
      reset: () => void hasher.init(),
      update: (bytes) => void hasher.update(bytes),
      digest: () => hasher.digest("binary"),
    }),
    equal: (a, b) => Buffer.compare(a, b) === 0,
  };
}
