/** The Babylon document's door to storage: a directed graph per tick, and the events of the tick. */
import type { Json, LiveRun, Run, Tick } from "everytick";
import type { babylon } from "./babylon-world.ts";

type Babylon = typeof babylon;
export type Attributes = { readonly [name: string]: Json };
export interface Node extends Attributes {
  readonly node_type: string;
  readonly wealth: number;
}
export interface Edge extends Attributes {
  readonly edge_type: string;
  readonly weight: number;
}
/** Edges by the node that they leave, then by the one that they enter. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly edges: ReadonlyMap<string, ReadonlyMap<string, Edge>>;
}
export interface Event {
  readonly event_type: string;
  readonly node_id: string | null;
  readonly payload: Json;
}

function nodeRows(nodes: Graph["nodes"]) {
  return [...nodes].map(([node_id, { node_type, wealth, ...attributes }]) => {
    return { node_id, node_type, wealth, attributes };
  });
}

function edgeRows(edges: Graph["edges"]) {
  return [...edges].flatMap(([from, targets]) => {
    return [...targets].map(([to, { edge_type, weight, ...attributes }]) => {
      return { from, to, edge_type, weight, attributes };
    });
  });
}

/** A full snapshot of the graph as a tick, and what happened in it. The last tick once more changes nothing. */
export async function persistTick(
  run: LiveRun<Babylon>,
  tick: Tick,
  graph: Graph,
  events: readonly Event[] = [],
): Promise<void> {
  const { node_state, edge_state, simulation_event } = run.state;
  node_state.assign(nodeRows(graph.nodes));
  edge_state.assign(edgeRows(graph.edges));
  for (const event of events) simulation_event.append(event);
  await run.commit({ tick });
}

/** The graph at a tick; null: at the latest. */
export async function hydrateGraph(run: Run<Babylon>, tick: Tick | null = null): Promise<Graph> {
  const { node_state, edge_state } = (await run.at(tick ?? run.tick)).state;
  const nodes = new Map<string, Node>();
  for (const { node_id, node_type, wealth, attributes } of node_state) {
    nodes.set(node_id, { ...(attributes as Attributes), node_type, wealth });
  }
  const edges = new Map<string, Map<string, Edge>>();
  for (const { from, to, edge_type, weight, attributes } of edge_state) {
    const targets = edges.get(from) ?? new Map<string, Edge>();
    edges.set(from, targets.set(to, { ...(attributes as Attributes), edge_type, weight }));
  }
  return { nodes, edges };
}

/** The events of one tick, or all. */
export async function getEvents(
  run: Run<Babylon>,
  tick: Tick | null = null,
): Promise<{ tick: Tick; row: Event }[]> {
  const range = tick === null ? {} : { from: tick, to: tick };
  return (await Array.fromAsync(run.log("simulation_event", range))) as {
    tick: Tick;
    row: Event;
  }[];
}
