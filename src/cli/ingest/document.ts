import { kindOf } from "../../errors.ts";
import type { Tick } from "../../types.ts";
import { refusedInput } from "./input-failure.ts";

/** What a line holds: values by name. */
export type Fields = { readonly [name: string]: unknown };

/** Words of a line that are no columns. */
export const wordsOfLine: readonly string[] = ["tick", "store", "deleted"];

/** The name of a column in a line: one that is named like a word of the line stands behind a dollar sign. */
export function fieldOf(column: string): string {
  return wordsOfLine.includes(column) ? `$${column}` : column;
}

/** The column that a field of a line stands for. */
export function columnOf(field: string): string {
  const name = field.slice(1);
  return field.startsWith("$") && wordsOfLine.includes(name) ? name : field;
}

/** @throws CLI_INPUT for what is not one JSON object */
export function parseDocument(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const found = (cause as SyntaxError).message;
    const next = /\b(?:NaN|Infinity)\b/.test(text)
      ? 'JSON has no such numbers: write "NaN", "Infinity" or "-Infinity", as strings.'
      : undefined;
    throw refusedInput("one JSON object", found, next);
  }
  if (isFields(value)) return value;
  throw refusedInput("one JSON object", kindOf(value));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The tick that a line belongs to. @throws CLI_INPUT */
export function tickOf(fields: Fields, word: "tick" | "generation" = "tick"): Tick {
  const tick = fields[word];
  if (typeof tick === "number" && Number.isSafeInteger(tick) && tick >= 0) return tick;
  const expected = `"${word}", a whole number from 0 on`;
  throw refusedInput(expected, tick === undefined ? "none" : kindOf(tick));
}
