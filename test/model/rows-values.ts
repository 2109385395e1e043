/** Elements of every column type, and the bits that stand for them. */
import { isDeepStrictEqual } from "node:util";
import type { ColumnType, Element, KeyType, NumericType } from "everytick";
import { arrayClasses, bitsOfElement, elementOf, jsonOf, widths, type Choices } from "./choices.ts";
import { bitsOfValue, bytesOf, copyOf, nothingOfType } from "./naive-state.ts";

/** What a row holds in one column; nobody changes it. */
export interface Cell {
  /** As it is read. A NaN is the plain one, whatever its bits. */
  readonly element: Element;
  readonly bits: Uint8Array;
}

const numericTypes = Object.keys(widths) as NumericType[];
const vectorTypes = ["f32[3]", "u8[3]", "f64[2]", "i64[2]", "f16[5]"] as const;
export const columnTypes: readonly ColumnType[] = [
  ...numericTypes,
  ...vectorTypes,
  ...(["f32[3]", "u8[3]", "uuid", "h3", "utf8", "utf8", "json", "bytes"] as const),
];
export const keyTypes: readonly KeyType[] = [
  ...(["u8", "i8", "u16", "i16", "u32", "u32", "i32", "u64", "i64"] as const),
  ...(["uuid", "h3", "utf8", "utf8"] as const),
];

export function isVariable(type: ColumnType): type is "utf8" | "json" | "bytes" {
  return type === "utf8" || type === "json" || type === "bytes";
}

function isNumeric(type: ColumnType): type is NumericType {
  return Object.hasOwn(widths, type);
}

function baseOf(type: ColumnType): { readonly base: NumericType; readonly length: number } {
  const [base, digits] = type.split("[") as [NumericType, string];
  return { base, length: Number.parseInt(digits, 10) };
}

/** Bytes of an element of fixed width. */
export function widthOf(type: ColumnType): number {
  if (type === "uuid") return 16;
  if (type === "h3") return 8;
  if (isNumeric(type)) return widths[type];
  const { base, length } = baseOf(type);
  return length * widths[base];
}

/** What becomes of an element that is given to a column. */
export function cellOf(type: ColumnType, given: unknown): Cell {
  if (isVariable(type)) {
    const element = copyOf(given as Element);
    return { element, bits: bitsOfValue(type, element) };
  }
  if (type === "uuid") {
    const element = (given as string).toLowerCase();
    return { element, bits: Buffer.from(element.replaceAll("-", ""), "hex") };
  }
  if (type === "h3") {
    const element = (given as string).toLowerCase();
    return { element, bits: bytesOf(BigUint64Array.of(BigInt(`0x${element || "0"}`))) };
  }
  if (isNumeric(type)) return cellOfBits(type, bitsOfValue(type, given as Element));
  const { base, length } = baseOf(type);
  const array = new arrayClasses[base](length);
  // From an array of the same class bits are copied, from a list numbers.
  array.set(given as never);
  return { element: array, bits: bytesOf(array) };
}

/** What a number's or vector's bits are read as. */
export function cellOfBits(type: ColumnType, bits: Uint8Array): Cell {
  const own = Uint8Array.from(bits);
  if (!isNumeric(type)) {
    const { base } = baseOf(type);
    return { element: new arrayClasses[base](own.buffer), bits: own };
  }
  const value = new arrayClasses[type](own.buffer)[0] as number | bigint;
  const isNaN = typeof value === "number" && Number.isNaN(value);
  return { element: isNaN ? Number.NaN : value, bits: own };
}

export function nothingIn(type: ColumnType): Cell {
  if (type === "uuid") return cellOf(type, "00000000-0000-0000-0000-000000000000");
  if (type === "h3") return cellOf(type, "");
  if (isVariable(type) || isNumeric(type)) return cellOf(type, nothingOfType(type));
  return cellOfBits(type, new Uint8Array(widthOf(type)));
}

/** Whether giving the element again gives the same bits: a NaN with a payload loses it. */
export function isPlain(type: ColumnType, { element, bits }: Cell): boolean {
  if (typeof element !== "number" || !Number.isNaN(element)) return true;
  return Buffer.compare(cellOf(type, element).bits, bits) === 0;
}

/** Whether what was read is the cell's element, bit by bit where bits can be seen. */
export function isElement(found: unknown, { element }: Cell): boolean {
  if (ArrayBuffer.isView(found) && ArrayBuffer.isView(element)) {
    const isSameClass = found.constructor === element.constructor;
    return isSameClass && Buffer.compare(bytesOf(found), bytesOf(element)) === 0;
  }
  return Object.is(found, element) || isDeepStrictEqual(found, element);
}

const texts = ["", "a", "wolf", "__proto__", "\u0000", "zwölf", "𝄞 😀 e\u0301", '\u2028\n"\\'];

/** Any element that a column takes. */
export function elementFor(type: ColumnType, choices: Choices): unknown {
  if (type === "utf8") return choices.pick(texts) + (choices.chance(0.3) ? choices.next() : "");
  if (type === "json") return choices.chance(0.7) ? jsonOf(choices, 3) : jsonOf(choices);
  if (type === "bytes") return randomBytes(choices.pick([0, 0, 1, 7, 40]), choices);
  if (type === "uuid" || type === "h3") return keyElement(type, choices.below(256));
  if (isNumeric(type)) {
    // A fraction that is rounded where the column is narrower.
    return type.startsWith("f") && choices.chance(0.3)
      ? choices.below(100) / 7
      : elementOf(type, choices);
  }
  if (choices.chance(0.7)) return cellOfBits(type, bitsFor(type, choices)).element;
  const { base, length } = baseOf(type);
  return Array.from({ length }, () => elementOf(base, choices));
}

/** Any bits of a number or vector. */
export function bitsFor(type: ColumnType, choices: Choices): Uint8Array {
  if (isNumeric(type)) return bitsOfElement(type, choices);
  const { base, length } = baseOf(type);
  return Buffer.concat(Array.from({ length }, () => bitsOfElement(base, choices)));
}

function randomBytes(length: number, choices: Choices): Uint8Array {
  return Uint8Array.from({ length }, () => choices.next() & 0xff);
}

/** What a column refuses. */
export function wrongElement(type: ColumnType, choices: Choices): unknown {
  if (type === "utf8") return choices.pick([5, null, "\ud800", ["a"], Symbol("text")]);
  if (type === "json") return choices.pick([Number.NaN, { a: Infinity }, [1n], "\udfff", () => 1]);
  if (type === "bytes") return choices.pick(["bytes", [1, 2], null, new Uint16Array(2)]);
  if (type === "uuid") return choices.pick(["", "0123", 5, null, "0".repeat(32)]);
  if (type === "h3") return choices.pick(["nowhere", "0", 5n, null, "fffffffffffffff"]);
  if (!isNumeric(type)) return choices.pick([[], [1], "vector", null, 3, new Uint32Array(99)]);
  if (type.startsWith("f")) return choices.pick(["1", 1n, null, {}]);
  if (type.endsWith("64")) return choices.pick([1, "1", null, 2n ** 64n, -(2n ** 63n) - 1n]);
  return choices.pick(["1", 1n, null, 0.5, Number.NaN, 2 ** 32, -(2 ** 31) - 1]);
}

const prefixes = ["", "z", "é", "𝄞", "ﬀ", "10", "9", "\u0000"];

/** One of 256 keys; by size they come in another order than by their numbers. */
export function keyElement(type: KeyType, number: number): number | bigint | string {
  const mixed = (number * 167) & 0xff;
  switch (type) {
    case "u8":
      return mixed;
    case "i8":
      return mixed - 128;
    case "u16":
      return mixed * 257;
    case "i16":
      return (mixed - 128) * 255;
    case "u32":
      return (mixed * 0x1010101) >>> 0;
    case "i32":
      return (mixed * 0x1010101) | 0;
    case "u64":
      return (BigInt(mixed) << 56n) | BigInt(number);
    case "i64":
      return BigInt.asIntN(64, (BigInt(mixed) << 56n) | BigInt(number));
    case "uuid":
      return `${hex(mixed)}abcdef-0000-4000-8000-0000000000${hex(number)}`;
    case "h3":
      return number === 255 ? "" : cellText(number);
    case "utf8":
      return number === 0 ? "" : `${prefixes[number & 7]}${(number >> 3).toString(36)}`;
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** The H3 index of a child of a base cell: mode 1, resolution 1, one digit, all others unused. */
function cellText(number: number): string {
  const [base, digit] = [BigInt(number % 122), BigInt(Math.floor(number / 122))];
  const unused = 2n ** 42n - 1n;
  const cell = (1n << 59n) | (1n << 52n) | (base << 45n) | (digit << 42n) | unused;
  return cell.toString(16);
}

/** Another spelling of a key. */
export function spelled(element: unknown, choices: Choices): unknown {
  if (element === 0) return choices.chance(0.2) ? -0 : 0;
  const isIdentifier = typeof element === "string" && /^[0-9a-f-]{15,36}$/.test(element);
  return isIdentifier && choices.chance(0.2) ? element.toUpperCase() : element;
}
