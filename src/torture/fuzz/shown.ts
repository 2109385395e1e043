import { hexOf } from "../../format/bytes.ts";
import type { Codecs, WorldSchema } from "../../types.ts";

/**
 * A whole past state as text, a line for each store, read through the door that everyone uses. Of a grid it is the digest of its
 * bits, since a card may give one a million cells.
 */
export function shownState(state: unknown, world: WorldSchema, codecs: Codecs): string {
  const stores = world.stores.slice(0, -1).map((store) => {
    if (store.role === "derived") return "";
    const held = (state as { readonly [name: string]: unknown })[store.name];
    if (store.kind === "grid") return digestOf(held as ArrayBufferView, codecs);
    const rows = store.kind === "value" ? [held] : [...(held as Iterable<unknown>)];
    const shown = rows.map((row) =>
      store.columns.map(({ name }) => plain((row as { readonly [name: string]: unknown })[name])),
    );
    return JSON.stringify(shown);
  });
  return stores.join("\n");
}

function digestOf({ buffer, byteOffset, byteLength }: ArrayBufferView, codecs: Codecs): string {
  const hash = codecs.xxh3();
  hash.reset();
  hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hexOf(hash.digest());
}

function plain(value: unknown): unknown {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plain);
  return value;
}
