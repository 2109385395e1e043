import { isNumericType } from "../../format/column-types.ts";
import type { ColumnSchema, Element } from "../../types.ts";
import { table, visible } from "../output.ts";
import { count, counted } from "../quantities.ts";
import { cutToWidth } from "../text-width.ts";
import type { Picture, Room } from "./picture.ts";

type Row = { readonly [column: string]: Element };

const cellWidthMax = 24;

/** Draws rows under their headings, from `scroll` on, as many as there is room for. */
export function drawRows(
  columns: readonly Pick<ColumnSchema, "name" | "type">[],
  rows: Iterable<Row>,
  size: number,
  scroll: number,
  room: Room,
): Picture {
  const height = Math.max(1, room.rows - 1);
  const scrollMax = Math.max(0, size - height);
  const begin = Math.min(scroll, scrollMax);
  const shown: string[][] = [];
  let position = 0;
  for (const row of rows) {
    if (position++ < begin) continue;
    if (shown.length >= height) break;
    shown.push(columns.map(({ name }) => elementText(row[name], cellWidthMax)));
  }
  // The space in front aligns numbers to the right.
  const headings = columns.map(
    ({ name, type }) =>
      `${isNumericType(type) ? " " : ""}${cutToWidth(visible(name), cellWidthMax)}`,
  );
  const lines = table(headings, shown).map((line) => cutToWidth(line, room.columns));
  const range =
    shown.length < size ? `, ${count(begin + 1)} to ${count(begin + shown.length)}` : "";
  return { lines, caption: `${counted(size, "row")}${range}`, scrollMax };
}

/** Draws one record, a line for each field. */
export function drawFields(
  columns: readonly Pick<ColumnSchema, "name">[],
  record: Row,
  scroll: number,
  room: Room,
): Picture {
  const scrollMax = Math.max(0, columns.length - room.rows);
  const begin = Math.min(scroll, scrollMax);
  const [head, ...rest] = columns
    .slice(begin, begin + room.rows)
    .map(({ name }) => [visible(name), elementText(record[name], room.columns)]);
  const lines = table(head ?? [], rest).map((line) => cutToWidth(line, room.columns));
  return { lines, caption: counted(columns.length, "field"), scrollMax };
}

/** An element in a few characters. */
function elementText(value: unknown, width: number): string {
  return cutToWidth(visible(plainText(value)), width);
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return counted(value.length, "byte");
  if (ArrayBuffer.isView(value)) {
    return `[${Array.from(value as unknown as ArrayLike<number>, shortNumber).join(" ")}]`;
  }
  if (typeof value === "number" || typeof value === "bigint") return shortNumber(value);
  return JSON.stringify(value) ?? "";
}

/** Six digits of a fraction or of what is no longer exact, all digits of a whole number. */
export function shortNumber(value: number | bigint): string {
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential(5);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
