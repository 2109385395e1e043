/** The Babylon document: its tables as stores, its graph tick by tick, its events and its journals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256Hex } from "everytick";
import { Choices } from "../model/choices.ts";
import { bytesBelow, folder, memoryRuns, refusal } from "../runs/memory-runs.ts";
import {
  getEvents,
  hydrateGraph,
  persistTick,
  type Edge,
  type Event,
  type Graph,
  type Node,
} from "./babylon-graph.ts";
import { babylonHexes } from "./babylon-hexes.ts";
import { babylon, layers, snapshots } from "./babylon-world.ts";
import { assertReadsBack } from "./reads-back.ts";

test("every table and view of the Babylon document is a store", () => {
  // As the document lists them, layer by layer; hex_latest and the views are composed at read.
  const listed = {
    gameManagement: "game_session game_turn action_result",
    simulationState:
      "node_state edge_state graph_metadata community_state community_membership contradiction_field " +
      "edge_curvature simulation_event tick_log tick_summary",
    spatial: "hex_cell hex_map hex_terrain_state",
    snapshots: "territory_snapshot hex_activity economic_summary tick_event",
    infrastructure: "infrastructure_link_state",
    trace: "trace_log",
    semantic: "document_chunk",
  };
  const found = Object.entries(layers).map(([layer, stores]) => {
    return [layer, Object.keys(stores).join(" ")];
  });
  assert.deepEqual(Object.fromEntries(found), listed);
  const composed =
    "hex_latest v_hex_economic v_hex_mobilize v_hex_heat v_hex_aid v_hex_intel".split(" ");
  const tiers = Object.entries(babylonHexes.state);
  assert.deepEqual(
    tiers.filter(([, { kind }]) => kind === "derived").map(([name]) => name),
    composed,
  );
  assert("hex_substrate" in babylonHexes.state);
});

test("T1, R2: every table of the Babylon document reads back at any tick, seed 11", async () => {
  await assertReadsBack(babylon, { ticks: 60, seed: 11 });
});

const numbers = [0, -0, 0.1, -1e300, Infinity, NaN, 5e-324];

/** The next graph: nodes and edges come, go and change; loops, edges both ways and lonely nodes among them. */
function nextGraph({ nodes, edges }: Graph, choices: Choices): Graph {
  const names = Array.from({ length: 12 }, (_, i) => `node ${i}`);
  const nextNodes = new Map<string, Node>();
  for (const name of choices.shuffled(names)) {
    const old = choices.chance(0.6) ? nodes.get(name) : undefined;
    const tags = choices.chance(0.5) ? null : { deep: [1, { x: [] }], [name]: "é" };
    const wealth = choices.pick(numbers);
    const isThere = old === undefined ? choices.chance(0.5) : choices.chance(0.9);
    if (isThere) nextNodes.set(name, old ?? { node_type: "class", wealth, tags });
  }
  const nextEdges = new Map<string, Map<string, Edge>>();
  for (const from of nextNodes.keys()) {
    for (const to of nextNodes.keys()) {
      const edge = { edge_type: choices.pick(["rent", "wage"]), weight: choices.pick(numbers) };
      const next = choices.chance(0.5) ? edges.get(from)?.get(to) : { ...edge, since: [1, null] };
      if (next === undefined || choices.chance(0.6)) continue;
      const targets = nextEdges.get(from) ?? new Map<string, Edge>();
      nextEdges.set(from, targets.set(to, next));
    }
  }
  return { nodes: nextNodes, edges: nextEdges };
}

const nothing: Graph = { nodes: new Map(), edges: new Map() };

test("BAB-05: the graph at a tick, or at the latest, is deeply equal in every node, edge and attribute, seed 5", async () => {
  const choices = new Choices(5);
  const { runs } = await memoryRuns();
  let run = await runs.record("session", { state: babylon });
  const graphs: Graph[] = [nothing];
  for (let tick = 1; tick <= 40; tick++) {
    const graph = nextGraph(graphs.at(-1) as Graph, choices);
    await persistTick(run, tick, graph);
    graphs.push(graph);
    assert.deepEqual(await hydrateGraph(run), graph, `the latest is tick ${tick}`);
    if (tick % 15 !== 0) continue;
    await run.close();
    run = await runs.record("session", { state: babylon, resume: "only" });
    assert.deepEqual(await hydrateGraph(run, null), graph, `resumed at tick ${tick}`);
  }
  await run.close();
  await using closed = await runs.open<typeof babylon>("session");
  for (let tick = 40; tick >= 0; tick--) {
    assert.deepEqual(await hydrateGraph(closed, tick), graphs[tick], `tick ${tick}`);
  }
  assert.deepEqual(await hydrateGraph(closed), graphs[40]);
  // A directed graph: the neighbours of a node, either way.
  const { edge_state } = (await closed.at(40)).state;
  const { nodes, edges } = graphs[40] as Graph;
  for (const name of nodes.keys()) {
    const out = edge_state.outgoing(name).map(({ to }) => to);
    assert.deepEqual(new Set(out), new Set(edges.get(name)?.keys()));
    const into = edge_state.incoming(name).map(({ from }) => from);
    const expected = [...edges].filter(([, targets]) => targets.has(name)).map(([from]) => from);
    assert.deepEqual(into.sort(), expected.sort());
  }
});

const events: readonly Event[] = [
  { event_type: "strike", node_id: "node 1", payload: { demands: ["bread", null], size: 0.5 } },
  { event_type: "calm", node_id: null, payload: null },
];

function reversed(graph: Graph): Graph {
  const edges = [...graph.edges].reverse().map(([from, to]) => [from, new Map([...to].reverse())]);
  return {
    nodes: new Map([...graph.nodes].reverse()),
    edges: new Map(edges as [string, Map<string, Edge>][]),
  };
}

test("BAB-04: a tick of the whole graph persisted again changes no row and no byte, seed 4", async () => {
  const choices = new Choices(4);
  const { runs, ports } = await memoryRuns();
  let run = await runs.record("session", { state: babylon });
  let graph = nothing;
  for (let tick = 1; tick <= 12; tick++) {
    graph = nextGraph(graph, choices);
    await persistTick(run, tick, graph, events);
    if (tick % 5 === 0) {
      await run.close();
      run = await runs.record("session", { state: babylon, resume: "only" });
    }
    await run.flush();
    const bytes = sha256Hex([...bytesBelow(ports.vfs, folder)].join());
    // Once more, and with everything but the events in another order: a graph has none.
    await persistTick(run, tick, graph, events);
    await persistTick(run, tick, reversed(graph), events);
    assert.equal(sha256Hex([...bytesBelow(ports.vfs, folder)].join()), bytes, `tick ${tick}`);
    assert.deepEqual([run.tick, await hydrateGraph(run)], [tick, graph]);
    assert.deepEqual(
      (await getEvents(run, tick)).map(({ row }) => row),
      events,
    );
  }
  const other = {
    ...graph,
    nodes: new Map(graph.nodes).set("node 0", { node_type: "", wealth: 7 }),
  };
  await refusal(() => persistTick(run, 12, graph), "RECORDER_CONFLICT", {
    where: /tick 12, simulation_event/,
  });
  await refusal(() => persistTick(run, 12, other, events), "RECORDER_CONFLICT", {
    where: /tick 12, node_state/,
  });
  assert.deepEqual(await hydrateGraph(run, 12), graph);
  assert.deepEqual((await run.verify()).damage, []);
});

test("BAB-37, T8: the events of one tick or of all, in the order in which they happened", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("session", { state: babylon });
  const kept: { tick: number; row: Event }[] = [];
  for (let tick = 1; tick <= 20; tick++) {
    const count = tick % 4;
    const happened = Array.from({ length: count }, (_, i) => {
      return { event_type: `event ${i}`, node_id: i === 0 ? null : "node 1", payload: [tick, i] };
    });
    await persistTick(run, tick, nothing, happened);
    kept.push(...happened.map((row) => ({ tick, row })));
  }
  await run.close();
  await using closed = await runs.open<typeof babylon>("session");
  assert.equal(kept.length, 30);
  assert.deepEqual(await getEvents(closed), kept);
  for (let tick = 0; tick <= 20; tick++) {
    const expected = kept.filter((event) => event.tick === tick);
    assert.deepEqual(await getEvents(closed, tick), expected, `tick ${tick}`);
  }
  assert.deepEqual(await getEvents(closed, 8), [], "nothing happened");
  await refusal(() => getEvents(closed, 21), "TIMELINE_TICK");
});

test("BAB-56: the journals of snapshots are append-only: nothing in them is updated or deleted", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("session", { state: babylon });
  const names = Object.keys(snapshots) as (keyof typeof snapshots)[];
  const append = (): void => {
    for (const name of names) run.state[name].append({});
    run.state.territory_snapshot.append({ county_fips: "06075", profit_rate: 0.2 });
  };
  append();
  await run.commit();
  for (const name of names) {
    for (const change of ["update", "delete", "assign", "clear"]) {
      assert(!(change in run.state[name]), `${name} has no ${change}`);
      const changes = { [name]: { [change]: [] } };
      await refusal(() => run.commit({ changes }), "RECORDER_CHANGES", { expected: /append/ });
    }
    assert(!("append" in (await run.at(1)).state[name]), `the past of ${name} is past`);
  }
  // The tick again, with a row more, with a row less and with another row.
  append();
  append();
  await refusal(() => run.commit({ tick: 1 }), "RECORDER_CONFLICT");
  await refusal(() => run.commit({ tick: 1 }), "RECORDER_CONFLICT");
  // What is read is a copy.
  const [, row] = (await run.at(1)).state.territory_snapshot;
  Object.assign(row as object, { profit_rate: 9 });
  const [, again] = (await run.at(1)).state.territory_snapshot;
  assert.deepEqual(
    [again?.county_fips, again?.profit_rate, again?.value_tensor.length],
    ["06075", 0.2, 12],
  );
});
