import type { StoreSchema } from "../../types.ts";

/** The line in front of an export that makes `record --stdin` read it with the types that it came from. */
export function schemaLine(store: StoreSchema, onlyChanges: boolean): string {
  const schema = { [store.name]: declarationOf(store) };
  return `${JSON.stringify({ schema, rows: onlyChanges ? "changed" : "whole" })}\n`;
}

/** Static stores come with every tick, and derived ones are no longer computed: both are causal where they are read. */
function declarationOf(store: StoreSchema): object {
  const role = store.role === "observed" ? { role: store.role } : {};
  if (store.kind === "grid") {
    const { kind, type, shape, chunk } = store;
    return { kind, type, shape, chunk, ...role };
  }
  const { kind } = store;
  const types = store.columns.map(({ name, type }) => [name, type] as const);
  if (store.kind === "table") {
    return { kind, key: store.key, columns: Object.fromEntries<string>(types), ...role };
  }
  if (store.kind !== "edges") return { kind, columns: Object.fromEntries<string>(types), ...role };
  // The tables that the ends name are not part of the export.
  const [from, to, ...attributes] = types;
  return {
    kind,
    from: from?.[1],
    to: to?.[1],
    columns: Object.fromEntries<string>(attributes),
    ...role,
  };
}
