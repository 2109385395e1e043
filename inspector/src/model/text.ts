import type { Element } from "../../../src/types.ts";

/** How things are written. Whatever is recorded is text to the page, never markup. */

export function countText(count: number): string {
  return count.toLocaleString("en");
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, -1];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

export function numberText(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? countText(value) : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}

/** One element, short enough for a line. */
export function elementText(value: Element | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : numberText(value);
  if (typeof value === "bigint") return value.toLocaleString("en");
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (ArrayBuffer.isView(value)) {
    const numbers = Array.from(value as unknown as ArrayLike<number | bigint>);
    return `[${numbers.map((number) => elementText(number)).join(", ")}]`;
  }
  return JSON.stringify(value);
}
