import { EverytickError, kindOf } from "../errors.ts";
import { bytesOf } from "../format/bytes.ts";
import { isVariable, numbersOf, typeOfArray } from "../format/column-types.ts";
import { gatherRows } from "../format/row-bytes.ts";
import { isGrowing, type ColumnLayout, type StoreLayout } from "../format/layout.ts";
import type { NumericType, StateDefinition } from "../types.ts";
import { checkNumber, encodeValue, writeElement } from "../world/elements.ts";
import type { LiveState } from "../world/state/live-state.ts";
import type { RowBits } from "../world/state/live-store.ts";
import { staticChange } from "../world/state/static-change.ts";
import type { StoreInput } from "./sink.ts";

/**
 * Checks all explicit changes of a commit before the first is made.
 * @returns what makes them in the live state, and gives them in the form of a `TickInput`: rows rising, each once.
 * @throws RECORDER_CHANGES, WORLD_VALUE, WORLD_KEY, WORLD_ROWS, WORLD_STATIC
 */
export function planChanges(
  changes: object,
  definition: StateDefinition,
  live: LiveState,
): () => StoreInput[] {
  if (!isRecord(changes)) {
    throw refused("changes", "an object with stores by name", kindOf(changes));
  }
  const plans = Object.entries(changes).map(([name, given]: [string, unknown]) => {
    const store = storeOf(name, definition, live);
    if (!isRecord(given)) throw refused(`changes of ${name}`, "an object", kindOf(given));
    return { store, make: planStore(store, given, live) };
  });
  return () => {
    const inputs = plans.map(({ store, make }) => ({ store: store.number, changes: make() }));
    return inputs.sort((a, b) => a.store - b.store);
  };
}

function storeOf(name: string, definition: StateDefinition, { layout }: LiveState): StoreLayout {
  const store = layout.stores.find((candidate) => candidate.name === name);
  const names = Object.keys(definition).filter((each) => definition[each]?.kind !== "derived");
  if (store === undefined || !names.includes(name)) {
    throw refused("changes", names.join(", "), `a store ${name}`);
  }
  return store;
}

function planStore(store: StoreLayout, given: object, live: LiveState): () => RowBits[] {
  if (isGrowing(store)) return live.planRows(store, given);
  if (store.lifetime.isStatic) throw staticChange(store.name);
  const changes =
    store.chunks === undefined ? recordChanges(store, given) : [gridChanges(store, given)];
  return () => {
    live.write(store.number, changes);
    return changes;
  };
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
  for (let to = 0; to < order.length; to++) rows[to] = index[order[to] as number] as number;
  // An array of the store's own type is copied bit by bit, since numbers would lose the payload of a NaN.
  if (typeOfArray(value) === type) {
    const bytes = gatherRows(bytesOf(value as ArrayBufferView & typeof value), order, width);
    return { column: 0, index: rows, bytes, values: [] };
  }
  const bytes = new Uint8Array(order.length * width);
  const numbers = numbersOf(type as NumericType, bytes);
  for (let to = 0; to < order.length; to++) {
    const where = `${store.name}[${rows[to]}]`;
    numbers[to] = checkNumber(type as NumericType, value[order[to] as number], where);
  }
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
  const layout = store.columns[column] as ColumnLayout;
  const { name, type, base, width } = layout;
  const where = `${store.name}.${name}`;
  const index = Uint32Array.of(0);
  if (isVariable(type)) {
    const bytes = encodeValue(type, value, where);
    return { column, index, bytes: new Uint8Array(0), values: [bytes] };
  }
  const bytes = new Uint8Array(width);
  writeElement(layout, numbersOf(base, bytes), 0, value, where);
  return { column, index, bytes, values: [] };
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return !(value instanceof Map) && !ArrayBuffer.isView(value);
}

function refused(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("RECORDER_CHANGES", { where, expected, found });
}
