/** Random worlds of tables, edges and logs: keys of every type, columns of every type, every role. */
import {
  defineWorld,
  derived,
  edges,
  log,
  table,
  value,
  type AnyWorld,
  type Columns,
  type ColumnType,
  type KeyType,
  type Role,
  type StateDefinition,
} from "everytick";
import { Choices } from "./choices.ts";
import type { AnyRows, AnyTable } from "./rows-doors.ts";
import { columnTypes, elementFor, keyElement, keyTypes } from "./rows-values.ts";

/** A table, edges (whose key is both ends) or a log (which has no key). */
export interface RowsPlan {
  readonly kind: "table" | "edges" | "log";
  readonly name: string;
  readonly role: Role;
  readonly columns: readonly (readonly [string, ColumnType])[];
  /** Positions of the key columns. */
  readonly key: readonly number[];
  /** Of edges: what each end names, a table or a type. */
  readonly ends: readonly string[];
}
export interface WorldPlan {
  readonly stores: readonly RowsPlan[];
  /** Derived stores, computed from the first store, which is a table. */
  readonly isDerived: boolean;
}
/** Columns by name, as they are given. */
export type Values = ReadonlyMap<string, unknown>;

/** What decides a store. */
export interface StoreSeed {
  readonly kind: RowsPlan["kind"];
  readonly seed: number;
}

export function planOf(seeds: readonly StoreSeed[], isDerived: boolean): WorldPlan {
  const stores: RowsPlan[] = [];
  seeds.forEach(({ kind, seed }, number) => {
    const choices = new Choices(seed);
    // The first store is what others follow from.
    if (number === 0) stores.push(tableOf("s0", "causal", choices));
    else if (kind === "table") stores.push(tableOf(`s${number}`, roleOf(choices), choices));
    else if (kind === "edges") stores.push(edgesOf(`s${number}`, stores, choices));
    else stores.push(logOf(`s${number}`, choices));
  });
  return { stores, isDerived };
}

function roleOf(choices: Choices): Role {
  return choices.pick<Role>(["causal", "causal", "causal", "observed", "static"]);
}

const awkwardNames = ["__proto__", "constructor", "toString", "then", "7", "a b", "length"];

function columnsOf(
  keys: readonly (readonly [string, ColumnType])[],
  least: number,
  choices: Choices,
): RowsPlan["columns"] {
  const count = least + choices.below(4 - least);
  const others = Array.from({ length: count }, (_, i): readonly [string, ColumnType] => {
    const isAwkward = i === 0 && choices.chance(0.15);
    return [isAwkward ? choices.pick(awkwardNames) : `c${i}`, choices.pick(columnTypes)];
  });
  // Keys need not stand first.
  const columns = choices.chance(0.3)
    ? choices.shuffled([...keys, ...others])
    : [...keys, ...others];
  return inOrder(columns);
}

/** Objects hold names that are whole numbers before all others, and so do worlds. */
function inOrder(columns: RowsPlan["columns"]): RowsPlan["columns"] {
  const isNumber = ([name]: readonly [string, ColumnType]): boolean => name === "7";
  return [...columns.filter(isNumber), ...columns.filter((column) => !isNumber(column))];
}

function tableOf(name: string, role: Role, choices: Choices): RowsPlan {
  const count = choices.pick([1, 1, 1, 2, 3]);
  const keys = Array.from({ length: count }, (_, i) => [`k${i}`, choices.pick(keyTypes)] as const);
  const columns = columnsOf(keys, 0, choices);
  const key = choices.shuffled(keys).map(([part]) => columns.findIndex(([one]) => one === part));
  return { kind: "table", name, role, columns, key, ends: [] };
}

function edgesOf(name: string, stores: readonly RowsPlan[], choices: Choices): RowsPlan {
  const nodes = stores.filter(({ kind, key }) => kind === "table" && key.length === 1);
  const ends = ["from", "to"].map((end) => {
    const node = nodes.length > 0 && choices.chance(0.6) ? choices.pick(nodes) : undefined;
    const type = node?.columns[node.key[0] as number]?.[1] ?? choices.pick(keyTypes);
    return { end, type, names: node?.name ?? type };
  });
  const columns = [
    ...ends.map(({ end, type }) => [end, type] as const),
    ...columnsOf([], 0, choices),
  ];
  // Both ends come first, whatever the names of the others.
  const isSafe = columns.every(([column]) => column !== "7");
  return {
    kind: "edges",
    name,
    role: roleOf(choices),
    columns: isSafe ? columns : columns.slice(0, 2),
    key: [0, 1],
    ends: ends.map(({ names }) => names),
  };
}

function logOf(name: string, choices: Choices): RowsPlan {
  const role = choices.chance(0.7) ? "causal" : "observed";
  return { kind: "log", name, role, columns: columnsOf([], 1, choices), key: [], ends: [] };
}

/** The types of the key columns. */
export function keyTypesOf({ columns, key }: RowsPlan): KeyType[] {
  return key.map((column) => columns[column]?.[1] as KeyType);
}

/** A row: with a key unless it is of a log, and with some or all of the other columns. */
export function valuesFor(plan: RowsPlan, choices: Choices, isWhole = choices.chance(0.6)): Values {
  const values = plan.columns.flatMap(([name, type], column): [string, unknown][] => {
    if (plan.key.includes(column)) {
      return [[name, keyElement(type as KeyType, keyNumber(plan, choices))]];
    }
    return isWhole || choices.chance(0.6) ? [[name, elementFor(type, choices)]] : [];
  });
  return new Map(choices.chance(0.8) ? values : choices.shuffled(values));
}

/** Few keys, so that rows die and come back; the parts of a long one come out of fewer. */
function keyNumber({ key }: RowsPlan, choices: Choices): number {
  return choices.below([24, 6, 4][key.length - 1] ?? 4);
}

/** A world anew, as in another process. @param initial what `init` inserts, by store. */
export function worldOf(
  { stores, isDerived }: WorldPlan,
  initial: ReadonlyMap<string, readonly Values[]>,
): AnyWorld {
  const [first] = stores as readonly [RowsPlan];
  const definitions = stores.map((plan) => [plan.name, definitionOf(plan)] as const);
  const followers = isDerived ? derivedFrom(first) : {};
  return defineWorld({
    name: "rows",
    version: 1,
    state: { ...Object.fromEntries(definitions), ...followers },
    init({ state }) {
      for (const [name, rows] of initial) {
        const store = state[name] as unknown as AnyTable;
        for (const values of rows) store.insert(Object.fromEntries(values));
      }
    },
  });
}

function definitionOf({ kind, role, columns, key, ends }: RowsPlan): StateDefinition[string] {
  const types: Columns = Object.fromEntries(columns);
  if (kind === "log") return log(types, { role: role as "causal" });
  if (kind === "table") {
    const names = key.map((column) => columns[column]?.[0] as string);
    return table(types, { key: names.length === 1 ? (names[0] as string) : names, role });
  }
  const [from, to] = ends as [string, string];
  const attributes = Object.fromEntries(columns.slice(2));
  return edges({ ...attributes, from, to }, { role });
}

/** How many rows there are, and where each stands. */
function derivedFrom({ name, columns, key }: RowsPlan): StateDefinition {
  const keys = key.map((column) => columns[column] as readonly [string, ColumnType]);
  const names = keys.map(([column]) => column);
  const placeColumns: Columns = { ...Object.fromEntries(keys), slot: "u32" };
  const places = table(placeColumns, { key: names });
  const rowsOf = (state: unknown): AnyRows => (state as Record<string, AnyRows>)[name] as AnyRows;
  return {
    census: derived(value({ rows: "u32" }), (state, into) => {
      into.rows = rowsOf(state).size;
    }),
    places: derived(places, (state, into) => {
      const rows = rowsOf(state);
      for (const found of rows.keys()) {
        const parts = names.length === 1 ? [found] : (found as unknown[]);
        const row = Object.fromEntries(names.map((column, i) => [column, parts[i]]));
        (into as unknown as AnyTable).insert({ ...row, slot: rows.slotOf(found) });
      }
    }),
  };
}
