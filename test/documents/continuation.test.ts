/** Checkpoints: what comes back when a run goes on, and that it goes on exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  canonicalJson,
  defineWorld,
  grid,
  value,
  type Json,
  type LiveRun,
  type Past,
  type World,
} from "everytick";
import { Choices } from "../model/choices.ts";
import { bitsOf, memoryRuns, refusal } from "../runs/memory-runs.ts";

const world = defineWorld({
  name: "pond",
  version: 2,
  params: { wind: 0.5 },
  streams: ["rain"],
  eras: ["spring", "winter"],
  strata: ["surface", "deep"],
  state: {
    // Signals of the world, members of a species as columns of their own, and its entities.
    signals: value({ heat: "f64", level: "f32", storms: "u32" }),
    x: grid("f64", [40]),
    energy: grid("f32", [40]),
    age: grid("u16", [40]),
    entities: value({ list: "json" }),
  },
  init: ({ state, random }) => {
    for (let i = 0; i < 40; i++) state.x[i] = random.float();
    state.entities.list = [];
  },
  step: ({ state, tick, random, params }) => {
    const { signals, x, energy, age, entities } = state;
    signals.heat += random.normal() * params.wind;
    if (random.stream("rain").chance(0.1)) signals.storms += 1;
    signals.level = signals.heat / 3;
    for (let event = 0; event < 5; event++) {
      const at = random.int(40);
      x[at]! += random.normal();
      energy[at] = x[at]! * 2;
      age[at]! += 1;
    }
    const list = entities.list as readonly Json[];
    entities.list = [...list.slice(-5), { born: tick, at: random.int(40) }];
  },
});
type Pond = Past<typeof world extends World<infer _, infer D> ? D : never>;

function everything({ signals, x, energy, age, entities }: Pond["state"]): unknown {
  return [{ ...signals }, bitsOf(x), bitsOf(energy), bitsOf(age), { ...entities }];
}

test("CON-07: signals come back with the current tick and the one before", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("pond", { world });
  await run.step(9);
  const before = { ...run.state.signals };
  await run.step();
  const now = { ...run.state.signals };
  await run.close();
  await using resumed = await runs.record("pond", { world, resume: "only" });
  assert.deepEqual({ ...resumed.state.signals }, now);
  assert.deepEqual({ ...(await resumed.at(resumed.tick)).state.signals }, now);
  assert.deepEqual({ ...(await resumed.at(resumed.tick - 1)).state.signals }, before);
});

test("CON-09: member buffers come back byte by byte, NaN payloads and −0 included", async () => {
  const { runs } = await memoryRuns();
  const own = () => ({
    f64: grid(new Float64Array(4), [4]),
    f32: grid(new Float32Array(4), [4]),
    f16: grid(new Float16Array(4), [4]),
    i64: grid(new BigInt64Array(4), [4]),
    u8: grid(new Uint8Array(4), [4]),
  });
  const state = own();
  const bits: readonly (readonly [ArrayBufferView, readonly number[]])[] = [
    [state.f64.source as Float64Array, [1, 0, 0, 0, 0, 0, 0xf0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0x80]],
    [state.f32.source as Float32Array, [0xef, 0xbe, 0xad, 0x7f, 0, 0, 0, 0x80, 0, 0, 0x80, 0xff]],
    [state.f16.source as Float16Array, [0x01, 0x7c, 0x00, 0x80, 0x55, 0xfe]],
    [state.i64.source as BigInt64Array, [0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0, 0, 0, 0x20, 0]],
    [state.u8.source as Uint8Array, [255, 0, 1]],
  ];
  for (const [array, bytes] of bits) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes);
  }
  const expected = bits.map(([array]) => bitsOf(array));
  await (await runs.record("members", { state })).close();
  const other = own();
  await (await runs.record("members", { state: other, resume: "only" })).close();
  const found = [other.f64, other.f32, other.f16, other.i64, other.u8].map(({ source }) => {
    return bitsOf(source as ArrayBufferView);
  });
  assert.deepEqual(found, expected);
});

test("CON-11: tick, simulation time and era come back", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("pond", { world });
  await run.step(3);
  await run.commit({ simTime: 0.1 + 0.2, era: "winter" });
  await run.close();
  await using resumed = await runs.record("pond", { world, resume: "only" });
  const { tick, simTime, era } = resumed;
  assert.deepEqual({ tick, simTime, era }, { tick: 4, simTime: 0.1 + 0.2, era: "winter" });
  const past = await resumed.at(4);
  assert.deepEqual(
    [past.simTime, past.era, (await resumed.at(3)).era],
    [0.1 + 0.2, "winter", "spring"],
  );
});

test("CON-12: the hash of the world stands in the card and in each segment: 32 bytes", async () => {
  const { runs, ports } = await memoryRuns({ segmentBytesMin: 4000 });
  const run = await runs.record("pond", { world });
  await run.step(60);
  await run.close();
  const { worldHash } = run.card;
  assert.match(worldHash, /^[0-9a-f]{64}$/);
  const journal = "/runs/pond/journal";
  const segments = ports.vfs.list(journal) ?? [];
  assert(segments.length > 2);
  for (const name of segments) {
    const bytes = ports.vfs.read(`${journal}/${name}`);
    assert.equal(Buffer.from(bytes.subarray(80, 112)).toString("hex"), worldHash);
  }
});

test("CON-28: from any checkpoint the continuation is identical, over ten thousand ticks", async () => {
  const { others } = await memoryRuns();
  const last = 10_000;
  const options = { world, seed: 3, durability: "os", window: 500 } as const;
  const runs = await others();
  const whole = await runs.record("whole", options);
  await whole.step(last);
  const choices = new Choices(1);
  for (let from = 0; from < last;) {
    await using life = await others();
    await using run = await life.record("broken", { ...options, resume: "auto" });
    from = Math.min(last, run.tick + 1 + choices.below(3000));
    await run.step(from - run.tick);
  }
  await using broken = await (await others()).open("broken");
  assert.equal(broken.tick, last);
  const digests = (await broken.at(last)).historyDigest;
  // The chain never comes together again, so its last link proves all of them.
  assert.equal(digests, (await whole.at(last)).historyDigest);
  assert.equal((await broken.at(last)).stateDigest(), (await whole.at(last)).stateDigest());
  const { state } = (await broken.at(last)) as unknown as Pond;
  assert.deepEqual(everything(state), everything(whole.state));
  await runs.close();
});

test("CON-29: a run whose world has changed is refused, with what has changed", async () => {
  const { runs } = await memoryRuns();
  await (await runs.record("pond", { world })).close();
  const changes = [
    [{ version: 3 }, /version/],
    [{ eras: ["spring"] }, /eras/],
    [{ strata: ["surface", "middle", "deep"] }, /strata/],
    [{ streams: [] }, /random/],
  ] as const;
  for (const [change, where] of changes) {
    const other = defineWorld({ ...world, ...change });
    const resume = async (): Promise<unknown> =>
      runs.record("pond", { world: other, resume: "only" });
    await refusal(resume, "RUNS_WORLD", { where, expected: /./, found: /./ });
  }
  await (await runs.record("pond", { world, resume: "only" })).close();
});

/** The same value with the keys of every object in another order. */
function shuffled(json: Json, choices: Choices): Json {
  if (Array.isArray(json)) return json.map((item: Json) => shuffled(item, choices));
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json);
  return Object.fromEntries(
    choices.shuffled(entries).map(([key, item]) => [key, shuffled(item, choices)]),
  );
}

test("CON-30: the order in which keys and changes come in makes no difference to a byte", async () => {
  const notes: Json = {
    zebra: 1,
    ant: { y: [{ b: 1, a: 2 }], x: null, "10": 1, "9": 2 },
    "": true,
    ["__proto__"]: { q: 1, p: 2 },
  };
  const files = new Set<string>();
  for (let seed = 0; seed < 8; seed++) {
    const choices = new Choices(seed);
    const { runs, ports } = await memoryRuns();
    const state = {
      cells: grid("u8", [20]),
      more: grid("i16", [5]),
      notes: value({ a: "json", b: "utf8" }),
    };
    const run = await runs.record("run", { state });
    const rows = choices.shuffled(Array.from({ length: 20 }, (_, row) => row));
    const changes = {
      cells: { index: rows, value: rows.map((row) => row + 1) },
      more: { index: [1, 3], value: [-1, -3] },
      notes: { a: shuffled(notes, choices), b: "text" },
    };
    const mixed = choices.shuffled(Object.entries(changes));
    await run.commit({ changes: Object.fromEntries(mixed) });
    run.state.notes.a = shuffled(notes, choices);
    await run.commit();
    await run.close();
    assert.deepEqual(await run.changesAt(2), []);
    const journal = ports.vfs.read("/runs/run/journal/0000000000000000.seg");
    files.add(Buffer.from(journal).toString("hex"));
    assert.equal(canonicalJson(shuffled(notes, choices), "notes"), canonicalJson(notes, "notes"));
  }
  assert.equal(files.size, 1, "one sequence of bytes");
});

test("CON-31: the seed is stored, and every random stream draws on exactly", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("pond", { world, seed: 987_654_321 });
  await run.step(20);
  await run.close();
  const expected = ["main", "rain"].map((name) => {
    const stream = run.random.stream(name);
    return Array.from({ length: 50 }, () => stream.uint32());
  });
  await using resumed = await runs.record("pond", { world, resume: "only" });
  assert.equal(resumed.card.seed, 987_654_321);
  const found = ["main", "rain"].map((name) => {
    const stream = resumed.random.stream(name);
    return Array.from({ length: 50 }, () => stream.uint32());
  });
  assert.deepEqual(found, expected);
  assert.deepEqual((await runs.list())[0]?.seed, 987_654_321);
});

test("BAB-06: the state of the random numbers is part of each tick, and draws go on from it", async () => {
  const { runs } = await memoryRuns();
  const state = { dice: grid("u8", [3]) };
  const roll = (run: { random: LiveRun["random"] }): number[] =>
    Array.from({ length: 3 }, () => 1 + run.random.int(6));
  const whole = await runs.record("whole", { state, seed: 6 });
  const rolls = Array.from({ length: 40 }, () => roll(whole));
  for (let tick = 1; tick <= 40; tick++) {
    const resume = "auto";
    // A life of its own for each tick.
    await using run = await runs.record("lives", { state, seed: 6, resume });
    const dice = roll(run);
    assert.deepEqual(dice, rolls[tick - 1], `tick ${tick}`);
    run.state.dice.set(dice);
    await run.commit();
  }
  await using lives = await runs.open("lives");
  assert.deepEqual([lives.tick, (await lives.verify()).damage], [40, []]);
});
