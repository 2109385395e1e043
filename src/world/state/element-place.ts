import type { Image } from "../../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../../format/layout.ts";
import type { StoreSchema } from "../../types.ts";
import { edgeKey } from "./live-rows.ts";
import { shownKey } from "./live-table.ts";
import { elementOf } from "./past-state.ts";

/** The columns that a store's key consists of, by number; none where rows have no key. */
export function keyColumnsOf(store: StoreLayout, schema: StoreSchema): readonly number[] {
  const names = schema.kind === "table" ? schema.key : schema.kind === "edges" ? edgeKey : [];
  return names.map((name) => store.columns.findIndex((column) => column.name === name));
}

/** Names one element for people: `cells[12]`, `weather.rain`, `sheep[7].energy`, `deaths[0].cause`. */
export function elementPlace(
  store: StoreLayout,
  schema: StoreSchema,
  images: readonly Image[],
  column: number,
  row: number,
): string {
  const { name } = store.columns[column] as ColumnLayout;
  if (schema.kind === "grid") return `${store.name}[${row}]`;
  if (schema.kind === "value") return `${store.name}.${name}`;
  const keys = keyColumnsOf(store, schema);
  const image = images.find((one) => elementOf(one, store, 0, row) === 1);
  if (keys.length === 0 || image === undefined) return `${store.name}[${row}].${name}`;
  const parts = keys.map((key) => shownKey(elementOf(image, store, key, row)));
  return `${store.name}[${parts.join(", ")}].${name}`;
}
