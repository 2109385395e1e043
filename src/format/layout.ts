import type { ColumnSchema, ColumnType, NumericType, StoreSchema, WorldSchema } from "../types.ts";
import { assert } from "../assert.ts";
import { limits } from "../limits.ts";
import { Chunks } from "./chunks.ts";
import { formOf, isVariable } from "./column-types.ts";

/** How the bits of a state lie in memory, made from a world's schema. */
export interface Layout {
  readonly stores: readonly StoreLayout[];
  /** The number of `$random`, which is always the last store. */
  readonly randomStore: number;
}
export interface StoreLayout {
  readonly name: string;
  /** Position in the world. */
  readonly number: number;
  /** Position among the stores that digests cover; -1 for an observed or derived store. */
  readonly digestNumber: number;
  /** The rows that there are; of a table or log the most that there can be. */
  readonly rows: number;
  readonly lifetime: Lifetime;
  /** Of a table or log the first column is `$live`. A derived store has none. */
  readonly columns: readonly ColumnLayout[];
  readonly chunks: Chunks | undefined;
}
/**
 * `fixed`: all rows are always there. `slots`: rows are born and die, `$live` says which are there. `tick`: rows belong to
 * the tick that appended them. `once`: written at the first tick and in no keyframe behind it (fixed or with slots).
 */
interface Lifetime {
  readonly rows: "fixed" | "slots" | "tick";
  readonly isStatic: boolean;
}
export interface ColumnLayout {
  readonly name: string;
  readonly type: ColumnType;
  /** The numbers that an element consists of. */
  readonly base: NumericType;
  /** Bytes of an element; 0 for variable lengths. */
  readonly width: number;
  /** Bytes of the words that encodings take apart: of one number of a vector, else of the element. */
  readonly unit: number;
}

export const randomStoreName = "$random";
/** 1 for each slot that holds a row, else 0. */
export const liveColumnName = "$live";
export const liveColumn = 0;

export function layoutOf(world: WorldSchema): Layout {
  let digested = 0;
  const stores = world.stores.map((store, number) => {
    const digestNumber = isDigested(store) ? digested++ : -1;
    const columns = store.role === "derived" ? [] : columnsOf(store);
    return { ...shapeOf(store), columns, name: store.name, number, digestNumber };
  });
  return { stores, randomStore: stores.length - 1 };
}

/** Whether digests cover a store: looking at a run, or deriving from it, must not change them. */
export function isDigested({ role }: StoreSchema): boolean {
  return role === "causal" || role === "static";
}

/** The layout of a derived store's content, alone. */
export function derivedLayout(store: StoreSchema): StoreLayout {
  const columns = columnsOf(store);
  return { ...shapeOf(store), columns, name: store.name, number: 0, digestNumber: -1 };
}

function shapeOf(store: StoreSchema): Pick<StoreLayout, "rows" | "lifetime" | "chunks"> {
  const isStatic = store.role === "static";
  if (store.kind === "grid") {
    const rows = store.shape.reduce((product, length) => product * length, 1);
    const chunks = new Chunks(store.shape, store.chunk);
    return { rows, lifetime: { rows: "fixed", isStatic }, chunks };
  }
  if (store.kind === "value") {
    return { rows: 1, lifetime: { rows: "fixed", isStatic }, chunks: undefined };
  }
  const rows = store.kind === "log" ? "tick" : "slots";
  return { rows: limits.tableRows, lifetime: { rows, isStatic }, chunks: undefined };
}

function columnsOf(store: StoreSchema): readonly ColumnLayout[] {
  if (store.kind === "grid") return [columnLayout({ name: "", type: store.type })];
  const columns = store.columns.map(columnLayout);
  if (store.kind === "value") return columns;
  return [columnLayout({ name: liveColumnName, type: "u8" }), ...columns];
}

function columnLayout({ name, type }: ColumnSchema): ColumnLayout {
  const form = formOf(type);
  assert(form !== undefined, "a schema's types are checked before a layout is made of it");
  const { base, length, width } = form;
  const isWord = isVariable(type) || type === "uuid";
  return { name, type, base, width, unit: isWord ? width : width / length };
}

/** Whether rows come and go, so that images grow. */
export function isGrowing({ lifetime }: StoreLayout): boolean {
  return lifetime.rows !== "fixed";
}

/** Whether keyframes behind the first tick hold a store. */
export function isInKeyframes({ columns, lifetime }: StoreLayout): boolean {
  return columns.length > 0 && lifetime.rows !== "tick" && !lifetime.isStatic;
}

/** Bytes of the fixed-width columns of one row. */
export function rowBytes({ columns }: StoreLayout): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}

/** Bytes of the fixed-width columns of the stores whose rows are always there. */
export function fixedBytes(layout: Layout): number {
  return layout.stores
    .filter((store) => !isGrowing(store))
    .reduce((sum, store) => sum + store.rows * rowBytes(store), 0);
}
