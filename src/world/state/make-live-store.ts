import type { StoreLayout } from "../../format/layout.ts";
import type { StoreDefinition } from "../../types.ts";
import { LiveGrid } from "./live-grid.ts";
import { LiveRecord } from "./live-record.ts";
import { LiveRowLog, LiveRows } from "./live-rows.ts";
import type { LiveStore } from "./live-store.ts";

/** @returns `undefined` for a derived store. */
export function makeLiveStore(
  definition: StoreDefinition,
  store: StoreLayout,
): LiveStore | undefined {
  switch (definition.kind) {
    case "grid":
      return new LiveGrid(definition, store);
    case "value":
      return new LiveRecord(store);
    case "table":
    case "edges":
      return new LiveRows(definition, store);
    case "log":
      return new LiveRowLog(store);
    case "derived":
      return undefined;
  }
}
