/**
 * A workload: columns of values, and what each tick changes in them. It is made whole before anything is timed, and knows
 * nothing of who records it.
 */

export type NumberArray = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;
export type Values = NumberArray | string[];
export type ColumnType = "u8" | "u32" | "i32" | "f32" | "f64" | "utf8";
/** The values of each column, in the order of the columns. */
export type State = Values[];

/** How the columns belong together. Rows of a table without a key never die; their row number is their name. */
type Store =
  | { readonly kind: "grid"; readonly name: string; readonly shape: readonly number[] }
  | { readonly kind: "table"; readonly name: string; readonly key?: string }
  | { readonly kind: "edges"; readonly name: string; readonly from: string; readonly to: string }
  | { readonly kind: "log"; readonly name: string };

export interface Column {
  readonly store: string;
  readonly name: string;
  readonly type: ColumnType;
}

/** The new values of some rows of a column; without `rows` of the whole column, whose length may then change (a log). */
export interface ColumnChange {
  readonly column: number;
  /** Rising. Columns that change in the same rows share one array. */
  readonly rows?: Uint32Array;
  readonly values: Values;
  /** Whether these rows are born: they were nothing before. */
  readonly birth?: true;
}

/** Rows that become nothing: 0 or "" in each of the columns. */
export interface Death {
  readonly columns: readonly number[];
  readonly rows: Uint32Array;
}

type Cell = number | string;
export type Row = { readonly [column: string]: Cell };
/** The same changes by key, for those who take rows. */
interface KeyedChanges {
  readonly delete?: readonly (Cell | readonly Cell[])[];
  readonly insert?: readonly Row[];
  readonly update?: readonly Row[];
  readonly append?: readonly Row[];
}

/** Deaths come first, then the columns in their order. */
export interface TickChanges {
  readonly deaths: readonly Death[];
  readonly columns: readonly ColumnChange[];
  /** By store, for workloads with births and deaths. */
  readonly keyed?: { readonly [store: string]: KeyedChanges };
}

export interface Workload {
  readonly name: string;
  readonly stores: readonly Store[];
  readonly columns: readonly Column[];
  /** The state at tick 0. */
  readonly initial: State;
  /** What leads to tick 1, 2, 3 … */
  readonly ticks: readonly TickChanges[];
}

/** The numbers of the columns of a store. */
export function columnsOf({ columns }: Pick<Workload, "columns">, store: string): number[] {
  return columns.flatMap((column, number) => (column.store === store ? [number] : []));
}
