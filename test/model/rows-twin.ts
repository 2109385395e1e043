/** A second run of the same history, made in another way: changes for states, states for changes, in another order. */
import assert from "node:assert/strict";
import type { AnyWorld, LiveRun, Runs, Tick } from "everytick";
import type { Choices } from "./choices.ts";
import { changesGiven, changesTo, valuesOf, type RowChanges } from "./rows-changes.ts";
import { logIn, tableIn } from "./rows-doors.ts";
import { RowsEditor } from "./rows-edits.ts";
import type { Moment, RowsHistory } from "./rows-history.ts";
import { RowsModel, type Row } from "./rows-model.ts";
import type { RowsPlan, WorldPlan } from "./rows-plans.ts";

export async function checkTwin(
  runs: Runs,
  world: AnyWorld,
  seed: number,
  { stores }: WorldPlan,
  history: RowsHistory,
  choices: Choices,
): Promise<void> {
  const run = await runs.record("twin", { world, seed, window: 3 });
  const editors = stores
    .filter(({ kind }) => kind !== "log")
    .map((plan) => {
      const model = new RowsModel(plan, history.at(0).rows(plan));
      return new RowsEditor(model, () => tableIn(run.state, plan.name));
    });
  const logs = stores.filter(({ kind }) => kind === "log");
  for (let tick = 1; tick <= history.tick; tick++) {
    const all = explicitly(stores, history, tick);
    // What was given as changes is given as a state, and what can be is given as changes.
    const isState = history.at(tick).changes !== undefined && choices.chance(0.7);
    if (all === undefined || isState) {
      await commitState(run, editors, logs, history.at(tick), choices);
    } else {
      await run.commit({ changes: changesGiven(all, choices) });
      for (const { plan, model } of editors) {
        const next = new RowsModel(plan, history.at(tick).rows(plan));
        editors[editors.findIndex((one) => one.model === model)] = new RowsEditor(next, () =>
          tableIn(run.state, plan.name),
        );
      }
    }
  }
  await run.close();
  for await (const { tick, historyDigest } of run.play({ reuse: true, verify: true })) {
    assert.equal(historyDigest, history.digestAt(tick), `the history of the twin at ${tick}`);
  }
}

function explicitly(
  stores: readonly RowsPlan[],
  history: RowsHistory,
  tick: Tick,
): RowChanges[] | undefined {
  const [before, after] = [history.at(tick - 1), history.at(tick)];
  const all: RowChanges[] = [];
  for (const plan of stores) {
    const rows = after.rows(plan);
    if (plan.role === "static") continue;
    if (plan.kind === "log") {
      const append = rows.map((row) => valuesOf(plan, row as Row));
      all.push({ plan, delete: [], insert: [], update: [], append });
      continue;
    }
    const changes = changesTo(plan, before.rows(plan), rows);
    if (changes === undefined) return undefined;
    all.push(changes);
  }
  return all;
}

async function commitState(
  run: LiveRun,
  editors: readonly RowsEditor[],
  logs: readonly RowsPlan[],
  moment: Moment,
  choices: Choices,
): Promise<void> {
  for (const editor of editors) {
    if (editor.plan.role !== "static") editor.become(moment.rows(editor.plan), choices);
  }
  for (const plan of logs) {
    for (const row of moment.rows(plan)) {
      logIn(run.state, plan.name).append(Object.fromEntries(valuesOf(plan, row as Row)));
    }
  }
  await run.commit();
}
