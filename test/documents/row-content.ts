/** What the stores of a state hold, as plain values that can be compared: the same of a live state, a past one and a copy. */
import type { Element, StateDefinition, StoreSchema } from "everytick";
import { schemaOf } from "everytick/world";
import { hexOf } from "../runs/memory-runs.ts";

export type Row = { [column: string]: Element };
/** The rows of a table sorted by key, those of a log in order, a record as the only row. */
export type Content = { readonly [store: string]: readonly object[] };
export type ColumnedStore = Exclude<StoreSchema, { kind: "grid" }>;
export type KeyedStore = Extract<StoreSchema, { kind: "table" | "edges" }>;

/** The stores of a definition that have columns and are recorded. */
export function storesOf(state: StateDefinition): ColumnedStore[] {
  const { stores } = schemaOf({ name: "any", version: 0, params: {}, state });
  return stores
    .slice(0, -1)
    .filter((store) => store.kind !== "grid")
    .filter(({ role }) => role !== "derived");
}

export function isKeyed(store: ColumnedStore): store is KeyedStore {
  return store.kind === "table" || store.kind === "edges";
}

export function keyNames(store: KeyedStore): readonly string[] {
  return store.kind === "edges" ? ["from", "to"] : store.key;
}

/** The content of a live or a past state. */
export function contentOfState(stores: readonly ColumnedStore[], state: object): Content {
  return contentOf(stores, ({ name, kind }) => {
    const store = (state as { readonly [store: string]: unknown })[name];
    return kind === "value" ? [store as Row] : [...(store as Iterable<Row>)];
  });
}

export function contentOf(
  stores: readonly ColumnedStore[],
  rowsOf: (store: ColumnedStore) => Iterable<Row>,
): Content {
  const entries = stores.map((store) => {
    const rows = [...rowsOf(store)].map((row) => plainRow(store, row));
    if (isKeyed(store)) {
      const key = (row: Row): string => keyText(keyNames(store).map((name) => row[name]));
      rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    }
    return [store.name, rows] as const;
  });
  return Object.fromEntries(entries);
}

export function keyText(key: readonly unknown[]): string {
  return key.map(String).join(" | ");
}

/** Vectors and bytes as the text of their bits, so that the payload of a NaN counts. */
function plainRow({ columns }: ColumnedStore, row: Row): Row {
  const entries = columns.map(({ name }) => {
    const element = row[name] as Element;
    return [name, ArrayBuffer.isView(element) ? hexOf(element as Uint8Array) : element] as const;
  });
  return Object.fromEntries(entries);
}
