/**
 * The tables of the Babylon document. A run is a session and a tick is a tick, so of the documents' keys
 * `(game_id, tick, entity_id)` the last part is left. What is read as a whole each tick is a table; what is only ever
 * appended is a log. The tiers of the hexes that are composed at read stand in `babylon-hexes.ts`.
 */
import { edges, log, table, value } from "everytick";

const gameManagement = {
  game_session: table(
    { id: "uuid", status: "utf8", config: "json", started_at: "u64", end_tick: "json" },
    { key: "id" },
  ),
  game_turn: table(
    { turn: "u32", player_id: "uuid", phase: "utf8", orders: "json", submitted_at: "u64" },
    { key: ["turn", "player_id"] },
  ),
  action_result: log({
    action_id: "uuid",
    organization_id: "utf8",
    action_type: "utf8",
    target_id: "json",
    succeeded: "u8",
    effects: "json",
  }),
};

const simulationState = {
  node_state: table(
    { node_id: "utf8", node_type: "utf8", wealth: "f64", attributes: "json" },
    { key: "node_id" },
  ),
  edge_state: edges({
    from: "node_state",
    to: "node_state",
    edge_type: "utf8",
    weight: "f64",
    attributes: "json",
  }),
  graph_metadata: value({ economy: "json", state_finances: "json", tick_dynamics: "json" }),
  community_state: table(
    { community_id: "utf8", community_type: "utf8", cohesion: "f64", attributes: "json" },
    { key: "community_id" },
  ),
  /** A hypergraph: a community links any number of nodes, and a node is in any number of communities. */
  community_membership: edges({
    from: "community_state",
    to: "node_state",
    member_role: "utf8",
    strength: "f32",
  }),
  contradiction_field: table(
    { node_id: "utf8", field: "utf8", magnitude: "f64", gradient: "f64[3]" },
    { key: ["node_id", "field"] },
  ),
  edge_curvature: edges({ from: "node_state", to: "node_state", curvature: "f64" }),
  simulation_event: log({ event_type: "utf8", node_id: "json", payload: "json" }),
  /** Only how long a tick took is for looking; what decides the next one is in the state and in the random streams. */
  tick_log: log(
    { mutations: "json", invariant_checks: "json", wall_time_ms: "f64", system_timings: "json" },
    { role: "observed" },
  ),
  tick_summary: value({
    total_c: "f64",
    total_v: "f64",
    total_s: "f64",
    avg_consciousness: "f64",
    uprising_count: "u32",
  }),
};

const spatial = {
  hex_cell: table(
    { h3_index: "h3", resolution: "u8", center: "f64[2]", geometry: "bytes", county_fips: "json" },
    { key: "h3_index", role: "static" },
  ),
  hex_map: table({ h3_index: "h3", county_fips: "utf8" }, { key: "h3_index", role: "static" }),
  hex_terrain_state: table(
    { h3_index: "h3", terrain_type: "utf8", movement_cost: "f32", damage: "json" },
    { key: "h3_index" },
  ),
};

/** Append-only journals. */
export const snapshots = {
  territory_snapshot: log({
    county_fips: "utf8",
    value_tensor: "f64[12]",
    profit_rate: "f64",
    class_distribution: "f32[5]",
  }),
  hex_activity: log({ h3_index: "h3", heat: "f32", organizations: "json", actions: "json" }),
  economic_summary: log({ region: "utf8", totals: "json", imperial_rent: "f64" }),
  tick_event: log({ event_type: "utf8", h3_index: "h3", payload: "json" }),
};

const infrastructure = {
  infrastructure_link_state: edges({
    from: "h3",
    to: "h3",
    link_type: "utf8",
    capacity: "f64",
    condition: "f32",
  }),
};

const trace = {
  trace_log: log(
    { level: "u8", system: "utf8", event: "utf8", node_id: "json", data: "json", at: "u64" },
    { role: "observed" },
  ),
};

const semantic = {
  document_chunk: table(
    {
      id: "utf8",
      collection: "utf8",
      content: "utf8",
      embedding: "f32[768]",
      metadata: "json",
    },
    { key: "id" },
  ),
};

/** All of them by the document's layers. */
export const layers = {
  gameManagement,
  simulationState,
  spatial,
  snapshots,
  infrastructure,
  trace,
  semantic,
};

export const babylon = {
  ...gameManagement,
  ...simulationState,
  ...spatial,
  ...snapshots,
  ...infrastructure,
  ...trace,
  ...semantic,
};
