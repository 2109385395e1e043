import type { StoreChanges } from "../../../src/format/changes.ts";
import type { Image } from "../../../src/format/image.ts";
import { isGrowing, liveColumn } from "../../../src/format/layout.ts";
import type { TickChanges } from "./protocol.ts";

/** How many elements of each store a tick changed: cells of a grid, rows of a table. The random streams are left out. */
export function summaryOf(
  found: readonly StoreChanges[],
  image: Image,
  randomStore: number,
): TickChanges["stores"] {
  return found
    .filter(({ store }) => store.number !== randomStore)
    .map(({ store, columns }) => {
      const rows = new Set<number>();
      for (const { index } of columns) for (const row of index) rows.add(row);
      const lives = columns.find(({ column }) => column === liveColumn && isGrowing(store));
      const live = image.column(store.number, liveColumn)?.bytes;
      const born = lives?.index.reduce((sum, row) => sum + (live?.[row] ?? 0), 0) ?? 0;
      const died = (lives?.index.length ?? 0) - born;
      return { store: store.name, changed: rows.size, born, died };
    });
}
