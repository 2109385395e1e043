/** The public types of a state: columns, the kinds of store, and what they look like in code. */

// --- Columns ---------------------------------------------------------------------------------------------------

/** The array class of each numeric type. */
export interface ArrayOf {
  u8: Uint8Array;
  i8: Int8Array;
  u16: Uint16Array;
  i16: Int16Array;
  f16: Float16Array;
  u32: Uint32Array;
  i32: Int32Array;
  f32: Float32Array;
  u64: BigUint64Array;
  i64: BigInt64Array;
  f64: Float64Array;
}
export type NumericType = keyof ArrayOf;
export type NumericArray = ArrayOf[NumericType];
/** So many numbers in each row, such as `f32[3]`. */
export type VectorType = `${NumericType}[${number}]`;
/** `uuid`: 16 bytes, `8-4-4-4-12` hex digits in code. `h3`: the index of an H3 cell, hex digits in code. */
export type IdentifierType = "uuid" | "h3";
export type VariableType = "utf8" | "json" | "bytes";
export type ColumnType = NumericType | VectorType | IdentifierType | VariableType;
/** The types that a key can have. */
export type KeyType = Exclude<NumericType, "f16" | "f32" | "f64"> | IdentifierType | "utf8";
export type Columns = { readonly [column: string]: ColumnType };

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The JavaScript value of one element: `bigint` for 64-bit integers, a typed array for a vector. */
export type ElementOf<T extends ColumnType> = T extends "u64" | "i64"
  ? bigint
  : T extends NumericType
    ? number
    : T extends "utf8" | IdentifierType
      ? string
      : T extends "json"
        ? Json
        : T extends `${infer N extends NumericType}[${number}]`
          ? ArrayOf[N]
          : Uint8Array;
export type Element = ElementOf<ColumnType>;
/** What an element can be set to: of a vector any list of its numbers. */
export type InputOf<T extends ColumnType> = T extends `${infer N extends NumericType}[${number}]`
  ? ArrayLike<ElementOf<N>>
  : ElementOf<T>;

/** The array behind a column: one number for each slot, the numbers of a vector one behind the other. */
export type ColumnView<T extends ColumnType> = T extends NumericType
  ? ArrayOf[T]
  : T extends `${infer N extends NumericType}[${number}]`
    ? ArrayOf[N]
    : T extends "h3"
      ? BigUint64Array
      : Uint8Array;
/** The columns of a fixed width, which are arrays. */
export type ColumnViews<C extends Columns> = {
  readonly [N in keyof C as C[N] extends VariableType ? never : N]: ColumnView<C[N]>;
};

// --- Definitions -----------------------------------------------------------------------------------------------

/**
 * `causal`: needed to resume. `observed`: for looking only, outside every digest. `static`: written at the first tick
 * and never again. `derived`: computed from other stores when it is read, never stored.
 */
export type Role = "causal" | "observed" | "static" | "derived";

/** A dense array of any rank, row-major (last axis fastest). */
export interface GridStore<T extends NumericType = NumericType> {
  readonly kind: "grid";
  readonly type: T;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly role: Role;
  /** The caller's own array, read at each commit and written at resume. Absent: the engine owns it. */
  readonly source?: ArrayOf[T] | (() => ArrayOf[T]);
}

/** One record of named columns. */
export interface ValueStore<C extends Columns = Columns> {
  readonly kind: "value";
  readonly columns: C;
  readonly role: Role;
}

/** Rows with a key, born and dying. Each takes the lowest free slot, and slots are part of the state. */
export interface TableStore<
  C extends Columns = Columns,
  K extends readonly (keyof C & string)[] = readonly string[],
> {
  readonly kind: "table";
  readonly columns: C;
  readonly key: K;
  readonly role: Role;
  /** Rows for which memory is reserved at the start; it grows by doubling. */
  readonly capacity: number;
  /** The caller's own objects, read at each commit and written at resume. */
  readonly source?: RowSource;
}

/** A table of links, keyed by both ends. `from` and `to` name tables, whose keys they hold, or types of keys. */
export interface EdgesStore<
  F extends string = string,
  T extends string = string,
  C extends Columns = Columns,
> {
  readonly kind: "edges";
  readonly from: F;
  readonly to: T;
  readonly columns: C;
  readonly role: Role;
  readonly capacity: number;
}

/** Rows that are appended and belong to the tick that is being made. */
export interface LogStore<C extends Columns = Columns> {
  readonly kind: "log";
  readonly columns: C;
  readonly role: Role;
}

/** A store of another kind whose content is computed when it is read. */
export interface DerivedStore<S extends StoredDefinition = StoredDefinition> {
  readonly kind: "derived";
  readonly store: S;
  /** Fills `into`, which is empty, from the stores that are recorded. */
  readonly compute: (state: never, into: never) => void;
}

export type StoredDefinition = GridStore | ValueStore | TableStore | EdgesStore;
export type StoreDefinition = StoredDefinition | LogStore | DerivedStore;
export type StateDefinition = { readonly [store: string]: StoreDefinition };

/** How the rows of a table follow from objects that somebody else keeps. */
export interface RowSource {
  readonly objects: () => Iterable<unknown>;
  readonly columns: {
    readonly [column: string]: {
      /** @param place how many objects came before. */
      readonly get: (object: never, place: number) => unknown;
      readonly set: ((object: never, value: never) => void) | undefined;
    };
  };
  /** Makes the object of a row that has none; undefined: resuming without it is refused. */
  readonly create: ((row: never) => unknown) | undefined;
  /** Takes away an object that has no row; undefined: resuming with one is refused. */
  readonly remove: ((object: never) => void) | undefined;
  /** The column that holds each object's place; undefined: the order is no part of the state. */
  readonly order: string | undefined;
  /** Puts the objects, which are all there, into this order. */
  readonly arrange: ((objects: readonly never[]) => void) | undefined;
}

// --- In code ---------------------------------------------------------------------------------------------------

export type RowOf<C extends Columns> = { -readonly [N in keyof C]: ElementOf<C[N]> };
/** Some columns of a row. */
export type ValuesOf<C extends Columns> = { readonly [N in keyof C]?: InputOf<C[N]> };
/** A row to insert: columns that are left out are nothing (0, "", null, no bytes). */
export type NewRowOf<C extends Columns, K extends readonly string[]> = {
  readonly [N in keyof C as N extends K[number] ? N : never]: InputOf<C[N]>;
} & { readonly [N in keyof C as N extends K[number] ? never : N]?: InputOf<C[N]> };
/** What names a row: the value of its key column, or a list of them. */
export type KeyOf<C extends Columns, K extends readonly string[]> = K extends readonly [
  infer N extends keyof C & string,
]
  ? ElementOf<C[N]>
  : { readonly [I in keyof K]: K[I] extends keyof C ? ElementOf<C[K[I]]> : never };

/** What a live and a past table have in common. Rows come in order of their slots. */
export interface TableView<
  C extends Columns = Columns,
  K extends readonly string[] = readonly string[],
> extends Iterable<RowOf<C>> {
  /** How many rows there are. */
  readonly size: number;
  /** Every slot in use lies in [0, slotCount). */
  readonly slotCount: number;
  /** 1 for each slot that holds a row, else 0. */
  readonly live: Uint8Array;
  /** The arrays behind the columns, by slot. They may move when rows are inserted: fetch them anew. */
  readonly columns: ColumnViews<C>;
  has(key: KeyOf<C, K>): boolean;
  /** The row of a key; of a past table a copy. */
  get(key: KeyOf<C, K>): RowOf<C> | undefined;
  /** The slot of a key, or −1. */
  slotOf(key: KeyOf<C, K>): number;
  /** The row in a slot, if there is one. */
  rowAt(slot: number): RowOf<C> | undefined;
  keys(): IterableIterator<KeyOf<C, K>>;
}

/** A row of a live table: it reads and writes the columns. A copy is `row.toJSON()`; spread, it gives nothing. */
export type LiveRowOf<C extends Columns> = RowOf<C> & { toJSON(): RowOf<C> };

/** A live table. Keys are changed by deleting and inserting, all other columns in place. */
export interface Table<
  C extends Columns = Columns,
  K extends readonly string[] = readonly string[],
> extends TableView<C, K> {
  [Symbol.iterator](): Iterator<LiveRowOf<C>>;
  get(key: KeyOf<C, K>): LiveRowOf<C> | undefined;
  rowAt(slot: number): LiveRowOf<C> | undefined;
  /** Puts a row into the lowest free slot. @returns the slot. @throws WORLD_KEY, WORLD_VALUE, WORLD_ROWS */
  insert(row: NewRowOf<C, K>): number;
  /** Changes some columns of a row. @returns its slot. @throws WORLD_KEY, WORLD_VALUE */
  update(key: KeyOf<C, K>, values: ValuesOf<C>): number;
  /** Inserts the row, or updates the one of its key. @returns its slot. */
  upsert(row: NewRowOf<C, K>): number;
  /** @throws WORLD_KEY if there is no such row */
  delete(key: KeyOf<C, K>): void;
  /** Makes these rows, each whole, the table's only ones: updates, deletes, and inserts in order of their keys. */
  assign(rows: Iterable<NewRowOf<C, K>>): void;
  clear(): void;
  /** Makes room, so that so many slots can be used before the arrays behind the columns move. */
  reserve(slots: number): void;
}

/** Both ends of an edge are columns of their own. */
export type EdgeColumns<F extends ColumnType, T extends ColumnType, C extends Columns> = {
  readonly [N in "from" | "to" | keyof C]: N extends "from"
    ? F
    : N extends "to"
      ? T
      : N extends keyof C
        ? C[N]
        : never;
};
type Ends = readonly ["from", "to"];
interface Neighbours<F extends ColumnType, T extends ColumnType, C extends Columns> {
  /** The edges that begin at a node, in order of their slots. */
  outgoing(from: ElementOf<F>): RowOf<EdgeColumns<F, T, C>>[];
  /** The edges that end at a node, in order of their slots. */
  incoming(to: ElementOf<T>): RowOf<EdgeColumns<F, T, C>>[];
}
export interface EdgesView<
  F extends ColumnType = ColumnType,
  T extends ColumnType = ColumnType,
  C extends Columns = Columns,
>
  extends TableView<EdgeColumns<F, T, C>, Ends>, Neighbours<F, T, C> {}
export interface Edges<
  F extends ColumnType = ColumnType,
  T extends ColumnType = ColumnType,
  C extends Columns = Columns,
>
  extends Table<EdgeColumns<F, T, C>, Ends>, Neighbours<F, T, C> {}

/** The rows that a tick appended, in order. */
export interface LogView<C extends Columns = Columns> extends Iterable<RowOf<C>> {
  readonly size: number;
  at(position: number): RowOf<C> | undefined;
}
/** A live log: what the tick that is being made has appended so far. */
export interface Log<C extends Columns = Columns> extends LogView<C> {
  /** Columns that are left out are nothing. @throws WORLD_VALUE, WORLD_ROWS */
  append(row: ValuesOf<C>): void;
}

/** The type of the keys that an end of an edge holds: of the table that it names, or the type itself. */
type EndType<D extends StateDefinition, N extends string> = N extends KeyType
  ? N
  : N extends keyof D
    ? D[N] extends TableStore<infer C, infer K>
      ? C[K[0] & keyof C]
      : KeyType
    : KeyType;

type Stored<D extends StateDefinition, S> =
  S extends GridStore<infer T>
    ? ArrayOf[T]
    : S extends ValueStore<infer C>
      ? RowOf<C>
      : S extends TableStore<infer C, infer K>
        ? Table<C, K>
        : S extends EdgesStore<infer F, infer T, infer C>
          ? Edges<EndType<D, F>, EndType<D, T>, C>
          : S extends LogStore<infer C>
            ? Log<C>
            : never;
type StoredView<D extends StateDefinition, S> =
  S extends TableStore<infer C, infer K>
    ? TableView<C, K>
    : S extends EdgesStore<infer F, infer T, infer C>
      ? EdgesView<EndType<D, F>, EndType<D, T>, C>
      : S extends LogStore<infer C>
        ? LogView<C>
        : Stored<D, S>;

/** What `state` looks like in code: an array for a grid, a record for a value, a table, edges or a log. */
export type StateOf<D extends StateDefinition> = {
  readonly [N in keyof D]: D[N] extends DerivedStore<infer S> ? StoredView<D, S> : Stored<D, D[N]>;
};
/** The same of a past state, which cannot be changed. */
export type PastStateOf<D extends StateDefinition> = {
  readonly [N in keyof D]: D[N] extends DerivedStore<infer S>
    ? StoredView<D, S>
    : StoredView<D, D[N]>;
};

/**
 * Explicit changes. Of a grid the row-major indexes and their values, of a value store the changed columns. Of a table
 * what is deleted, inserted and updated, in this order; each key once. What the table's own methods did since the last commit
 * is recorded with it. Of a log what is appended.
 */
export type ChangesOf<D extends StateDefinition> = {
  readonly [N in keyof D]?: D[N] extends GridStore<infer T>
    ? { readonly index: ArrayLike<number>; readonly value: ArrayLike<ElementOf<T>> }
    : D[N] extends ValueStore<infer C>
      ? ValuesOf<C>
      : D[N] extends TableStore<infer C, infer K>
        ? RowChanges<C, K>
        : D[N] extends EdgesStore<infer F, infer T, infer C>
          ? RowChanges<EdgeColumns<EndType<D, F>, EndType<D, T>, C>, Ends>
          : D[N] extends LogStore<infer C>
            ? { readonly append: Iterable<ValuesOf<C>> }
            : never;
};
export interface RowChanges<C extends Columns, K extends readonly string[]> {
  readonly delete?: Iterable<KeyOf<C, K>>;
  readonly insert?: Iterable<NewRowOf<C, K>>;
  /** The key and the changed columns of each row. */
  readonly update?: Iterable<NewRowOf<C, K>>;
}
