import { EverytickError, kindOf } from "../../errors.ts";
import type { Columns, EdgesStore, Table, TableStore } from "../../types.ts";
import { edgeKey } from "../../world/state/live-rows.ts";
import type { Fields } from "./document.ts";
import { refusedInput } from "./input-failure.ts";
import { type FieldReader, fieldReaders, type StoreWriter, unknownField } from "./store-writer.ts";

type Row = { [column: string]: unknown };

/** Rows of a table or edges: upserted, or deleted, each at most once in a tick. */
export class RowWriter implements StoreWriter {
  readonly #name: string;
  readonly #table: Table;
  readonly #readers: ReadonlyMap<string, FieldReader>;
  readonly #keys: readonly FieldReader[];
  /** Whether `key` is no column of the table, but its key. */
  readonly #hasKeyField: boolean;
  readonly #isWhole: boolean;
  /** The row being read. Columns that it does not give are undefined. */
  readonly #row: Row;
  readonly #columns: readonly string[];
  /** The serial of the tick that last wrote each slot. */
  #writtenAt = new Uint32Array(64);
  #serial = 1;
  readonly #deleted = new Set<string>();

  /** @param isWhole rows that a tick does not give are deleted. */
  constructor(
    name: string,
    definition: TableStore | EdgesStore,
    columns: Columns,
    table: Table,
    isWhole: boolean,
  ) {
    this.#name = name;
    this.#table = table;
    this.#readers = fieldReaders(name, columns);
    this.#columns = Object.keys(columns);
    const key = definition.kind === "table" ? definition.key : edgeKey;
    const readers = [...this.#readers.values()];
    this.#keys = key.map((part) => readers.find(({ column }) => column === part) as FieldReader);
    this.#hasKeyField = !this.#columns.includes("key");
    this.#isWhole = isWhole && definition.role !== "static";
    this.#row = Object.fromEntries(this.#columns.map((column) => [column, undefined]));
  }

  write(fields: Fields): void {
    const isDeletion = this.#read(fields);
    if (isDeletion) this.#delete();
    else this.#upsert();
  }

  endTick(): void {
    if (this.#isWhole) this.#deleteOthers();
    this.#serial += 1;
    this.#deleted.clear();
  }

  /** @returns whether the line deletes its row. */
  #read(fields: Fields): boolean {
    const row = this.#row;
    for (const column of this.#columns) row[column] = undefined;
    let isDeletion = false;
    for (const field in fields) {
      if (field === "tick" || field === "store") continue;
      const reader = this.#readers.get(field);
      if (reader !== undefined) row[reader.column] = reader.read(fields[field], reader.where);
      else if (field === "key" && this.#hasKeyField) this.#readKey(fields[field]);
      else if (field === "deleted") isDeletion = readFlag(fields[field]);
      else throw unknownField(field, [...this.#readers.keys(), "key", "deleted"]);
    }
    for (const { column } of this.#keys) {
      if (row[column] === undefined) throw refusedInput(`a key, ${this.#keyText()}`, "none");
    }
    return isDeletion;
  }

  #readKey(key: unknown): void {
    const parts: readonly unknown[] =
      this.#keys.length === 1 ? [key] : Array.isArray(key) ? key : [];
    if (parts.length !== this.#keys.length) {
      throw refusedInput(`a key, a list of ${this.#keyText()}`, kindOf(key));
    }
    this.#keys.forEach(({ column, read, where }, i) => (this.#row[column] = read(parts[i], where)));
  }

  #upsert(): void {
    const { size } = this.#table;
    const slot = this.#table.upsert(this.#row as never);
    const isBorn = this.#table.size > size;
    const isAgain = isBorn
      ? this.#deleted.size > 0 && this.#deleted.has(shownKey(this.#keyAt(slot)))
      : this.#writtenAt[slot] === this.#serial;
    if (isAgain) throw this.#twice();
    this.#mark(slot);
  }

  #delete(): void {
    const parts = this.#keys.map(({ column }) => this.#row[column]);
    const key = keyOf(parts);
    const slot = this.#table.slotOf(key);
    if (slot === -1) {
      if (this.#deleted.has(shownKey(parts))) throw this.#twice();
      const expected = "the key of a row";
      const found = shownKey(parts);
      throw new EverytickError("WORLD_KEY", { where: this.#name, expected, found });
    }
    if (this.#writtenAt[slot] === this.#serial) throw this.#twice();
    this.#deleted.add(shownKey(this.#keyAt(slot)));
    this.#table.delete(key);
  }

  #deleteOthers(): void {
    const { slotCount } = this.#table;
    for (let slot = 0; slot < slotCount; slot++) {
      if (this.#writtenAt[slot] === this.#serial || this.#table.rowAt(slot) === undefined) continue;
      this.#table.delete(keyOf(this.#keyAt(slot)));
    }
  }

  #mark(slot: number): void {
    if (slot >= this.#writtenAt.length) {
      const grown = new Uint32Array(Math.max(slot + 1, 2 * this.#writtenAt.length));
      grown.set(this.#writtenAt);
      this.#writtenAt = grown;
    }
    this.#writtenAt[slot] = this.#serial;
  }

  /** The parts of the key that a row has, each in its one spelling. */
  #keyAt(slot: number): readonly unknown[] {
    const row = this.#table.rowAt(slot) as Row;
    return this.#keys.map(({ column }) => row[column]);
  }

  #keyText(): string {
    return this.#keys.map(({ column }) => column).join(", ");
  }

  #twice(): EverytickError {
    const found = `${shownKey(this.#keys.map(({ column }) => this.#row[column]))} again`;
    return refusedInput(`each key of ${this.#name} once in a tick`, found);
  }
}

/** A key of one column is its value, of several a list. */
function keyOf(parts: readonly unknown[]): never {
  return (parts.length === 1 ? parts[0] : parts) as never;
}

function shownKey(parts: readonly unknown[]): string {
  return parts
    .map((part) => (typeof part === "bigint" ? String(part) : JSON.stringify(part)))
    .join(", ");
}

function readFlag(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw refusedInput('"deleted": true or false', kindOf(value));
}
