import type {
  Columns,
  ColumnSchema,
  StateDefinition,
  StoreDefinition,
  StoreSchema,
  WorldSchema,
} from "../../types.ts";
import { edges, grid, log, table, value } from "../../world/index.ts";

/** The stores that a card tells of, as a program would define them. @throws WORLD_DEFINITION */
export function definitionOf({ stores }: WorldSchema): StateDefinition {
  return Object.fromEntries(stores.slice(0, -1).map((store) => [store.name, storeOf(store)]));
}

function storeOf(store: StoreSchema): StoreDefinition {
  const { role } = store;
  switch (store.kind) {
    case "grid":
      return grid(store.type, store.shape, { role, chunk: store.chunk });
    case "value":
      return value(columnsOf(store.columns), { role });
    case "table":
      return table(columnsOf(store.columns), { key: store.key, role });
    case "edges":
      return edges({ ...columnsOf(store.columns), from: store.from, to: store.to }, { role });
    case "log":
      return log(columnsOf(store.columns), { role: role as "causal" });
  }
}

function columnsOf(columns: readonly ColumnSchema[]): Columns {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
