import type { Codecs, StreamingDigest } from "../../../src/types.ts";
import { crc32 } from "./crc32.ts";
import { unpacked } from "./unpacked.ts";

/**
 * What a browser reads frames with: plain JavaScript, so that the page needs no WebAssembly and its policy allows none.
 * Every frame is held to its checksums; digests, which only `verify` asks for, are left to the command line.
 */
export function readingCodecs(): Codecs {
  return {
    zstdCompress: () => notHere("compression"),
    zstdDecompress: unpacked,
    crc32,
    xxh3: () => noDigest,
    equal: (a, b) => a.every((byte, at) => byte === b[at]),
  };
}

const noDigest: StreamingDigest = {
  reset: () => notHere("digests"),
  update: () => notHere("digests"),
  digest: () => notHere("digests"),
};

function notHere(what: string): never {
  throw new Error(`the page reads; ${what} are no part of it`);
}
