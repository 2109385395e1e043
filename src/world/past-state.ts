import type { Image } from "../format/image.ts";
import { isNumericType, numbersOf, type ColumnLayout, type StoreLayout } from "../format/layout.ts";
import type { Element, StoreSchema, WorldSchema } from "../types.ts";
import { decodeValue } from "./elements.ts";

/** What `past.state` shows of an image: a view of its memory for a grid, a frozen record for a value store. */
export function pastState(image: Image, schema: WorldSchema): object {
  const state = {};
  for (const store of image.layout.stores) {
    if (store.number === image.layout.randomStore) continue;
    const { kind } = schema.stores[store.number] as StoreSchema;
    const value = kind === "grid" ? gridOf(image, store) : recordOf(image, store);
    Object.defineProperty(state, store.name, { value, enumerable: true });
  }
  return Object.freeze(state);
}

function gridOf(image: Image, store: StoreLayout): object {
  const { bytes } = image.column(store.number, 0);
  const { type } = store.columns[0] as ColumnLayout;
  return numbersOf(type as Parameters<typeof numbersOf>[0], bytes);
}

function recordOf(image: Image, store: StoreLayout): object {
  const record = {};
  store.columns.forEach(({ name }, column) => {
    const value = elementOf(image, store, column, 0);
    Object.defineProperty(record, name, { value, enumerable: true });
  });
  return Object.freeze(record);
}

/** One element of an image as a JavaScript value. */
export function elementOf(image: Image, store: StoreLayout, column: number, row: number): Element {
  const { type } = store.columns[column] as ColumnLayout;
  const { bytes, values } = image.column(store.number, column);
  if (!isNumericType(type)) return decodeValue(type, values[row] as Uint8Array);
  return numbersOf(type, bytes)[row] as Element;
}
