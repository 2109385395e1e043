import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { RowReport, Tier } from "../torture/index.ts";
import { usageError } from "./usage.ts";

/** What `torture --json` prints, and what the file of a report holds. */
export interface TortureReport {
  readonly ok: boolean;
  readonly tier: Tier;
  /** The first of all seeds. */
  readonly seed: number;
  readonly rows: readonly RowReport[];
}

export function reportOf(tier: Tier, seed: number, rows: readonly RowReport[]): TortureReport {
  return { ok: rows.every(({ outcome }) => outcome !== "violated"), tier, seed, rows };
}

/** The report in a file, `undefined` if there is none. @throws CLI_USAGE where it holds something else */
export function readReport(path: string): TortureReport | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  try {
    const report = JSON.parse(text) as TortureReport;
    if (Array.isArray(report.rows) && Number.isSafeInteger(report.seed)) return report;
  } catch {
    // What is no JSON is no report, either.
  }
  throw usageError({ where: "--report", expected: "a report of torture", found: path });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Puts one row into a report that others may be writing, on other rows; a reader finds the old one or the new one. */
export function keepRow(path: string, empty: TortureReport, row: RowReport): void {
  const { tier, seed, rows } = readReport(path) ?? empty;
  const isKnown = rows.some(({ id }) => id === row.id);
  const all = isKnown ? rows.map((one) => (one.id === row.id ? row : one)) : [...rows, row];
  all.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
  writeFileSync(`${path}.new`, `${JSON.stringify(reportOf(tier, seed, all), null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** What the figures of a report were found on. */
export function machine(): string {
  const cores = `${availableParallelism()} cores`;
  return `${process.platform} ${process.arch}, ${cores}, Node ${process.versions.node}`;
}
