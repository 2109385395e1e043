import { EverytickError, kindOf } from "../errors.ts";
import { bytesOf } from "../format/bytes.ts";
import {
  isNumericType,
  numbersOf,
  typeOfArray,
  type ColumnLayout,
  type Layout,
  type StoreLayout,
} from "../format/layout.ts";
import type { NumericType, StateDefinition } from "../types.ts";
import { checkNumber, encodeValue } from "../world/elements.ts";
import type { RowBits } from "../world/live-state.ts";
import type { StoreInput } from "./sink.ts";

/**
 * Checks explicit changes and brings them into the form of a `TickInput`: rows rising, each once.
 * @throws RECORDER_CHANGES, WORLD_VALUE
 */
export function explicitChanges(
  changes: object,
  definition: StateDefinition,
  layout: Layout,
): StoreInput[] {
  if (!isRecord(changes))
    throw refused("changes", "an object with stores by name", kindOf(changes));
  const inputs = Object.entries(changes).map(([name, given]: [string, unknown]) => {
    const store = layout.stores.find((candidate) => candidate.name === name);
    if (store === undefined || store.number === layout.randomStore) {
      throw refused("changes", Object.keys(definition).join(", "), `a store ${name}`);
    }
    if (!isRecord(given)) throw refused(`changes of ${name}`, "an object", kindOf(given));
    const isGrid = definition[name]?.kind === "grid";
    return {
      store: store.number,
      changes: isGrid ? [gridChanges(store, given)] : recordChanges(store, given),
    };
  });
  return inputs.sort((a, b) => a.store - b.store);
}

function gridChanges(store: StoreLayout, given: object): RowBits {
  const { index, value } = given as { index?: ArrayLike<number>; value?: ArrayLike<unknown> };
  const { type, width } = store.columns[0] as ColumnLayout;
  if (typeof index?.length !== "number" || typeof value?.length !== "number") {
    throw refused(
      `changes of ${store.name}`,
      "{ index, value }, two lists",
      Object.keys(given).join(", "),
    );
  }
  if (index.length !== value.length) {
    const found = `${index.length} indexes and ${value.length} values`;
    throw refused(`changes of ${store.name}`, "as many values as indexes", found);
  }
  const order = sortedOrder(store, index);
  const rows = new Uint32Array(order.length);
  const bytes = new Uint8Array(order.length * width);
  const numbers = numbersOf(type as NumericType, bytes);
  // An array of the store's own type is copied bit by bit, since numbers would lose the payload of a NaN.
  const bits =
    typeOfArray(value) === type ? bytesOf(value as ArrayBufferView & typeof value) : undefined;
  order.forEach((from, to) => {
    const row = index[from] as number;
    rows[to] = row;
    if (bits !== undefined) bytes.set(bits.subarray(from * width, (from + 1) * width), to * width);
    else numbers[to] = checkNumber(type as NumericType, value[from], `${store.name}[${row}]`);
  });
  return { column: 0, index: rows, bytes, values: [] };
}

/** Positions of the list in order of their rows. */
function sortedOrder(store: StoreLayout, index: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(index.length);
  let rising = true;
  for (let i = 0; i < index.length; i++) {
    const row = index[i] as number;
    if (!Number.isInteger(row) || row < 0 || row >= store.rows) {
      throw refused(`changes of ${store.name}`, `indexes in [0, ${store.rows})`, String(row));
    }
    if (i > 0 && row <= (index[i - 1] as number)) rising = false;
    order[i] = i;
  }
  if (rising) return order;
  order.sort((a, b) => (index[a] as number) - (index[b] as number));
  for (let i = 1; i < order.length; i++) {
    const row = index[order[i] as number];
    if (row === index[order[i - 1] as number]) {
      throw refused(`changes of ${store.name}`, "each index once", `index ${row} twice`);
    }
  }
  return order;
}

function recordChanges(store: StoreLayout, given: object): RowBits[] {
  const inputs = Object.entries(given).map(([name, value]: [string, unknown]) => {
    const column = store.columns.findIndex((candidate) => candidate.name === name);
    if (column === -1) {
      const expected = store.columns.map((candidate) => candidate.name).join(", ");
      throw refused(`changes of ${store.name}`, expected, `a column ${name}`);
    }
    return columnInput(store, column, value);
  });
  return inputs.sort((a, b) => a.column - b.column);
}

function columnInput(store: StoreLayout, column: number, value: unknown): RowBits {
  const { name, type, width } = store.columns[column] as ColumnLayout;
  const where = `${store.name}.${name}`;
  const index = Uint32Array.of(0);
  if (!isNumericType(type)) {
    const bytes = encodeValue(type, value, where);
    return { column, index, bytes: new Uint8Array(0), values: [bytes] };
  }
  const bytes = new Uint8Array(width);
  numbersOf(type, bytes)[0] = checkNumber(type, value, where);
  return { column, index, bytes: bytesOf(bytes), values: [] };
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Map) && !ArrayBuffer.isView(value);
}

function refused(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("RECORDER_CHANGES", { where, expected, found });
}
