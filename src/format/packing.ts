import { EverytickError } from "../errors.ts";
import type { Codecs } from "../types.ts";
import type { ByteReader } from "./bytes.ts";

/** zstd cannot win on less: its own frame takes 9 bytes and more. */
const zstdBytesMin = 48;

/** The zstd frame of some bytes, or `undefined` where it saves nothing. */
export function packedIfSmaller(raw: Uint8Array, codecs: Codecs): Uint8Array | undefined {
  if (raw.length < zstdBytesMin) return undefined;
  const packed = codecs.zstdCompress(raw);
  return packed.length + 4 < raw.length ? packed : undefined;
}

/** The next `length` bytes of a block, a zstd frame, as its content. */
export function unpacked(
  block: ByteReader,
  length: number,
  rawLength: number,
  codecs: Codecs,
): Uint8Array {
  const packed = block.borrow(length);
  try {
    return codecs.zstdDecompress(packed, rawLength);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const details = { where: "a zstd frame", expected: `${rawLength} bytes of content`, found };
    throw new EverytickError("FORMAT_DAMAGED", details, { cause });
  }
}

export function unknownEncoding(what: string, id: number): EverytickError {
  const next = "Read it with the version of everytick that wrote it.";
  return new EverytickError("FORMAT_UNKNOWN", { where: what, found: String(id), next });
}
