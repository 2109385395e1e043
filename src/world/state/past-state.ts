import { isVariable, numbersOf } from "../../format/column-types.ts";
import type { Image } from "../../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../../format/layout.ts";
import type { Element, StateDefinition, StoreSchema, WorldSchema } from "../../types.ts";
import { decodeValue, readElement } from "../elements.ts";
import { computed } from "./derived.ts";
import { PastLog } from "./live-log.ts";
import { edgeKey } from "./live-rows.ts";
import { PastEdges, PastTable } from "./past-table.ts";

/**
 * What `past.state` shows of an image: a view of its memory for a grid, a frozen record for a value store, and tables,
 * edges and logs that copy rows out of it.
 * @param definition computes the derived stores.
 */
export function pastState(
  image: Image,
  schema: WorldSchema,
  definition: StateDefinition | undefined,
): object {
  const state = {};
  for (const store of image.layout.stores) {
    if (store.number === image.layout.randomStore) continue;
    const described = schema.stores[store.number] as StoreSchema;
    const property =
      described.role === "derived"
        ? { get: once(() => computed(definition?.[store.name], described, state)) }
        : { value: presented(image, store, described) };
    Object.defineProperty(state, store.name, { ...property, enumerable: true });
  }
  return Object.freeze(state);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function presented(image: Image, store: StoreLayout, schema: StoreSchema): object {
  const columns = image.stores[store.number] as Image["stores"][number];
  switch (schema.kind) {
    case "grid":
      return gridOf(image, store);
    case "value":
      return recordOf(image, store);
    case "table":
      return new PastTable(store, columns, schema.key);
    case "edges":
      return new PastEdges(store, columns, edgeKey);
    case "log":
      return new PastLog(store, columns);
  }
}

function gridOf(image: Image, store: StoreLayout): object {
  const { base } = store.columns[0] as ColumnLayout;
  return numbersOf(base, image.column(store.number, 0).bytes);
}

function recordOf(image: Image, store: StoreLayout): object {
  const record = {};
  store.columns.forEach(({ name }, column) => {
    const value = elementOf(image, store, column, 0);
    Object.defineProperty(record, name, { value, enumerable: true });
  });
  return Object.freeze(record);
}

/** One element of an image as a JavaScript value; behind its end lies nothing. */
export function elementOf(image: Image, store: StoreLayout, column: number, row: number): Element {
  const layout = store.columns[column] as ColumnLayout;
  const { bytes, values } = image.column(store.number, column);
  if (isVariable(layout.type)) return decodeValue(layout.type, values[row] ?? new Uint8Array(0));
  const end = (row + 1) * layout.width;
  const there = end <= bytes.length ? bytes.subarray(end - layout.width, end).slice() : undefined;
  return readElement(layout, numbersOf(layout.base, there ?? new Uint8Array(layout.width)), 0);
}
