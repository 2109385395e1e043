import { canonicalJson } from "../format/json.ts";
import { randomStoreName } from "../format/layout.ts";
import { sha256Hex } from "../format/sha256.ts";
import { limits } from "../limits.ts";
import type {
  Columns,
  ColumnSchema,
  ColumnType,
  EdgesStore,
  Params,
  StateDefinition,
  StoreDefinition,
  StoreSchema,
  WorldSchema,
} from "../types.ts";
import { mainStream, streamWords } from "./random.ts";
import { gridStore, refused, value } from "./stores.ts";
import { edges, isKeyType, log, table } from "./tables.ts";

export interface SchemaParts {
  readonly name: string;
  readonly version: number;
  readonly params: Params;
  readonly state: StateDefinition;
  readonly streams?: readonly string[] | undefined;
  readonly eras?: readonly string[] | undefined;
  readonly strata?: readonly string[] | undefined;
}

/**
 * The world as cards and segments hold it (`docs/format.md`, section 2): no code and no parameter values.
 * @throws WORLD_DEFINITION
 */
export function schemaOf(parts: SchemaParts): WorldSchema {
  const { name, version, params, state, streams = [], eras = [], strata = [] } = parts;
  const stores = Object.entries(state).map(([store, definition]) =>
    storeSchema(store, definition, state),
  );
  if (stores.length === 0 || stores.length > limits.stores) {
    throw refused("the state", `1 to ${limits.stores} stores`, String(stores.length));
  }
  checkLists(parts);
  return {
    name,
    version,
    params: typesOf(params),
    stores: [...stores, randomSchema(streams)],
    eras: [...eras],
    strata: [...strata],
  };
}

/** The types of parameters by name. */
export function typesOf(params: Params): WorldSchema["params"] {
  const types = Object.entries(params).map(([name, value]) => [name, typeof value]);
  return Object.fromEntries(types) as WorldSchema["params"];
}

/** Checks what does not depend on the stores. @throws WORLD_DEFINITION */
export function checkLists({
  params,
  streams = [],
  eras = [],
  strata = [],
}: Omit<SchemaParts, "state">): void {
  for (const name of Object.keys(params)) checkName("parameter", name);
  checkNames("era", eras, limits.eras);
  checkNames("stratum", strata, limits.eras);
  checkNames("random stream", streams, limits.streams);
}

function storeSchema(name: string, store: StoreDefinition, state: StateDefinition): StoreSchema {
  checkName("store", name);
  // A definition may have been made by hand.
  const kind: string | undefined = (store as Partial<StoreDefinition> | null)?.kind;
  switch (store?.kind) {
    case "grid": {
      const { role, type, shape, chunk } = gridStore(
        store.type,
        store.shape,
        store.chunk,
        store.role,
      );
      return { kind: "grid", name, role, type, shape, chunk };
    }
    case "value": {
      const { role, columns } = value(store.columns, { role: store.role });
      return { kind: "value", name, role, columns: columnSchemas(columns) };
    }
    case "table": {
      const { role, columns, key } = table(store.columns, store);
      return { kind: "table", name, role, key: [...key], columns: columnSchemas(columns) };
    }
    case "edges":
      return edgesSchema(name, store, state);
    case "log": {
      const { role, columns } = log(store.columns, { role: store.role as "causal" });
      return { kind: "log", name, role, columns: columnSchemas(columns) };
    }
    case "derived":
      return { ...storeSchema(name, store.store, state), role: "derived" };
    default:
      throw refused(`store ${name}`, "grid, value, table, edges, log or derived", String(kind));
  }
}

function edgesSchema(name: string, store: EdgesStore, state: StateDefinition): StoreSchema {
  const { role, from, to } = edges({ ...store.columns, from: store.from, to: store.to }, store);
  const ends = { from: endType(name, from, state), to: endType(name, to, state) };
  const columns = columnSchemas({ ...ends, ...store.columns });
  return { kind: "edges", name, role, from, to, columns };
}

/** The type of the keys that an end of edges holds. */
function endType(name: string, end: string, state: StateDefinition): ColumnType {
  if (isKeyType(end)) return end;
  const store = Object.hasOwn(state, end) ? state[end] : undefined;
  if (store?.kind === "table" && store.key.length === 1) {
    return store.columns[store.key[0] as string] as ColumnType;
  }
  const expected = "a table with one key column, or a type of key";
  throw refused(`the ends of ${name}`, expected, end);
}

function columnSchemas(columns: Columns): ColumnSchema[] {
  return Object.entries(columns).map(([column, type]) => {
    return { name: checkName("column", column), type };
  });
}

function randomSchema(streams: readonly string[]): StoreSchema {
  const columns = streamNames(streams).flatMap((stream) => {
    return streamWords.map((word) => ({ name: `${stream}.${word}`, type: "u32" as const }));
  });
  return { kind: "value", name: randomStoreName, role: "causal", columns };
}

/** The main stream and the declared ones. */
function streamNames(declared: readonly string[]): string[] {
  return [mainStream, ...declared.filter((name) => name !== mainStream)];
}

/** The streams that a recorded schema has. */
export function streamsOf(schema: WorldSchema): string[] {
  const random = schema.stores.at(-1);
  if (random?.kind !== "value") return [mainStream];
  const names = random.columns.map(({ name }) => name.slice(0, name.lastIndexOf(".")));
  return [...new Set(names)];
}

function checkNames(what: string, names: readonly string[], countMax: number): void {
  for (const name of names) checkName(what, name);
  if (new Set(names).size !== names.length)
    throw refused(`each ${what}`, "a name of its own", names.join(", "));
  if (names.length > countMax)
    throw refused(`${what} names`, `at most ${countMax}`, String(names.length));
}

function checkName(what: string, name: string): string {
  if (typeof name === "string" && /^[\w][\w .:-]{0,127}$/.test(name)) return name;
  throw refused(
    `the name of a ${what}`,
    "1 to 128 letters, digits, spaces and _ . : -, not starting with a dot",
    JSON.stringify(name),
  );
}

export function worldHashOf(schema: WorldSchema): string {
  return sha256Hex(canonicalJson(schema, "world"));
}
