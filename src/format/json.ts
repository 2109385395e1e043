import { EverytickError, kindOf } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Json } from "../types.ts";

/**
 * Canonical JSON (`docs/format.md`, section 9): equal values give equal text on every machine.
 * @param where names the value, for error messages.
 * @throws WORLD_VALUE for what JSON cannot carry.
 */
export function canonicalJson(value: unknown, where: string): string {
  return print(value, where, 0);
}

function print(value: unknown, where: string, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return printNumber(value, where);
  if (typeof value === "string") return printString(value, where);
  if (depth >= limits.jsonDepth) {
    throw refused(where, `at most ${limits.jsonDepth} levels`, "a deeper value, or a cycle");
  }
  if (Array.isArray(value)) {
    const items = Array.from(value, (item, i) => print(item, `${where}[${i}]`, depth + 1));
    return `[${items.join(",")}]`;
  }
  if (isPlainObject(value)) return printObject(value, where, depth);
  const found = typeof value === "object" ? kindOf(value) : typeof value;
  throw refused(where, "null, boolean, number, string, array or plain object", found);
}

function printNumber(value: number, where: string): string {
  if (!Number.isFinite(value)) throw refused(where, "a finite number", String(value));
  return Object.is(value, -0) ? "-0" : String(value);
}

function printString(value: string, where: string): string {
  if (!value.isWellFormed()) throw refused(where, "well-formed Unicode", "a lone surrogate");
  return JSON.stringify(value);
}

function printObject(value: object, where: string, depth: number): string {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const members = entries.map(([key, item]) => {
    return `${printString(key, `${where}, a key`)}:${print(item, `${where}.${key}`, depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, itself without a prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refused(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("WORLD_VALUE", { where, expected, found });
}

/** Parses text that `canonicalJson` wrote. */
export function parseJson(text: string): Json {
  return JSON.parse(text) as Json;
}
