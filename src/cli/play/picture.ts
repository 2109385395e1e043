import type { Columns, NumericArray, Past, RowOf, StoreSchema } from "../../types.ts";
import { drawCells } from "./cells.ts";
import { drawFields, drawRows } from "./rows.ts";

/** Room on a screen, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}
/** What is seen of a store, and what one has to know of it. */
export interface Picture {
  readonly lines: readonly string[];
  readonly caption: string;
  /** How far it can be scrolled. */
  readonly scrollMax: number;
}
export interface View {
  readonly slice: number;
  readonly scroll: number;
}

/** Draws one store of a past state. */
export function drawStore(
  past: Past,
  schema: StoreSchema,
  view: View,
  room: Room,
  hasColour: boolean,
): Picture {
  const content: unknown = past.state[schema.name];
  if (schema.kind === "grid") {
    return drawCells(schema, content as NumericArray, view.slice, room, hasColour);
  }
  if (schema.kind === "value") {
    return drawFields(schema.columns, content as RowOf<Columns>, view.scroll, room);
  }
  const rows = content as Iterable<RowOf<Columns>> & { readonly size: number };
  return drawRows(schema.columns, rows, rows.size, view.scroll, room);
}
