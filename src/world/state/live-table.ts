import { EverytickError, kindOf } from "../../errors.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../../format/layout.ts";
import type { Element } from "../../types.ts";
import { nothingOf, spelledAsRead } from "../elements.ts";
import { GivenRows, type Values } from "./given-rows.ts";
import { makeKeyIndex, type KeyIndex } from "./key-index.ts";
import { compareKeys } from "./key-order.ts";
import type { LiveColumn } from "./live-column.ts";
import { rowClassOf, type RowClass, type RowHost } from "./live-row.ts";
import { Neighbours } from "./neighbours.ts";
import { staticChange } from "./static-change.ts";
import { TableMemory } from "./table-memory.ts";

/** The rows of a running simulation's table: found by key, each in the lowest slot that was free. */
export class LiveTable implements RowHost {
  readonly name: string;
  readonly memory: TableMemory;
  readonly #keyNames: readonly string[];
  readonly #keyColumns: readonly number[];
  readonly #index: KeyIndex;
  readonly #Row: RowClass;
  readonly #given: GivenRows;
  readonly #nothing: readonly Element[];
  /** Of the row being written: nothing is written before each column took its value. */
  readonly #prepared: unknown[] = [];
  readonly #neighbours = new Neighbours();
  #isFixed = false;

  /** @param key the names of the key columns. */
  constructor(store: StoreLayout, key: readonly string[], capacity: number) {
    this.name = store.name;
    const declared = store.columns.slice(1);
    this.#keyNames = key;
    this.#keyColumns = key.map((name) => declared.findIndex((column) => column.name === name));
    this.memory = new TableMemory(store, this.#keyColumns);
    this.memory.reserve(capacity);
    const keyLayouts = this.#keyColumns.map((column) => declared[column] as ColumnLayout);
    this.#index = makeKeyIndex(keyLayouts, store.name);
    this.#given = new GivenRows(store);
    this.#nothing = declared.map(nothingOf);
    this.#Row = rowClassOf(this);
  }

  // --- Reading -------------------------------------------------------------------------------------------------

  get columns(): readonly LiveColumn[] {
    return this.memory.columns;
  }

  isKey(column: number): boolean {
    return this.#keyColumns.includes(column);
  }

  generation(slot: number): number {
    return this.memory.generation(slot);
  }

  isLive(slot: number): boolean {
    return this.memory.isLive(slot);
  }

  touch(slot: number): void {
    this.memory.touch(slot);
  }

  /** The slot of a key, or −1. @throws WORLD_VALUE */
  slotOf(key: unknown): number {
    return this.#index.find(key);
  }

  row(slot: number): object | undefined {
    return this.isLive(slot) ? new this.#Row(slot) : undefined;
  }

  keyAt(slot: number): Element | readonly Element[] {
    const parts = this.#keyColumns.map((column) => (this.columns[column] as LiveColumn).get(slot));
    return parts.length === 1 ? (parts[0] as Element) : parts;
  }

  /** The slots of the edges at a node. */
  neighbours(end: 0 | 1, node: unknown): readonly number[] {
    const { layout } = this.columns[end] as LiveColumn;
    const key = spelledAsRead(layout, node, `${this.name}.${layout.name}`);
    return this.#neighbours.slots(end, key, () => this.#ends());
  }

  *#ends(): Generator<[number, unknown, unknown]> {
    const [from, to] = this.columns as [LiveColumn, LiveColumn];
    for (const slot of this.memory.slots()) yield [slot, from.get(slot), to.get(slot)];
  }

  // --- Writing -------------------------------------------------------------------------------------------------

  insert(row: unknown): number {
    this.checkFree();
    const values = this.valuesOf(row);
    const key = this.keyOf(values);
    if (this.#index.find(key) !== -1) throw this.refused("a key that no row has", key);
    return this.#insert(values, key);
  }

  update(key: unknown, row: unknown): number {
    this.checkFree();
    const slot = this.slotOfRow(key);
    const values = this.valuesOf(row);
    this.checkKey(slot, values);
    this.writeAt(slot, values);
    return slot;
  }

  upsert(row: unknown): number {
    this.checkFree();
    const values = this.valuesOf(row);
    const key = this.keyOf(values);
    const slot = this.#index.find(key);
    if (slot === -1) return this.#insert(values, key);
    this.writeAt(slot, values);
    return slot;
  }

  delete(key: unknown): number {
    this.checkFree();
    const slot = this.#index.remove(key);
    if (slot === -1) throw this.refused("the key of a row", key);
    this.memory.bury(slot);
    this.#neighbours.forget();
    return slot;
  }

  assign(rows: Iterable<unknown>): void {
    this.checkFree();
    // All are checked before the first is written. Of those that are born, one of each key.
    const wanted = new Map<number, Values>();
    const born = new Map<string, { readonly key: unknown; readonly values: Values }>();
    for (const row of rows) {
      const values = this.valuesOf(row);
      this.checkValues(values);
      const key = this.keyOf(values);
      const slot = this.#index.find(key);
      const canonical = slot === -1 ? this.canonicalKey(key) : undefined;
      const text = JSON.stringify([canonical].flat().map(String));
      if (slot === -1 ? born.has(text) : wanted.has(slot)) {
        throw this.refused("each key once", key);
      }
      if (slot === -1) born.set(text, { key: canonical, values });
      else wanted.set(slot, values);
    }
    this.memory.reserve(Math.max(this.memory.slotCount, wanted.size + born.size));
    for (const slot of this.memory.slots()) if (!wanted.has(slot)) this.deleteAt(slot);
    for (const [slot, values] of wanted) this.#writeWhole(slot, values);
    const sorted = [...born.values()].sort((a, b) => compareKeys(a.key, b.key));
    for (const { values } of sorted) this.insert(values);
  }

  clear(): void {
    this.checkFree();
    for (const slot of this.memory.slots()) this.deleteAt(slot);
  }

  /** Refuses every change from here on: the store is static, and its first tick is recorded. */
  fix(): void {
    this.#isFixed = true;
  }

  /** @throws WORLD_STATIC */
  checkFree(): void {
    if (this.#isFixed) throw staticChange(this.name);
  }

  /** @throws WORLD_VALUE for what is no row of this table */
  valuesOf(row: unknown): Values {
    return this.#given.valuesOf(row);
  }

  /** Refuses what a row of these values would refuse. @throws WORLD_VALUE */
  checkValues(values: Values): void {
    for (const column of this.columns) {
      const value = values[column.layout.name];
      if (value !== undefined) column.prepare(value);
    }
  }

  /** The key that a row has. @throws WORLD_KEY if a part of it is missing */
  keyOf(values: Values): unknown {
    const names = this.#keyNames;
    if (names.length === 1) return this.#keyPart(values, names[0] as string);
    return names.map((name) => this.#keyPart(values, name));
  }

  #keyPart(values: Values, name: string): unknown {
    const value = values[name];
    if (value !== undefined) return value;
    throw this.refused(`a value for ${name}`, value);
  }

  /** A key in the one spelling that it has when it is read. @throws WORLD_VALUE */
  canonicalKey(key: unknown): unknown {
    const parts = (Array.isArray(key) ? key : [key]) as unknown[];
    const canonical = parts.map((part, i) => {
      const { layout } = this.columns[this.#keyColumns[i] as number] as LiveColumn;
      return spelledAsRead(layout, part, `${this.name}.${layout.name}`);
    });
    return canonical.length === 1 ? canonical[0] : canonical;
  }

  /** @throws WORLD_KEY if values name another key than that of the row that they are for */
  checkKey(slot: number, values: Values): void {
    for (const number of this.#keyColumns) {
      const column = this.columns[number] as LiveColumn;
      const value = values[column.layout.name];
      if (value === undefined || value === column.get(slot)) continue;
      const key = this.keyOf({ ...this.#keyValues(slot), ...values });
      if (this.#index.find(key) === slot) continue;
      throw this.refused("the key that the row has; to change it, delete and insert", key);
    }
  }

  #keyValues(slot: number): Values {
    const columns = this.#keyColumns.map((column) => this.columns[column] as LiveColumn);
    return Object.fromEntries(columns.map((column) => [column.layout.name, column.get(slot)]));
  }

  /** @throws WORLD_KEY if no row has the key */
  slotOfRow(key: unknown): number {
    const slot = this.#index.find(key);
    if (slot !== -1) return slot;
    throw this.refused("the key of a row", key);
  }

  refused(expected: string, key: unknown): EverytickError {
    const found = shownKey(key);
    return new EverytickError("WORLD_KEY", { where: this.name, expected, found });
  }

  #insert(values: Values, key: unknown): number {
    const slot = this.memory.lowestFree();
    this.#writeWhole(slot, values);
    this.#index.add(key, slot);
    this.memory.bear(slot);
    this.#neighbours.forget();
    return slot;
  }

  deleteAt(slot: number): void {
    this.delete(this.keyAt(slot));
  }

  /** Writes every column; those that are left out become nothing. @throws WORLD_VALUE, and nothing was written */
  #writeWhole(slot: number, values: Values): void {
    const { columns } = this;
    const prepared = this.#prepared;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as LiveColumn;
      const value = values[column.layout.name];
      prepared[i] = column.prepare(value === undefined ? this.#nothing[i] : value);
    }
    for (let i = 0; i < columns.length; i++) (columns[i] as LiveColumn).put(slot, prepared[i]);
    this.memory.touch(slot);
  }

  /** Writes the columns that are given, but for the key. */
  writeAt(slot: number, values: Values): void {
    const { columns } = this;
    const prepared = this.#prepared;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as LiveColumn;
      const value = values[column.layout.name];
      prepared[i] = value === undefined || this.isKey(i) ? undefined : column.prepare(value);
    }
    for (let i = 0; i < columns.length; i++) {
      if (prepared[i] !== undefined) (columns[i] as LiveColumn).put(slot, prepared[i]);
    }
    this.memory.touch(slot);
  }

  // --- Recording -----------------------------------------------------------------------------------------------

  load(images: readonly ColumnImage[]): void {
    this.memory.load(images);
    const { live, slotCount } = this.memory;
    const keys = this.#keyColumns.map((column) => images[column + 1] as ColumnImage);
    this.#index.build(keys, live.subarray(0, slotCount));
    this.#neighbours.forget();
  }
}

/** A key as text, for messages. */
export function shownKey(key: unknown): string {
  return Array.isArray(key) ? `[${key.map(shownKey).join(", ")}]` : kindOf(key);
}
