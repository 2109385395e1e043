import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, grid, value, type LiveRun, type RunsOptions } from "everytick";
import fc from "fast-check";
import { Choices } from "../model/choices.ts";
import { explicitly, type Density } from "../model/mutations.ts";
import { NaiveState } from "../model/naive-state.ts";
import { smallSchema, worldOf } from "../model/schemas.ts";
import { allRefused, bitsOf, memoryRuns, refusal } from "../runs/memory-runs.ts";

function definition() {
  return {
    cells: grid("u8", [2, 3]),
    big: grid("i64", [2]),
    weather: value({ rain: "f64", season: "utf8", notes: "json" }),
  };
}

/** Puts a model's state into the live one. */
function load(run: LiveRun, state: NaiveState): void {
  const live = run.state as Record<string, object>;
  for (const { kind, name } of state.plan.stores) {
    const content = live[name] as object;
    if (kind === "grid") {
      const { buffer, byteOffset, byteLength } = content as ArrayBufferView;
      new Uint8Array(buffer, byteOffset, byteLength).set(state.grid(name));
    } else {
      for (const [column, element] of state.values(name)) Reflect.set(content, column, element);
    }
  }
}

test("C5: explicit changes and whole states give the same history, whatever the sizes, seed 1", async () => {
  const sizes = fc.record({
    segmentBytesMin: fc.constantFrom(1, 2000, 2 ** 24),
    bodyBytesMax: fc.constantFrom(1, 300, 2 ** 26),
  });
  const densities = fc.array(fc.constantFrom<Density>("empty", "sparse", "dense"), {
    maxLength: 8,
  });
  const property = fc.asyncProperty(
    smallSchema,
    densities,
    fc.integer(),
    sizes,
    sizes,
    async (schema, ticks, seed, sizesOfOne, sizesOfOther) => {
      const open = async (options: RunsOptions): Promise<LiveRun> => {
        const { runs } = await memoryRuns(options);
        return runs.record("run", { world: worldOf(schema) });
      };
      const [explicit, whole] = [await open(sizesOfOne), await open(sizesOfOther)];
      const choices = new Choices(seed);
      let state = NaiveState.nothing(schema);
      for (const density of ticks) {
        const { changes, after } = explicitly(state, choices, density);
        await explicit.commit({ changes });
        load(whole, after);
        await whole.commit();
        state = after;
      }
      for (let tick = 0; tick <= ticks.length; tick++) {
        const [one, other] = [await explicit.at(tick), await whole.at(tick)];
        assert.equal(one.historyDigest, other.historyDigest);
        assert.equal(one.stateDigest(), other.stateDigest());
        assert.deepEqual(await explicit.changesAt(tick), await whole.changesAt(tick));
      }
      await Promise.all([explicit.close(), whole.close()]);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 60 });
});

test("C5: a write of the same bits is no change", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  const cells = { index: [1, 4], value: [5, 6] };
  const weather = { rain: -0, season: "wet", notes: { b: 1, a: [2] } };
  await run.commit({ changes: { cells, weather } });
  assert.equal((await run.changesAt(1)).length, 5);
  // The order of keys is no difference either.
  await run.commit({ changes: { cells, weather: { ...weather, notes: { a: [2], b: 1 } } } });
  await run.commit({ changes: { cells: { index: [], value: [] }, weather: {} } });
  await run.commit({ changes: {} });
  await run.commit();
  for (const tick of [2, 3, 4, 5]) assert.deepEqual(await run.changesAt(tick), []);
  const digests = await Promise.all([1, 2, 5].map(async (tick) => run.at(tick)));
  const states = digests.map((past) => past.stateDigest());
  assert.equal(new Set(states).size, 1, "the state is the same");
  assert.equal(new Set(digests.map((past) => past.historyDigest)).size, 3, "history goes on");
  // −0 and 0 are different bits.
  await run.commit({ changes: { weather: { rain: 0 } } });
  assert.deepStrictEqual(await run.changesAt(6), [
    { store: "weather", column: "rain", index: 0, old: -0, new: 0 },
  ]);
});

test("C5: indexes in any order, as lists or arrays, are the same changes", async () => {
  const index = [5, 0, 3];
  const value = [50, 10, 30];
  const forms = [
    { index, value },
    { index: [0, 3, 5], value: [10, 30, 50] },
    { index: Uint32Array.from(index), value: Uint8Array.from(value) },
    { index: Float64Array.from(index), value: Float32Array.from(value) },
    { index: { length: 3, 0: 5, 1: 0, 2: 3 }, value: { length: 3, 0: 50, 1: 10, 2: 30 } },
  ];
  const digests = new Set<string>();
  for (const cells of forms) {
    const { runs } = await memoryRuns();
    await using run = await runs.record("run", { state: definition() });
    await run.commit({ changes: { cells } });
    assert.deepEqual([...run.state.cells], [10, 0, 0, 30, 0, 50]);
    digests.add((await run.at(1)).historyDigest);
  }
  assert.equal(digests.size, 1);
});

test("C5: given changes, capture does not run and the state is not looked at", async () => {
  const { runs } = await memoryRuns();
  let captured = 0;
  const capture = (): void => void captured++;
  await using run = await runs.record("run", { state: definition(), capture });
  captured = 0;
  run.state.cells.fill(9);
  await run.commit({ changes: { cells: { index: [0], value: [1] } } });
  assert.equal(captured, 0);
  assert.deepEqual([...(await run.at(1)).state.cells], [1, 0, 0, 0, 0, 0]);
  // The changes are applied to the live state, which goes its own way otherwise.
  assert.deepEqual([...run.state.cells], [1, 9, 9, 9, 9, 9]);
  const notes: unknown[] = [new Date(0)];
  run.state.weather.notes = [];
  (run.state.weather.notes as unknown[]).push(...notes);
  await run.commit({ changes: { weather: { rain: 1 } } });
  assert.equal((await run.at(2)).state.weather.rain, 1);
});

test("C5: draws from the random streams belong to a tick of explicit changes, too", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { state: definition() });
  const drawn = [run.random.uint32(), run.random.uint32()];
  await run.commit({ changes: {} });
  const next = run.random.uint32();
  await run.close();
  await using resumed = await runs.record("run", { state: definition(), resume: "only" });
  assert.equal(resumed.random.uint32(), next);
  assert.equal(drawn.includes(next), false);
});

test("C5, W4: numeric bits survive explicit changes exactly", async () => {
  const { runs } = await memoryRuns();
  const state = { f: grid("f64", [3]), g: grid("f32", [3]), h: grid("f16", [3]) };
  await using run = await runs.record("run", { state });
  const f = new Float64Array(3);
  new BigUint64Array(f.buffer).set([0x7ff0_0000_dead_beefn, 0xfff8_0000_0000_0001n, 1n << 63n]);
  const g = new Float32Array(3);
  new Uint32Array(g.buffer).set([0x7f80_0001, 0xffc1_2345, 0x8000_0000]);
  const h = new Float16Array(3);
  new Uint16Array(h.buffer).set([0x7c01, 0xfe55, 0x8000]);
  const index = [0, 1, 2];
  const changes = { f: { index, value: f }, g: { index, value: g }, h: { index, value: h } };
  await run.commit({ changes });
  const past = await run.at(1);
  assert.deepEqual([past.state.f, past.state.g, past.state.h].map(bitsOf), [f, g, h].map(bitsOf));
});

test("W4: explicit changes that do not fit are refused, and nothing is recorded", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  const commit = (changes: unknown) => async () => run.commit({ changes: changes as object });
  await allRefused("WORLD_VALUE", {
    "a number too large": commit({ cells: { index: [0], value: [256] } }),
    "a fraction": commit({ cells: { index: [0], value: [0.5] } }),
    "a bigint in u8": commit({ cells: { index: [0], value: [1n] } }),
    "a number in i64": commit({ big: { index: [0], value: [1] } }),
    "text for a number": commit({ weather: { rain: "1" } }),
    "nothing for a number": commit({ weather: { rain: undefined } }),
    "a lone surrogate": commit({ weather: { season: "\ud800" } }),
    "NaN in json": commit({ weather: { notes: [Number.NaN] } }),
  });
  await allRefused("RECORDER_CHANGES", {
    null: commit(null),
    "a number": commit(5),
    "a list": commit([]),
    "an unknown store": commit({ cell: { index: [], value: [] } }),
    "a name of Object's own": commit({ constructor: { index: [], value: [] } }),
    "the random streams": commit({ $random: { "main.a": 1 } }),
    "an unknown column": commit({ weather: { wind: 1 } }),
    "null for a store": commit({ cells: null }),
    "a number for a store": commit({ weather: 5 }),
    "no index": commit({ cells: { value: [1] } }),
    "no value": commit({ cells: { index: [1] } }),
    "fewer values": commit({ cells: { index: [1, 2], value: [1] } }),
    "an index below": commit({ cells: { index: [-1], value: [1] } }),
    "an index above": commit({ cells: { index: [6], value: [1] } }),
    "half an index": commit({ cells: { index: [0.5], value: [1] } }),
    "an index twice": commit({ cells: { index: [1, 3, 1], value: [1, 2, 1] } }),
    "an index that is NaN": commit({ cells: { index: [Number.NaN], value: [1] } }),
    "an index that is text": commit({ cells: { index: ["1"], value: [1] } }),
    "a map": commit(new Map([["cells", { index: [0], value: [1] }]])),
  });
  assert.equal(run.tick, 0);
  assert.deepEqual([...run.state.cells], [0, 0, 0, 0, 0, 0]);
  await run.commit();
  assert.deepEqual(await run.changesAt(1), []);
});

test("W4: a bad value among good ones spoils nothing", async () => {
  const { runs } = await memoryRuns();
  await using run = await runs.record("run", { state: definition() });
  const bad = { cells: { index: [0], value: [1] }, weather: { rain: 1, season: "\udc00" } };
  const details = { where: /^weather\.season$/ };
  await refusal(async () => run.commit({ changes: bad }), "WORLD_VALUE", details);
  assert.deepEqual([[...run.state.cells], run.state.weather.rain], [[0, 0, 0, 0, 0, 0], 0]);
  await run.commit({ changes: { weather: { season: "dry" } } });
  assert.deepEqual((await run.changesAt(1)).length, 1);
});

test("C5: stores with names of Object's own take changes", async () => {
  const { runs } = await memoryRuns();
  const names = ["__proto__", "constructor", "toString"];
  const state = Object.fromEntries(names.map((name) => [name, grid("u8", [2])]));
  const world = defineWorld({ name: "names", version: 1, state });
  await using run = await runs.record("run", { world });
  const changes = Object.fromEntries(
    names.map((name, i) => [name, { index: [1], value: [i + 1] }]),
  );
  await run.commit({ changes });
  const found = (await run.changesAt(1)).map((change) => [change.store, change.index, change.new]);
  assert.deepEqual(found, [
    ["__proto__", 1, 1],
    ["constructor", 1, 2],
    ["toString", 1, 3],
  ]);
});
