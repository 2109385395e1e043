import { kindOf } from "../errors.ts";
import { isNumericType, typeOfArray } from "../format/column-types.ts";
import { limits } from "../limits.ts";
import type {
  ArrayOf,
  ColumnType,
  Columns,
  DerivedStore,
  EdgesStore,
  LogStore,
  NumericArray,
  NumericType,
  Role,
  RowOf,
  RowSource,
  StateOf,
  StoredDefinition,
  TableStore,
} from "../types.ts";
import { checkColumns, checkRole, refused } from "./stores.ts";

interface RowOptions {
  /** Default `causal`. */
  readonly role?: Role;
  /** Rows for which memory is reserved at the start. Default 64; it grows by doubling. */
  readonly capacity?: number;
}
type KeyOption<C> = (keyof C & string) | readonly (keyof C & string)[];
type KeyList<K> = K extends readonly string[] ? K : readonly [K & string];

/**
 * Rows with a key, born and dying, such as `table({ id: "u32", x: "f32" }, { key: "id" })`. A key is one column or
 * several: whole numbers, `uuid`, `h3` or `utf8`.
 * @throws WORLD_DEFINITION
 */
export function table<const C extends Columns, const K extends KeyOption<C>>(
  columns: C,
  options: { readonly key: K } & RowOptions,
): TableStore<C, KeyList<K>> {
  const { key, role = "causal", capacity } = options ?? {};
  const checked = checkColumns("a table", columns);
  const names = (typeof key === "string" ? [key] : key) as readonly string[];
  checkKey(checked, names);
  return Object.freeze({
    kind: "table",
    columns: checked,
    key: Object.freeze([...names]) as unknown as KeyList<K>,
    role: checkRole(role),
    capacity: checkCapacity(capacity),
  });
}

/** How a column follows from an object: its property of that name, or what `get` says. */
interface ObjectColumn<O> {
  readonly type: ColumnType;
  /** @param place how many objects came before. */
  readonly get: (object: O, place: number) => unknown;
  /** Writes the element back when the run is resumed. */
  readonly set?: (object: O, value: never) => void;
}
/** A typed array stands for the component that it holds of each entity, where the objects are entities' numbers. */
type ObjectColumns<O> = { readonly [column: string]: ColumnType | ObjectColumn<O> | NumericArray };
type TypeOfColumn<S> = S extends ColumnType
  ? S
  : S extends { readonly type: infer T extends ColumnType }
    ? T
    : { [T in NumericType]: S extends ArrayOf[T] ? T : never }[NumericType];
type TypesOf<S> = { readonly [N in keyof S]: TypeOfColumn<S[N]> };

/**
 * A table whose rows follow from objects that the simulation keeps elsewhere: read at each commit, written back when the
 * run is resumed.
 * @param objects a list, or what gives one; numbers where the columns are arrays by entity.
 */
table.from = function from<O, const S extends ObjectColumns<O>, const K extends KeyOption<S>>(
  objects: readonly O[] | (() => Iterable<O>),
  columns: S,
  options: {
    readonly key: K;
    /**
     * The `u32` column that holds each object's place among the objects. Objects are made in this order, and a list is
     * put into it. Without it, their order is no part of the state.
     */
    readonly order?: keyof S & string;
    /** Makes the object of a row that has none. */
    readonly create?: (row: RowOf<TypesOf<S>>) => O;
    /** Takes away an object that has no row. Default for a list: it is cut out. */
    readonly remove?: (object: O) => void;
  } & RowOptions,
): TableStore<TypesOf<S>, KeyList<K>> {
  const { create, remove, order } = options ?? {};
  const accessors = Object.entries(columns).map(([name, column]) => {
    return [name, name === order ? placeOf(name, column) : accessorOf<O>(name, column)] as const;
  });
  if (order !== undefined && !Object.hasOwn(columns, order)) {
    throw refused("the order of objects", Object.keys(columns).join(", "), kindOf(order));
  }
  const types = accessors.map(([name, { type }]) => [name, type]);
  const list = typeof objects === "function" ? undefined : (objects as O[]);
  const source: RowSource = {
    objects: () => list ?? (objects as () => Iterable<O>)(),
    columns: Object.fromEntries(accessors) as RowSource["columns"],
    create:
      list === undefined || create === undefined
        ? create
        : (row: never) => pushed(list, create(row)),
    remove: remove ?? (list && ((object: O) => cutOut(list, object))),
    order,
    arrange: list && ((arranged: readonly never[]) => arrange(list, arranged)),
  };
  const store = table(Object.fromEntries(types) as TypesOf<S>, options as never);
  return Object.freeze({ ...store, source }) as unknown as TableStore<TypesOf<S>, KeyList<K>>;
};

/** The column that `order` names. */
function placeOf(name: string, column: unknown): ObjectColumn<unknown> {
  if (column !== "u32") throw refused(`the order column ${name}`, "u32", kindOf(column));
  return { type: "u32", get: (_object, place) => place };
}

function accessorOf<O>(
  name: string,
  column: ColumnType | ObjectColumn<O> | NumericArray,
): ObjectColumn<O> {
  if (typeof column === "string") {
    const get = (object: O): unknown => (object as { [name: string]: unknown })[name];
    const set = (object: O, value: never): void => {
      (object as { [name: string]: unknown })[name] = value;
    };
    return { type: column, get, set };
  }
  const type = typeOfArray(column);
  if (type !== undefined) {
    const component = column as { [entity: number]: unknown };
    const get = (entity: O): unknown => component[entity as number];
    const set = (entity: O, value: never): void => {
      component[entity as number] = value;
    };
    return { type, get, set };
  }
  const { get, set } = (column ?? {}) as Partial<ObjectColumn<O>>;
  if (typeof get === "function" && (set === undefined || typeof set === "function")) {
    return column as ObjectColumn<O>;
  }
  throw refused(`column ${name}`, "a type, { type, get, set } or a typed array", kindOf(column));
}

function pushed<O>(list: O[], object: O): O {
  list.push(object);
  return object;
}

function cutOut<O>(list: O[], object: O): void {
  list.splice(list.indexOf(object), 1);
}

function arrange<O>(list: O[], arranged: readonly O[]): void {
  arranged.forEach((object, place) => (list[place] = object));
}

/**
 * Links between rows, such as `edges({ from: "sheep", to: "sheep", trust: "f32" })`: a table keyed by both ends. Each
 * end names a table, whose keys it holds, or a type of key.
 * @throws WORLD_DEFINITION
 */
export function edges<
  const F extends string,
  const T extends string,
  const C extends { readonly [column: string]: string },
>(
  columns: { readonly from: F; readonly to: T } & C,
  { role = "causal", capacity }: RowOptions = {},
): EdgesStore<F, T, AttributesOf<C>> {
  if (typeof columns !== "object" || columns === null) {
    throw refused("the columns of edges", "from, to and types by name", kindOf(columns));
  }
  const { from, to, ...attributes } = columns as { readonly [column: string]: string };
  for (const end of [from, to]) {
    if (typeof end !== "string") {
      throw refused("both ends of edges", "a table's name or a type of key", kindOf(end));
    }
  }
  const checked =
    Object.keys(attributes).length === 0 ? {} : checkColumns("edges", attributes as Columns);
  return Object.freeze({
    kind: "edges",
    from: from as F,
    to: to as T,
    columns: checked as AttributesOf<C>,
    role: checkRole(role),
    capacity: checkCapacity(capacity),
  });
}
type AttributesOf<C> = {
  readonly [N in keyof C as N extends "from" | "to" ? never : N]: C[N] extends ColumnType
    ? C[N]
    : never;
};

/**
 * Rows that are appended and belong to their tick, such as `log({ sheep: "u32", cause: "utf8" })`.
 * @throws WORLD_DEFINITION
 */
export function log<const C extends Columns>(
  columns: C,
  { role = "causal" }: { readonly role?: "causal" | "observed" } = {},
): LogStore<C> {
  if (checkRole(role) === ("static" as Role)) {
    throw refused("the role of a log", "causal or observed", role);
  }
  return Object.freeze({ kind: "log", columns: checkColumns("a log", columns), role });
}

/**
 * A store whose content is computed when it is read, from the stores that are recorded, and never stored.
 * @param compute fills `into`, which is empty, and changes nothing else.
 * @throws WORLD_DEFINITION
 */
export function derived<S extends StoredDefinition>(
  store: S,
  compute: (state: never, into: StateOf<{ readonly it: S }>["it"]) => void,
): DerivedStore<S> {
  const kind = (store as Partial<S> | undefined)?.kind as string | undefined;
  if (kind === undefined || !["grid", "value", "table", "edges"].includes(kind)) {
    throw refused("a derived store", "grid, value, table or edges", kindOf(kind));
  }
  if (typeof compute !== "function") {
    throw refused("a derived store", "a function that computes it", kindOf(compute));
  }
  return Object.freeze({ kind: "derived", store, compute });
}

/** @throws WORLD_DEFINITION */
function checkKey(columns: Columns, key: readonly string[]): void {
  const isList = Array.isArray(key) && key.every((name) => typeof name === "string");
  if (!isList || key.length === 0 || key.length > limits.keyColumns) {
    const expected = `1 to ${limits.keyColumns} of its columns`;
    throw refused("the key of a table", expected, kindOf(key));
  }
  for (const name of key) {
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (type === undefined) {
      const expected = Object.keys(columns).join(", ");
      throw refused("the key of a table", expected, JSON.stringify(name));
    }
    if (!isKeyType(type)) {
      throw refused(`the key column ${name}`, "a whole number, uuid, h3 or utf8", type);
    }
  }
  if (new Set(key).size !== key.length) {
    throw refused("the key of a table", "each column once", key.join(", "));
  }
}

/** Whether a key can have this type. */
export function isKeyType(type: string): type is ColumnType {
  if (type === "utf8" || type === "uuid" || type === "h3") return true;
  return isNumericType(type) && !type.startsWith("f");
}

function checkCapacity(capacity = 0): number {
  if (Number.isSafeInteger(capacity) && capacity >= 0 && capacity <= limits.tableRows) {
    return capacity;
  }
  throw refused("the capacity of a table", `0 to ${limits.tableRows} rows`, kindOf(capacity));
}
