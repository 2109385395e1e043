import assert from "node:assert/strict";
import { test } from "node:test";
import { edges, table, type EdgesView } from "everytick";
import { Choices } from "../../model/choices.ts";
import { memoryRuns, refusal } from "../../runs/memory-runs.ts";

const cells = ["8928308280fffff", "89283082803ffff", "89283082807ffff", ""] as const;
const uuid = (n: number): string => `0000000${n}-0000-4000-8000-00000000000a`;

async function begin() {
  const { runs } = await memoryRuns();
  const state = {
    people: table({ name: "utf8", age: "u8" }, { key: "name" }),
    likes: edges({ from: "people", to: "people", since: "i64" }),
    lives: edges({ from: "uuid", to: "h3" }),
    jumps: edges({ from: "i32", to: "u8", far: "f32[2]" }),
  };
  const run = await runs.record("run", { state });
  return { run, ...run.state };
}

test("edges are rows with both ends as their key, whether their nodes are there or not", async () => {
  const { likes, people } = await begin();
  likes.insert({ from: "ann", to: "bob", since: 5n });
  likes.insert({ from: "bob", to: "ann" });
  likes.insert({ from: "ann", to: "ann" });
  assert.deepEqual([likes.size, people.size], [3, 0]);
  assert.deepEqual(
    [...likes.keys()],
    [
      ["ann", "bob"],
      ["bob", "ann"],
      ["ann", "ann"],
    ],
  );
  assert.deepEqual(likes.get(["ann", "bob"])?.toJSON(), { from: "ann", to: "bob", since: 5n });
  await refusal(() => likes.insert({ from: "ann", to: "bob" }), "WORLD_KEY", {
    where: /^likes$/,
    found: /ann.*bob/,
  });
  await refusal(() => likes.insert({ from: "ann" } as never), "WORLD_KEY", { expected: /to/ });
  await refusal(() => likes.has("ann" as never), "WORLD_VALUE", { expected: /from, to/ });
  likes.update(["ann", "bob"], { since: 6n });
  likes.delete(["bob", "ann"]);
  assert.deepEqual(
    likes.outgoing("ann").map(({ to, since }) => [to, since]),
    [
      ["bob", 6n],
      ["ann", 0n],
    ],
  );
});

test("an edge that was found writes its table", async () => {
  const { jumps } = await begin();
  jumps.insert({ from: -1, to: 1 });
  const [jump] = jumps.outgoing(-1);
  jump!.far = Float32Array.of(1, 2);
  assert.deepEqual(jumps.get([-1, 1])?.far, Float32Array.of(1, 2));
  assert.throws(() => ((jump as { to: number }).to = 2), TypeError);
  assert.deepEqual(jumps.incoming(2), []);
});

test("W8: a node is found in whatever spelling, live and past", async () => {
  const { run, lives } = await begin();
  for (const [i, cell] of cells.entries()) lives.insert({ from: uuid(i % 2), to: cell });
  await run.commit();
  const past = (await run.at(1)).state.lives;
  for (const view of [lives, past]) {
    const cellsOf = (node: string): string[] => view.outgoing(node).map(({ to }) => to);
    assert.deepEqual(cellsOf(uuid(0)), [cells[0], cells[2]]);
    assert.deepEqual(cellsOf(uuid(0).toUpperCase()), [cells[0], cells[2]]);
    assert.deepEqual(
      [cells[1], cells[1].toUpperCase(), cells[3]].map((cell) => view.incoming(cell).length),
      [1, 1, 1],
    );
    for (const node of ["", "nobody", 5, undefined]) {
      await refusal(() => view.outgoing(node as string), "WORLD_VALUE", { where: /lives\.from/ });
    }
  }
});

type Jumps = EdgesView<"i32", "u8", { far: "f32[2]" }>;

/** The edges at a node, by looking at all. */
function naive(view: Jumps, end: "from" | "to", node: number): string[] {
  return Array.from(view, ({ from, to }) => ({ from, to }))
    .filter((edge) => edge[end] === node)
    .map(({ from, to }) => `${from} ${to}`);
}
function check(view: Jumps): void {
  const texts = (found: readonly { from: number; to: number }[]): string[] =>
    found.map(({ from, to }) => `${from} ${to}`);
  for (let node = -3; node < 6; node++) {
    assert.deepEqual(texts(view.outgoing(node)), naive(view, "from", node));
    if (node >= 0) assert.deepEqual(texts(view.incoming(node)), naive(view, "to", node));
  }
}

test("W8: whatever was inserted and deleted between, each node has its edges in order of slots, seed 9", async () => {
  const { run, jumps } = await begin();
  const choices = new Choices(9);
  for (let tick = 1; tick <= 30; tick++) {
    for (let i = 0; i < 8; i++) {
      const key = [choices.below(8) - 3, choices.below(6)] as const;
      if (!jumps.has(key)) jumps.insert({ from: key[0], to: key[1] });
      else if (choices.chance(0.5)) jumps.delete(key);
      else jumps.update(key, { far: [tick, i] });
      if (choices.chance(0.3)) check(jumps);
    }
    if (tick === 10) jumps.clear();
    if (tick === 20)
      jumps.assign([
        { from: 1, to: 1 },
        { from: -3, to: 1 },
        { from: 1, to: 0 },
      ]);
    check(jumps);
    await run.commit();
  }
  for (const tick of [30, 1, 10, 20]) {
    check((await run.at(tick)).state.jumps);
  }
});

test("W8: a state that is loaded or refused forgets the edges that were found before", async () => {
  const { runs } = await memoryRuns();
  let fails = false;
  const state = { roads: edges({ from: "u8", to: "u8" }) };
  const run = await runs.record("run", {
    state,
    capture: ({ roads }) => {
      if (!fails) return;
      roads.delete([1, 2]);
      assert.deepEqual(roads.outgoing(1), []);
      throw new Error("half-way");
    },
  });
  await run.commit({
    changes: {
      roads: {
        insert: [
          { from: 1, to: 2 },
          { from: 1, to: 3 },
        ],
      },
    },
  });
  fails = true;
  await refusal(async () => run.commit(), "WORLD_THREW");
  assert.deepEqual(
    run.state.roads.outgoing(1).map(({ to }) => to),
    [2, 3],
  );
  await run.commit({ changes: { roads: { delete: [[1, 2]] } } });
  assert.deepEqual(
    run.state.roads.outgoing(1).map(({ to }) => to),
    [3],
  );
});
