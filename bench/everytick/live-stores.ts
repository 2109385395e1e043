import type { Log, LogView, Table, TableView } from "everytick";
import { isNumbers, nothing, write } from "../workloads/state.ts";
import {
  columnsOf,
  type NumberArray,
  type State,
  type TickChanges,
  type Values,
  type Workload,
} from "../workloads/workload.ts";
import { rowNumber } from "./definition.ts";

/** Stores whose definition is known at run time only. */
export type Stores<S> = { readonly [name: string]: S };
type AnyTable = Table<{ [column: string]: "f64" }, readonly ["key"]>;
type AnyTableView = TableView<{ [column: string]: "f64" }>;

/** Fills the stores with the initial state, as a simulation does before its first tick. */
export function fillStores(workload: Workload, stores: Stores<unknown>): void {
  for (const store of workload.stores) {
    if (store.kind === "log") continue;
    const numbers = columnsOf(workload, store.name);
    const values = numbers.map((number) => workload.initial[number]!);
    if (store.kind === "grid") {
      (stores[store.name] as NumberArray).set(values[0] as NumberArray);
      continue;
    }
    const live = stores[store.name] as AnyTable;
    const names = numbers.map((number) => workload.columns[number]!.name);
    const isNumbered = store.kind === "table" && store.key === undefined;
    for (let row = 0; row < values[0]!.length; row++) {
      const entries = names.map((name, place) => [name, values[place]![row]!] as const);
      const { live: isLive, ...rest } = Object.fromEntries(entries);
      if (isLive === 0) continue;
      live.insert((isNumbered ? { [rowNumber]: row, ...rest } : rest) as never);
    }
  }
}

/** Writes the changed values of tables without births and deaths where they belong. */
export function writeColumns(
  workload: Workload,
  stores: Stores<unknown>,
  { columns }: TickChanges,
): void {
  for (const { column, rows, values } of columns) {
    const { store, name } = workload.columns[column]!;
    const target = (stores[store] as AnyTable).columns[name] as unknown as NumberArray;
    if (rows === undefined) target.set(values as NumberArray);
    else write(target, rows, values);
  }
}

/** Lets rows die, be born and change, and appends to logs, as a simulation does that keeps its state in the stores. */
export function changeRows(
  workload: Workload,
  stores: Stores<unknown>,
  { columns, keyed = {} }: TickChanges,
): void {
  for (const [name, changes] of Object.entries(keyed)) {
    for (const row of changes.append ?? []) (stores[name] as Log).append(row);
    const table = stores[name] as AnyTable;
    for (const key of changes.delete ?? []) table.delete(key as never);
    for (const row of changes.insert ?? []) table.insert(row as never);
  }
  for (const { column, rows, values, birth } of columns) {
    if (rows === undefined || birth) continue;
    const { store, name } = workload.columns[column]!;
    const table = stores[store] as AnyTable;
    if (isNumbers(values)) {
      write(table.columns[name] as unknown as NumberArray, rows, values);
      continue;
    }
    for (let i = 0; i < rows.length; i++) {
      const row = table.rowAt(rows[i]!) as unknown as { [column: string]: string };
      row[name] = values[i]!;
    }
  }
}

/** The state of a workload as the stores hold it. */
export function readStores(workload: Workload, stores: Stores<unknown>): State {
  const state: State = [];
  for (const { kind, name } of workload.stores) {
    const numbers = columnsOf(workload, name);
    const found =
      kind === "grid"
        ? [stores[name] as NumberArray]
        : kind === "log"
          ? readRows(workload, numbers, stores[name] as LogView)
          : readTable(workload, numbers, stores[name] as AnyTableView);
    numbers.forEach((number, place) => (state[number] = found[place]!));
  }
  return state;
}

function readRows(workload: Workload, numbers: readonly number[], log: LogView): Values[] {
  const rows = [...log];
  return numbers.map((number) => {
    const { name, type } = workload.columns[number]!;
    const values = nothing(type, rows.length);
    rows.forEach((row, place) => ((values as unknown[])[place] = row[name]));
    return values;
  });
}

function readTable(workload: Workload, numbers: readonly number[], table: AnyTableView): Values[] {
  const texts: [name: string, values: string[]][] = [];
  const found = numbers.map((number) => {
    const { name, type } = workload.columns[number]!;
    const { length } = workload.initial[number]!;
    if (table.slotCount > length) throw new Error(`${name} in slot ${table.slotCount - 1}`);
    const values = nothing(type, length);
    if (isNumbers(values)) {
      const column = name === "live" ? table.live : table.columns[name];
      values.set((column as unknown as NumberArray).subarray(0, table.slotCount));
    } else texts.push([name, values]);
    return values;
  });
  if (texts.length === 0) return found;
  for (let slot = 0; slot < table.slotCount; slot++) {
    const row = table.rowAt(slot) as { readonly [column: string]: unknown } | undefined;
    if (row === undefined) continue;
    for (const [name, values] of texts) values[slot] = row[name] as string;
  }
  return found;
}
