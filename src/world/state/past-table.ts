import { isVariable, numbersOf } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../../format/layout.ts";
import type { ColumnViews, Columns, Element, KeyOf, RowOf, TableView } from "../../types.ts";
import { decodeValue, readElement, spelledAsRead } from "../elements.ts";
import { makeKeyIndex, type KeyIndex } from "./key-index.ts";
import { Neighbours } from "./neighbours.ts";

type Key = KeyOf<Columns, readonly string[]>;
type Row = RowOf<Columns>;
type Read = (slot: number) => Element;

/** A table of a past state: views of an image's memory, which rows are copied from. */
export class PastTable implements TableView {
  readonly live: Uint8Array;
  readonly slotCount: number;
  readonly columns: ColumnViews<Columns>;
  readonly #names: readonly string[];
  readonly #reads: readonly Read[];
  readonly #makeIndex: () => KeyIndex;
  readonly #keyColumns: readonly number[];
  /** Made at the first look for a key. */
  #index: KeyIndex | undefined;
  #size: number | undefined;

  constructor(
    store: StoreLayout,
    [live, ...images]: readonly ColumnImage[],
    key: readonly string[],
  ) {
    const declared = store.columns.slice(1);
    this.live = (live as ColumnImage).bytes;
    this.slotCount = this.live.lastIndexOf(1) + 1;
    this.columns = viewsOf(declared, images);
    this.#names = declared.map(({ name }) => name);
    this.#reads = declared.map((column, i) => readerOf(column, images[i] as ColumnImage));
    this.#keyColumns = key.map((name) => this.#names.indexOf(name));
    this.#makeIndex = () => {
      const columns = this.#keyColumns.map((column) => declared[column] as ColumnLayout);
      const index = makeKeyIndex(columns, store.name);
      const keys = this.#keyColumns.map((column) => images[column] as ColumnImage);
      index.build(keys, this.live.subarray(0, this.slotCount));
      return index;
    };
  }

  get size(): number {
    this.#size ??= this.live.reduce((sum, lives) => sum + lives, 0);
    return this.#size;
  }

  has(key: Key): boolean {
    return this.slotOf(key) !== -1;
  }

  get(key: Key): Row | undefined {
    const slot = this.slotOf(key);
    return slot === -1 ? undefined : this.#row(slot);
  }

  slotOf(key: Key): number {
    this.#index ??= this.#makeIndex();
    return this.#index.find(key);
  }

  rowAt(slot: number): Row | undefined {
    return this.live[slot] === 1 ? this.#row(slot) : undefined;
  }

  *keys(): Generator<Key> {
    for (const slot of this.#slots()) {
      const parts = this.#keyColumns.map((column) => (this.#reads[column] as Read)(slot));
      yield (parts.length === 1 ? parts[0] : parts) as Key;
    }
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const slot of this.#slots()) yield this.#row(slot);
  }

  *#slots(): Generator<number> {
    for (let slot = 0; slot < this.slotCount; slot++) if (this.live[slot] === 1) yield slot;
  }

  #row(slot: number): Row {
    const row: Record<string, Element> = {};
    for (let i = 0; i < this.#names.length; i++) {
      set(row, this.#names[i] as string, (this.#reads[i] as Read)(slot));
    }
    return row;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return [...this];
  }
}

/** Edges of a past state. */
export class PastEdges extends PastTable {
  readonly #neighbours = new Neighbours();
  readonly #spelled: (end: 0 | 1, node: Element) => unknown;

  constructor(store: StoreLayout, columns: readonly ColumnImage[], key: readonly string[]) {
    super(store, columns, key);
    this.#spelled = (end, node) => {
      const column = store.columns[end + 1] as ColumnLayout;
      return spelledAsRead(column, node, `${store.name}.${column.name}`);
    };
  }

  outgoing(from: Element): Row[] {
    return this.#at(0, from);
  }

  incoming(to: Element): Row[] {
    return this.#at(1, to);
  }

  #at(end: 0 | 1, node: Element): Row[] {
    const slots = this.#neighbours.slots(end, this.#spelled(end, node), () => this.#ends());
    return slots.map((slot) => this.rowAt(slot) as Row);
  }

  *#ends(): Generator<[number, unknown, unknown]> {
    for (let slot = 0; slot < this.slotCount; slot++) {
      const { from, to } = this.rowAt(slot) ?? {};
      if (from !== undefined) yield [slot, from, to];
    }
  }
}

/** A column named `__proto__` is a property like any other. */
export function set(row: object, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(row, name, { value, enumerable: true, writable: true });
  } else {
    (row as Record<string, unknown>)[name] = value;
  }
}

/** Reads the elements of a column. */
export function readerOf(column: ColumnLayout, { bytes, values }: ColumnImage): Read {
  const { type, base } = column;
  if (isVariable(type)) return (slot) => decodeValue(type, values[slot] as Uint8Array);
  const numbers = numbersOf(base, bytes);
  return (slot) => readElement(column, numbers, slot);
}

function viewsOf(
  columns: readonly ColumnLayout[],
  images: readonly ColumnImage[],
): ColumnViews<Columns> {
  const views = {};
  columns.forEach(({ name, base, width }, i) => {
    if (width > 0) set(views, name, numbersOf(base, (images[i] as ColumnImage).bytes));
  });
  return Object.freeze(views);
}
