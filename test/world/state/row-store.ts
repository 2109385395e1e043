/** The layout of one store, as a world of it alone has it, and what its tables are made of. */
import { table, type Columns, type StoreDefinition } from "everytick";
import { layoutOf, type StoreLayout } from "../../../src/format/layout.ts";
import { schemaOf } from "../../../src/world/schema.ts";
import { LiveTable } from "../../../src/world/state/live-table.ts";

export function storeLayout(store: StoreDefinition): StoreLayout {
  const schema = schemaOf({ name: "rows", version: 1, params: {}, state: { rows: store } });
  return layoutOf(schema).stores[0] as StoreLayout;
}

/** The layout of a table named `rows`, whose first column is the key. */
export function tableLayout(columns: Columns): StoreLayout {
  return storeLayout(table(columns, { key: Object.keys(columns)[0] as string }));
}

export function liveTable(columns: Columns, key: readonly string[], capacity = 0): LiveTable {
  return new LiveTable(storeLayout(table(columns, { key })), key, capacity);
}
