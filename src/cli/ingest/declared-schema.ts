import { kindOf } from "../../errors.ts";
import type {
  Columns,
  ColumnSchema,
  NumericType,
  Role,
  StateDefinition,
  StoreDefinition,
  StoredDefinition,
  StoreSchema,
} from "../../types.ts";
import { derived, edges, grid, log, table, value } from "../../world/index.ts";
import { type Fields, isFields } from "./document.ts";
import { refusedInput } from "./input-failure.ts";

/** The stores of an input. */
export interface InputSchema {
  readonly definition: StateDefinition;
  /** Whether the lines of a tick give all rows of its tables, so that rows which are not there are gone. */
  readonly isWhole: boolean;
}

const kinds = "table, edges, log, value or grid";

/** Reads `{"schema": {…}, "rows": "whole"}`. @throws CLI_INPUT, WORLD_DEFINITION */
export function readSchema({ schema, rows, ...others }: Fields): InputSchema {
  const [other] = Object.keys(others);
  if (other !== undefined) throw refusedInput("schema and rows", `a field ${other}`);
  if (rows !== undefined && rows !== "whole" && rows !== "changed") {
    throw refusedInput('"rows": "whole" or "changed"', kindOf(rows));
  }
  if (!isFields(schema)) throw refusedInput("stores by name", kindOf(schema));
  const stores = Object.entries(schema).map(([name, store]) => [name, storeOf(name, store)]);
  return {
    definition: Object.fromEntries(stores) as StateDefinition,
    isWhole: rows === "whole",
  };
}

const options = ["role", "capacity", "chunk"];
const partsOf: { readonly [kind: string]: readonly string[] } = {
  table: ["key", "columns"],
  edges: ["from", "to", "columns"],
  log: ["columns"],
  value: ["columns"],
  grid: ["type", "shape"],
};

function storeOf(name: string, store: unknown): StoreDefinition {
  const fields = isFields(store) ? store : {};
  const kind = fields["kind"];
  const known =
    typeof kind === "string" && Object.hasOwn(partsOf, kind) ? partsOf[kind] : undefined;
  if (known === undefined) throw refusedInput(`store ${name}: "kind": ${kinds}`, kindOf(kind));
  const names = ["kind", ...known, ...options];
  for (const part of Object.keys(fields)) {
    if (!names.includes(part)) throw refusedInput(`store ${name}: ${names.join(", ")}`, part);
  }
  return makeStore(kind as string, fields as unknown as DeclaredStore);
}

/** What a store may be declared with; `table` and the others check what they are given. */
interface DeclaredStore {
  readonly key: string;
  readonly columns: Columns;
  readonly from: string;
  readonly to: string;
  readonly type: NumericType;
  readonly shape: readonly number[];
  readonly chunk?: readonly number[];
  readonly role?: "causal" | "observed";
  readonly capacity?: number;
}

function makeStore(kind: string, declared: DeclaredStore): StoreDefinition {
  const { key, columns, from, to, type, shape, chunk, capacity, role = "causal" } = declared;
  const rows = capacity === undefined ? { role } : { role, capacity };
  switch (kind) {
    case "table":
      return table(columns, { key, ...rows });
    case "edges":
      return edges({ ...columns, from, to }, rows);
    case "log":
      return log(columns, { role });
    case "value":
      return value(columns, { role });
    default:
      return grid(type, shape, chunk === undefined ? { role } : { role, chunk });
  }
}

/** The stores that a recorded run has. */
export function definitionOf(stores: readonly StoreSchema[]): StateDefinition {
  return Object.fromEntries(stores.map((store) => [store.name, recordedStore(store)]));
}

function recordedStore(store: StoreSchema): StoreDefinition {
  if (store.role !== "derived") return storedAs(store, store.role);
  // Its content follows from the world, which does not take part in a recording of lines.
  return derived(storedAs(store, "causal") as StoredDefinition, () => {});
}

function storedAs(store: StoreSchema, role: Role): StoredDefinition | StoreDefinition {
  switch (store.kind) {
    case "grid":
      return grid(store.type, store.shape, { role, chunk: store.chunk });
    case "value":
      return value(typesOf(store.columns), { role });
    case "table":
      return table(typesOf(store.columns), { key: store.key, role });
    case "edges":
      return edges({ ...typesOf(store.columns), from: store.from, to: store.to }, { role });
    case "log":
      return log(typesOf(store.columns), { role: role as "causal" | "observed" });
  }
}

/** Types by the names of the columns. */
export function typesOf(columns: readonly ColumnSchema[]): Columns {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
