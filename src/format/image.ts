import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import { numbersOf } from "./column-types.ts";
import { isGrowing, rowBytes, type ColumnLayout, type Layout, type StoreLayout } from "./layout.ts";

/**
 * The bits of one column: `bytes` for a fixed width (rows × width, little-endian), `values` for variable lengths. What lies
 * behind their ends is nothing.
 */
export interface ColumnImage {
  readonly bytes: Uint8Array;
  readonly values: readonly Uint8Array[];
}
interface OwnColumn extends ColumnImage {
  readonly values: Uint8Array[];
}

/** The bits of a whole state: a column image for each column of each store. Starts as nothing. */
export class Image {
  readonly layout: Layout;
  readonly stores: readonly (readonly OwnColumn[])[];

  constructor(layout: Layout) {
    this.layout = layout;
    this.stores = layout.stores.map((store) => {
      const rows = isGrowing(store) ? 0 : store.rows;
      return store.columns.map((column) => ownColumn(column, rows));
    });
  }

  column(store: number, column: number): OwnColumn {
    return this.stores[store]?.[column] as OwnColumn;
  }

  /** Rows for which a store has memory. */
  capacity(store: number): number {
    const first = this.column(store, 0);
    const width = this.layout.stores[store]?.columns[0]?.width ?? 0;
    if (first === undefined) return 0;
    return width === 0 ? first.values.length : first.bytes.length / width;
  }

  /** Makes room for `rows` rows of a store, by doubling. @throws FORMAT_DAMAGED beyond the limits */
  reserve(store: StoreLayout, rows: number): void {
    const capacity = this.capacity(store.number);
    if (rows <= capacity) return;
    const grown = grownCapacity(store, capacity, rows);
    const columns = this.stores[store.number] as OwnColumn[];
    store.columns.forEach((column, number) => {
      const { bytes, values } = columns[number] as OwnColumn;
      const larger = ownColumn(column, grown);
      larger.bytes.set(bytes);
      for (let row = 0; row < values.length; row++) larger.values[row] = values[row] as Uint8Array;
      columns[number] = larger;
    });
  }

  /** Makes room for what the images of a store's columns hold. @throws FORMAT_DAMAGED beyond the limits */
  reserveFor(store: StoreLayout, images: readonly ColumnImage[]): void {
    if (isGrowing(store)) this.reserve(store, rowsOf(store, images));
  }

  /** Makes this image, or the chosen stores of it, nothing again. */
  clear(isChosen: (store: StoreLayout) => boolean = () => true): void {
    for (const store of this.layout.stores.filter(isChosen)) {
      for (const { bytes, values } of this.stores[store.number] as readonly OwnColumn[]) {
        bytes.fill(0);
        values.fill(noBytes);
      }
    }
  }

  copyFrom(other: Image): void {
    for (const { number } of this.layout.stores) this.copyStore(number, other.stores[number] ?? []);
  }

  /** Takes over the bits of a store; what lies behind them becomes nothing. */
  copyStore(store: number, from: readonly ColumnImage[]): void {
    const layout = this.layout.stores[store] as StoreLayout;
    this.reserveFor(layout, from);
    from.forEach(({ bytes, values }, column) => {
      const own = this.column(store, column);
      own.bytes.set(bytes);
      own.bytes.fill(0, bytes.length);
      // Values are never changed in place, so sharing them is a copy.
      for (let row = 0; row < values.length; row++) own.values[row] = values[row] as Uint8Array;
      own.values.fill(noBytes, values.length);
    });
  }
}

const noBytes = new Uint8Array(0);
const capacityMin = 64;

/** The rows for which the images of a store's columns have room. */
function rowsOf({ columns }: StoreLayout, images: readonly ColumnImage[]): number {
  const rows = images.map(({ bytes, values }, column) => {
    const width = columns[column]?.width as number;
    return width === 0 ? values.length : bytes.length / width;
  });
  return Math.max(0, ...rows);
}

function grownCapacity(store: StoreLayout, capacity: number, rows: number): number {
  const doubled = Math.max(capacityMin, 2 * capacity, rows);
  const grown = Math.min(store.rows, doubled);
  if (rows > store.rows || rows * rowBytes(store) > limits.stateBytes) {
    throw new EverytickError("FORMAT_DAMAGED", {
      where: `store ${store.name}`,
      expected: `at most ${store.rows} rows and ${limits.stateBytes} bytes`,
      found: `${rows} rows of ${rowBytes(store)} bytes`,
    });
  }
  return grown;
}

function ownColumn({ base, width }: ColumnLayout, rows: number): OwnColumn {
  if (width === 0) {
    const values: Uint8Array[] = [];
    values.length = rows;
    return { bytes: noBytes, values: values.fill(noBytes) };
  }
  // Proves at once that the memory can be seen as numbers of the type.
  const bytes = new Uint8Array(rows * width);
  numbersOf(base, bytes);
  return { bytes, values: [] };
}
