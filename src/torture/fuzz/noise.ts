import type { Chance } from "../../testing/index.ts";

/** Bytes without any sense of what they are: bits, bytes, cuts, copies, and pieces of other files. */
export function noisy(bytes: Uint8Array, chance: Chance, donor: Uint8Array = bytes): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let left = 1 + chance.below(3); left > 0; left--) out = once(out, chance, donor);
  return out;
}

function once(bytes: Uint8Array, chance: Chance, donor: Uint8Array): Uint8Array {
  const at = chance.below(bytes.length + 1);
  const length = chance.below(1 + Math.min(chance.pick([4, 40, 400]), bytes.length - at));
  switch (chance.below(8)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << chance.below(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = chance.pick([0, 1, 0x7f, 0x80, 0xff, chance.below(256)]);
      return bytes;
    case 2:
      return bytes.slice(0, at);
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    case 5:
      return bytes.fill(chance.pick([0, 0xff]), at, at + length);
    case 6: {
      const from = chance.below(donor.length + 1);
      return joined(
        bytes.subarray(0, at),
        donor.subarray(from, from + length),
        bytes.subarray(at + chance.pick([0, length])),
      );
    }
    default: {
      const noise = Uint8Array.from({ length: chance.below(12) }, () => chance.below(256));
      return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
    }
  }
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
