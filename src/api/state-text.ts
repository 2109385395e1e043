import { limits } from "../limits.ts";
import type { GridSchema, NumericArray, StoreSchema, Tick } from "../types.ts";
import { jsonWriter, type WriteElement } from "../world/element-json.ts";
import type { AxisRange } from "./region.ts";

type RowsSchema = Exclude<StoreSchema, GridSchema>;

/** The cells of a region as JSON; numbers that JSON does not have are strings. */
export function gridText(
  tick: Tick,
  store: GridSchema,
  region: readonly AxisRange[],
  cells: NumericArray,
): string {
  const write = jsonWriter(store.type);
  const values = Array.from<number | bigint, string>(cells as never, (each) =>
    write(each as never),
  );
  const { name, kind, type, shape } = store;
  const head = JSON.stringify({ tick, store: name, kind, type, shape, region });
  return `${head.slice(0, -1)},"values":[${values.join(",")}]}`;
}

/**
 * Rows as JSON, each a list in the order of the columns, beside the slots that they stand in. Ends early, with `next`, before
 * it becomes too long.
 */
export function rowsText(
  tick: Tick,
  store: RowsSchema,
  rows: Iterable<readonly [slot: number, row: object]>,
  limit: number,
): string {
  const { name, kind, columns } = store;
  const writers = columns.map((column) => ({ name: column.name, write: jsonWriter(column.type) }));
  const slots: number[] = [];
  const texts: string[] = [];
  let [length, next] = [0, ""];
  for (const [slot, row] of rows) {
    if (slots.length === limit || length > limits.servedStateBytes) {
      next = `,"next":${slots.at(-1)}`;
      break;
    }
    const text = rowText(row, writers);
    slots.push(slot);
    texts.push(text);
    length += text.length;
  }
  const head = JSON.stringify({ tick, store: name, kind, columns, slots });
  return `${head.slice(0, -1)},"rows":[${texts.join(",")}]${next}}`;
}

interface ColumnWriter {
  readonly name: string;
  readonly write: WriteElement;
}

function rowText(row: object, writers: readonly ColumnWriter[]): string {
  const elements = row as { readonly [column: string]: unknown };
  return `[${writers.map(({ name, write }) => write(elements[name] as never)).join(",")}]`;
}
