/** Values for columns of any type, as the documents' tables hold them. */
import type { ColumnType, Element, NumericType } from "everytick";
import { arrayClasses, bitsOfElement, elementOf, type Choices } from "../model/choices.ts";
import { cellOf } from "./h3-cells.ts";

/** What a column holds that was left out. */
export function nothingOf(type: ColumnType): Element {
  switch (type) {
    case "uuid":
      return "00000000-0000-0000-0000-000000000000";
    case "utf8":
    case "h3":
      return "";
    case "json":
      return null;
    case "bytes":
      return new Uint8Array(0);
    case "u64":
    case "i64":
      return 0n;
    default: {
      const vector = vectorOf(type);
      return vector === undefined ? 0 : new arrayClasses[vector.base](vector.length);
    }
  }
}

/** The n-th key, n below 49. */
export function keyOf(type: ColumnType, n: number): Element {
  if (type === "uuid") return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
  if (type === "h3") return cellOf(20, [0, 1, 2, 3, 4, Math.floor(n / 7), n % 7]);
  if (type === "utf8") return `key ${n}`;
  return type === "u64" || type === "i64" ? BigInt(n) : n;
}

const texts = ["", "queued", "running", "completed", "zwölf Boxkämpfer", "𝄞 😀 e\u0301"];

export function valueOf(type: ColumnType, choices: Choices): Element {
  switch (type) {
    case "uuid":
    case "h3":
      return keyOf(type, choices.below(49));
    case "utf8":
      return choices.pick(texts);
    case "json": {
      const some = { [choices.pick(texts)]: choices.next() / 8, list: [null, true, "text"] };
      return choices.pick([null, some, "text", 0.1, []]);
    }
    case "bytes":
      return Uint8Array.from({ length: choices.below(40) }, () => choices.next());
    default: {
      const vector = vectorOf(type);
      if (vector === undefined) return elementOf(type as NumericType, choices);
      return randomVector(vector.base, vector.length, choices);
    }
  }
}

/** Any bits at all, NaN payloads among them. */
function randomVector(base: NumericType, length: number, choices: Choices): Element {
  const vector = new arrayClasses[base](length);
  const bytes = new Uint8Array(vector.buffer);
  for (let i = 0; i < length; i++) {
    bytes.set(bitsOfElement(base, choices), i * vector.BYTES_PER_ELEMENT);
  }
  return vector;
}

function vectorOf(type: ColumnType): { base: NumericType; length: number } | undefined {
  const [, base, length] = /^(\w+)\[(\d+)\]$/.exec(type) ?? [];
  return base === undefined ? undefined : { base: base as NumericType, length: Number(length) };
}
