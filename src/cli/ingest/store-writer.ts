import { type EverytickError, kindOf } from "../../errors.ts";
import type { Columns, GridStore, Log, LogStore, NumericArray, ValueStore } from "../../types.ts";
import { checkNumber } from "../../world/elements.ts";
import { type Fields, fieldOf } from "./document.ts";
import { elementReader, type ReadElement } from "./element-from-json.ts";
import { refusedInput } from "./input-failure.ts";

/** Makes the changes that lines tell in a store of a live state. */
export interface StoreWriter {
  /** @throws CLI_INPUT, WORLD_VALUE, WORLD_KEY, WORLD_ROWS, WORLD_STATIC */
  write(fields: Fields): void;
  /** No line of the tick comes any more. */
  endTick(): void;
}

/** A column as lines give it. */
export interface FieldReader {
  readonly column: string;
  readonly where: string;
  readonly read: ReadElement;
}

/** The columns of a store by their fields. */
export function fieldReaders(store: string, columns: Columns): ReadonlyMap<string, FieldReader> {
  return new Map(
    Object.entries(columns).map(([column, type]) => {
      const reader = { column, where: `${store}.${column}`, read: elementReader(type) };
      return [fieldOf(column), reader];
    }),
  );
}

export function unknownField(field: string, known: Iterable<string>): EverytickError {
  const advice = "A column must be there in the first tick, or be declared in a schema.";
  return refusedInput(`one of ${[...known].join(", ")}`, `a field ${field}`, advice);
}

/** Reads the columns of a line into a row. */
function readInto(
  row: { [column: string]: unknown },
  fields: Fields,
  readers: ReadonlyMap<string, FieldReader>,
): void {
  for (const field in fields) {
    if (field === "tick" || field === "store") continue;
    const reader = readers.get(field);
    if (reader === undefined) throw unknownField(field, readers.keys());
    row[reader.column] = reader.read(fields[field], reader.where);
  }
}

export class LogWriter implements StoreWriter {
  readonly #log: () => Log;
  readonly #readers: ReadonlyMap<string, FieldReader>;

  constructor(name: string, { columns }: LogStore, log: () => Log) {
    this.#log = log;
    this.#readers = fieldReaders(name, columns);
  }

  write(fields: Fields): void {
    // Without a prototype a column may have any name.
    const row = Object.create(null) as { [column: string]: unknown };
    readInto(row, fields, this.#readers);
    this.#log().append(row as never);
  }

  endTick(): void {}
}

export class ValueWriter implements StoreWriter {
  readonly #record: () => object;
  readonly #readers: ReadonlyMap<string, FieldReader>;

  constructor(name: string, { columns }: ValueStore, record: () => object) {
    this.#record = record;
    this.#readers = fieldReaders(name, columns);
  }

  write(fields: Fields): void {
    readInto(this.#record() as { [column: string]: unknown }, fields, this.#readers);
  }

  endTick(): void {}
}

/** All cells of a grid (`values`), or some of them (`index` and `values`). */
export class GridWriter implements StoreWriter {
  readonly #name: string;
  readonly #definition: GridStore;
  readonly #read: ReadElement;
  readonly #array: () => NumericArray;

  constructor(name: string, definition: GridStore, array: () => NumericArray) {
    this.#name = name;
    this.#definition = definition;
    this.#read = elementReader(definition.type);
    this.#array = array;
  }

  write({ tick: _tick, store: _store, index, values, ...others }: Fields): void {
    const [other] = Object.keys(others);
    if (other !== undefined) throw unknownField(other, ["index", "values"]);
    const array = this.#array();
    if (!Array.isArray(values)) throw refusedInput('"values", a list', kindOf(values));
    if (index === undefined) {
      this.#checkLength(values, array.length);
      for (let i = 0; i < values.length; i++) this.#set(array, i, values[i]);
      return;
    }
    if (!Array.isArray(index)) throw refusedInput('"index", a list', kindOf(index));
    this.#checkLength(values, index.length);
    for (let i = 0; i < values.length; i++)
      this.#set(array, this.#place(array, index[i]), values[i]);
  }

  endTick(): void {}

  /** @throws WORLD_VALUE */
  #set(array: NumericArray, at: number, value: unknown): void {
    const where = `${this.#name}[${at}]`;
    array[at] = checkNumber(this.#definition.type, this.#read(value, where), where) as never;
  }

  #place(array: NumericArray, index: unknown): number {
    if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < array.length) {
      return index as number;
    }
    throw refusedInput(`indexes in [0, ${array.length})`, kindOf(index));
  }

  #checkLength(values: readonly unknown[], length: number): void {
    if (values.length === length) return;
    throw refusedInput(`${length} values`, `${values.length} values`);
  }
}
