/** The Tadpole document: how agents relate, and the meshes that they form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveRun } from "everytick";
import { Choices } from "../model/choices.ts";
import { bitsOf, hexOf, memoryRuns, refusal } from "../runs/memory-runs.ts";
import { keyOf } from "./column-values.ts";
import { isIncluded, proofOf, rootOf } from "./merkle.ts";
import { tadpole } from "./tadpole-world.ts";

type Live = LiveRun<typeof tadpole>;
const uuid = (n: number): string => keyOf("uuid", n) as string;
const agentIds = Array.from({ length: 12 }, (_, n) => uuid(n));
const meshIds = [100, 101, 102].map(uuid);

async function recordMeshes(): Promise<Live> {
  const { runs } = await memoryRuns();
  const run = await runs.record("tadpoles", { state: tadpole });
  for (const agent_id of agentIds) run.state.agents.insert({ agent_id });
  for (const mesh_id of meshIds) run.state.meshes.insert({ mesh_id, formation_timestamp: 5n });
  return run;
}

/** Who is linked to whom, by one end. */
type Links = Map<string, Map<string, number>>;

/** Everybody that trust leads to from somebody, as one would write it down. */
function naiveReach(links: Links, from: string): Set<string> {
  const found = new Set([from]);
  for (const node of found) for (const to of links.get(node)?.keys() ?? []) found.add(to);
  return found;
}

test("TAD-16: memberships and trust are made, read, changed and ended, and walked as graphs at any tick, seed 16", async () => {
  const choices = new Choices(16);
  const run = await recordMeshes();
  const { trust_scores, mesh_memberships, communication_history } = run.state;
  const trust: Links = new Map(agentIds.map((id) => [id, new Map<string, number>()]));
  const kept: { trust: Links; members: Set<string> }[] = [];
  for (let tick = 1; tick <= 30; tick++) {
    for (let i = 0; i < 4; i++) {
      const [from, to] = [choices.pick(agentIds), choices.pick(agentIds)];
      const targets = trust.get(from) as Map<string, number>;
      const score = Math.fround(choices.next() / 3);
      if (!targets.has(to)) {
        trust_scores.insert({ from, to, trust: score });
        communication_history.insert({ from, to, messages: 1n, summary: { last: tick } });
      } else if (choices.chance(0.5)) {
        trust_scores.update([from, to], { trust: score });
        communication_history.get([from, to])!.messages += 1n;
      } else {
        trust_scores.delete([from, to]);
        communication_history.delete([from, to]);
        targets.delete(to);
        continue;
      }
      targets.set(to, score);
    }
    const [from, to] = [choices.pick(agentIds), choices.pick(meshIds)];
    if (mesh_memberships.has([from, to])) mesh_memberships.delete([from, to]);
    else mesh_memberships.insert({ from, to, member_role: "scout", joined_at: BigInt(tick) });
    const members = new Set([...mesh_memberships].map((edge) => `${edge.from} ${edge.to}`));
    kept[tick] = { trust: structuredClone(trust), members };
    await run.commit();
  }
  for (const tick of [30, 1, 15, 16, 29, 2]) {
    const { state } = await run.at(tick, { verify: true });
    const { trust: expected, members } = kept[tick] as (typeof kept)[number];
    for (const agent of agentIds) {
      const out = state.trust_scores.outgoing(agent).map((edge) => [edge.to, edge.trust] as const);
      assert.deepEqual(new Map(out), expected.get(agent), `tick ${tick}`);
      const into = state.trust_scores.incoming(agent).map((edge) => edge.from);
      assert.deepEqual(
        into.sort(),
        agentIds.filter((from) => expected.get(from)?.has(agent)),
      );
      const reached = new Set([agent]);
      for (const node of reached) {
        for (const edge of state.trust_scores.outgoing(node)) reached.add(edge.to);
      }
      assert.deepEqual(reached, naiveReach(expected, agent));
    }
    // Of which agents is a mesh made, and in which meshes is an agent.
    const found = meshIds.flatMap((mesh) =>
      state.mesh_memberships.incoming(mesh).map((edge) => `${edge.from} ${mesh}`),
    );
    assert.deepEqual(new Set(found), members);
    const again = agentIds.flatMap((agent) =>
      state.mesh_memberships.outgoing(agent).map((edge) => `${agent} ${edge.to}`),
    );
    assert.deepEqual(new Set(again), members);
    const pairs = [...state.trust_scores.keys()].map(String);
    assert.deepEqual(new Set(pairs), new Set([...state.communication_history.keys()].map(String)));
  }
  await refusal(() => trust_scores.update([uuid(40), uuid(41)], { trust: 1 }), "WORLD_KEY");
});

function membersOf(state: Live["state"], mesh: string): string[] {
  return state.mesh_memberships.incoming(mesh).map(({ from }) => from);
}

/** Something that is no change of topology, or one that is. */
function happen({ state }: Live, choices: Choices): void {
  const [agent, mesh] = [choices.pick(agentIds), choices.pick(meshIds)];
  const edge = { from: agent, to: mesh };
  const isMember = state.mesh_memberships.has([agent, mesh]);
  switch (choices.below(5)) {
    case 0:
      if (isMember) state.mesh_memberships.delete([agent, mesh]);
      else state.mesh_memberships.insert(edge);
      break;
    case 1:
      // Who leaves and comes back within a tick has not left.
      if (isMember) state.mesh_memberships.delete([agent, mesh]);
      if (isMember) state.mesh_memberships.insert({ ...edge, member_role: "again" });
      break;
    case 2:
      state.trust_scores.upsert({ ...edge, to: choices.pick(agentIds), trust: choices.next() });
      break;
    case 3:
      state.meshes.update(mesh, { communication_efficiency: choices.next() / 2 ** 32 });
      break;
    default:
      state.agents.update(agent, { generation: choices.below(9) });
  }
  for (const each of state.meshes) each.topology_hash = rootOf(membersOf(state, each.mesh_id));
}

test("TAD-17: the root of a mesh changes if and only if its members change, and proves each of them, seed 17", async () => {
  const choices = new Choices(17);
  const run = await recordMeshes();
  const kept: Map<string, string>[] = [];
  for (let tick = 1; tick <= 80; tick++) {
    happen(run, choices);
    kept[tick] = new Map(meshIds.map((mesh) => [mesh, membersOf(run.state, mesh).sort().join()]));
    await run.commit();
  }
  const counts = { changed: 0, same: 0 };
  const roots = new Map<string, Set<string>>();
  for (let tick = 2; tick <= 80; tick++) {
    const changes = await run.changesAt(tick);
    const { state } = await run.at(tick);
    for (const { mesh_id, topology_hash } of state.meshes) {
      const members = kept[tick]?.get(mesh_id) as string;
      const isOther = members !== kept[tick - 1]?.get(mesh_id);
      const isChange = changes.some(
        ({ column, key }) => column === "topology_hash" && key === mesh_id,
      );
      assert.equal(isChange, isOther, `tick ${tick}`);
      counts[isOther ? "changed" : "same"] += 1;
      roots.set(members, (roots.get(members) ?? new Set()).add(hexOf(topology_hash)));
      const found = state.mesh_memberships.incoming(mesh_id).map(({ from }) => from);
      assert.deepEqual(Buffer.from(topology_hash), rootOf(found));
      for (const agent of agentIds) {
        const isMember = found.includes(agent);
        // The best that somebody outside can show is a member's proof.
        const proof = proofOf(found, isMember ? agent : (found[0] ?? agent));
        assert.equal(isIncluded(topology_hash, agent, proof), isMember, `tick ${tick}`);
      }
    }
  }
  assert(counts.changed > 10 && counts.same > 150, JSON.stringify(counts));
  // Equal members at whatever tick have one root, others another.
  assert([...roots.values()].every(({ size }) => size === 1));
  assert.equal(new Set([...roots.values()].flatMap((set) => [...set])).size, roots.size);
});

test("TAD-18: what a mesh achieves together is stored, and queried over time, seed 18", async () => {
  const choices = new Choices(18);
  const run = await recordMeshes();
  const kept: { efficiency: number; indicators: string; metrics: unknown }[] = [];
  for (let tick = 1; tick <= 25; tick++) {
    const row = run.state.meshes.get(uuid(100));
    assert(row !== undefined);
    row.communication_efficiency = choices.next() / 2 ** 32;
    row.emergence_indicators = Float32Array.from({ length: 8 }, () => choices.next() / 3);
    row.collective_metrics = { tick, throughput: choices.next() / 5, notes: [null, "é"] };
    kept[tick] = {
      efficiency: row.communication_efficiency,
      indicators: bitsOf(row.emergence_indicators),
      metrics: row.collective_metrics,
    };
    await run.commit();
  }
  const range = { from: 25, to: 1 };
  for await (const { tick, value } of run.series(({ meshes }) => meshes.get(uuid(100)), range)) {
    const {
      communication_efficiency: efficiency,
      emergence_indicators,
      collective_metrics: metrics,
    } = value as NonNullable<typeof value>;
    assert.deepEqual({ efficiency, indicators: bitsOf(emergence_indicators), metrics }, kept[tick]);
  }
  // A question to history: when was it at its best?
  const efficiency = await Array.fromAsync(
    run.series(({ meshes }) => meshes.get(uuid(100))?.communication_efficiency ?? 0),
  );
  const best = efficiency.reduce((a, b) => (b.value > a.value ? b : a));
  const highest = Math.max(...kept.slice(1).map((each) => each.efficiency));
  assert.deepEqual([best.value, kept[best.tick]?.efficiency], [highest, highest]);
});

test("TAD-19: fused capabilities and synergies are stored, and the history of fusions is append-only, seed 19", async () => {
  const choices = new Choices(19);
  const run = await recordMeshes();
  const mesh_id = uuid(100);
  const fused: string[] = [];
  const synergy: Map<string, number>[] = [];
  for (let tick = 1; tick <= 20; tick++) {
    const vector = Float32Array.from({ length: 256 }, () => choices.next());
    run.state.meshes.update(mesh_id, { fused_capabilities: vector });
    fused[tick] = bitsOf(vector);
    const [agent_id, other_id] = [choices.pick(agentIds), choices.pick(agentIds)];
    const effect = Math.fround(choices.next() / 7);
    run.state.synergy_matrix.upsert({ mesh_id, agent_id, other_id, effect });
    synergy[tick] = new Map(synergy[tick - 1]).set(agent_id + other_id, effect);
    run.state.fusion_history.append({ mesh_id, agent_id, weight: effect, at: BigInt(tick) });
    await run.commit();
  }
  for await (const { tick, state } of run.play({ from: 20, to: 1, verify: true })) {
    assert.equal(bitsOf(state.meshes.get(mesh_id)!.fused_capabilities), fused[tick]);
    const matrix = [...state.synergy_matrix].map(
      (row) => [row.agent_id + row.other_id, row.effect] as const,
    );
    assert.deepEqual(new Map(matrix), synergy[tick]);
  }
  const history = await Array.fromAsync(run.log("fusion_history"));
  assert.deepEqual(
    history.map(({ tick, row }) => [tick, row.at]),
    Array.from({ length: 20 }, (_, i) => [i + 1, BigInt(i + 1)]),
  );
  for (const change of ["update", "delete", "insert"]) {
    assert(!(change in run.state.fusion_history));
    const changes = { fusion_history: { [change]: [{ mesh_id }] } } as never;
    await refusal(() => run.commit({ changes }), "RECORDER_CHANGES", { expected: /append/ });
  }
  run.state.fusion_history.append({ mesh_id });
  await refusal(() => run.commit({ tick: 20 }), "RECORDER_CONFLICT", { where: /fusion_history/ });
  assert.deepEqual(await Array.fromAsync(run.log("fusion_history")), history);
});
