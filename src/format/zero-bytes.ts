/** Loops over bytes, most of which are zero. They take a word or eight bytes a turn and never branch on a value. */

/** How many of the bytes are zero. */
export function countZeros(bytes: Uint8Array): number {
  const words = wordsOf(bytes);
  let zeros = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    // The top bit of each byte that is zero (Mycroft's test in its exact form).
    const tops = ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f);
    zeros += Math.imul(tops >>> 7, 0x01010101) >>> 24;
  }
  for (let i = 4 * words.length; i < bytes.length; i++) if (bytes[i] === 0) zeros++;
  return zeros;
}

/** Whether all bytes are the same. */
export function isConstant(bytes: Uint8Array): boolean {
  const words = wordsOf(bytes);
  const first = bytes[0] ?? 0;
  const four = Math.imul(first, 0x01010101) | 0;
  for (let i = 0; i < words.length; i++) if (words[i] !== four) return false;
  for (let i = 4 * words.length; i < bytes.length; i++) if (bytes[i] !== first) return false;
  return true;
}

/**
 * Writes a bit for each byte into `map`, set where the byte is not zero, and the bytes that are not to the front of `rest`,
 * which has room for one more than there are.
 */
export function splitZeros(bytes: Uint8Array, map: Uint8Array, rest: Uint8Array): void {
  let count = 0;
  for (let i = 0, at = 0; i < bytes.length; at++) {
    const end = Math.min(i + 8, bytes.length);
    let set = 0;
    for (let bit = 0; i < end; bit++, i++) {
      const byte = bytes[i] as number;
      rest[count] = byte;
      const isSome = -byte >>> 31;
      set |= isSome << bit;
      count += isSome;
    }
    map[at] = set;
  }
}

function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes.byteOffset % 4 !== 0) return new Int32Array(0);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
