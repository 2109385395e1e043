import { edges, grid, log, table } from "everytick";
import type { ColumnType, NumericType, StateDefinition, StoreDefinition } from "everytick";
import { columnsOf, type NumberArray, type State, type Workload } from "../workloads/workload.ts";

/** The key of rows that have none of their own: their number. */
export const rowNumber = "row";

/** The stores of a workload. @param bound the arrays that grids are bound to, by column; without it the engine owns them. */
export function definitionOf(workload: Workload, bound?: State): StateDefinition {
  const stores = workload.stores.map((store): [string, StoreDefinition] => {
    const { name } = store;
    const numbers = columnsOf(workload, name);
    const columns = Object.fromEntries(
      numbers
        .map((number) => workload.columns[number]!)
        .filter((column) => !isGiven(column.name, store.kind))
        .map((column): [string, ColumnType] => [column.name, column.type]),
    );
    switch (store.kind) {
      case "grid": {
        const [column] = numbers as [number];
        const type = workload.columns[column]!.type as NumericType;
        if (bound === undefined) return [name, grid(type, store.shape)];
        return [name, grid(() => bound[column] as NumberArray, store.shape)];
      }
      case "table": {
        const { key = rowNumber } = store;
        const all = store.key === undefined ? { [rowNumber]: "u32" as const, ...columns } : columns;
        return [name, table(all, { key, capacity: workload.initial[numbers[0]!]!.length })];
      }
      case "edges": {
        return [name, edges({ from: store.from, to: store.to, ...columns })];
      }
      case "log": {
        return [name, log(columns)];
      }
    }
  });
  return Object.fromEntries(stores);
}

/** Whether a store has this column of itself. */
function isGiven(name: string, kind: string): boolean {
  return name === "live" || (kind === "edges" && (name === "from" || name === "to"));
}
