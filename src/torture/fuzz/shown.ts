import type { WorldSchema } from "../../types.ts";

/** A whole past state as text, read through the door that everyone uses. */
export function shownState(state: unknown, world: WorldSchema): string {
  const stores = world.stores.slice(0, -1).map((store) => {
    if (store.role === "derived") return [];
    const held = (state as { readonly [name: string]: unknown })[store.name];
    if (store.kind === "grid") return Array.from(held as Iterable<unknown>, plain);
    const rows = store.kind === "value" ? [held] : [...(held as Iterable<unknown>)];
    return rows.map((row) =>
      store.columns.map(({ name }) => plain((row as { readonly [name: string]: unknown })[name])),
    );
  });
  return JSON.stringify(stores);
}

function plain(value: unknown): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plain);
  return value;
}
