import { limits } from "../limits.ts";
import { areSameRows } from "./row-bytes.ts";
import type { ColumnChanges, StoreChanges } from "./changes.ts";
import type { Part } from "./parts.ts";
import type { StoreLayout } from "./layout.ts";

/** Columns of a table that list the same rows. */
interface Group {
  readonly rows: Uint32Array;
  readonly columns: readonly ColumnChanges[];
}

/**
 * Cuts the changes of a table or log into parts: columns that change in the same rows share one list of them, and each
 * part has few enough rows that a reader's memory is bounded.
 */
export function* tableParts({ store, columns }: StoreChanges): Generator<Part> {
  const groups: Group[] = [];
  for (const column of columns) {
    addTo(groups, column, widthOf(store, column.column));
  }
  for (const group of groups) yield* cut(store, group);
}

/** Adds a column to the first group that it fits, or begins one. */
function addTo(groups: Group[], column: ColumnChanges, width: number): void {
  for (const [at, group] of groups.entries()) {
    const joined = join(group, column, width);
    if (joined === undefined) continue;
    groups[at] = joined;
    return;
  }
  groups.push({ rows: column.index, columns: [column] });
}

/** Adds a column to a group if the zeros that fill its gaps weigh less than a row list of its own, a byte for each row. */
function join(group: Group, column: ColumnChanges, width: number): Group | undefined {
  const { index } = column;
  if (areSameRows(group.rows, index))
    return { rows: group.rows, columns: [...group.columns, column] };
  // A value of variable length that did not change would be written twice.
  const isFilled = width > 0 && contains(group.rows, index);
  const zeros = (group.rows.length - index.length) * width;
  if (!isFilled || zeros > index.length) return undefined;
  return { rows: group.rows, columns: [...group.columns, filled(column, group.rows, width)] };
}

/** Whether each row of `some` is one of `rows`; both rise. */
function contains(rows: Uint32Array, some: Uint32Array): boolean {
  if (some.length > rows.length || (some.at(-1) ?? 0) > (rows.at(-1) ?? 0)) return false;
  let at = 0;
  for (let i = 0; i < some.length; i++) {
    while (at < rows.length && (rows[at] as number) < (some[i] as number)) at++;
    if (rows[at] !== some[i]) return false;
  }
  return true;
}

/** The column with zeros in the rows where it did not change. */
function filled(column: ColumnChanges, rows: Uint32Array, width: number): ColumnChanges {
  const [xor, bits] = [column.xor, column.bits].map(
    (bytes) => bytes && spread(bytes, column.index, rows, width),
  );
  return { ...column, index: rows, xor: xor as Uint8Array, ...(bits && { bits }) };
}

function spread(
  bytes: Uint8Array,
  index: Uint32Array,
  rows: Uint32Array,
  width: number,
): Uint8Array {
  const out = new Uint8Array(rows.length * width);
  for (let i = 0, at = 0, from = 0; i < index.length; i++, at++) {
    while (rows[at] !== index[i]) at++;
    for (let to = at * width; to < (at + 1) * width; to++, from++) {
      out[to] = bytes[from] as number;
    }
  }
  return out;
}

function* cut(store: StoreLayout, { rows, columns }: Group): Generator<Part> {
  let begin = 0;
  while (begin < rows.length) {
    const end = partEnd(store, rows.length, columns, begin);
    const part = rows.subarray(begin, end);
    yield {
      store,
      chunk: undefined,
      rowCount: part.length,
      rows: part,
      columns: columns.map((column) => slice(store, column, begin, end)),
    };
    begin = end;
  }
}

/** Where a part that begins at `begin` ends: behind its last row, or before it becomes too large. */
function partEnd(
  store: StoreLayout,
  rowCount: number,
  columns: readonly ColumnChanges[],
  begin: number,
): number {
  const last = Math.min(rowCount, begin + limits.partRows);
  const fixed = columns.reduce((sum, { column }) => sum + widthOf(store, column), 0);
  const variable = columns.filter(({ column }) => widthOf(store, column) === 0);
  if (variable.length === 0) return Math.min(last, begin + Math.ceil(limits.bodyBytes / fixed));
  let bytes = 0;
  for (let row = begin; row < last; row++) {
    bytes += fixed;
    for (const { oldValues, newValues } of variable) {
      bytes += (oldValues[row] as Uint8Array).length + (newValues[row] as Uint8Array).length;
    }
    if (bytes >= limits.bodyBytes) return row + 1;
  }
  return last;
}

function slice(
  store: StoreLayout,
  column: ColumnChanges,
  begin: number,
  end: number,
): ColumnChanges {
  const width = widthOf(store, column.column);
  return {
    column: column.column,
    index: column.index.subarray(begin, end),
    xor: column.xor.subarray(begin * width, end * width),
    ...(column.bits && { bits: column.bits.subarray(begin * width, end * width) }),
    oldValues: column.oldValues.slice(begin, end),
    newValues: column.newValues.slice(begin, end),
  };
}

function widthOf(store: StoreLayout, column: number): number {
  return store.columns[column]?.width as number;
}
