import { isNumericType } from "../../format/column-types.ts";
import type { ColumnType, NumericArray, NumericType } from "../../types.ts";
import { vectorBase } from "../ingest/element-from-json.ts";

/** An element as JSON, as `record --stdin` reads it. */
export type WriteElement = (element: never) => string;

export function jsonWriter(type: ColumnType): WriteElement {
  if (isNumericType(type)) return numberWriter(type);
  if (type === "bytes") return (bytes: Uint8Array) => JSON.stringify(base64(bytes));
  const base = vectorBase(type);
  return base === undefined ? (element) => JSON.stringify(element) : vectorWriter(base);
}

/** The same as the cell of a CSV file. */
export function csvWriter(type: ColumnType): WriteElement {
  if (isNumericType(type)) return (number) => plainNumber(number);
  if (type === "utf8") return (text: string) => quoted(harmless(text));
  if (type === "bytes") return base64;
  if (type === "uuid" || type === "h3") return (text: string) => text;
  const toJson = jsonWriter(type);
  return (element) => quoted(toJson(element));
}

function numberWriter(type: NumericType): WriteElement {
  // JSON has none of these, and numbers from 2^53 on would lose their last digits in many readers.
  const isPlain = type.startsWith("f")
    ? Number.isFinite
    : (number: number | bigint) => Number.isSafeInteger(Number(number));
  return (number) => (isPlain(number) ? plainNumber(number) : `"${plainNumber(number)}"`);
}

function plainNumber(number: number | bigint): string {
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

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** RFC 4180: what holds a comma, a quote or the end of a line stands in quotes. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes a text that begins so for a formula, and a recording may come from anywhere. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
