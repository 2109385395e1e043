import type { Element } from "../../../src/types.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { elementText } from "../model/text.ts";
import type { View } from "../model/views.ts";
import { laidOut, type Places } from "./layout.ts";

/** The nodes and edges of a tick. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** Pairs of positions in `nodes`. */
  readonly edges: Uint32Array;
  readonly places: Places;
  /** Whether places are recorded, rather than made up here. */
  readonly isPlaced: boolean;
}
interface GraphNode {
  readonly key: string;
  /** Where it is a row; an end that no table holds has none. */
  readonly store: number | undefined;
  readonly row: number;
}

/** @param before the graph that was shown last, so that nodes stay about where they were */
export function graphOf(view: View, snapshot: Snapshot, before: Graph | undefined): Graph {
  const store = view.stores[0]!;
  const schema = snapshot.schema(store);
  const nodes: GraphNode[] = [];
  const numbers = new Map<string, number>();
  const add = (name: string, key: Element, at: number | undefined, row: number): number => {
    const text = `${name} ${elementText(key)}`;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, nodes.length);
    return nodes.push({ key: text, store: at, row }) - 1;
  };
  for (const at of view.stores.slice(1)) {
    const table = snapshot.schema(at);
    if (table.kind !== "table") continue;
    const key = snapshot.columns(at).findIndex(({ name }) => name === table.key[0]);
    for (const row of snapshot.liveRows(at))
      add(table.name, snapshot.values(at, row)[key]!, at, row);
  }
  const ends: number[] = [];
  if (schema.kind === "edges") {
    for (const row of snapshot.liveRows(store)) {
      const [from, to] = snapshot.values(store, row);
      ends.push(add(schema.from, from!, undefined, 0), add(schema.to, to!, undefined, 0));
    }
  }
  const edges = Uint32Array.from(ends);
  const placed = placesOf(view, snapshot, nodes);
  const places = placed ?? laidOut(nodes.length, edges, earlierPlaces(nodes, before));
  return { nodes, edges, places, isPlaced: placed !== undefined };
}

/** The recorded places, if every node has one. */
function placesOf(view: View, snapshot: Snapshot, nodes: readonly GraphNode[]): Places | undefined {
  const places = new Float64Array(2 * nodes.length);
  const at = new Map(view.agents.map(({ store, place }) => [store, snapshot.places(store, place)]));
  for (const [i, { store, row }] of nodes.entries()) {
    const place = store === undefined ? undefined : at.get(store);
    if (place === undefined) return undefined;
    places[2 * i] = place.x(row);
    places[2 * i + 1] = place.y(row);
  }
  return places;
}

function earlierPlaces(nodes: readonly GraphNode[], before: Graph | undefined): Places | undefined {
  if (before === undefined || before.isPlaced) return undefined;
  const known = new Map(before.nodes.map(({ key }, i) => [key, i]));
  return Float64Array.from({ length: 2 * nodes.length }, (_, i) => {
    const at = known.get(nodes[i >> 1]!.key);
    return at === undefined ? Number.NaN : before.places[2 * at + (i & 1)]!;
  });
}
