/** Content that a small number decides: an operation carries its seed, so that shrinking a list of them leaves the rest as it was. */
import type { Element, Json, NumericType, VariableType } from "everytick";
import { Chance as Choices } from "../../src/testing/index.ts";

export { Choices };

export const widths: Readonly<Record<NumericType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  f16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
};

const wholes = [0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 63n - 1n, -1n];
/** Bits that break things: both zeros, infinities, NaN with a payload and signalling, the ends of the ranges. */
const specials: Readonly<Partial<Record<NumericType, readonly bigint[]>>> = {
  f16: [0n, 0x8000n, 0x7c00n, 0xfc00n, 0x7e55n, 0x7c01n, 0x0001n, 0x7bffn],
  f32: [0n, 0x8000_0000n, 0x7f80_0000n, 0xff80_0000n, 0x7fc1_2345n, 0x7f80_0001n, 1n, 0x7f7f_ffffn],
  f64: [
    0n,
    0x8000_0000_0000_0000n,
    0x7ff0_0000_0000_0000n,
    0xfff0_0000_0000_0000n,
    0x7ff8_dead_beef_0001n,
    0xfff0_0000_0000_0001n,
    1n,
    0x4340_0000_0000_0001n,
  ],
};

/** The bits of one element, little-endian. */
export function bitsOfElement(type: NumericType, choices: Choices): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (choices.chance(0.5)) {
    view.setBigUint64(0, BigInt.asUintN(64, choices.pick(specials[type] ?? wholes)), true);
  } else {
    view.setUint32(0, choices.next(), true);
    view.setUint32(4, choices.next(), true);
  }
  return bytes.subarray(0, widths[type]);
}

export const arrayClasses = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  f16: Float16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const;

/** One element as a JavaScript value. A NaN is the plain one: a number in JavaScript has no payload to rely on. */
export function elementOf(type: NumericType, choices: Choices): number | bigint {
  const bits = bitsOfElement(type, choices).slice();
  const value = new arrayClasses[type](bits.buffer)[0] as number | bigint;
  return typeof value === "number" && Number.isNaN(value) ? Number.NaN : value;
}

const texts = [
  "",
  "a",
  "__proto__",
  "\u0000",
  "\ufeffmark",
  "zwölf Boxkämpfer",
  "𝄞 😀 e\u0301",
  '\u2028\n\r\t"\\',
  "null",
];

export function textOf(choices: Choices): string {
  const text = choices.pick(texts);
  if (choices.chance(0.05)) return "🙂".repeat(1 + choices.below(60_000));
  return choices.chance(0.5) ? text : text + choices.next().toString(36);
}

const keys = ["a", "b", "__proto__", "constructor", "toString", "", "10", "9", "é", "a.b"];
const numbers = [0, -0, 1, -1, 0.1, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 53, -(2 ** 53) - 2];

export function jsonOf(choices: Choices, depth = 0): Json {
  const kind = choices.below(depth > 3 ? 4 : 6);
  if (kind === 0) return null;
  if (kind === 1) return choices.chance(0.5);
  if (kind === 2) return choices.pick(numbers);
  if (kind === 3) return choices.pick(texts);
  const length = choices.below(4);
  if (kind === 4) return Array.from({ length }, () => jsonOf(choices, depth + 1));
  // `fromEntries` defines properties, so that `__proto__` becomes a key like any other.
  return Object.fromEntries(
    Array.from({ length }, () => [choices.pick(keys), jsonOf(choices, depth + 1)]),
  );
}

function bytesOfChoice(choices: Choices): Uint8Array {
  const length = choices.pick([0, 0, 1, 7, 64, 300, 5000]);
  return Uint8Array.from({ length }, () => (choices.chance(0.3) ? 0 : choices.next() & 0xff));
}

export function valueOf(type: NumericType | VariableType, choices: Choices): Element {
  if (type === "utf8") return textOf(choices);
  if (type === "json") return jsonOf(choices);
  if (type === "bytes") return bytesOfChoice(choices);
  return elementOf(type, choices);
}
