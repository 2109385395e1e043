import { EverytickError, kindOf } from "../../errors.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { StoreLayout } from "../../format/layout.ts";
import { limits } from "../../limits.ts";
import type { Columns, Element, Log, LogView, RowOf, ValuesOf } from "../../types.ts";
import { nothingOf } from "../elements.ts";
import { GivenRows } from "./given-rows.ts";
import { makeLiveColumn, type LiveColumn } from "./live-column.ts";
import { readerOf, set } from "./past-table.ts";

type Row = RowOf<Columns>;

/** What the tick that is being made has appended to a log so far. */
export class LiveLog {
  readonly #store: StoreLayout;
  readonly #columns: readonly LiveColumn[];
  readonly #given: GivenRows;
  readonly #nothing: readonly Element[];
  #live = new Uint8Array(0);
  #size = 0;

  constructor(store: StoreLayout) {
    this.#store = store;
    const declared = store.columns.slice(1);
    this.#columns = declared.map((column) =>
      makeLiveColumn(column, `${store.name}.${column.name}`),
    );
    this.#given = new GivenRows(store);
    this.#nothing = declared.map(nothingOf);
  }

  get size(): number {
    return this.#size;
  }

  /** A copy of a row. */
  row(position: number): Row {
    const row: Row = {};
    for (const column of this.#columns) set(row, column.layout.name, column.get(position));
    return row;
  }

  append(row: unknown): void {
    const prepared = this.prepare(row);
    this.#reserve(this.#size + 1);
    this.#columns.forEach((column, i) => column.put(this.#size, prepared[i]));
    this.#live[this.#size] = 1;
    this.#size += 1;
  }

  /** The values of a row, one for each column, valid until the next call. @throws WORLD_VALUE */
  prepare(row: unknown): unknown[] {
    const values = this.#given.valuesOf(row);
    return this.#columns.map((column, i) => {
      const value = values[column.layout.name];
      return column.prepare(value === undefined ? this.#nothing[i] : value);
    });
  }

  /** Checks `{ append: rows }` before the first is appended. @throws RECORDER_CHANGES, WORLD_VALUE */
  planAppends(changes: object): () => [] {
    const { append, ...others } = changes as { readonly append?: unknown };
    const [other] = Object.keys(others);
    const isList = typeof append === "object" && append !== null && Symbol.iterator in append;
    if (other !== undefined || !isList) {
      throw new EverytickError("RECORDER_CHANGES", {
        where: `changes of ${this.#store.name}`,
        expected: "append, a list of rows",
        found: other ?? kindOf(append),
      });
    }
    const rows = [...(append as Iterable<unknown>)];
    for (const row of rows) this.prepare(row);
    this.#reserve(this.#size + rows.length);
    return () => {
      for (const row of rows) this.append(row);
      return [];
    };
  }

  /** Forgets the rows: their tick is recorded, or is not to be. */
  clear(): void {
    for (const column of this.#columns) column.clear(0, this.#size);
    this.#live.fill(0);
    this.#size = 0;
  }

  capture(): readonly ColumnImage[] {
    const live = { bytes: this.#live.subarray(0, this.#size), values: [] };
    return [live, ...this.#columns.map((column) => column.image(this.#size))];
  }

  #reserve(rows: number): void {
    if (rows <= this.#live.length) return;
    if (rows > limits.tableRows) {
      const expected = `at most ${limits.tableRows} rows in a tick`;
      throw new EverytickError("WORLD_ROWS", { where: this.#store.name, expected });
    }
    const grown = Math.max(64, 2 * this.#live.length, rows);
    for (const column of this.#columns) column.grow(grown);
    const live = new Uint8Array(grown);
    live.set(this.#live);
    this.#live = live;
  }
}

/** What stands in `state` for a log. */
export class LogDoor implements Log {
  readonly #log: LiveLog;

  constructor(log: LiveLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#log.size;
  }

  append(row: ValuesOf<Columns>): void {
    this.#log.append(row);
  }

  at(position: number): Row | undefined {
    return rowAt(this.#log.size, position, (place) => this.#log.row(place));
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let position = 0; position < this.#log.size; position++) yield this.#log.row(position);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return [...this];
  }
}

/** What a past tick appended. */
export class PastLog implements LogView {
  readonly size: number;
  readonly #read: (position: number) => Row;

  constructor(store: StoreLayout, [live, ...images]: readonly ColumnImage[]) {
    this.size = (live as ColumnImage).bytes.lastIndexOf(1) + 1;
    const declared = store.columns.slice(1);
    const reads = declared.map((column, i) => readerOf(column, images[i] as ColumnImage));
    this.#read = (position) => {
      const row: Row = {};
      declared.forEach(({ name }, i) => set(row, name, reads[i]?.(position)));
      return row;
    };
  }

  at(position: number): Row | undefined {
    return rowAt(this.size, position, this.#read);
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let position = 0; position < this.size; position++) yield this.#read(position);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return [...this];
  }
}

/** As `Array.prototype.at`: a negative position counts from the end. */
function rowAt(size: number, position: number, read: (place: number) => Row): Row | undefined {
  const place = position < 0 ? size + position : position;
  return Number.isInteger(place) && place >= 0 && place < size ? read(place) : undefined;
}
