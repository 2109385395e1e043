import type { PeerResult, WorkloadResult } from "../results.ts";

const columnNames = [
  "peer",
  "ticks",
  "bytes/tick",
  "beside",
  "deltas",
  "strict ticks/s",
  "grouped ticks/s",
  "blocked p50",
  "p99 ms",
  "seek p50",
  "p99 ms",
  "back p50 ms",
  "memory MiB",
] as const;

/** The cells of a table, peer by peer. */
export function rowsOf({ peers, notRun }: WorkloadResult): string[][] {
  const missing = notRun.map(({ peer, reason }) => [peer, `not run: ${reason}`]);
  return [...peers.map(cellsOf), ...missing];
}

function cellsOf(result: PeerResult): string[] {
  return [
    result.peer,
    String(result.ticks),
    whole(result.all),
    whole(result.beside),
    result.deltas === undefined ? "–" : whole(result.deltas),
    rate(result.strict),
    rate(result.grouped),
    time(result.blocked50),
    time(result.blocked99),
    time(result.seek50),
    time(result.seek99),
    time(result.back50),
    whole(result.memory),
  ];
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function rate(value: number): string {
  return value < 100 ? value.toFixed(1) : whole(value);
}

function time(milliseconds: number): string {
  return milliseconds < 10 ? milliseconds.toFixed(2) : milliseconds.toFixed(1);
}

/** For a terminal: aligned, with spaces between the columns. */
export function asText(rows: readonly (readonly string[])[]): string {
  const all = [columnNames as readonly string[], ...rows];
  const isWhole = (row: readonly string[]): boolean => row.length === columnNames.length;
  const widths = columnNames.map((_, column) =>
    Math.max(...all.filter(isWhole).map((row) => row[column]!.length)),
  );
  return all
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === 0 || !isWhole(row)
          ? cell.padEnd(widths[column]!)
          : cell.padStart(widths[column]!),
      );
      return cells.join("  ").trimEnd();
    })
    .join("\n");
}

export function asMarkdown(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = `|${columnNames.map((_, column) => (column === 0 ? "---" : "--:")).join("|")}|`;
  const isWhole = (row: readonly string[]): boolean => row.length === columnNames.length;
  return [line(columnNames), rule, ...rows.filter(isWhole).map(line)].join("\n");
}
