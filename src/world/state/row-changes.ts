import { EverytickError, kindOf } from "../../errors.ts";
import type { ColumnImage } from "../../format/image.ts";
import { liveColumn, type StoreLayout } from "../../format/layout.ts";
import { limits } from "../../limits.ts";
import type { Values } from "./given-rows.ts";
import { compareKeys } from "./key-order.ts";
import type { RowBits } from "./live-store.ts";
import { bitsOfSlots } from "./slot-bits.ts";
import { shownKey, type LiveTable } from "./live-table.ts";

interface Update {
  readonly slot: number;
  readonly values: Values;
}
interface Checked {
  /** Slots that lose their row. */
  readonly deleted: readonly number[];
  /** In order of their keys: so slots do not depend on the order in which rows are given. */
  readonly inserted: readonly Values[];
  /** In order of their slots. */
  readonly updated: readonly Update[];
}

/**
 * Checks all of a commit's changes to a table before the first is made. Slots and keys follow from the rows that are there,
 * so whatever the table's methods did since the last commit is recorded with them; nothing else is looked at.
 * @returns what makes them, and gives the new bits of the slots that they touch, rising.
 * @throws RECORDER_CHANGES, WORLD_ARRAY, WORLD_KEY, WORLD_VALUE, WORLD_ROWS, WORLD_STATIC
 */
export function planRowChanges(
  store: StoreLayout,
  table: LiveTable,
  changes: object,
): () => RowBits[] {
  const { deleted, inserted, updated } = check(table, changes);
  const { memory } = table;
  const pending = memory.pending();
  memory.reserve(Math.max(memory.slotCount, memory.size - deleted.length + inserted.length));
  return () => {
    for (const slot of deleted) table.deleteAt(slot);
    memory.sweep();
    const born = inserted.map((values) => table.insert(values));
    for (const { slot, values } of updated) table.writeAt(slot, values);
    return bitsOf(store, table, rising(pending, deleted, born), updated);
  };
}

function check(table: LiveTable, changes: object): Checked {
  const known = ["delete", "insert", "update"];
  for (const name of Object.keys(changes)) {
    if (!known.includes(name)) throw refused(table, known.join(", "), name);
  }
  table.checkFree();
  const given = changes as { [name: string]: Iterable<unknown> | undefined };
  const touched = new Uint8Array(table.memory.slotCount);
  const touch = (slot: number): number => {
    if (touched[slot] === 1) throw refused(table, "each key once", shownKey(table.keyAt(slot)));
    touched[slot] = 1;
    return slot;
  };
  const deleted = Array.from(listOf(table, given["delete"]), (key) => touch(table.slotOfRow(key)));
  const inserted = checkInserted(table, listOf(table, given["insert"]));
  const updated = Array.from(listOf(table, given["update"]), (row): Update => {
    const values = table.valuesOf(row);
    table.checkValues(values);
    return { slot: touch(table.slotOfRow(table.keyOf(values))), values };
  });
  return { deleted, inserted, updated: bySlot(updated) };
}

/** Sorts numbers, which is several times faster than sorting objects: the slot above, the position below. */
function bySlot(updates: readonly Update[]): readonly Update[] {
  if (updates.every(({ slot }, i) => i === 0 || slot > (updates[i - 1] as Update).slot)) {
    return updates;
  }
  const positions = Float64Array.from(updates, ({ slot }, i) => slot * limits.tableRows + i).sort();
  return Array.from(positions, (position) => updates[position % limits.tableRows] as Update);
}

function checkInserted(table: LiveTable, rows: Iterable<unknown>): Values[] {
  const keyed = Array.from(rows, (row) => {
    const values = table.valuesOf(row);
    table.checkValues(values);
    const key = table.canonicalKey(table.keyOf(values));
    if (table.slotOf(key) !== -1) throw table.refused("a key that no row has", key);
    return { key, values };
  });
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  for (let i = 1; i < keyed.length; i++) {
    const key = keyed[i]?.key;
    if (compareKeys(keyed[i - 1]?.key, key) === 0) throw table.refused("each key once", key);
  }
  return keyed.map(({ values }) => values);
}

function listOf(table: LiveTable, list: Iterable<unknown> | undefined): Iterable<unknown> {
  if (list === undefined) return [];
  if (typeof list === "object" && list !== null && Symbol.iterator in list) return list;
  throw refused(table, "a list of rows or keys", kindOf(list));
}

/** The new bits: of whole rows in every column, of updated ones in the columns that were given. */
function bitsOf(
  { columns }: StoreLayout,
  table: LiveTable,
  whole: Uint32Array,
  updated: readonly Update[],
): RowBits[] {
  const images = table.memory.images();
  return columns.flatMap((column, number) => {
    const index = number === liveColumn ? whole : rising(whole, slotsOf(updated, column.name));
    if (index.length === 0) return [];
    return bitsOfSlots(number, index, images[number] as ColumnImage, column);
  });
}

/** The slots of the updates that give a column. */
function slotsOf(updated: readonly Update[], column: string): Uint32Array {
  const slots = new Uint32Array(updated.length);
  let count = 0;
  for (const { slot, values } of updated) if (values[column] !== undefined) slots[count++] = slot;
  return slots.subarray(0, count);
}

/** The slots of all lists, rising, each once. */
function rising(...lists: readonly ArrayLike<number>[]): Uint32Array {
  const [only, ...others] = lists.filter(({ length }) => length > 0);
  if (only instanceof Uint32Array && others.length === 0) return only;
  const slots = new Uint32Array(lists.reduce((count, { length }) => count + length, 0));
  let end = 0;
  for (const list of lists) {
    slots.set(list, end);
    end += list.length;
  }
  slots.sort();
  let count = 0;
  for (let i = 0; i < slots.length; i++) {
    if (i === 0 || slots[i] !== slots[i - 1]) slots[count++] = slots[i] as number;
  }
  return slots.subarray(0, count);
}

function refused(table: LiveTable, expected: string, found: string): EverytickError {
  return new EverytickError("RECORDER_CHANGES", {
    where: `changes of ${table.name}`,
    expected,
    found,
  });
}
