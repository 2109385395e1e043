import { isNumericType } from "../../format/column-types.ts";
import type { ColumnType } from "../../types.ts";
import { base64, jsonWriter, plainNumber, type WriteElement } from "../../world/element-json.ts";

/** An element as the cell of a CSV file. */
export function csvWriter(type: ColumnType): WriteElement {
  if (isNumericType(type)) return (number) => plainNumber(number);
  if (type === "utf8") return (text: string) => quoted(harmless(text));
  if (type === "bytes") return base64;
  if (type === "uuid" || type === "h3") return (text: string) => text;
  const toJson = jsonWriter(type);
  return (element) => quoted(toJson(element));
}

/** RFC 4180: what holds a comma, a quote or the end of a line stands in quotes. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet takes a text that begins so for a formula, and a recording may come from anywhere. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
