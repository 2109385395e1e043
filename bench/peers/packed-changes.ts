import { nothing } from "../workloads/state.ts";
import type {
  ColumnChange,
  ColumnType,
  Death,
  State,
  TickChanges,
  Workload,
} from "../workloads/workload.ts";
import { PackedReader, PackedWriter } from "./packed.ts";

/** What follows the number of a column. */
const whole = 0;
const withRows = 1;
const rowsOfTheOneBefore = 2;

/**
 * The packed delta that most people write: for each column the row numbers (u32) and the new values. Row numbers that
 * columns share are written once; rows that die are written as numbers alone.
 */
export function packChanges({ deaths, columns }: TickChanges): Buffer {
  const out = new PackedWriter();
  out.count(deaths.length);
  for (const { columns: dying, rows } of deaths) {
    out.numbers(Uint32Array.from(dying));
    out.numbers(rows);
  }
  out.count(columns.length);
  let previous: Uint32Array | undefined;
  for (const { column, rows, values } of columns) {
    const kind = rows === undefined ? whole : rows === previous ? rowsOfTheOneBefore : withRows;
    out.count(3 * column + kind);
    if (rows !== undefined && kind === withRows) out.numbers(rows);
    out.values(values);
    previous = rows;
  }
  return out.bytes();
}

export function unpackChanges(bytes: Uint8Array, { columns: schema }: Workload): TickChanges {
  const input = new PackedReader(bytes);
  const deaths = Array.from({ length: input.count() }, (): Death => {
    return { columns: [...input.numbers("u32")] as number[], rows: rowsOf(input) };
  });
  let previous: Uint32Array | undefined;
  const columns = Array.from({ length: input.count() }, (): ColumnChange => {
    const head = input.count();
    const [column, kind] = [Math.floor(head / 3), head % 3];
    const rows = kind === whole ? undefined : kind === withRows ? rowsOf(input) : previous;
    previous = rows;
    const values = input.values(schema[column]!.type);
    return rows === undefined ? { column, values } : { column, rows, values };
  });
  return { deaths, columns };
}

function rowsOf(input: PackedReader): Uint32Array {
  return input.numbers("u32") as Uint32Array;
}

/** A whole state, column behind column. */
export function packState(state: State): Buffer {
  const out = new PackedWriter();
  for (const values of state) out.values(values);
  return out.bytes();
}

export function unpackState(bytes: Uint8Array, { columns }: Workload): State {
  const input = new PackedReader(bytes);
  // Copies: what was read may be a view of a file, and the state is going to be changed.
  return columns.map(({ type }) => input.values(type).slice());
}

/** The same changes as values of columns only, each value once: a row that dies gets its nothing in each column. */
export function asColumnChanges(
  { deaths, columns }: TickChanges,
  { columns: schema }: Workload,
): ColumnChange[] {
  const dead = deaths.flatMap(({ columns: dying, rows }) =>
    dying.map((column): ColumnChange => {
      return { column, rows, values: nothing(schema[column]!.type, rows.length) };
    }),
  );
  const merged = new Map<number, ColumnChange>();
  for (const change of [...dead, ...columns]) {
    const { column } = change;
    const before = merged.get(column);
    merged.set(
      column,
      before === undefined ? change : joined(before, change, schema[column]!.type),
    );
  }
  return [...merged.values()];
}

/** Where both change a row, the later one counts. */
function joined(before: ColumnChange, after: ColumnChange, type: ColumnType): ColumnChange {
  const found = new Map<number, string | number>();
  for (const { rows = new Uint32Array(), values } of [before, after]) {
    rows.forEach((row, place) => found.set(row, values[place]!));
  }
  const rows = Uint32Array.from(found.keys()).sort();
  const values = nothing(type, rows.length);
  rows.forEach((row, place) => ((values as unknown[])[place] = found.get(row)));
  return { column: after.column, rows, values };
}
