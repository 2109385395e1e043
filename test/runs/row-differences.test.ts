/** Runs of tables, edges and logs that are resumed with another definition, or by a simulation that is in another state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  derived,
  edges,
  grid,
  log,
  table,
  value,
  type StateDefinition,
  type StateOf,
} from "everytick";
import { bytesBelow, folder, memoryRuns, refusal } from "./memory-runs.ts";

const sheep = { id: "u32", x: "f32", at: "f32[2]" } as const;
const base: StateDefinition = {
  sheep: table(sheep, { key: "id" }),
  people: table({ id: "uuid", cell: "h3" }, { key: ["id", "cell"] }),
  trust: edges({ from: "sheep", to: "u8", much: "f64" }),
  deaths: log({ id: "u32" }),
  land: grid("u8", [4], { role: "static" }),
  sum: derived(value({ n: "u32" }), () => undefined),
};

async function recorded() {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", { state: base });
  await run.commit();
  await run.close();
  return { ...memory, before: bytesBelow(memory.ports.vfs, folder) };
}

const { deaths: _deaths, ...noDeaths } = base;
const { sheep: _sheep, ...noSheep } = base;
const others: Readonly<Record<string, readonly [StateDefinition, RegExp]>> = {
  "a table more": [{ ...base, more: table({ a: "u8" }, { key: "a" }) }, /store more/],
  "a log less": [noDeaths, /store deaths/],
  "a table renamed": [
    {
      ...noSheep,
      flock: table(sheep, { key: "id" }),
      trust: edges({ from: "flock", to: "u8", much: "f64" }),
    },
    /store (sheep|trust)/,
  ],
  "another key": [{ ...base, people: table({ id: "uuid", cell: "h3" }, { key: "id" }) }, /people/],
  "the parts of a key in another order": [
    { ...base, people: table({ id: "uuid", cell: "h3" }, { key: ["cell", "id"] }) },
    /people/,
  ],
  "a longer vector": [
    { ...base, sheep: table({ ...sheep, at: "f32[3]" }, { key: "id" }) },
    /sheep/,
  ],
  "a column more": [{ ...base, sheep: table({ ...sheep, y: "f32" }, { key: "id" }) }, /sheep/],
  "another type of key": [
    { ...base, sheep: table({ ...sheep, id: "u16" }, { key: "id" }) },
    /sheep/,
  ],
  "an end of edges at another table's keys": [
    { ...base, trust: edges({ from: "u32", to: "u8", much: "f64" }) },
    /trust/,
  ],
  "an observed log": [{ ...base, deaths: log({ id: "u32" }, { role: "observed" }) }, /deaths/],
  "a table instead of a log": [{ ...base, deaths: table({ id: "u32" }, { key: "id" }) }, /deaths/],
  "static land that is causal": [{ ...base, land: grid("u8", [4]) }, /land/],
  "a derived store that is stored": [{ ...base, sum: value({ n: "u32" }) }, /sum/],
};

for (const [name, [state, where]] of Object.entries(others)) {
  test(`R3: ${name} is refused with the difference, and nothing is touched`, async () => {
    const { runs, ports, before } = await recorded();
    const details = { where, expected: /./, found: /./, next: /another id/ };
    await refusal(async () => runs.record("run", { state, resume: "only" }), "RUNS_WORLD", details);
    assert.deepEqual(bytesBelow(ports.vfs, folder), before);
    await (await runs.record("run", { state: base, resume: "only" })).close();
  });
}

test("R3: capacity, and how a derived store is computed, are no part of a world", async () => {
  const { runs } = await recorded();
  const state = {
    ...base,
    sheep: table(sheep, { key: "id", capacity: 5000 }),
    sum: derived(value({ n: "u32" }), (_state, into) => void (into.n = 7)),
  };
  await using run = await runs.record("run", { state, resume: "only" });
  assert.deepEqual([run.tick, run.state.sum.n], [1, 7]);
});

const heap = {
  bodies: table({ id: "u32", x: "f64" }, { key: "id" }),
  ties: edges({ from: "bodies", to: "bodies" }),
  moved: log({ id: "u32" }),
};
interface Body {
  readonly id: number;
  x: number;
}

/** What a simulation with a heap of its own hands over, and how it takes the state back. */
function recordHeap(bodies: Map<number, Body>, restore?: (state: StateOf<typeof heap>) => void) {
  return {
    state: heap,
    capture(state: StateOf<typeof heap>): void {
      state.bodies.assign(bodies.values());
      const ids = [...bodies.keys()].sort((a, b) => a - b);
      state.ties.assign(ids.slice(1).map((to, i) => ({ from: ids[i]!, to })));
      for (const id of bodies.keys()) state.moved.append({ id });
    },
    ...(restore === undefined ? {} : { restore, resume: "only" as const }),
  };
}

async function heapOf(...ids: readonly number[]) {
  const memory = await memoryRuns();
  const bodies = new Map(ids.map((id) => [id, { id, x: id / 2 }]));
  const run = await memory.runs.record("heap", recordHeap(bodies));
  bodies.delete(ids[0]!);
  bodies.set(90, { id: 90, x: 45 });
  await run.commit();
  await run.close();
  return { ...memory, before: bytesBelow(memory.ports.vfs, folder) };
}

const wrong: Readonly<
  Record<string, readonly [(rows: Map<number, Body>) => void, RegExp, RegExp]>
> = {
  "a value that is another": [(rows) => (rows.get(2)!.x = 7), /^bodies\[2\]\.x$/, /^7$/],
  "a row too few": [(rows) => rows.delete(3), /^bodies\[3\]\.\$live$/, /^0$/],
  "a row too many": [(rows) => rows.set(4, { id: 4, x: 2 }), /^bodies\[4\]\.\$live$/, /^1$/],
};
for (const [name, [spoil, where, found]] of Object.entries(wrong)) {
  test(`R7: ${name} after restore is refused by its key, and a right restore goes on`, async () => {
    const { others: open, runs, ports, before } = await heapOf(1, 2, 3);
    const bodies = new Map<number, Body>();
    const restore = (state: StateOf<typeof heap>): void => {
      bodies.clear();
      for (const { id, x } of state.bodies) bodies.set(id, { id, x });
    };
    const spoilt = (state: StateOf<typeof heap>): void => {
      restore(state);
      spoil(bodies);
    };
    const details = { where, found, next: /restore.*unchanged/ };
    await refusal(
      async () => runs.record("heap", recordHeap(bodies, spoilt)),
      "RUNS_RESTORE",
      details,
    );
    assert.deepEqual(bytesBelow(ports.vfs, folder), before);
    await using again = await (await open()).record("heap", recordHeap(bodies, restore));
    assert.deepEqual([again.tick, [...bodies.keys()]], [1, [90, 2, 3]], "in order of slots");
    bodies.get(2)!.x = -1;
    await again.commit();
    const past = (await again.at(2, { verify: true })).state;
    assert.equal(past.bodies.get(2)?.x, -1);
    assert.equal(past.moved.size, 3, "of this tick alone");
    assert.deepEqual((await again.verify()).damage, []);
  });
}

test("R7: rows in the order of their keys may come to other slots than they had; that is told, too", async () => {
  const memory = await memoryRuns();
  const bodies = new Map<number, Body>();
  const clearing = (state: StateOf<typeof heap>): void => {
    state.bodies.clear();
    for (const { id, x } of bodies.values()) state.bodies.insert({ id, x });
  };
  const run = await memory.runs.record("heap", { state: heap, capture: clearing });
  bodies.set(5, { id: 5, x: 1 });
  await run.commit();
  bodies.set(3, { id: 3, x: 1 });
  await run.commit();
  await run.close();
  const sorted = (state: StateOf<typeof heap>): void => {
    bodies.clear();
    for (const id of [...state.bodies.keys()].sort((a, b) => a - b)) bodies.set(id, { id, x: 1 });
  };
  const resume = async () =>
    memory.runs.record("heap", { state: heap, capture: clearing, restore: sorted, resume: "only" });
  await refusal(resume, "RUNS_RESTORE", {
    where: /^bodies\[5\]\.id$/,
    expected: /^5$/,
    found: /^3$/,
  });
});

test("R7: a restore that throws is told as its own error, and the recording is unchanged", async () => {
  const { runs, ports, before } = await heapOf(1, 2);
  const restore = (): void => {
    throw new Error("no room");
  };
  const resume = async () => runs.record("heap", recordHeap(new Map(), restore));
  await refusal(resume, "WORLD_THREW", { where: /restore/, found: /no room/, next: /unchanged/ });
  assert.deepEqual(bytesBelow(ports.vfs, folder), before);
});
