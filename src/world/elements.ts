import { EverytickError, kindOf } from "../errors.ts";
import { bytesOf, utf8 } from "../format/bytes.ts";
import { isNumericType, isVariable, numbersOf, typeOfArray } from "../format/column-types.ts";
import { canonicalJson, parseJson } from "../format/json.ts";
import type { ColumnLayout } from "../format/layout.ts";
import { limits } from "../limits.ts";
import type { Element, NumericArray, NumericType, VariableType } from "../types.ts";
import { readIdentifier, writeIdentifier } from "./identifiers.ts";

/** The whole numbers that each integer type holds: both ends included. */
export const integerRanges: {
  readonly [type: string]: readonly [number | bigint, number | bigint];
} = {
  u8: [0, 2 ** 8 - 1],
  i8: [-(2 ** 7), 2 ** 7 - 1],
  u16: [0, 2 ** 16 - 1],
  i16: [-(2 ** 15), 2 ** 15 - 1],
  u32: [0, 2 ** 32 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u64: [0n, 2n ** 64n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Refuses what a numeric element would bend silently. @throws WORLD_VALUE */
export function checkNumber(type: NumericType, value: unknown, where: string): number | bigint {
  const range = integerRanges[type];
  if (range === undefined) {
    if (typeof value === "number") return value;
    throw refused(where, `a number for ${type}`, value);
  }
  const [low, high] = range;
  if (typeof value !== typeof low) throw refused(where, `a ${typeof low} for ${type}`, value);
  const number = value as number | bigint;
  if (typeof number === "number" && !Number.isInteger(number)) {
    throw refused(where, `a whole number for ${type}`, value);
  }
  if (number < low || number > high) throw refused(where, `${type}: ${low} to ${high}`, value);
  return number;
}

/**
 * Writes an element of a fixed width into the numbers of its column.
 * @throws WORLD_VALUE, and nothing was written
 */
export function writeElement(
  column: ColumnLayout,
  numbers: NumericArray,
  row: number,
  value: unknown,
  where: string,
): void {
  const { type, base, width, unit } = column;
  if (isNumericType(type)) {
    numbers[row] = checkNumber(type, value, where) as never;
  } else if (type === "uuid" || type === "h3") {
    writeIdentifier(type, numbers, row, value, where);
  } else {
    writeVector(base, numbers, row * (width / unit), width / unit, value, where);
  }
}

function writeVector(
  base: NumericType,
  numbers: NumericArray,
  at: number,
  length: number,
  value: unknown,
  where: string,
): void {
  const list = value as ArrayLike<unknown> | undefined;
  if (typeof list !== "object" || list === null || list.length !== length) {
    throw refused(where, `${length} numbers of ${base}`, value);
  }
  if (typeOfArray(list) === base) {
    // Bit by bit: a number would lose the payload of a NaN.
    bytesOf(numbers).set(bytesOf(list as never), at * numbers.BYTES_PER_ELEMENT);
    return;
  }
  for (let i = 0; i < length; i++) checkNumber(base, list[i], `${where}[${i}]`);
  for (let i = 0; i < length; i++) numbers[at + i] = list[i] as never;
}

/** An element of a fixed width as a value; a vector is a copy. */
export function readElement(column: ColumnLayout, numbers: NumericArray, row: number): Element {
  const { type, width, unit } = column;
  if (isNumericType(type)) return numbers[row] as Element;
  if (type === "uuid" || type === "h3") return readIdentifier(type, numbers, row);
  const length = width / unit;
  return numbers.slice(row * length, (row + 1) * length);
}

/** An identifier in the one spelling that it has when it is read; anything else as it is. @throws WORLD_VALUE */
export function spelledAsRead(column: ColumnLayout, value: unknown, where: string): unknown {
  const { type, base, width } = column;
  if (type !== "uuid" && type !== "h3") return value;
  const cell = numbersOf(base, new Uint8Array(width));
  writeIdentifier(type, cell, 0, value, where);
  return readIdentifier(type, cell, 0);
}

/** The stored bytes of a variable-length element, the engine's own. @throws WORLD_VALUE */
export function encodeValue(type: VariableType, value: unknown, where: string): Uint8Array {
  const bytes = encode(type, value, where);
  if (bytes.length > limits.valueBytes) {
    const expected = `at most ${limits.valueBytes} bytes`;
    const found = `${bytes.length} bytes`;
    throw new EverytickError("WORLD_VALUE", { where, expected, found });
  }
  return bytes;
}

function encode(type: VariableType, value: unknown, where: string): Uint8Array {
  if (type === "json") {
    // null is nothing, so that an untouched value store is nothing too.
    return value === null ? new Uint8Array(0) : utf8.encoder.encode(canonicalJson(value, where));
  }
  if (type === "utf8") {
    if (typeof value !== "string") throw refused(where, "a string", value);
    if (!value.isWellFormed()) throw refused(where, "well-formed Unicode", "a lone surrogate");
    return utf8.encoder.encode(value);
  }
  if (!(value instanceof Uint8Array)) throw refused(where, "a Uint8Array", value);
  return Uint8Array.from(value);
}

/** The inverse of `encodeValue`; the result is the caller's own. @throws FORMAT_DAMAGED for bytes of another type */
export function decodeValue(type: VariableType, bytes: Uint8Array): Element {
  if (type === "bytes") return Uint8Array.from(bytes);
  try {
    const text = utf8.decoder.decode(bytes);
    if (type === "utf8") return text;
    return bytes.length === 0 ? null : parseJson(text);
  } catch (cause) {
    const expected = type === "utf8" ? "text in UTF-8" : "JSON in UTF-8";
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new EverytickError("FORMAT_DAMAGED", { where: "a value", expected, found }, { cause });
  }
}

/** What an element is that was never set. */
export function nothingOf(column: ColumnLayout): Element {
  const { type, base, width } = column;
  if (isVariable(type)) return decodeValue(type, new Uint8Array(0));
  return readElement(column, numbersOf(base, new Uint8Array(width)), 0);
}

export function refused(where: string, expected: string, value: unknown): EverytickError {
  return new EverytickError("WORLD_VALUE", { where, expected, found: kindOf(value) });
}
