import { EverytickError, kindOf } from "../errors.ts";
import { utf8 } from "../format/bytes.ts";
import { canonicalJson, parseJson } from "../format/json.ts";
import { limits } from "../limits.ts";
import type { ColumnType, Element, NumericType, VariableType } from "../types.ts";

/** The whole numbers that each integer type holds: both ends included. */
const integerRanges: Partial<Record<ColumnType, readonly [number | bigint, number | bigint]>> = {
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

/** The inverse of `encodeValue`; the result is the caller's own. */
export function decodeValue(type: VariableType, bytes: Uint8Array): Element {
  if (type === "bytes") return Uint8Array.from(bytes);
  const text = utf8.decoder.decode(bytes);
  if (type === "utf8") return text;
  return bytes.length === 0 ? null : parseJson(text);
}

function refused(where: string, expected: string, value: unknown): EverytickError {
  return new EverytickError("WORLD_VALUE", { where, expected, found: kindOf(value) });
}
