import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const params = { [constants.ZSTD_c_compressionLevel]: 1 };

/** Level 1: more buys next to nothing on packed changes, and costs much. */
export function zstd(bytes: Uint8Array): Buffer {
  return zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length });
}

export function unzstd(bytes: Uint8Array): Buffer {
  return zstdDecompressSync(bytes);
}
