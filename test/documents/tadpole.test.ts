/** The Tadpole document: each of its models and tables as a store, and the agents' own data. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Choices } from "../model/choices.ts";
import { bitsOf, hexOf, memoryRuns, refusal } from "../runs/memory-runs.ts";
import { keyOf } from "./column-values.ts";
import { assertReadsBack } from "./reads-back.ts";
import { layers, tadpole } from "./tadpole-world.ts";

const uuid = (n: number): string => keyOf("uuid", n) as string;

test("every model and table of the Tadpole document is a store", () => {
  const listed = {
    system: "system_state",
    population:
      "judgement_snapshots egg_revision_history job_resource_ledger job_event_log worker_journal " +
      "tadpole_activity_log",
    agents: "agents experience_history mesh_memberships communication_history trust_scores",
    meshes: "meshes fusion_history synergy_matrix",
    jobsAndWorkers:
      "jobs job_metrics resource_allocations workers worker_events tadpole_instances tadpole_metrics",
    schemaAndCode: "dynamic_attributes schema_change_log code_versions code_update_reports",
    analysis:
      "analysis_requests analysis_runs analysis_findings finding_artifacts improvement_reports " +
      "learning_snapshots",
  };
  const found = Object.entries(layers).map(([layer, stores]) => {
    return [layer, Object.keys(stores).join(" ")];
  });
  assert.deepEqual(Object.fromEntries(found), listed);
});

test("T1, R2: every model and table of the Tadpole document reads back at any tick, seed 21", async () => {
  await assertReadsBack(tadpole, { ticks: 60, seed: 21 });
});

/** An ed25519 key that a number decides (RFC 8410: a fixed head, then 32 bytes). */
function privateKeyOf(n: number): KeyObject {
  const head = Buffer.from("302e020100300506032b657004220420", "hex");
  const key = Buffer.concat([head, Buffer.alloc(32, n)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

const publicHead = Buffer.from("302a300506032b6570032100", "hex");

function rawPublicKey(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(publicHead.length);
}

function isSigned(publicKey: Uint8Array, message: string, signature: Uint8Array): boolean {
  const key = Buffer.concat([publicHead, publicKey]);
  const verifier = createPublicKey({ key, format: "der", type: "spki" });
  return verify(null, Buffer.from(message), verifier, signature);
}

test("TAD-13: an agent's uuid, key, generation and nanoseconds come back whole, and the key verifies signatures", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("tadpoles", { state: tadpole });
  const agent_id = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
  const creation_timestamp = 1_763_300_000_123_456_789n;
  const [first, second] = [privateKeyOf(1), privateKeyOf(2)];
  const signature = sign(null, Buffer.from(agent_id), first);
  const { agents } = run.state;
  const identity = { agent_id, generation: 1, creation_timestamp };
  agents.insert({ ...identity, public_key: rawPublicKey(first) });
  agents.insert({ agent_id: uuid(2), creation_timestamp: 2n ** 64n - 1n });
  await run.commit();
  agents.update(agent_id, { public_key: rawPublicKey(second), generation: 2 });
  await run.commit();
  await run.close();
  await using closed = await runs.open<typeof tadpole>("tadpoles");
  const at = async (tick: number) => (await closed.at(tick, { verify: true })).state.agents;
  const row = (await at(1)).get(agent_id.toUpperCase());
  assert(row !== undefined);
  const { generation, public_key } = row;
  assert.deepEqual(
    [row.agent_id, generation, row.creation_timestamp],
    [agent_id, 1, creation_timestamp],
  );
  // A number would have lost the last three digits.
  assert.notEqual(BigInt(Number(creation_timestamp)), creation_timestamp);
  assert.equal((await at(2)).get(uuid(2))?.creation_timestamp, 2n ** 64n - 1n);
  assert(isSigned(public_key, agent_id, signature), "the key of tick 1");
  assert(!isSigned(public_key, uuid(2), signature), "another message");
  const later = (await at(2)).get(agent_id);
  assert(
    later !== undefined && !isSigned(later.public_key, agent_id, signature),
    "the key of tick 2",
  );
  assert(isSigned(later.public_key, agent_id, sign(null, Buffer.from(agent_id), second)));
  assert.equal(later.generation, 2);
});

test("TAD-13: what is no uuid, no key and no nanosecond is refused", async () => {
  const { runs } = await memoryRuns();
  const { agents } = (await runs.record("tadpoles", { state: tadpole })).state;
  agents.insert({ agent_id: uuid(1) });
  await refusal(() => agents.insert({ agent_id: "agent 1" }), "WORLD_VALUE");
  await refusal(() => agents.insert({ agent_id: uuid(1) }), "WORLD_KEY");
  for (const values of [
    { public_key: new Uint8Array(31) },
    { public_key: new Uint8Array(33) },
    { creation_timestamp: 1_763_300_000 as unknown as bigint },
    { creation_timestamp: -1n },
    { creation_timestamp: 2n ** 64n },
    { generation: 1.5 },
  ]) {
    await refusal(() => agents.update(uuid(1), values), "WORLD_VALUE");
  }
});

test("TAD-14: an agent's metrics, series and scores come back, and its references meet their rows at every tick, seed 14", async () => {
  const choices = new Choices(14);
  const { runs } = await memoryRuns();
  const run = await runs.record("tadpoles", { state: tadpole });
  const { agents, judgement_snapshots, job_resource_ledger } = run.state;
  const series = new Map<string, number[]>();
  const kept: { id: string; rubric: string; values: readonly number[] }[][] = [[]];
  let allocations = 0;
  for (let tick = 1; tick <= 30; tick++) {
    for (const agent_id of [0, 1, 2, 3].map(uuid)) {
      if (choices.chance(0.3)) continue;
      const values = [...(series.get(agent_id) ?? []), choices.next() / 7];
      series.set(agent_id, values);
      const before = agents.get(agent_id);
      if (before !== undefined) {
        judgement_snapshots.delete(before.judgement_snapshot_ref);
        job_resource_ledger.delete(before.job_allocation_ref);
      }
      allocations += 1;
      const [snapshot_id, allocation_id] = [uuid(allocations), allocations];
      judgement_snapshots.insert({ snapshot_id, agent_id, scores: { tick } });
      job_resource_ledger.insert({ allocation_id, agent_id, compute_units: tick });
      const current = new Float64Array(16);
      current.set(values.slice(-16));
      agents.upsert({
        agent_id,
        current_metrics: current,
        historical_metrics: deflateRawSync(Float64Array.from(values)),
        rubric_scores: Float32Array.from({ length: 8 }, () => choices.next()),
        judgement_snapshot_ref: snapshot_id,
        job_allocation_ref: allocation_id,
      });
    }
    const rows = [...agents].map(({ agent_id: id, rubric_scores }) => {
      return { id, rubric: bitsOf(rubric_scores), values: series.get(id) ?? [] };
    });
    kept.push(rows);
    await run.commit();
  }
  for await (const { tick, state } of run.play({ from: 30, to: 1, verify: true })) {
    for (const agent of state.agents) {
      const snapshot = state.judgement_snapshots.get(agent.judgement_snapshot_ref);
      const allocation = state.job_resource_ledger.get(agent.job_allocation_ref);
      assert.deepEqual(
        [snapshot?.agent_id, allocation?.agent_id],
        [agent.agent_id, agent.agent_id],
      );
    }
    const rows = [...state.agents].map((agent) => {
      const { agent_id: id, rubric_scores, historical_metrics, current_metrics } = agent;
      const values = [
        ...new Float64Array(Uint8Array.from(inflateRawSync(historical_metrics)).buffer),
      ];
      const window = values.slice(-16);
      assert.deepEqual(Array.from(current_metrics.subarray(0, window.length)), window);
      return { id, rubric: bitsOf(rubric_scores), values };
    });
    assert.deepEqual(rows, kept[tick], `tick ${tick}`);
    // Nothing is left of what nobody refers to any more.
    const { size } = state.agents;
    assert.deepEqual(
      [state.judgement_snapshots.size, state.job_resource_ledger.size],
      [size, size],
    );
  }
});

test("TAD-15: 256 floats come back bit by bit, weights byte by byte, and another length is refused, seed 15", async () => {
  const choices = new Choices(15);
  const { runs } = await memoryRuns();
  let run = await runs.record("tadpoles", { state: tadpole });
  const kept: [vector: string, weights: string][] = [];
  const special = [0x7fc1_2345, 0x7f80_0001, 0xffc0_0000, 0x8000_0000, 0x7f80_0000, 1];
  for (let tick = 1; tick <= 12; tick++) {
    const bits = Uint32Array.from({ length: 256 }, (_, i) => special[i] ?? choices.next());
    const weights = Uint8Array.from({ length: choices.below(4000) }, () => choices.next());
    kept.push([bitsOf(bits), hexOf(weights)]);
    run.state.agents.upsert({
      agent_id: uuid(1),
      capability_vector: new Float32Array(bits.buffer),
      learned_patterns: weights,
    });
    run.state.experience_history.append({
      agent_id: uuid(1),
      event: `lesson ${tick}`,
      at: BigInt(tick),
    });
    await run.commit();
    // What was given is the caller's own: a commit has copied it.
    bits.fill(0);
    weights.fill(0);
    if (tick !== 6) continue;
    await run.close();
    run = await runs.record("tadpoles", { state: tadpole, resume: "only" });
    const live = run.state.agents.get(uuid(1));
    assert.deepEqual([bitsOf(live!.capability_vector), hexOf(live!.learned_patterns)], kept[5]);
  }
  for await (const { tick, state } of run.play({ from: 12, to: 1, verify: true })) {
    const agent = state.agents.get(uuid(1));
    assert.deepEqual(
      [bitsOf(agent!.capability_vector), hexOf(agent!.learned_patterns)],
      kept[tick - 1],
    );
    assert.equal(
      bitsOf(state.agents.columns.capability_vector).slice(0, 2048),
      kept[tick - 1]?.[0],
    );
  }
  for (const length of [0, 255, 257]) {
    const capability_vector = new Float32Array(length);
    const update = (): unknown => run.state.agents.update(uuid(1), { capability_vector });
    await refusal(update, "WORLD_VALUE", { expected: /256 numbers of f32/ });
  }
  const lessons = await Array.fromAsync(run.log("experience_history", { from: 4, to: 9 }));
  assert.deepEqual(
    lessons.map(({ row }) => row.event),
    [4, 5, 6, 7, 8, 9].map((n) => `lesson ${n}`),
  );
});
