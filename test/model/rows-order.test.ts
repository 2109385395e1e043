/** The same set of changes in many orders. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns, type ChangesOf, type StateDefinition } from "everytick";
import { ManualClock, MemoryVfs, seededRandom } from "everytick/testing";
import { codecs, contents } from "../journal/small-run.ts";
import { Choices } from "./choices.ts";
import { changesGiven, drawChanges, makeChanges, type RowChanges } from "./rows-changes.ts";
import { RowsModel } from "./rows-model.ts";
import { keyTypesOf, planOf, valuesFor, worldOf, type WorldPlan } from "./rows-plans.ts";
import { keyTypes } from "./rows-values.ts";

const worlds = 60;
const orders = 8;
const ticks = 5;

function randomPlan(choices: Choices): WorldPlan {
  const seeds = Array.from({ length: 1 + choices.below(4) }, () => {
    return { kind: choices.pick(["table", "edges", "log"] as const), seed: choices.next() };
  });
  return planOf(seeds, false);
}

/** Changes for some ticks, each a set. */
function drawHistory({ stores }: WorldPlan, choices: Choices): RowChanges[][] {
  const models = new Map(stores.map((plan) => [plan.name, new RowsModel(plan)]));
  return Array.from({ length: ticks }, () =>
    stores
      .filter(({ role }) => role !== "static")
      .map((plan) => {
        const model = models.get(plan.name) as RowsModel;
        const drawn = drawChanges(plan, model, choices);
        if (plan.kind === "log") return drawn;
        const changes = { ...drawn, insert: [...drawn.insert, ...moreRows(model, drawn, choices)] };
        makeChanges(model, changes);
        return changes;
      }),
  );
}

/** So many that the order of their keys can show. */
function moreRows(model: RowsModel, drawn: RowChanges, choices: Choices): RowChanges["insert"] {
  const after = new RowsModel(model.plan, model.slots);
  for (const values of drawn.insert) after.insert(values);
  return Array.from({ length: 12 }, () => valuesFor(model.plan, choices)).filter((values) => {
    const before = after.size;
    after.upsert(values);
    return after.size > before;
  });
}

/** Every byte of a run that commits the changes. */
async function filesOf(
  plan: WorldPlan,
  history: readonly ChangesOf<StateDefinition>[],
): Promise<Map<string, string>> {
  const vfs = new MemoryVfs();
  const ports = { vfs, codecs, clock: new ManualClock(), random: seededRandom(1) };
  await using runs = await openRuns("runs", { ...ports, segmentBytesMin: 3000, bodyBytesMax: 700 });
  const run = await runs.record("a", { world: worldOf(plan, new Map()) });
  for (const changes of history) await run.commit({ changes });
  await run.close();
  return contents(vfs, "runs");
}

test("CON-30, W6: sets of rows in any order give the same bytes in every file, seed 1", async () => {
  const choices = new Choices(1);
  const seen = new Set<string>();
  let segments = 0;
  for (let world = 0; world < worlds; world++) {
    const plan = randomPlan(choices);
    const history = drawHistory(plan, choices);
    const shuffled = (): ChangesOf<StateDefinition>[] =>
      history.map((changes) => changesGiven(changes, choices));
    const first = await filesOf(plan, shuffled());
    for (let order = 1; order < orders; order++) {
      const other = await filesOf(plan, shuffled());
      assert.deepEqual([...other.keys()], [...first.keys()], `world ${world}`);
      for (const [path, bytes] of first) assert.equal(other.get(path), bytes, `${world}: ${path}`);
    }
    segments += [...first.keys()].filter((path) => path.endsWith(".seg")).length;
    for (const store of plan.stores) for (const type of keyTypesOf(store)) seen.add(type);
  }
  assert.deepEqual([...seen].sort(), [...new Set<string>(keyTypes)].sort(), "keys of every type");
  assert(segments > worlds, "more than one segment each");
});

test("CON-30: one other value is another history", async () => {
  const plan = planOf([{ kind: "log", seed: 1 }], false);
  const [first] = plan.stores as [WorldPlan["stores"][number]];
  const choices = new Choices(1);
  const values = valuesFor(first, choices, true);
  const insert = [values];
  const changes = { plan: first, delete: [], insert, update: [], append: [] };
  const once = await filesOf(plan, [changesGiven([changes], choices)]);
  const never = await filesOf(plan, [{}]);
  assert.notDeepEqual(once, never);
});
