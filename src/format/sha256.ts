import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { hexOf, utf8 } from "./bytes.ts";

/** SHA-256, the same on every platform and without waiting. For short texts: worlds, cards, seeds. */
export function sha256(text: string): Uint8Array {
  return nobleSha256(utf8.encoder.encode(text));
}

/** SHA-256 of a text's UTF-8, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return hexOf(sha256(text));
}
