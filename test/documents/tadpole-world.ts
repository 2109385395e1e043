/**
 * The data models and tables of the Tadpole document. A tick is a transaction. What has a key and changes is a table, what
 * links two of them is edges, and what is only ever appended is a log; times are nanoseconds since 1970.
 */
import { edges, log, table, value } from "everytick";

const system = {
  system_state: value({ version: "utf8", configuration: "json", changed_at: "u64" }),
};

/** Subspaces of the population's state. */
const population = {
  judgement_snapshots: table(
    { snapshot_id: "uuid", agent_id: "uuid", rubric_version: "utf8", scores: "json", at: "u64" },
    { key: "snapshot_id" },
  ),
  egg_revision_history: log({ egg_id: "uuid", revision: "u32", diff: "bytes", at: "u64" }),
  job_resource_ledger: table(
    { allocation_id: "u32", agent_id: "uuid", compute_units: "u32", memory_mb: "u32" },
    { key: "allocation_id" },
  ),
  job_event_log: log({ job_id: "utf8", event: "utf8", payload: "json", at: "u64" }),
  worker_journal: log({ worker_id: "utf8", feedback: "json", at: "u64" }),
  tadpole_activity_log: log({ tadpole_id: "utf8", activity: "utf8", metadata: "json", at: "u64" }),
};

const agents = {
  agents: table(
    {
      agent_id: "uuid",
      // Identity: an ed25519 key, raw.
      public_key: "u8[32]",
      generation: "u32",
      creation_timestamp: "u64",
      // Performance: a window of the last values, all of them compressed, and what the agent refers to.
      current_metrics: "f64[16]",
      historical_metrics: "bytes",
      rubric_scores: "f32[8]",
      judgement_snapshot_ref: "uuid",
      job_allocation_ref: "u32",
      // Knowledge.
      learned_patterns: "bytes",
      capability_vector: "f32[256]",
    },
    { key: "agent_id" },
  ),
  experience_history: log({ agent_id: "uuid", event: "utf8", payload: "json", at: "u64" }),
  mesh_memberships: edges({ from: "agents", to: "meshes", member_role: "utf8", joined_at: "u64" }),
  communication_history: edges({
    from: "agents",
    to: "agents",
    messages: "u64",
    last_at: "u64",
    summary: "json",
  }),
  trust_scores: edges({ from: "agents", to: "agents", trust: "f32" }),
};

const meshes = {
  meshes: table(
    {
      mesh_id: "uuid",
      formation_timestamp: "u64",
      topology_hash: "u8[32]",
      collective_metrics: "json",
      emergence_indicators: "f32[8]",
      communication_efficiency: "f64",
      fused_capabilities: "f32[256]",
    },
    { key: "mesh_id" },
  ),
  fusion_history: log({ mesh_id: "uuid", agent_id: "uuid", weight: "f32", at: "u64" }),
  /** How two agents affect each other in a mesh: three parts name it, so it is a table and no edges. */
  synergy_matrix: table(
    { mesh_id: "uuid", agent_id: "uuid", other_id: "uuid", effect: "f32" },
    { key: ["mesh_id", "agent_id", "other_id"] },
  ),
};

const jobsAndWorkers = {
  jobs: table(
    {
      job_id: "utf8",
      objective: "utf8",
      status: "utf8",
      reward_signal: "f64",
      requested_resources: "json",
      metadata: "json",
      spawned_at: "u64",
      started_at: "json",
      completed_at: "json",
    },
    { key: "job_id" },
  ),
  job_metrics: table(
    { id: "u32", job_id: "utf8", latency: "f64", efficiency: "f64", ttl_expirations: "u32" },
    { key: "id" },
  ),
  resource_allocations: table(
    {
      id: "u32",
      job_id: "utf8",
      compute_units: "i32",
      memory_mb: "i32",
      bandwidth_mbps: "i32",
      thread_count: "i32",
      allocated_at: "u64",
      released_at: "json",
    },
    { key: "id" },
  ),
  workers: table(
    {
      worker_id: "utf8",
      job_id: "json",
      worker_type: "utf8",
      specialization: "utf8",
      status: "utf8",
      spawned_at: "u64",
      retired_at: "json",
      ttl_seconds: "i32",
      expiry_at: "u64",
      metadata: "json",
    },
    { key: "worker_id" },
  ),
  worker_events: log({
    worker_id: "utf8",
    event_type: "utf8",
    payload: "json",
    occurred_at: "u64",
  }),
  tadpole_instances: table(
    {
      tadpole_id: "utf8",
      worker_id: "utf8",
      job_id: "utf8",
      communication_protocol: "utf8",
      resource_allocation: "json",
      status: "utf8",
      spawned_at: "u64",
      expiry_at: "u64",
    },
    { key: "tadpole_id" },
  ),
  tadpole_metrics: log({
    tadpole_id: "utf8",
    entropy: "f64",
    resource_pressure: "f64",
    protocol_success: "u8",
  }),
};

const schemaAndCode = {
  dynamic_attributes: table(
    {
      entity_type: "utf8",
      entity_id: "utf8",
      attribute_key: "utf8",
      attribute_value: "json",
      weight_hint: "f64",
      observed_at: "u64",
    },
    { key: ["entity_type", "entity_id", "attribute_key"] },
  ),
  schema_change_log: log({
    initiated_by: "utf8",
    entity_name: "utf8",
    action: "utf8",
    ddl_statement: "utf8",
    rationale: "utf8",
    created_at: "u64",
  }),
  code_versions: table(
    { digest: "utf8", worker_type: "utf8", artifact: "bytes", created_at: "u64" },
    { key: "digest" },
  ),
  code_update_reports: table(
    { id: "u32", digest: "utf8", worker_id: "utf8", suggestion: "json", review_status: "utf8" },
    { key: "id" },
  ),
};

const analysis = {
  analysis_requests: table(
    { request_id: "uuid", prompt: "utf8", status: "utf8", requested_at: "u64" },
    { key: "request_id" },
  ),
  analysis_runs: table(
    { run_id: "uuid", request_id: "uuid", job_id: "utf8", worker_id: "json", summary: "json" },
    { key: "run_id" },
  ),
  analysis_findings: table(
    { id: "u32", run_id: "uuid", monetization_score: "f64", novelty_score: "f64", body: "json" },
    { key: "id" },
  ),
  finding_artifacts: table(
    { id: "u32", finding_id: "u32", uri: "utf8", media_type: "utf8" },
    { key: "id" },
  ),
  improvement_reports: table(
    { id: "u32", job_id: "json", request_id: "json", adjustments: "json", status: "utf8" },
    { key: "id" },
  ),
  learning_snapshots: log({
    agent_id: "uuid",
    rubric_version: "utf8",
    principle_scores: "f32[8]",
    at: "u64",
  }),
};

/** All of them by where the document names them. */
export const layers = {
  system,
  population,
  agents,
  meshes,
  jobsAndWorkers,
  schemaAndCode,
  analysis,
};

export const tadpole = {
  ...system,
  ...population,
  ...agents,
  ...meshes,
  ...jobsAndWorkers,
  ...schemaAndCode,
  ...analysis,
};
