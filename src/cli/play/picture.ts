import type { NumericArray, Past, RowOf, StoreSchema, Columns } from "../../types.ts";
import { drawCells, type Picture, type Room } from "./cells.ts";
import { drawRows } from "./rows.ts";

/** Draws one store of a past state. */
export function drawStore(
  past: Past,
  schema: StoreSchema,
  view: { readonly slice: number; readonly scroll: number },
  room: Room,
  hasColour: boolean,
): Picture {
  const content: unknown = past.state[schema.name];
  if (schema.kind === "grid") {
    return drawCells(schema, content as NumericArray, view.slice, room, hasColour);
  }
  const columns = schema.columns.map(({ name }) => name);
  if (schema.kind === "value") {
    return drawRows(columns, [content as RowOf<Columns>], 1, view.scroll, room);
  }
  const rows = content as Iterable<RowOf<Columns>> & { readonly size: number };
  return drawRows(columns, rows, rows.size, view.scroll, room);
}
