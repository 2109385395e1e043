/** Reads a recorded run in every way, and compares what it shows with the model's history. */
import assert from "node:assert/strict";
import type { Past, Run, Tick } from "everytick";
import { refusal } from "../runs/memory-runs.ts";
import type { Choices } from "./choices.ts";
import { checkDerived, checkEntry, checkLog, checkRows } from "./rows-checks.ts";
import { logIn, tableIn } from "./rows-doors.ts";
import type { RowsHistory } from "./rows-history.ts";
import type { Row } from "./rows-model.ts";
import type { RowsPlan, WorldPlan } from "./rows-plans.ts";

export class RowsReader {
  readonly #plan: WorldPlan;
  readonly #history: RowsHistory;

  constructor(plan: WorldPlan, history: RowsHistory) {
    this.#plan = plan;
    this.#history = history;
  }

  async at(run: Run, choices: Choices): Promise<void> {
    for (let i = 0; i < 2; i++) {
      const tick = choices.below(this.#history.tick + 1);
      const past = await run.at(tick, { verify: choices.chance(0.5) });
      assert.equal(past.tick, tick);
      this.check(past, choices, "at");
    }
    await refusal(async () => run.at(this.#history.tick + 1), "TIMELINE_TICK");
  }

  async play(run: Run, choices: Choices): Promise<void> {
    const end = this.#history.tick + 1;
    const [from, to] = [choices.below(end), choices.below(end)];
    const [reuse, verify] = [choices.chance(0.5), choices.chance(0.5)];
    const step = from <= to ? 1 : -1;
    const played: Past[] = [];
    for await (const past of run.play({ from, to, reuse, verify })) {
      assert.equal(past.tick, from + step * played.length);
      this.check(past, choices, `${from} to ${to}`);
      played.push(past);
    }
    assert.equal(played.length, Math.abs(to - from) + 1);
    // Copies stay as they were when they were yielded.
    if (!reuse) this.check(choices.pick(played), choices, "kept");
  }

  async changes(run: Run, choices: Choices): Promise<void> {
    const tick = choices.below(this.#history.tick + 1);
    const found = await run.changesAt(tick, { verify: choices.chance(0.5) });
    assert.deepStrictEqual(found, this.#history.changesAt(tick), `changes at ${tick}`);
  }

  async log(run: Run, choices: Choices): Promise<void> {
    const logs = this.#plan.stores.filter(({ kind }) => kind === "log");
    if (logs.length === 0) return;
    const plan = choices.pick(logs);
    const end = this.#history.tick + 1;
    const [from, to] = [choices.below(end), choices.below(end)];
    const expected = this.#history.entries(plan, from, to);
    const rows = run.log(plan.name as never, { from, to });
    let count = 0;
    for await (const { tick, row } of rows) {
      const entry = expected[count++];
      assert.equal(tick, entry?.tick, `${plan.name}, ${from} to ${to}`);
      checkEntry(row, plan, entry?.row as Row, `tick ${tick}`);
    }
    assert.equal(count, expected.length, `${plan.name}, ${from} to ${to}`);
  }

  check(past: Past, choices: Choices, how: string): void {
    const what = `tick ${past.tick}, ${how}`;
    const moment = this.#history.at(past.tick);
    const looks = { views: true, isPast: true };
    for (const plan of this.#plan.stores) {
      const rows = moment.rows(plan);
      if (plan.kind === "log") checkLog(logIn(past.state, plan.name), plan, rows as Row[], what);
      else checkRows(tableIn(past.state, plan.name), plan, rows, choices, what, looks);
    }
    const [first] = this.#plan.stores as [RowsPlan];
    if (this.#plan.isDerived) checkDerived(past.state, first, moment.rows(first), what);
    this.#history.checkDigests(past, choices.chance(0.3));
  }

  /** All of it, and whether it is sound. */
  async end(run: Run, choices: Choices): Promise<void> {
    const [first, last] = [0, this.#history.tick];
    const ways = [[first, last] as const, [last, first] as const];
    for (const [from, to] of choices.chance(0.3) ? ways : [choices.pick(ways)]) {
      const ticks: Tick[] = [];
      for await (const past of run.play({ from, to, verify: true, reuse: true })) {
        this.check(past, choices, `from ${from}`);
        ticks.push(past.tick);
      }
      const expected = Array.from({ length: last + 1 }, (_, tick) => tick);
      assert.deepEqual(ticks, from === first ? expected : expected.reverse());
    }
    await this.changes(run, choices);
    await this.log(run, choices);
    const { damage, ticks, lastTick, tailBytes, historyDigest } = await run.verify();
    assert.deepEqual(damage, []);
    assert.deepEqual([ticks, lastTick, tailBytes], [last + 1, last, 0]);
    assert.equal(historyDigest, this.#history.digestAt(last));
  }
}
