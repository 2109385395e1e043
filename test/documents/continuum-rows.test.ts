/** The Continuum document's state and the TAK document's messages, as stores. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinatesOf, defineWorld, grid, indexOf, log, table, value, type Json } from "everytick";
import { Choices } from "../model/choices.ts";
import { bitsOf, memoryRuns, refusal } from "../runs/memory-runs.ts";
import { assertReadsBack } from "./reads-back.ts";
import { contentOfState, storesOf } from "./row-content.ts";

/** What a Continuum checkpoint holds. The tick, its time, the era, the seed and the world's hash are the run's own. */
const continuum = {
  signals: value({ heat: "f64", wind: "f32[3]", storms: "u32" }),
  entities: table({ id: "u32", species: "utf8", born: "u64", data: "json" }, { key: "id" }),
  /** Signals of each member: one array for each column. */
  members: table(
    { id: "u32", entity: "u32", energy: "f64", position: "f32[3]", flags: "u8" },
    { key: "id" },
  ),
  /** An ordered map: rows come in the order of their slots, and a static table never frees one. */
  era_configs: table(
    { era: "utf8", step_seconds: "f64", strata: "json", transitions: "json" },
    { key: "era", role: "static" },
  ),
  stratum_states: table(
    { stratum: "utf8", cadence: "u32", last_tick: "u64", is_gated: "u8", memory: "json" },
    { key: "stratum" },
  ),
};

/** Neither sorted nor in reverse, so that only order itself keeps them so. */
const eras = ["dawn", "zenith", "autumn", "mist"];
const strata = ["surface", "deep", "air"];

const world = defineWorld({
  name: "terra",
  version: 1,
  eras,
  strata,
  state: continuum,
  init({ state }) {
    for (const [i, era] of eras.entries()) {
      state.era_configs.insert({ era, step_seconds: 60 / (i + 1), strata: strata.slice(i) });
    }
    for (const stratum of strata) state.stratum_states.insert({ stratum, cadence: 1 });
  },
  step({ state, tick, random }) {
    state.signals.heat += random.normal();
    state.signals.storms += 1;
    for (const [i, stratum] of strata.entries()) {
      if (tick % (i + 1) !== 0) continue;
      const memory = { drawn: random.uint32(), before: tick - 1 };
      const is_gated = random.int(2);
      state.stratum_states.update(stratum, { last_tick: BigInt(tick), is_gated, memory });
    }
    state.entities.insert({ id: tick, species: random.chance(0.5) ? "wolf" : "sheep" });
    state.members.insert({ id: tick, entity: tick, energy: random.float() });
    for (const member of state.members) member.energy -= 0.05;
    if (tick > 8 && random.chance(0.7)) {
      const [id] = [...state.entities.keys()];
      state.entities.delete(id as number);
      state.members.delete(id as number);
    }
  },
});

test("T1, R2: every part of the Continuum document's state reads back at any tick, seed 31", async () => {
  await assertReadsBack(continuum, { ticks: 60, seed: 31 });
});

test("CON-08: entity instances, and their members in columns, are equal after resume, and live on alike", async () => {
  const { runs, others } = await memoryRuns();
  const whole = await runs.record("whole", { world, seed: 8 });
  const stores = storesOf(continuum);
  for (let resumes = 0; resumes < 5; resumes++) {
    await whole.step(7);
    // Another process each time.
    await using life = await others();
    await using run = await life.record("broken", { world, seed: 8, resume: "auto" });
    await run.step(whole.tick - run.tick);
    await run.close();
    await using resumed = await life.record("broken", { world, resume: "only" });
    assert.deepEqual(
      contentOfState(stores, resumed.state),
      contentOfState(stores, whole.state),
      `tick ${whole.tick}`,
    );
    // The same entities in the same slots, and the same bits in the arrays behind them.
    assert.deepEqual([...resumed.state.entities.keys()], [...whole.state.entities.keys()]);
    for (const id of whole.state.entities.keys()) {
      assert.equal(resumed.state.members.slotOf(id), whole.state.members.slotOf(id));
    }
    const { slotCount } = whole.state.members;
    const [energy, again] = [whole, resumed].map(({ state }) =>
      bitsOf(state.members.columns.energy.subarray(0, slotCount)),
    );
    assert.equal(again, energy);
  }
  assert(whole.state.entities.size < whole.tick, "some have died");
  await using broken = await (await others()).open("broken");
  const digest = (await whole.at(35)).historyDigest;
  assert.equal((await broken.at(35)).historyDigest, digest);
});

test("CON-10: the era, its configurations in order and the state of each stratum are equal after resume", async () => {
  const { runs } = await memoryRuns();
  let run = await runs.record("terra", { world, seed: 10 });
  assert.equal(run.era, "dawn", "the first era, unless another is named");
  const kept: { era: string | undefined; strata: readonly Json[] }[] = [];
  const keep = (): void => {
    kept[run.tick] = { era: run.era, strata: shownRows(run.state.stratum_states) };
  };
  keep();
  for (const era of ["dawn", "mist", "mist", "zenith", "autumn"]) {
    await run.step(3);
    // `step` goes on in the era of the last tick; a commit changes it.
    for (const tick of [run.tick - 2, run.tick - 1]) kept[tick] = { era: run.era, strata: [] };
    keep();
    run.state.stratum_states.update("deep", { memory: { era } });
    await run.commit({ era });
    keep();
    await run.close();
    run = await runs.record("terra", { world, resume: "only" });
    assert.deepEqual([run.era, shownRows(run.state.stratum_states)], [era, kept[run.tick]?.strata]);
  }
  for await (const past of run.play({ from: 20, to: 0, verify: true })) {
    const { era, strata: states } = kept[past.tick] as (typeof kept)[number];
    assert.equal(past.era, era, `tick ${past.tick}`);
    if (states.length > 0) assert.deepEqual(shownRows(past.state.stratum_states), states);
    assert.deepEqual([...past.state.era_configs.keys()], eras, "in the order of the definition");
    assert.deepEqual([...past.state.stratum_states.keys()], strata);
    assert.deepEqual(past.state.era_configs.get("autumn")?.strata, ["air"]);
  }
  await refusal(() => run.commit({ era: "noon" }), "RECORDER_OPTION", { found: /noon/ });
  const stage = (): unknown => run.state.era_configs.update("mist", { step_seconds: 1 });
  await refusal(stage, "WORLD_STATIC");
});

/** Rows as JSON; 64-bit numbers as text. */
function shownRows(rows: Iterable<object>): Json[] {
  const shown = (_: string, element: unknown): unknown =>
    typeof element === "bigint" ? String(element) : element;
  return JSON.parse(JSON.stringify([...rows], shown)) as Json[];
}

/** A message of the TAK document's bus. */
interface Message {
  readonly run_id: string;
  readonly seq: number;
  readonly generation: number;
  readonly cells: readonly { readonly coord: { x: number; y: number }; old: number; new: number }[];
  readonly timestamp: string;
}

const size = [12, 16] as const;
const chunk = 4;
const tak = {
  voxels: grid("u8", size),
  /** What a generation is called outside; the tick and the run are the recording's own. */
  message: value({ seq: "u64", timestamp: "utf8" }),
  tak_chunk_events: log({
    id: "uuid",
    zone_id: "utf8",
    chunk_coords: "i32[3]",
    diffs: "json",
    rule_hash: "utf8",
    meta: "json",
    inserted_at: "u64",
  }),
  /** A chunk is named by its zone and three coordinates; the document's array of them is no key. */
  tak_chunk_states: table(
    { zone_id: "utf8", x: "i32", y: "i32", z: "i32", state_snapshot: "json", updated_at: "u64" },
    { key: ["zone_id", "x", "y", "z"] },
  ),
};

function messageOf(generation: number, before: Uint8Array, choices: Choices): Message {
  const indexes = new Set(Array.from({ length: choices.below(20) }, () => choices.below(192)));
  const cells = [...indexes].map((index) => {
    const [y = 0, x = 0] = coordinatesOf(index, size);
    const old = before[index] as number;
    return { coord: { x, y }, old, new: 1 - old };
  });
  const timestamp = new Date(1_763_000_000_000 + 50 * generation).toISOString();
  return { run_id: "run-1", seq: generation, generation, cells, timestamp };
}

/** The cells of each chunk, as the document's events hold them. */
function eventsOf({ cells }: Message) {
  const chunkOf = ({ coord }: Message["cells"][number]): string =>
    `${Math.floor(coord.x / chunk)} ${Math.floor(coord.y / chunk)}`;
  return Object.entries(Object.groupBy(cells, chunkOf)).map(([place, list = []]) => {
    const [x = 0, y = 0] = place.split(" ").map(Number);
    const diffs = list.map(({ coord, ...change }) => ({ voxel_id: { ...coord, z: 0 }, ...change }));
    return { chunk_coords: Int32Array.of(x, y, 0), diffs };
  });
}

test("C5, T8: every TAK message maps to a tick of a grid, and to a log of events by chunk, and both tell it back, seed 32", async () => {
  const choices = new Choices(32);
  const { runs } = await memoryRuns();
  const run = await runs.record("run-1", { state: tak });
  const messages: Message[] = [];
  for (let generation = 1; generation <= 40; generation++) {
    const message = messageOf(generation, run.state.voxels, choices);
    messages.push(message);
    const { cells, seq, timestamp } = message;
    const index = cells.map(({ coord }) => indexOf([coord.y, coord.x], size));
    const events = eventsOf(message).map((event) => ({ ...event, zone_id: "zone-1" }));
    const chunks = events.map(({ chunk_coords: [x = 0, y = 0, z = 0] }) => ({ x, y, z }));
    const isKnown = (at: (typeof chunks)[number]): boolean =>
      run.state.tak_chunk_states.has(["zone-1", at.x, at.y, at.z]);
    const rows = chunks.map((at) => {
      return { zone_id: "zone-1", ...at, state_snapshot: { generation }, updated_at: BigInt(seq) };
    });
    await run.commit({
      tick: generation,
      changes: {
        voxels: { index, value: cells.map((cell) => cell.new) },
        message: { seq: BigInt(seq), timestamp },
        tak_chunk_events: { append: events },
        tak_chunk_states: {
          update: rows.filter(isKnown),
          insert: rows.filter((row) => !isKnown(row)),
        },
      },
    });
  }
  await run.close();
  await using closed = await runs.open<typeof tak>("run-1");
  for (const [i, message] of messages.entries()) {
    const tick = i + 1;
    const changes = (await closed.changesAt(tick)).filter(({ store }) => store === "voxels");
    const cells = changes.map(({ index, old, new: now }) => {
      const [y = 0, x = 0] = coordinatesOf(index, size);
      return { coord: { x, y }, old, new: now };
    });
    const { state } = await closed.at(tick);
    const { seq, timestamp } = state.message;
    const told = { run_id: closed.id, seq: Number(seq), generation: tick, cells, timestamp };
    assert.deepEqual(told, { ...message, cells: sorted(message.cells) });
    const events = [...state.tak_chunk_events].map(({ chunk_coords, diffs }) => ({
      chunk_coords,
      diffs,
    }));
    assert.deepEqual(events, eventsOf(message), `tick ${tick}`);
    for (const { chunk_coords } of events) {
      const [x = 0, y = 0, z = 0] = chunk_coords;
      const row = state.tak_chunk_states.get(["zone-1", x, y, z]);
      assert.deepEqual(row?.state_snapshot, { generation: tick });
    }
  }
  const all = await Array.fromAsync(closed.log("tak_chunk_events"), ({ tick }) => tick);
  assert.equal(all.length, messages.flatMap(eventsOf).length);
});

function sorted(cells: Message["cells"]): Message["cells"] {
  return [...cells].sort((a, b) => a.coord.y - b.coord.y || a.coord.x - b.coord.x);
}
