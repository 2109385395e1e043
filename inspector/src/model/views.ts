import type { ColumnSchema, StoreSchema, WorldSchema } from "../../../src/types.ts";

/** A way of looking at a world, as its schema offers it. */
export interface View {
  readonly kind: "map" | "voxels" | "graph" | "table";
  /** Names it in the address, unique among the views of a world. */
  readonly id: string;
  readonly label: string;
  /** Numbers of the stores that it shows; the first is the one that gives it its name. */
  readonly stores: readonly number[];
  /** Of those, the ones whose rows have a place. */
  readonly agents: readonly AgentStore[];
}
export interface AgentStore {
  readonly store: number;
  readonly place: PlaceColumns;
}
/** Where the coordinates of a row stand: two columns, or a vector. */
export type PlaceColumns =
  | { readonly kind: "columns"; readonly x: string; readonly y: string }
  | { readonly kind: "vector"; readonly column: string };

const vectorNames = ["at", "position", "pos", "xy", "location", "place"];
const xNames = [
  ["x", "y"],
  ["px", "py"],
  ["posX", "posY"],
  ["lon", "lat"],
  ["lng", "lat"],
  ["longitude", "latitude"],
] as const;

/** The views of a world, the one to begin with first: voxels, then a map, then a graph, then rows. */
export function viewsOf(world: WorldSchema): View[] {
  const stores = world.stores.map((schema, store) => ({ schema, store }));
  const shown = stores.filter(
    ({ schema }) => schema.role !== "derived" && !schema.name.startsWith("$"),
  );
  const agents = shown.flatMap(({ schema, store }) => agentsOf(schema, store));
  const views: View[] = [];
  const grids = shown.flatMap(({ schema, store }) =>
    schema.kind === "grid" ? [{ schema, store, rank: rankOf(schema.shape) }] : [],
  );
  for (const { schema, store } of grids.filter(({ rank }) => rank === 3)) {
    views.push({
      kind: "voxels",
      id: `voxels.${schema.name}`,
      label: schema.name,
      stores: [store],
      agents: [],
    });
  }
  const flat = grids.filter(({ rank }) => rank <= 2);
  for (const { schema, store } of flat) {
    const shownStores = [store, ...agents.map((agent) => agent.store)];
    views.push({
      kind: "map",
      id: `map.${schema.name}`,
      label: schema.name,
      stores: shownStores,
      agents,
    });
  }
  if (flat.length === 0 && agents.length > 0) {
    const own = agents.map(({ store }) => store);
    views.push({ kind: "map", id: "map", label: "agents", stores: own, agents });
  }
  for (const { schema, store } of shown) {
    if (schema.kind !== "edges") continue;
    const ends = shown.filter(({ schema: { name } }) => name === schema.from || name === schema.to);
    const nodes = ends.map((end) => end.store);
    const placed = agents.filter((agent) => nodes.includes(agent.store));
    views.push({
      kind: "graph",
      id: `graph.${schema.name}`,
      label: schema.name,
      stores: [store, ...nodes],
      agents: placed,
    });
  }
  views.push({
    kind: "table",
    id: "table",
    label: "rows",
    stores: shown.map(({ store }) => store),
    agents: [],
  });
  return views;
}

/** Axes that are longer than 1 decide how a grid looks. */
function rankOf(shape: readonly number[]): number {
  return Math.max(1, shape.filter((length) => length > 1).length);
}

/** Rows, columns of a grid of at most two axes longer than 1. */
export function flatShape(shape: readonly number[]): readonly [rows: number, columns: number] {
  const long = shape.filter((length) => length > 1);
  return [long.length > 1 ? long[0]! : 1, long.at(-1) ?? 1];
}

function agentsOf(schema: StoreSchema, store: number): AgentStore[] {
  if (schema.kind !== "table") return [];
  const place = placeOf(schema.columns);
  return place === undefined ? [] : [{ store, place }];
}

/** The columns of a table that say where a row is, if any do. */
export function placeOf(columns: readonly ColumnSchema[]): PlaceColumns | undefined {
  const numbers = new Set(
    columns.filter(({ type }) => /^[fiu]\d+$/.test(type)).map(({ name }) => name),
  );
  for (const [x, y] of xNames) {
    if (numbers.has(x) && numbers.has(y)) return { kind: "columns", x, y };
  }
  const vector = columns.find(
    ({ name, type }) => vectorNames.includes(name) && /^[fiu]\d+\[[23]\]$/.test(type),
  );
  return vector === undefined ? undefined : { kind: "vector", column: vector.name };
}
