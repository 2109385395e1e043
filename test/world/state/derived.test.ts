import assert from "node:assert/strict";
import { test } from "node:test";
import { derived, defineWorld, edges, grid, table, value } from "everytick";
import { memoryRuns, refusal } from "../../runs/memory-runs.ts";

interface Herd {
  readonly herd: Iterable<{ readonly id: number; readonly food: number }> & {
    readonly size: number;
  };
}

/** Every kind of store that can be derived, beside what they are derived from. */
function stores() {
  const calls: string[] = [];
  const state = {
    herd: table({ id: "u8", food: "f32" }, { key: "id" }),
    heat: derived(grid("f32", [4]), ({ herd }: Herd, into) => {
      calls.push("heat");
      for (const { id, food } of herd) into[id % 4]! += food;
    }),
    total: derived(value({ food: "f64", note: "utf8" }), ({ herd }: Herd, into) => {
      for (const { food } of herd) into.food += food;
      into.note = `${herd.size} rows`;
    }),
    hungry: derived(table({ id: "u8" }, { key: "id" }), ({ herd }: Herd, into) => {
      for (const { id, food } of herd) if (food < 1) into.insert({ id });
    }),
    near: derived(edges({ from: "herd", to: "u8" }), ({ herd }: Herd, into) => {
      for (const { id } of herd) into.insert({ from: id, to: id + 1 });
    }),
  };
  return { calls, state, world: defineWorld({ name: "herd", version: 1, state }) };
}
type State = ReturnType<typeof stores>["state"];

async function recorded() {
  const memory = await memoryRuns({ segmentBytesMin: 1500, bodyBytesMax: 200 });
  const { world } = stores();
  const run = await memory.runs.record("run", { world });
  for (let tick = 1; tick <= 60; tick++) {
    run.state.herd.upsert({ id: tick % 9, food: tick % 4 });
    await run.commit();
  }
  await run.close();
  return memory;
}

interface Shown {
  readonly heat: Float32Array;
  readonly total: { readonly food: number; readonly note: string };
  readonly hungry: Iterable<{ readonly id: number }>;
  readonly near: { outgoing(from: number): readonly { readonly to: number }[] };
}
function shown({ heat, total, hungry, near }: Shown): unknown[] {
  return [[...heat], { ...total }, [...hungry].map(({ id }) => id), near.outgoing(3)];
}

test("W9: a derived store of each kind is computed at every tick, live and past", async () => {
  const { runs } = await recorded();
  const { world } = stores();
  const run = await runs.open<State>("run", { world });
  const facts = await run.facts();
  assert(facts.segments > 2 && (await run.verify()).keyframes > 2);
  const first = (await run.at(0)).state;
  assert.deepEqual(shown(first), [[0, 0, 0, 0], { food: 0, note: "0 rows" }, [], []]);
  const last = (await run.at(60, { verify: true })).state;
  const heat = [0, 0, 0, 0];
  const total = { food: 0, note: "9 rows" };
  const hungry: number[] = [];
  for (const { id, food } of last.herd) {
    heat[id % 4]! += food;
    total.food += food;
    if (food < 1) hungry.push(id);
  }
  const expected = [heat, total, hungry, [{ from: 3, to: 4 }]];
  assert.deepEqual(shown(last), expected);
  await using live = await runs.record("run", { world, resume: "only" });
  assert.deepEqual(shown(live.state), expected);
  live.state.herd.update(3, { food: 9 });
  assert.equal(
    live.state.total.food,
    [...live.state.herd].reduce((sum, { food }) => sum + food, 0),
  );
});

test("W9: nothing of a derived store is in the history", async () => {
  const { runs } = await recorded();
  const { world } = stores();
  const run = await runs.open<State>("run", { world });
  const changed = new Set((await run.changesAt(5)).map(({ store }) => store));
  assert.deepEqual([...changed], ["herd"]);
  const plain = await memoryRuns();
  const only = await plain.runs.record("run", {
    state: { herd: table({ id: "u8", food: "f32" }, { key: "id" }) },
  });
  for (let tick = 1; tick <= 60; tick++) {
    only.state.herd.upsert({ id: tick % 9, food: tick % 4 });
    await only.commit();
  }
  for (const tick of [0, 1, 30, 60]) {
    assert.equal((await only.at(tick)).historyDigest, (await run.at(tick)).historyDigest);
    assert.equal((await only.at(tick)).stateDigest(), (await run.at(tick)).stateDigest());
  }
});

test("W9: a past state computes a derived store when it is first read, once", async () => {
  const { runs } = await recorded();
  const { world, calls } = stores();
  const run = await runs.open<State>("run", { world });
  const { state } = await run.at(7);
  assert.deepEqual(calls, []);
  assert.equal(state.heat, state.heat);
  assert.deepEqual(calls, ["heat"]);
  for await (const frame of run.play({ from: 3, to: 5, reuse: true })) void frame.state.heat;
  assert.equal(calls.length, 4, "once for each tick");
});

test("W9: the rows of a derived table are copies, and it takes none", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { world: stores().world });
  run.state.herd.insert({ id: 3, food: 0.5 });
  const { hungry } = run.state;
  assert.equal("insert" in hungry, false);
  hungry.get(3)!.id = 9;
  assert.deepEqual([...hungry], [{ id: 3 }]);
  run.state.herd.clear();
  assert.deepEqual([hungry.size, run.state.hungry.size], [1, 0], "what was read stays");
});

test("W9: without its world a derived store is refused by name, and the others are read", async () => {
  const { runs } = await recorded();
  const run = await runs.open("run");
  const { state } = await run.at(3);
  for (const name of ["heat", "total", "hungry", "near"]) {
    const details = { where: new RegExp(`store ${name}`), next: /world/ };
    await refusal(() => state[name], "WORLD_DERIVED", details);
  }
  assert.equal((state["herd"] as unknown as { size: number }).size, 3);
  assert.deepEqual(Object.keys(state), ["herd", "heat", "total", "hungry", "near"]);
});

test("W9: explicit changes of a derived store are refused", async () => {
  const { runs } = await memoryRuns();
  const run = await runs.record("run", { world: stores().world });
  for (const changes of [{ total: { food: 1 } }, { heat: { index: [0], value: [1] } }]) {
    await refusal(async () => run.commit({ changes: changes as never }), "RECORDER_CHANGES", {
      expected: /^herd$/,
      found: /a store (total|heat)/,
    });
  }
});

test("C6: a computation that throws is told as the world's own error, and reading goes on", async () => {
  const { runs } = await memoryRuns();
  let breaks = true;
  const state = {
    n: value({ a: "u8" }),
    twice: derived(value({ a: "u8" }), ({ n }: { readonly n: { readonly a: number } }, into) => {
      if (breaks) throw new Error("no twin");
      into.a = 2 * n.a;
    }),
  };
  const run = await runs.record("run", { state });
  run.state.n.a = 200;
  await run.commit();
  const past = (await run.at(1)).state;
  for (const look of [() => run.state.twice, () => past.twice]) {
    await refusal(look, "WORLD_THREW", { where: /store twice/, found: /no twin/ });
  }
  breaks = false;
  for (const look of [() => run.state.twice, () => past.twice]) {
    await refusal(look, "WORLD_VALUE", { where: /twice\.a/ });
  }
  run.state.n.a = 4;
  await run.commit();
  assert.deepEqual([run.state.twice.a, (await run.at(2)).state.twice.a], [8, 8]);
});
