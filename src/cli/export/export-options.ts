import { extname } from "node:path";
import { usageError } from "../usage.ts";
import type { ExportFormat } from "./row-format.ts";

export interface ExportOptions {
  readonly store?: string;
  readonly from?: number;
  readonly to?: number;
  readonly every?: number;
  readonly format?: ExportFormat;
  readonly out?: string;
  readonly force?: true;
  readonly changes?: true;
  readonly withSchema?: true;
  readonly rle?: true;
  readonly tick?: number;
  readonly slice?: number;
  readonly world?: string;
  readonly dir: string;
  readonly json?: true;
}

export function formatOf({ format, out, rle }: ExportOptions): ExportFormat | "rle" {
  const ending = out === undefined ? "" : extname(out).toLowerCase();
  if (rle === true || (format === undefined && ending === ".rle")) return "rle";
  return format ?? (ending === ".csv" ? "csv" : "jsonl");
}

/** @throws CLI_USAGE */
export function checkOptions(options: ExportOptions, format: ExportFormat | "rle"): void {
  const { json, out, withSchema, from, to } = options;
  if (json === true && out === undefined) {
    throw usageError({
      where: "--json",
      expected: "--out, since both would go to standard output",
      found: "no --out",
    });
  }
  if (format === "rle") checkOneTick(options);
  else checkManyTicks(options);
  if (withSchema === true && format === "csv") {
    throw usageError({ where: "--with-schema", expected: "--format jsonl", found: "csv" });
  }
  if (from !== undefined && to !== undefined && from > to) {
    throw usageError({
      where: "--from and --to",
      expected: "ticks that do not fall",
      found: `${from} to ${to}`,
    });
  }
}

/** A pattern is one tick, whole, in a format of its own. */
function checkOneTick(options: ExportOptions): void {
  const { from, to, every, format, changes, withSchema, rle, out } = options;
  const others = Object.entries({
    "--from": from,
    "--to": to,
    "--every": every,
    "--format": format,
    "--changes": changes,
    "--with-schema": withSchema,
  });
  const found = others.filter(([, value]) => value !== undefined).map(([option]) => option);
  if (found.length === 0) return;
  throw usageError({
    where: rle === true ? "--rle" : `--out ${out ?? ""}`,
    expected: "one tick in a format of its own",
    found: found.join(" and "),
    next: "--tick N names the tick; without --rle, any ticks are written as JSONL or CSV",
  });
}

function checkManyTicks({ tick, slice }: ExportOptions): void {
  if (tick !== undefined) {
    const next = `add --rle, or take --from ${tick} --to ${tick}`;
    throw usageError({ where: "--tick", expected: "--rle", found: "no --rle", next });
  }
  if (slice === undefined) return;
  throw usageError({ where: "--slice", expected: "--rle", found: "no --rle" });
}
