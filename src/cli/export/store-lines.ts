import type { GridSchema, NumericArray, StoreSchema, Tick } from "../../types.ts";
import { jsonWriter, type WriteElement } from "../../world/element-json.ts";
import { csvWriter } from "./element-text.ts";
import { csvRows, type ExportFormat, jsonRows, type Row, type RowFormat } from "./row-format.ts";

/** Writes a store, tick by tick. */
export interface StoreLines {
  readonly head: string;
  /** The lines of a tick, in pieces that are not too large. */
  tick(tick: Tick, store: unknown): Generator<string, void, undefined>;
  /** Rows and cells so far. */
  readonly count: number;
}

/** @param onlyChanges of a tick behind the first only what differs from the tick that was written before. */
export function storeLines(
  store: StoreSchema,
  format: ExportFormat,
  onlyChanges: boolean,
): StoreLines {
  if (store.kind === "grid") {
    return format === "csv"
      ? new GridCells(store, onlyChanges)
      : new GridValues(store, onlyChanges);
  }
  const rows = format === "csv" ? csvRows(store, onlyChanges) : jsonRows(store);
  if (store.kind === "log" || !onlyChanges) return new AllRows(rows, store.kind === "value");
  return store.kind === "value" ? new ChangedValue(rows) : new ChangedRows(rows);
}

class AllRows implements StoreLines {
  readonly head: string;
  readonly #format: RowFormat;
  readonly #isOne: boolean;
  count = 0;

  /** @param isOne whether the store is a record. */
  constructor(format: RowFormat, isOne: boolean) {
    this.head = format.head;
    this.#format = format;
    this.#isOne = isOne;
  }

  *tick(tick: Tick, store: unknown): Generator<string, void, undefined> {
    const { body, line, tickLine } = this.#format;
    const before = this.count;
    for (const row of this.#isOne ? [store as Row] : (store as Iterable<Row>)) {
      yield line(tick, body(row));
      this.count += 1;
    }
    if (this.count === before) yield tickLine(tick);
  }
}

class ChangedValue implements StoreLines {
  readonly head: string;
  readonly #format: RowFormat;
  #last: string | undefined;
  count = 0;

  constructor(format: RowFormat) {
    this.head = format.head;
    this.#format = format;
  }

  *tick(tick: Tick, record: unknown): Generator<string, void, undefined> {
    const body = this.#format.body(record as Row);
    const isChanged = body !== this.#last;
    yield isChanged ? this.#format.line(tick, body) : this.#format.tickLine(tick);
    this.#last = body;
    if (isChanged) this.count += 1;
  }
}

/** Rows with a key. It holds the text of each row, so that changes are found whichever ticks are left out. */
class ChangedRows implements StoreLines {
  readonly head: string;
  readonly #format: RowFormat;
  #bodies: ReadonlyMap<string, string> = new Map();
  count = 0;

  constructor(format: RowFormat) {
    this.head = format.head;
    this.#format = format;
  }

  *tick(tick: Tick, store: unknown): Generator<string, void, undefined> {
    const { body, keyBody, line, deletedLine, tickLine } = this.#format;
    const before = this.count;
    const bodies = new Map<string, string>();
    for (const row of store as Iterable<Row>) bodies.set(keyBody(row), body(row));
    for (const key of this.#bodies.keys()) {
      if (bodies.has(key)) continue;
      yield deletedLine(tick, key);
      this.count += 1;
    }
    for (const [key, text] of bodies) {
      if (this.#bodies.get(key) === text) continue;
      yield line(tick, text);
      this.count += 1;
    }
    this.#bodies = bodies;
    if (this.count === before) yield tickLine(tick);
  }
}

const numbersInPiece = 4096;

/** A line with all values of a grid, or with the changed ones and their indexes. */
class GridValues implements StoreLines {
  readonly head = "";
  readonly #name: string;
  readonly #write: WriteElement;
  readonly #changes: GridChanges | undefined;
  count = 0;

  constructor({ name, type }: GridSchema, onlyChanges: boolean) {
    this.#name = JSON.stringify(name);
    this.#write = jsonWriter(type);
    this.#changes = onlyChanges ? new GridChanges() : undefined;
  }

  *tick(tick: Tick, store: unknown): Generator<string, void, undefined> {
    const array = store as NumericArray;
    const index = this.#changes?.next(array);
    if (index?.length === 0) {
      yield `{"tick":${tick}}\n`;
      return;
    }
    yield `{"tick":${tick},"store":${this.#name}`;
    if (index !== undefined) {
      yield ',"index":[';
      yield* joined(index.length, (i) => String(index[i]));
      yield "]";
    }
    yield ',"values":[';
    const length = index?.length ?? array.length;
    yield* joined(length, (i) => this.#write(array[index?.[i] ?? i] as never));
    yield "]}\n";
    this.count += length;
  }
}

/** A line for each cell that is not 0, or that changed. */
class GridCells implements StoreLines {
  readonly head = "tick,index,value\r\n";
  readonly #write: WriteElement;
  readonly #changes: GridChanges | undefined;
  count = 0;

  constructor({ type }: GridSchema, onlyChanges: boolean) {
    this.#write = csvWriter(type);
    this.#changes = onlyChanges ? new GridChanges() : undefined;
  }

  *tick(tick: Tick, store: unknown): Generator<string, void, undefined> {
    const array = store as NumericArray;
    const isFirst = this.#changes?.isFirst !== false;
    const index = this.#changes?.next(array);
    const length = index?.length ?? array.length;
    for (let i = 0; i < length; i++) {
      const at = index?.[i] ?? i;
      const value = array[at];
      if (isFirst && (Object.is(value, 0) || value === 0n)) continue;
      yield `${tick},${at},${this.#write(value as never)}\r\n`;
      this.count += 1;
    }
  }
}

/** Finds the cells whose values differ from those before. */
class GridChanges {
  #before: NumericArray | undefined;

  get isFirst(): boolean {
    return this.#before === undefined;
  }

  /** Their indexes; `undefined` for the first values. */
  next(array: NumericArray): readonly number[] | undefined {
    const before = this.#before;
    this.#before = array.slice();
    if (before === undefined) return undefined;
    const index: number[] = [];
    for (let i = 0; i < array.length; i++) if (!Object.is(array[i], before[i])) index.push(i);
    return index;
  }
}

function* joined(length: number, textAt: (i: number) => string): Generator<string> {
  for (let begin = 0; begin < length; begin += numbersInPiece) {
    const size = Math.min(numbersInPiece, length - begin);
    const texts = Array.from({ length: size }, (_, i) => textAt(begin + i));
    yield (begin === 0 ? "" : ",") + texts.join(",");
  }
}
