import { coordinatesOf } from "../../../src/format/coordinates.ts";
import type { Element } from "../../../src/types.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** The rows of a store at a tick, as RFC 4180 has them: `tick`, the place, the values; nothing is left out. */
export function csvOf(snapshot: Snapshot, store: number): string {
  const schema = snapshot.schema(store);
  const columns = snapshot.columns(store).map(({ name }) => name);
  const isGrid = schema.kind === "grid";
  const axes = isGrid ? schema.shape.map((_, axis) => `axis${axis}`) : ["slot"];
  const head = ["tick", ...axes, ...(isGrid ? ["value"] : columns)];
  const lines = [head.map(field).join(",")];
  for (const row of snapshot.liveRows(store)) {
    const place = isGrid ? coordinatesOf(row, schema.shape) : [row];
    const values = snapshot.values(store, row).map(cell);
    lines.push([snapshot.tick, ...place, ...values].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function cell(value: Element): string {
  if (typeof value === "string") return field(value);
  if (value instanceof Uint8Array)
    return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (ArrayBuffer.isView(value))
    return field(Array.from(value as never as ArrayLike<number>).join(" "));
  return typeof value === "object" ? field(JSON.stringify(value)) : String(value);
}

/** A spreadsheet takes text that begins like a formula for one, so such text gets an apostrophe. */
function field(text: string): string {
  const safe = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
