import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineWorld,
  grid,
  value,
  type AnyWorld,
  type Params,
  type StateDefinition,
  type WorldDefinition,
} from "everytick";
import { bytesBelow, folder, memoryRuns, refusal } from "./memory-runs.ts";

const stores = {
  cells: grid("u8", [4, 6], { chunk: [2, 3] }),
  seen: grid("f32", [2], { role: "observed" }),
  weather: value({ rain: "f64", season: "utf8" }),
};
const parts = {
  name: "life",
  version: 1,
  params: { density: 0.5, torus: true } as Params,
  streams: ["weather"],
  eras: ["spring", "winter"],
  strata: ["surface"],
  state: stores as StateDefinition,
};
type Parts = WorldDefinition<Params, StateDefinition>;
const world = (other: Partial<Parts> = {}): AnyWorld => defineWorld({ ...parts, ...other });

const { cells, seen, weather } = stores;
const changed: Readonly<Record<string, readonly [Partial<Parts>, RegExp]>> = {
  "another name": [{ name: "death" }, /name/],
  "another version": [{ version: 2 }, /version/],
  "a store added": [{ state: { ...parts.state, more: grid("u8", [1]) } }, /store more/],
  "a store removed": [{ state: { cells, weather } }, /store seen/],
  "stores in another order": [{ state: { weather, cells, seen } }, /order/],
  "a store renamed": [{ state: { cell: cells, seen, weather } }, /store cell/],
  "another type": [
    { state: { ...parts.state, cells: grid("i8", [4, 6], { chunk: [2, 3] }) } },
    /cells/,
  ],
  "another shape": [
    { state: { ...parts.state, cells: grid("u8", [6, 4], { chunk: [2, 3] }) } },
    /cells/,
  ],
  "another chunk": [
    { state: { ...parts.state, cells: grid("u8", [4, 6], { chunk: [2, 2] }) } },
    /cells/,
  ],
  "another role": [{ state: { ...parts.state, seen: grid("f32", [2]) } }, /store seen/],
  "another kind": [{ state: { ...parts.state, seen: value({ a: "f32" }) } }, /store seen/],
  "a column more": [
    { state: { ...parts.state, weather: value({ rain: "f64", season: "utf8", wind: "f64" }) } },
    /store weather/,
  ],
  "columns in another order": [
    { state: { ...parts.state, weather: value({ season: "utf8", rain: "f64" }) } },
    /store weather/,
  ],
  "another type of column": [
    { state: { ...parts.state, weather: value({ rain: "f32", season: "utf8" }) } },
    /store weather/,
  ],
  "a random stream more": [{ streams: ["weather", "births"] }, /random/],
  "no random stream": [{ streams: [] }, /random/],
  "eras in another order": [{ eras: ["winter", "spring"] }, /eras/],
  "no strata": [{ strata: [] }, /strata/],
  "a parameter more": [{ params: { ...parts.params, wind: 1 } }, /param/],
  "a parameter less": [{ params: { density: 0.5 } }, /param/],
  "a parameter of another type": [{ params: { density: "0.5", torus: true } }, /param/],
  "no parameters": [{ params: {} }, /param/],
};

async function recorded() {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", {
    world: world(),
    seed: 5,
    params: { density: 0.25 },
  });
  await run.commit();
  await run.close();
  return { ...memory, before: bytesBelow(memory.ports.vfs, folder) };
}

for (const [name, [other, where]] of Object.entries(changed)) {
  test(`R3: ${name} is refused, and nothing is touched`, async () => {
    const { runs, ports, before } = await recorded();
    for (const resume of ["only", "auto"] as const) {
      const resuming = async (): Promise<unknown> =>
        runs.record("run", { world: world(other), resume });
      const details = { where, expected: /./, found: /./, next: /./ };
      await refusal(resuming, "RUNS_WORLD", details);
      assert.deepEqual(bytesBelow(ports.vfs, folder), before);
    }
    await (await runs.record("run", { world: world(), resume: "only" })).close();
  });
}

test("R3: other parameters and another seed are refused, with both told", async () => {
  const { runs, ports, before } = await recorded();
  const resume = (options: object) => async () =>
    runs.record("run", { world: world(), resume: "only", ...options });
  const details = { where: /density/, expected: /^0\.25$/, found: /^0\.5$/, next: /./ };
  await refusal(resume({ params: { density: 0.5 } }), "RUNS_PARAMS", details);
  await refusal(resume({ params: { torus: "true" } }), "RUNS_PARAMS", { where: /torus/ });
  await refusal(resume({ params: { wind: 1 } }), "RUNS_PARAMS", { where: /wind/ });
  await refusal(resume({ params: { toString: 1 } }), "RUNS_PARAMS", { where: /toString/ });
  const seeds = { where: /seed/, expected: /^5$/, found: /^6$/ };
  await refusal(resume({ seed: 6 }), "RUNS_PARAMS", seeds);
  await refusal(resume({ seed: 0.5 }), "RECORDER_OPTION", { where: /seed/ });
  assert.deepEqual(bytesBelow(ports.vfs, folder), before);
});

test("R3: the same parameters and seed, or none, continue the run with its own", async () => {
  const { runs } = await recorded();
  for (const options of [{}, { seed: 5 }, { params: { density: 0.25 } }, { params: {}, seed: 5 }]) {
    await using run = await runs.record("run", { world: world(), resume: "only", ...options });
    assert.deepEqual([run.params, run.card.seed], [{ density: 0.25, torus: true }, 5]);
    assert.deepEqual(run.recovery.warnings, []);
  }
});

test("R3: a default that has changed is none of the run's business", async () => {
  const { runs } = await recorded();
  const other = world({ params: { density: 0.9, torus: false } });
  await using run = await runs.record("run", { world: other, resume: "only" });
  assert.deepEqual(run.params, { density: 0.25, torus: true });
});

test("R3: other code warns and goes on", async () => {
  const { runs } = await memoryRuns();
  interface Live {
    readonly cells: Uint8Array;
  }
  const stepping = (by: number): AnyWorld =>
    by === 1
      ? world({ step: ({ state }) => void ((state as unknown as Live).cells[0]! += 1) })
      : world({ step: ({ state }) => void ((state as unknown as Live).cells[0]! += 2) });
  await (await runs.record("run", { world: stepping(1) })).close();
  const same = await runs.record("run", { world: stepping(1), resume: "only" });
  assert.deepEqual(same.recovery.warnings, []);
  await same.close();
  const other = await runs.record("run", { world: stepping(2), resume: "only" });
  assert.equal(other.recovery.warnings.length, 1);
  assert.match(other.recovery.warnings[0] ?? "", /code/);
  await other.step();
  await other.close();

  const state = { cells: grid("u8", [1]) };
  const digests = ["a".repeat(64), "b".repeat(64)] as const;
  await (await runs.record("own", { state, codeDigest: digests[0] })).close();
  for (const [codeDigest, warnings] of [
    [digests[0], 0],
    [digests[1], 1],
  ] as const) {
    await using run = await runs.record("own", { state, codeDigest, resume: "only" });
    assert.equal(run.recovery.warnings.length, warnings);
    assert.equal(run.card.codeDigest, digests[0]);
  }
  // Nobody said what the code is: nothing to compare.
  await using unknown = await runs.record("own", { state, resume: "only" });
  assert.deepEqual(unknown.recovery.warnings, []);
});

test("R3: a recording without a world is compared by its stores", async () => {
  const { runs } = await memoryRuns();
  const record =
    (state: StateDefinition, more: object = {}) =>
    async () =>
      runs.record("own", { state, resume: "auto", ...more });
  await (await record({ cells: grid("u8", [4]) }, { params: { a: 1 } })()).close();
  await refusal(record({ cells: grid("u8", [5]) }), "RUNS_WORLD", { where: /store cells/ });
  const streams = { streams: ["more"] };
  await refusal(record({ cells: grid("u8", [4]) }, streams), "RUNS_WORLD", { where: /random/ });
  await refusal(record({ cells: grid("u8", [4]) }, { params: { a: 2 } }), "RUNS_PARAMS");
  const bound = await record({ cells: grid(new Uint8Array(4), [2, 2]) })().catch(() => "refused");
  assert.equal(bound, "refused");
  await (await record({ cells: grid(new Uint8Array(4), [4]) })()).close();
});
