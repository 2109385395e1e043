/** Values that the rows of vectors hold. */
import type { KeyType } from "everytick";

/** The n-th key of each type, of 256 different ones. */
export const keys: Readonly<Record<KeyType, (n: number) => string | number | bigint>> = {
  u8: (n) => n,
  i8: (n) => 127 - n,
  u16: (n) => n * 257,
  i16: (n) => n * -128,
  u32: (n) => 2 ** 32 - 1 - n * n,
  i32: (n) => n * -(2 ** 23),
  u64: (n) => 2n ** 64n - 1n - BigInt(n) ** 3n,
  i64: (n) => -(BigInt(n) ** 7n),
  uuid,
  h3: cell,
  utf8: (n) => (n === 0 ? "" : `key ${n} “ü🐑”`),
};

export function uuid(n: number): string {
  return `f81d4fae-7dec-41d0-a765-${n.toString(16).padStart(12, "0")}`;
}

/** A cell of H3: mode 1, resolution 2, the base cell and the two digits by number; the unused digits are 7. */
export function cell(n: number): string {
  const digits = BigInt((n % 7) * 8 + (Math.floor(n / 7) % 7));
  const head = (1n << 59n) | (2n << 52n) | (BigInt(n % 122) << 45n);
  return (head | (digits << 39n) | ((1n << 39n) - 1n)).toString(16);
}

/** A few that repeat. */
export const words = ["", "wolf", "sheep", "grass 🌱"];
