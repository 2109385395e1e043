import { vectorBase } from "../../format/column-types.ts";
import type { ColumnType } from "../../types.ts";
import { refused } from "../../world/elements.ts";

/**
 * Turns the JSON value of a column into an element. It changes the form only: what it cannot read, and all ranges, are
 * refused by whoever stores the element.
 */
export type ReadElement = (value: unknown, where: string) => unknown;

/** How the elements of a column stand in JSON. */
export function elementReader(type: ColumnType): ReadElement {
  if (type === "u64" || type === "i64") return readBigInteger;
  if (type === "f16" || type === "f32" || type === "f64") return readFloat;
  if (type === "bytes") return readBytes;
  if (type === "json") return (value) => value;
  const base = vectorBase(type);
  return base === undefined ? (value) => value : vectorReader(elementReader(base));
}

function readFloat(value: unknown, where: string): unknown {
  // A number too large for a float is read as infinite.
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  throw refused(where, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

function readBigInteger(value: unknown, where: string): unknown {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  // A larger number has lost its last digits already.
  throw refused(where, "a whole number, from 2^53 on in a string", value);
}

function readBytes(value: unknown, where: string): unknown {
  if (typeof value === "string") {
    const bytes = Buffer.from(value, "base64");
    if (bytes.toString("base64") === value) return bytes;
  }
  throw refused(where, "bytes in base64", value);
}

function vectorReader(read: ReadElement): ReadElement {
  return (value, where) =>
    Array.isArray(value) ? value.map((each, i) => read(each, `${where}[${i}]`)) : value;
}
