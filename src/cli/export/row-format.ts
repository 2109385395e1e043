import type { StoreSchema, Tick } from "../../types.ts";
import { edgeKey } from "../../world/state/live-rows.ts";
import { fieldOf } from "../ingest/document.ts";
import { jsonWriter } from "../../world/element-json.ts";
import { csvWriter } from "./element-text.ts";

export type Row = { readonly [column: string]: unknown };
export type RowsSchema = Exclude<StoreSchema, { readonly kind: "grid" }>;
export type ExportFormat = "jsonl" | "csv";

/** How the rows of a store are written. A body is what stands for a row, whatever its tick. */
export interface RowFormat {
  /** In front of all rows. */
  readonly head: string;
  readonly body: (row: Row) => string;
  /** What is left of a row that is deleted: its key. */
  readonly keyBody: (row: Row) => string;
  readonly line: (tick: Tick, body: string) => string;
  readonly deletedLine: (tick: Tick, keyBody: string) => string;
  /** A tick without a line of its own. */
  readonly tickLine: (tick: Tick) => string;
}

/** The columns that name a row. */
function keyOf(store: RowsSchema): readonly string[] {
  if (store.kind === "table") return store.key;
  return store.kind === "edges" ? edgeKey : [];
}

export function jsonRows(store: RowsSchema): RowFormat {
  const fields = store.columns.map(({ name, type }) => {
    return { name, head: `${JSON.stringify(fieldOf(name))}:`, write: jsonWriter(type) };
  });
  const keys = fields.filter(({ name }) => keyOf(store).includes(name));
  const bodyOf = (chosen: typeof fields, row: Row): string => {
    let text = "";
    for (const { name, head, write } of chosen) text += `,${head}${write(row[name] as never)}`;
    return text;
  };
  const name = JSON.stringify(store.name);
  return {
    head: "",
    body: (row) => bodyOf(fields, row),
    keyBody: (row) => bodyOf(keys, row),
    line: (tick, body) => `{"tick":${tick},"store":${name}${body}}\n`,
    deletedLine: (tick, body) => `{"tick":${tick},"store":${name}${body},"deleted":true}\n`,
    tickLine: (tick) => `{"tick":${tick}}\n`,
  };
}

/** @param onlyChanges adds a column that says which rows are deleted. */
export function csvRows(store: RowsSchema, onlyChanges: boolean): RowFormat {
  const key = keyOf(store);
  const columns = store.columns.map(({ name, type }) => ({ name, write: csvWriter(type) }));
  const hasFlag = onlyChanges && key.length > 0;
  const flag = hasFlag ? "," : "";
  const names = [
    "tick",
    ...columns.map(({ name }) => fieldOf(name)),
    ...(hasFlag ? ["deleted"] : []),
  ];
  const cell = (row: Row, name: string, write: (element: never) => string): string =>
    write(row[name] as never);
  return {
    head: `${names.join(",")}\r\n`,
    body: (row) => columns.map(({ name, write }) => `,${cell(row, name, write)}`).join(""),
    keyBody: (row) =>
      columns
        .map(({ name, write }) => `,${key.includes(name) ? cell(row, name, write) : ""}`)
        .join(""),
    line: (tick, body) => `${tick}${body}${flag}\r\n`,
    deletedLine: (tick, body) => `${tick}${body},true\r\n`,
    tickLine: () => "",
  };
}
