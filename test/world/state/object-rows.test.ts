/** `table.from`: rows that follow objects which the simulation keeps, in both directions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isEverytickError, table, type LiveRun, type StateDefinition } from "everytick";
import { allRefused, memoryRuns, refusal, type Memory } from "../../runs/memory-runs.ts";

interface Sheep {
  id: number;
  x: number;
}
const columns = { id: "u32", x: "f64" } as const;
const placed = { ...columns, place: "u32" } as const;

/** Records what `change` does to the simulation, tick by tick, and lets go of it. */
async function recorded(state: StateDefinition, ...changes: (() => void)[]): Promise<Memory> {
  const memory = await memoryRuns();
  const run = await memory.runs.record("run", { state });
  for (const change of changes) {
    change();
    await run.commit();
  }
  await run.close();
  return memory;
}

async function resumed<D extends StateDefinition>({ runs }: Memory, state: D): Promise<LiveRun<D>> {
  return runs.record("run", { state, resume: "only" });
}

test("W10: rows follow a list of objects at each commit, and the objects follow the rows at resume", async () => {
  const list: Sheep[] = [
    { id: 1, x: 0.5 },
    { id: 2, x: -0 },
  ];
  const state = () => ({ sheep: table.from(list, columns, { key: "id" }) });
  const memory = await recorded(state(), () => (list[0]!.x = 7));
  const [first] = list;
  list.forEach((sheep) => (sheep.x = 99));
  await using run = await resumed(memory, state());
  assert.deepEqual(list, [
    { id: 1, x: 7 },
    { id: 2, x: -0 },
  ]);
  assert.equal(list[0], first, "the object itself stays");
  assert.deepEqual([...(await run.at(0)).state.sheep][0], { id: 1, x: 0.5 });
  list[1]!.x = 3;
  await run.commit();
  assert.equal((await run.at(2)).state.sheep.get(2)?.x, 3);
});

test("W10: an object without a row is cut out of its list, and a row without an object makes one", async () => {
  const list: Sheep[] = [
    { id: 1, x: 1 },
    { id: 2, x: 2 },
  ];
  const create = ({ id }: { id: number }): Sheep => ({ id, x: -1 });
  const state = () => ({ sheep: table.from(list, columns, { key: "id", create }) });
  const memory = await recorded(
    state(),
    () => list.shift(),
    () => list.push({ id: 3, x: 3 }),
  );
  list.splice(0, 2, { id: 1, x: 1 }, { id: 2, x: 2 }, { id: 8, x: 8 });
  await using _ = await resumed(memory, state());
  assert.deepEqual(list, [
    { id: 2, x: 2 },
    { id: 3, x: 3 },
  ]);
});

test("W10: `create` and `remove` keep objects that live elsewhere in step", async () => {
  const flock = new Map<number, Sheep>([[1, { id: 1, x: 1 }]]);
  const calls: string[] = [];
  const state = () => ({
    sheep: table.from(() => flock.values(), columns, {
      key: "id",
      create({ id }) {
        calls.push(`create ${id}`);
        flock.set(id, { id, x: 0 });
        return flock.get(id)!;
      },
      remove({ id }) {
        calls.push(`remove ${id}`);
        flock.delete(id);
      },
    }),
  });
  const memory = await recorded(state(), () => {
    flock.clear();
    for (const id of [4, 5]) flock.set(id, { id, x: id / 10 });
  });
  flock.clear();
  for (const id of [1, 2, 5]) flock.set(id, { id, x: 0 });
  await using _ = await resumed(memory, state());
  assert.deepEqual(calls, ["remove 1", "remove 2", "create 4"]);
  assert.deepEqual(
    [...flock.values()],
    [
      { id: 5, x: 0.5 },
      { id: 4, x: 0.4 },
    ],
  );
});

test("R7, W10: without `create` or `remove` a resume that needs it is refused, naming the row", async () => {
  const list: Sheep[] = [
    { id: 1, x: 1 },
    { id: 2, x: 2 },
  ];
  const memory = await recorded({ sheep: table.from(list, columns, { key: "id" }) });
  list.pop();
  const fewer = { sheep: table.from(list, columns, { key: "id" }) };
  await refusal(() => resumed(memory, fewer), "RUNS_RESTORE", {
    where: /sheep/,
    expected: /row 2/,
  });
  const three = (): Sheep[] => [1, 2, 3].map((id) => ({ id, x: id }));
  const more = { sheep: table.from(three, columns, { key: "id" }) };
  await refusal(() => resumed(memory, more), "RUNS_RESTORE", { where: /sheep/, found: /more/ });
  list.push({ id: 2, x: 0 });
  await using run = await resumed(memory, fewer);
  assert.equal(run.tick, 0, "the refusals changed nothing");
});

test("W7, W10: two objects of one key are refused, and nothing is recorded", async () => {
  const list: Sheep[] = [{ id: 1, x: 1 }];
  const { runs } = await memoryRuns();
  const state = { sheep: table.from(list, columns, { key: "id" }) };
  await using run = await runs.record("run", { state });
  for (const id of [1, 2]) {
    list.push({ id, x: 2 }, { id, x: 3 });
    await refusal(() => run.commit(), "WORLD_KEY", { where: /sheep/, found: new RegExp(`${id}`) });
    list.splice(1);
  }
  assert.equal(run.tick, 0);
  await run.commit();
  assert.deepEqual([...(await run.at(1)).state.sheep], [{ id: 1, x: 1 }]);
});

test("C6, W10: a getter that throws ends the commit, and nothing is recorded", async () => {
  const list: Sheep[] = [
    { id: 1, x: 1 },
    { id: 2, x: 2 },
  ];
  let broken = 0;
  const x = {
    type: "f64" as const,
    get(sheep: Sheep): number {
      if (sheep.id === broken) throw new RangeError("no grass");
      return sheep.x;
    },
  };
  const { runs } = await memoryRuns();
  const state = { sheep: table.from(list, { id: "u32", x }, { key: "id" }) };
  await using run = await runs.record("run", { state });
  broken = 2;
  list[0]!.x = 5;
  const error = await refusal(() => run.commit(), "WORLD_THREW", {
    where: /sheep/,
    found: /no grass/,
  });
  assert(isEverytickError(error) && error.cause instanceof RangeError);
  assert.equal(run.tick, 0);
  broken = 0;
  list[0]!.x = 6;
  await run.commit();
  assert.deepEqual(
    [...(await run.at(1)).state.sheep].map((row) => row.x),
    [6, 2],
  );
});

test("W10: arrays of components are columns by entity, of their own types", async () => {
  const position = { x: new Float32Array(8), cell: new BigInt64Array(8) };
  let entities = [0, 5, 2];
  const state = () => ({
    rabbits: table.from(
      () => entities,
      { id: { type: "u32" as const, get: (entity: number) => entity }, ...position },
      { key: "id", create: ({ id }) => (entities.push(id), id), remove: () => undefined },
    ),
  });
  const memory = await recorded(state(), () => {
    position.x.set([0.25, 0, 2.5, 0, 0, 5.5]);
    position.cell.set([0n, 0n, 2n ** 40n]);
  });
  position.x.fill(9);
  position.cell.fill(9n);
  entities = [];
  await using run = await resumed(memory, state());
  assert.deepEqual(entities, [0, 2, 5]);
  assert.deepEqual([...position.x], [0.25, 9, 2.5, 9, 9, 5.5, 9, 9], "those of no entity stay");
  const row = (await run.at(1)).state.rabbits.get(2);
  const typed: [x: number, cell: bigint] | undefined = row && [row.x, row.cell];
  assert.deepEqual(typed, [2.5, 2n ** 40n]);
});

test("R2, W10: `order` brings a list back in its order, whatever slots its rows have", async () => {
  const list: Sheep[] = [1, 2, 3].map((id) => ({ id, x: id }));
  const create = ({ id, x }: Sheep): Sheep => ({ id, x });
  const state = () => ({ sheep: table.from(list, placed, { key: "id", order: "place", create }) });
  const memory = await recorded(
    state(),
    () => list.shift(),
    () => list.push({ id: 9, x: 9 }),
    () => list.reverse(),
  );
  list.splice(0, 3, ...[1, 2, 3].map((id) => ({ id, x: id })));
  await using run = await resumed(memory, state());
  assert.deepEqual(
    list.map(({ id }) => id),
    [9, 3, 2],
  );
  assert(!("place" in list[0]!), "the place is no property");
  const { sheep } = (await run.at(2)).state;
  assert.deepEqual(
    [2, 3, 9].map((id) => sheep.get(id)?.place),
    [0, 1, 2],
  );
  assert.equal(sheep.slotOf(9), 0, "the slot of the one that left");
});

test("R7, W10: objects that come back in another order are refused where the order counts", async () => {
  const flock = new Map([1, 2, 3].map((id) => [id, { id, x: id }]));
  const made: number[] = [];
  const create = (sheep: Sheep): Sheep => {
    made.push(sheep.id);
    flock.set(sheep.id, { id: sheep.id, x: sheep.x });
    return flock.get(sheep.id)!;
  };
  const remove = ({ id }: Sheep): boolean => flock.delete(id);
  const options = { key: "id", order: "place", create, remove } as const;
  const state = () => ({ sheep: table.from(() => flock.values(), placed, options) });
  const memory = await recorded(state(), () => {
    flock.clear();
    for (const id of [3, 7, 1]) flock.set(id, { id, x: id });
  });
  flock.clear();
  for (const id of [1, 3]) flock.set(id, { id, x: 0 });
  await refusal(() => resumed(memory, state()), "RUNS_RESTORE", { where: /sheep.*place/ });
  flock.clear();
  made.length = 0;
  await using _ = await resumed(memory, state());
  assert.deepEqual(
    [made, [...flock.keys()]],
    [
      [3, 7, 1],
      [3, 7, 1],
    ],
  );
});

test("W1, W10: a column or an order that cannot be is refused", async () => {
  const from = table.from as (objects: unknown, of: object, options: object) => unknown;
  await allRefused("WORLD_DEFINITION", {
    "a number": () => from([], { id: 3 }, { key: "id" }),
    "no getter": () => from([], { id: { type: "u32" } }, { key: "id" }),
    "a setter that is none": () =>
      from([], { id: { type: "u32", get: String, set: 1 } }, { key: "id" }),
    "an unknown type": () => from([], { id: "u31" }, { key: "id" }),
    "no key": () => from([], columns, {}),
    "the order of no column": () => from([], columns, { key: "id", order: "place" }),
    "an order of another type": () =>
      from([], { ...columns, place: "f64" }, { key: "id", order: "place" }),
  });
});
