import { numbersOf } from "../../../src/format/column-types.ts";
import {
  isGrowing,
  liveColumn,
  type ColumnLayout,
  type Layout,
} from "../../../src/format/layout.ts";
import type { Element, NumericArray, StoreSchema, WorldSchema } from "../../../src/types.ts";
import { readerOf } from "../../../src/world/state/past-table.ts";
import type { StoreContent, TickState } from "../engine/protocol.ts";
import type { PlaceColumns } from "./views.ts";

/** The state of a tick, as views read it: views of its memory, nothing is copied. */
export class Snapshot {
  readonly state: TickState;
  readonly #layout: Layout;
  readonly #schema: WorldSchema;
  readonly #contents: ReadonlyMap<number, StoreContent>;

  constructor(state: TickState, layout: Layout, schema: WorldSchema) {
    this.state = state;
    this.#layout = layout;
    this.#schema = schema;
    this.#contents = new Map(state.stores.map((content) => [content.store, content]));
  }

  get tick(): number {
    return this.state.tick;
  }

  schema(store: number): StoreSchema {
    return this.#schema.stores[store] as StoreSchema;
  }

  has(store: number): boolean {
    return (this.#contents.get(store)?.columns.length ?? 0) > 0;
  }

  /** The cells of a grid, row-major. */
  cells(store: number): NumericArray | undefined {
    const column = this.#layout.stores[store]?.columns[0];
    const content = this.#contents.get(store)?.columns[0];
    if (column === undefined || content === undefined) return undefined;
    return numbersOf(column.base, content.bytes);
  }

  /** Slots of a table or log that may hold rows; cells of a grid; 1 for a value store. */
  rowCount(store: number): number {
    const layout = this.#layout.stores[store];
    if (layout === undefined || !this.has(store)) return 0;
    return isGrowing(layout) ? this.#column(store, liveColumn)!.bytes.length : layout.rows;
  }

  isLive(store: number, row: number): boolean {
    const layout = this.#layout.stores[store];
    if (layout === undefined || row >= this.rowCount(store)) return false;
    return !isGrowing(layout) || this.#column(store, liveColumn)!.bytes[row] === 1;
  }

  /** Slots that hold rows, rising. */
  liveRows(store: number): Uint32Array {
    const layout = this.#layout.stores[store];
    const count = this.rowCount(store);
    if (layout === undefined || !isGrowing(layout))
      return Uint32Array.from({ length: count }, (_, i) => i);
    const live = this.#column(store, liveColumn)!.bytes;
    return Uint32Array.from(live.keys().filter((row) => live[row] === 1));
  }

  /** Names and types of what a row holds, `$live` left out. */
  columns(store: number): readonly ColumnLayout[] {
    const layout = this.#layout.stores[store];
    if (layout === undefined) return [];
    return isGrowing(layout) ? layout.columns.slice(1) : layout.columns;
  }

  /** The values of a row, one for each of `columns`. */
  values(store: number, row: number): Element[] {
    const layout = this.#layout.stores[store];
    const content = this.#contents.get(store);
    if (layout === undefined || content === undefined) return [];
    const first = isGrowing(layout) ? 1 : 0;
    return layout.columns.slice(first).map((column, i) => {
      return readerOf(column, content.columns[first + i]!)(row);
    });
  }

  /** The numbers of one column, one (or as many as a vector has) for each slot. */
  numbers(store: number, name: string): NumericArray | undefined {
    const column =
      this.#layout.stores[store]?.columns.findIndex((each) => each.name === name) ?? -1;
    const layout = this.#layout.stores[store]?.columns[column];
    const content = this.#contents.get(store)?.columns[column];
    if (layout === undefined || content === undefined || layout.width === 0) return undefined;
    return numbersOf(layout.base, content.bytes);
  }

  /** Where each slot is. */
  places(
    store: number,
    place: PlaceColumns,
  ): { x: (row: number) => number; y: (row: number) => number } {
    if (place.kind === "columns") {
      const [x, y] = [this.numbers(store, place.x), this.numbers(store, place.y)];
      return { x: (row) => Number(x?.[row]), y: (row) => Number(y?.[row]) };
    }
    const numbers = this.numbers(store, place.column);
    const column = this.columns(store).find(({ name }) => name === place.column);
    const length = column === undefined ? 2 : column.width / column.unit;
    return {
      x: (row) => Number(numbers?.[row * length]),
      y: (row) => Number(numbers?.[row * length + 1]),
    };
  }

  #column(store: number, column: number): StoreContent["columns"][number] | undefined {
    return this.#contents.get(store)?.columns[column];
  }
}
