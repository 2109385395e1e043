import type {
  ColumnViews,
  Columns,
  Element,
  KeyOf,
  LiveRowOf,
  NewRowOf,
  Table,
  ValuesOf,
} from "../../types.ts";
import type { LiveTable } from "./live-table.ts";

type Key = KeyOf<Columns, readonly string[]>;
type NewRow = NewRowOf<Columns, readonly string[]>;
type Row = LiveRowOf<Columns>;

/** What stands in `state` for a live table. */
export class TableDoor implements Table {
  readonly columns: ColumnViews<Columns>;
  readonly #table: LiveTable;

  constructor(table: LiveTable) {
    this.#table = table;
    this.columns = viewsOf(table);
  }

  get size(): number {
    return this.#table.memory.size;
  }

  get slotCount(): number {
    return this.#table.memory.slotCount;
  }

  get live(): Uint8Array {
    this.#table.memory.expose();
    return this.#table.memory.live;
  }

  has(key: Key): boolean {
    return this.#table.slotOf(key) !== -1;
  }

  get(key: Key): Row | undefined {
    const slot = this.#table.slotOf(key);
    return slot === -1 ? undefined : this.rowAt(slot);
  }

  slotOf(key: Key): number {
    return this.#table.slotOf(key);
  }

  rowAt(slot: number): Row | undefined {
    return this.#table.row(slot) as Row | undefined;
  }

  *keys(): Generator<Key> {
    for (const slot of this.#table.memory.slots()) yield this.#table.keyAt(slot) as Key;
  }

  *[Symbol.iterator](): Generator<Row> {
    for (const slot of this.#table.memory.slots()) yield this.rowAt(slot) as Row;
  }

  insert(row: NewRow): number {
    return this.#table.insert(row);
  }

  update(key: Key, values: ValuesOf<Columns>): number {
    return this.#table.update(key, values);
  }

  upsert(row: NewRow): number {
    return this.#table.upsert(row);
  }

  delete(key: Key): void {
    this.#table.delete(key);
  }

  assign(rows: Iterable<NewRow>): void {
    this.#table.assign(rows);
  }

  clear(): void {
    this.#table.clear();
  }

  reserve(slots: number): void {
    this.#table.memory.reserve(slots);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return [...this];
  }
}

/** The same of edges. */
export class EdgesDoor extends TableDoor {
  readonly #edges: LiveTable;

  constructor(edges: LiveTable) {
    super(edges);
    this.#edges = edges;
  }

  outgoing(from: Element): Row[] {
    return this.#edges.neighbours(0, from).map((slot) => this.rowAt(slot) as Row);
  }

  incoming(to: Element): Row[] {
    return this.#edges.neighbours(1, to).map((slot) => this.rowAt(slot) as Row);
  }
}

/** The arrays behind the columns of fixed width, by name; fetched anew each time, since they move. */
function viewsOf({ columns, memory }: LiveTable): ColumnViews<Columns> {
  const views = {};
  for (const column of columns) {
    if (column.numbers === undefined) continue;
    const get = (): unknown => {
      memory.expose();
      return column.numbers;
    };
    Object.defineProperty(views, column.layout.name, { get, enumerable: true });
  }
  return Object.freeze(views);
}
