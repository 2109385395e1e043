import type { Chance } from "../../testing/index.ts";

/** Numbers at which readers go wrong: ends of ranges, and one beside them. */
const corners: readonly number[] = [
  0,
  1,
  2,
  3,
  7,
  8,
  15,
  16,
  63,
  64,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 26 + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
];

/** Another whole number from 0 on: near the old one, at a corner, or any. */
export function otherNumber(chance: Chance, value: number): number {
  const kind = chance.below(6);
  if (kind < 2) return Math.max(0, value + chance.below(5) - 2);
  if (kind === 2) return chance.below(8);
  if (kind === 3) return chance.below(1 + 2 * Math.min(value, 2 ** 31));
  if (kind === 4) return Math.floor(value / 2);
  return chance.pick(corners);
}

/** Writes over a little-endian field of any width. */
export function changeField(bytes: Uint8Array, at: number, width: number, chance: Chance): void {
  if (at + width > bytes.length) return;
  const kind = chance.below(4);
  if (width > 8 || kind === 0) {
    bytes[at + chance.below(width)]! ^= 1 << chance.below(8);
    return;
  }
  if (kind === 1) {
    for (let i = 0; i < width; i++) bytes[at + i] = chance.pick([0, 0xff, chance.below(256)]);
    return;
  }
  let value = 0;
  for (let i = Math.min(width, 6) - 1; i >= 0; i--) value = 256 * value + bytes[at + i]!;
  let rest = otherNumber(chance, value);
  for (let i = 0; i < width; i++, rest = Math.floor(rest / 256)) bytes[at + i] = rest % 256;
}
