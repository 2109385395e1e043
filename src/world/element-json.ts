import { isNumericType, vectorBase } from "../format/column-types.ts";
import type { ColumnType, NumericArray, NumericType } from "../types.ts";

/** An element as JSON; what JSON has no number for is a string. */
export type WriteElement = (element: never) => string;

export function jsonWriter(type: ColumnType): WriteElement {
  if (isNumericType(type)) return numberWriter(type);
  if (type === "bytes") return (bytes: Uint8Array) => JSON.stringify(base64(bytes));
  const base = vectorBase(type);
  return base === undefined ? (element) => JSON.stringify(element) : vectorWriter(base);
}

function numberWriter(type: NumericType): WriteElement {
  // JSON has none of these, and numbers from 2^53 on would lose their last digits in many readers.
  const isPlain = type.startsWith("f")
    ? Number.isFinite
    : (number: number | bigint) => Number.isSafeInteger(Number(number));
  return (number) => (isPlain(number) ? plainNumber(number) : `"${plainNumber(number)}"`);
}

/** A number as text; of negative zero the sign is kept. */
export function plainNumber(number: number | bigint): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

function vectorWriter(base: NumericType): WriteElement {
  const write = numberWriter(base);
  return (vector: NumericArray) => {
    const texts = Array.from<number | bigint, string>(vector as never, (each) =>
      write(each as never),
    );
    return `[${texts.join(",")}]`;
  };
}

/** In steps, since a call takes only so many arguments. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + 8192));
  }
  return btoa(text);
}
