/** A copy in plain JavaScript of what a recording is given: of any definition, with content that a seed decides. */
import type { ColumnType, Element, StateDefinition } from "everytick";
import type { Choices } from "../model/choices.ts";
import { keyOf, nothingOf, valueOf } from "./column-values.ts";
import {
  contentOf,
  isKeyed,
  keyNames,
  keyText,
  storesOf,
  type ColumnedStore,
  type Content,
  type KeyedStore,
  type Row,
} from "./row-content.ts";

/** A live store of a kind that is known when the test runs. */
interface LiveStore {
  insert(row: Row): number;
  update(key: unknown, values: Row): number;
  delete(key: unknown): void;
  append(row: Row): void;
}
type Operation = "insert" | "update" | "delete" | "append" | "set";

const keysOfTable = 9;

export class PlainCopy {
  readonly stores: readonly ColumnedStore[];
  /** What was done to each store at least once. */
  readonly done = new Map<string, Set<Operation>>();
  readonly #choices: Choices;
  /** The rows of tables by key, the record of a value store, what the last tick appended to a log. */
  readonly #rows = new Map<string, Map<string, Row>>();

  constructor(state: StateDefinition, choices: Choices) {
    this.stores = storesOf(state);
    this.#choices = choices;
    for (const store of this.stores) {
      this.done.set(store.name, new Set());
      const record = store.kind === "value" ? [["", wholeRow(store, {})] as const] : [];
      this.#rows.set(store.name, new Map(record));
    }
  }

  /** Changes a state and this copy alike. Static stores are filled at the first change. */
  change(state: object, isFirst: boolean): void {
    for (const store of this.stores) {
      const live = (state as { readonly [store: string]: LiveStore })[store.name] as LiveStore;
      if (store.kind === "log") this.#append(store, live);
      else if (store.kind === "value") this.#set(store, live);
      else if (store.role !== "static") this.#changeRows(store, live);
      else if (isFirst) for (let n = 0; n < keysOfTable; n++) this.#insert(store, live, n);
    }
  }

  content(): Content {
    return contentOf(this.stores, ({ name }) => this.#rowsOf(name).values());
  }

  #append(store: ColumnedStore, live: LiveStore): void {
    const rows = this.#rowsOf(store.name);
    rows.clear();
    for (let position = this.#choices.below(4); position > 0; position--) {
      const row = this.#someOf(store);
      live.append(row);
      rows.set(String(position), wholeRow(store, row));
      this.done.get(store.name)?.add("append");
    }
  }

  #set(store: ColumnedStore, live: LiveStore): void {
    const values = this.#someOf(store);
    Object.assign(live, values);
    Object.assign(this.#rowsOf(store.name).get("") as Row, values);
    this.done.get(store.name)?.add("set");
  }

  #changeRows(store: KeyedStore, live: LiveStore): void {
    for (let i = 0; i < 3; i++) {
      const n = this.#choices.below(keysOfTable);
      const parts = keyParts(store, n);
      const key = parts.length === 1 ? parts[0] : parts;
      const rows = this.#rowsOf(store.name);
      const row = rows.get(keyText(parts));
      if (row === undefined) {
        this.#insert(store, live, n);
      } else if (this.#choices.chance(0.4)) {
        live.delete(key);
        rows.delete(keyText(parts));
        this.done.get(store.name)?.add("delete");
      } else {
        const values = this.#rowOf(store, parts);
        live.update(key, values);
        Object.assign(row, values);
        this.done.get(store.name)?.add("update");
      }
    }
  }

  #insert(store: KeyedStore, live: LiveStore, n: number): void {
    const parts = keyParts(store, n);
    const row = this.#rowOf(store, parts);
    live.insert(row);
    this.#rowsOf(store.name).set(keyText(parts), wholeRow(store, row));
    this.done.get(store.name)?.add("insert");
  }

  #rowsOf(name: string): Map<string, Row> {
    return this.#rows.get(name) as Map<string, Row>;
  }

  #rowOf(store: KeyedStore, key: readonly Element[]): Row {
    const names = keyNames(store).map((name, part) => [name, key[part] as Element] as const);
    return { ...this.#someOf(store), ...Object.fromEntries(names) };
  }

  /** Values for most columns. */
  #someOf({ columns }: ColumnedStore): Row {
    const chosen = columns.filter(() => this.#choices.chance(0.8));
    return Object.fromEntries(chosen.map(({ name, type }) => [name, valueOf(type, this.#choices)]));
  }
}

/** What is left out of a row that is born is nothing. */
function wholeRow({ columns }: ColumnedStore, row: Row): Row {
  const nothing = columns.map(({ name, type }) => [name, nothingOf(type)] as const);
  return { ...Object.fromEntries(nothing), ...row };
}

/** The n-th key of a table; the further parts of a longer one repeat sooner. */
function keyParts(store: KeyedStore, n: number): Element[] {
  return keyNames(store).map((name, part) => {
    const type = store.columns.find((column) => column.name === name)?.type as ColumnType;
    return keyOf(type, part === 0 ? n : n % 4);
  });
}

/** The stores to which something was never done that their kind and role allow. */
export function untouched({ stores, done }: PlainCopy): string[] {
  return stores
    .filter((store) => {
      const wanted: readonly Operation[] = !isKeyed(store)
        ? [store.kind === "log" ? "append" : "set"]
        : store.role === "static"
          ? ["insert"]
          : ["insert", "update", "delete"];
      return !wanted.every((operation) => done.get(store.name)?.has(operation));
    })
    .map(({ name }) => name);
}
