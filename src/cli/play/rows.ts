import type { Element } from "../../types.ts";
import { table, visible } from "../output.ts";
import { count } from "../quantities.ts";
import type { Picture, Room } from "./cells.ts";

const cellWidthMax = 24;

/** Draws rows under their headings, from `scroll` on, as many as there is room for. */
export function drawRows(
  columns: readonly string[],
  rows: Iterable<{ readonly [column: string]: Element }>,
  size: number,
  scroll: number,
  room: Room,
): Picture {
  const shown: string[][] = [];
  const height = Math.max(1, room.rows - 1);
  const begin = Math.min(scroll, Math.max(0, size - height));
  let position = 0;
  for (const row of rows) {
    if (position++ < begin) continue;
    if (shown.length >= height) break;
    shown.push(columns.map((column) => elementText(row[column])));
  }
  const lines = table(columns, shown).map((line) => line.slice(0, room.columns));
  const range =
    shown.length < size ? ` · ${count(begin + 1)} to ${count(begin + shown.length)}` : "";
  return { lines, caption: `${count(size)} ${size === 1 ? "row" : "rows"}${range}` };
}

/** An element in a few characters. */
export function elementText(value: unknown): string {
  const text = visible(plainText(value));
  return text.length <= cellWidthMax ? text : `${text.slice(0, cellWidthMax - 1)}…`;
}

function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (ArrayBuffer.isView(value)) {
    return `[${Array.from(value as unknown as ArrayLike<number>, shortNumber).join(" ")}]`;
  }
  if (typeof value === "number") return shortNumber(value);
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "");
}

function shortNumber(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}
