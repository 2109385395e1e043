import { numbersOf, type ColumnLayout, type Layout } from "./layout.ts";

/** The bits of one column: `bytes` for a fixed width (rows × width, little-endian), `values` for variable lengths. */
export interface ColumnImage {
  readonly bytes: Uint8Array;
  readonly values: Uint8Array[];
}

/** The bits of a whole state: a column image for each column of each store. Starts as nothing. */
export class Image {
  readonly layout: Layout;
  readonly stores: readonly (readonly ColumnImage[])[];

  constructor(layout: Layout) {
    this.layout = layout;
    this.stores = layout.stores.map((store) =>
      store.columns.map((column) => emptyColumn(column, store.rows)),
    );
  }

  column(store: number, column: number): ColumnImage {
    return this.stores[store]?.[column] as ColumnImage;
  }

  /** Makes this image nothing again. */
  clear(): void {
    for (const { bytes, values } of this.stores.flat()) {
      bytes.fill(0);
      values.fill(noBytes);
    }
  }

  copyFrom(other: Image): void {
    this.stores.forEach((columns, store) => {
      columns.forEach((column, number) => {
        const from = other.column(store, number);
        column.bytes.set(from.bytes);
        // Values are never changed in place, so sharing them is a copy.
        from.values.forEach((value, row) => (column.values[row] = value));
      });
    });
  }
}

const noBytes = new Uint8Array(0);

function emptyColumn({ type, width }: ColumnLayout, rows: number): ColumnImage {
  if (width === 0) {
    return { bytes: noBytes, values: Array.from({ length: rows }, () => noBytes) };
  }
  // Proves at once that the memory can be seen as numbers of the type.
  const bytes = new Uint8Array(rows * width);
  numbersOf(type as Parameters<typeof numbersOf>[0], bytes);
  return { bytes, values: [] };
}
