/** Drives a run of tables, edges and logs and its model side by side: whatever is shown must be what the model holds. */
import assert from "node:assert/strict";
import type { AnyWorld, ChangesOf, LiveRun, Run, Runs, StateDefinition, Tick } from "everytick";
import { refusal } from "../runs/memory-runs.ts";
import { Choices } from "./choices.ts";
import {
  appended,
  changesGiven,
  drawChanges,
  makeChanges,
  objectOf,
  type RowChanges,
} from "./rows-changes.ts";
import { checkDerived, checkLog, checkRows } from "./rows-checks.ts";
import { logIn, tableIn } from "./rows-doors.ts";
import { RowsEditor } from "./rows-edits.ts";
import { RowsHistory, type Moment } from "./rows-history.ts";
import { initialRows, type Operation, type Scenario, type Storage } from "./rows-scenario.ts";
import { RowsReader } from "./rows-reader.ts";
import { isSameSlots, keyOf, rowOf, RowsModel, type Row, type Slots } from "./rows-model.ts";
import {
  planOf,
  valuesFor,
  worldOf,
  type RowsPlan,
  type Values,
  type WorldPlan,
} from "./rows-plans.ts";
import {
  refuseCalls,
  refuseChanges,
  refuseScribbles,
  refuseStale,
  refuseStatic,
} from "./rows-refusals.ts";
import { wrongElement } from "./rows-values.ts";

const id = "rows";

export class RowsMachine {
  readonly scenario: Scenario;
  readonly plan: WorldPlan;
  readonly history: RowsHistory;
  readonly #reader: RowsReader;
  readonly #initial: ReadonlyMap<string, readonly Values[]>;
  #storage: Storage;
  #runs!: Runs;
  #run!: LiveRun;
  #editors: ReadonlyMap<string, RowsEditor> = new Map();
  /** What logs hold for the tick that is being made. */
  readonly #pending = new Map<string, Row[]>();

  constructor(scenario: Scenario, storage: Storage, spoiltTick?: Tick) {
    this.scenario = scenario;
    this.#storage = storage;
    this.plan = planOf(scenario.stores, scenario.isDerived);
    const choices = new Choices(scenario.seed);
    this.#initial = new Map(this.#tables.map((plan) => [plan.name, initialRows(plan, choices)]));
    this.history = new RowsHistory(this.plan, spoiltTick);
    this.#reader = new RowsReader(this.plan, this.history);
  }

  get world(): AnyWorld {
    return worldOf(this.plan, this.#initial);
  }

  get #tables(): RowsPlan[] {
    return this.plan.stores.filter(({ kind }) => kind !== "log");
  }

  get #logs(): RowsPlan[] {
    return this.plan.stores.filter(({ kind }) => kind === "log");
  }

  async begin(): Promise<void> {
    const { seed, window, durability } = this.scenario;
    this.#runs = await this.#storage.open();
    this.#run = await this.#runs.record(id, { world: this.world, seed, window, durability });
    const models = this.#tables.map((plan) => {
      const model = new RowsModel(plan);
      for (const values of this.#initial.get(plan.name) ?? []) model.insert(values);
      return model;
    });
    this.#edit(models);
    this.#remember();
    const choices = new Choices(seed);
    this.#checkLive(choices, "the first tick", true);
    this.#editOne(choices);
    await this.#commit(choices);
  }

  async apply({ kind, seed }: Operation): Promise<void> {
    const choices = new Choices(seed);
    if (kind === "edit") this.#editSome(choices);
    if (kind === "commit") await this.#commitSome(choices);
    if (kind === "explicit") {
      for (let i = 1 + choices.below(2); i > 0; i--) await this.#explicit(choices);
    }
    if (kind === "refuse") await this.#refuse(choices);
    if (kind === "scribble") await this.#scribble(choices);
    if (kind === "grow") this.#grow(choices);
    if (kind === "again") await this.#again(choices);
    if (kind === "at") await this.#read(choices, async (run) => this.#reader.at(run, choices));
    if (kind === "play") await this.#read(choices, async (run) => this.#reader.play(run, choices));
    if (kind === "changes")
      await this.#read(choices, async (run) => this.#reader.changes(run, choices));
    if (kind === "log") await this.#read(choices, async (run) => this.#reader.log(run, choices));
    if (kind === "resume") await this.#resume(choices, async () => this.#runs.close());
    if (kind === "crash") await this.#resume(choices, async () => this.#storage.crash());
  }

  /** Goes on over other files, which a process that died has left. */
  async moveTo(storage: Storage, choices: Choices): Promise<void> {
    // Whatever is found there must have these digests.
    for await (const past of this.#run.play({ reuse: true }))
      this.#reader.check(past, choices, "left");
    await this.#resume(choices, async () => {
      await this.#runs.close();
      this.#storage = storage;
    });
  }

  async end(): Promise<Runs> {
    const choices = new Choices(this.scenario.seed);
    await this.#runs.close();
    this.#runs = await this.#storage.open();
    const run = await this.#runs.open(id, { world: this.world });
    await this.#reader.end(run, choices);
    return this.#runs;
  }

  async close(): Promise<void> {
    await this.#runs.close();
  }

  // --- Changing ------------------------------------------------------------------------------------------------

  #edit(models: readonly RowsModel[]): void {
    this.#editors = new Map(
      models.map((model) => {
        const { name } = model.plan;
        return [name, new RowsEditor(model, () => tableIn(this.#run.state, name))];
      }),
    );
    this.#pending.clear();
  }

  #editor(name: string): RowsEditor {
    return this.#editors.get(name) as RowsEditor;
  }

  /** The tables and edges that can be changed. */
  get #free(): RowsEditor[] {
    return [...this.#editors.values()].filter(({ plan }) => plan.role !== "static");
  }

  #editSome(choices: Choices): void {
    for (let i = 1 + choices.below(4); i > 0; i--) this.#editOne(choices);
    this.#checkLive(choices, "edited");
  }

  #editOne(choices: Choices): void {
    if (choices.chance(0.7) || this.#logs.length === 0) {
      choices.pick(this.#free).edit(choices, this.scenario.views);
    } else this.#append(choices.pick(this.#logs), choices);
  }

  #append(plan: RowsPlan, choices: Choices): void {
    for (let i = 1 + choices.below(3); i > 0; i--) {
      const values = valuesFor(plan, choices);
      logIn(this.#run.state, plan.name).append(objectOf(values));
      this.#pending.set(plan.name, [...this.#pendingOf(plan), rowOf(plan, values)]);
    }
  }

  #pendingOf({ name }: RowsPlan): readonly Row[] {
    return this.#pending.get(name) ?? [];
  }

  #grow(choices: Choices): void {
    // Whatever follows takes several times as long.
    if (choices.chance(0.6)) return this.#editSome(choices);
    const editor = choices.pick(this.#free);
    const size = choices.pick([66, 66, 130]);
    editor.grow(() => editor.model.size >= size, choices);
    this.#checkLive(choices, "grown");
  }

  async #commitSome(choices: Choices): Promise<void> {
    for (let i = 1 + choices.below(3); i > 0; i--) {
      for (let edits = choices.below(3); edits > 0; edits--) this.#editOne(choices);
      await this.#commit(choices);
    }
  }

  async #commit(choices: Choices): Promise<void> {
    this.#remember();
    const committed = this.#run.commit();
    this.#pending.clear();
    // Whatever happens to the live state now, it is too late for this tick.
    if (choices.chance(0.3)) choices.pick(this.#free).edit(choices, this.scenario.views);
    this.#checkAck(await committed);
  }

  async #explicit(choices: Choices): Promise<void> {
    const before = this.history.last;
    const settled = new Set(this.plan.stores.filter((plan) => this.#isSettled(plan)));
    const all = this.#drawChanges(choices);
    for (const changes of all) {
      if (changes.plan.kind !== "log") makeChanges(this.#editor(changes.plan.name).model, changes);
    }
    const touched = new Set(all.map(({ plan }) => plan.name));
    const rows = this.plan.stores.map((plan): [string, Slots] => {
      if (plan.kind === "log") {
        const given = all.find((changes) => changes.plan === plan);
        return [plan.name, [...this.#pendingOf(plan), ...(given ? appended(given) : [])]];
      }
      // What is changed in other tables waits for a commit of the state.
      const { slots } = touched.has(plan.name)
        ? this.#editor(plan.name).model
        : { slots: before.rows(plan) };
      return [plan.name, slots];
    });
    const isAlone = this.#pending.size === 0 && all.every(({ plan }) => settled.has(plan));
    this.history.add(new Map(rows), isAlone ? all : undefined);
    const committed = this.#run.commit({ changes: changesGiven(all, choices) });
    this.#pending.clear();
    this.#checkAck(await committed);
    this.#checkLive(choices, "after explicit changes");
  }

  /** Whether a store is as it was committed. */
  #isSettled(plan: RowsPlan): boolean {
    const editor = this.#editors.get(plan.name);
    return editor === undefined || isSameSlots(editor.model.slots, this.history.last.rows(plan));
  }

  /** Of stores whose changes beside these are recorded too: what is written into arrays waits for a commit of the state. */
  #drawChanges(choices: Choices): RowChanges[] {
    const chosen = this.plan.stores.filter((plan) => {
      if (plan.kind === "log") return choices.chance(0.5);
      const isFree = plan.role !== "static" && choices.chance(0.8);
      return isFree && (!this.scenario.views || this.#isSettled(plan));
    });
    return chosen.map((plan) =>
      drawChanges(plan, this.#editors.get(plan.name)?.model ?? new RowsModel(plan), choices),
    );
  }

  #remember(): void {
    const rows = this.plan.stores.map((plan): [string, Slots] => {
      const slots = this.#editors.get(plan.name)?.model.slots;
      return [plan.name, slots ?? this.#pendingOf(plan)];
    });
    this.history.add(new Map(rows), undefined);
  }

  #checkAck({ tick, durableTick }: { readonly tick: Tick; readonly durableTick: Tick }): void {
    assert.equal(tick, this.history.tick);
    assert(tick - durableTick <= this.scenario.window, `${durableTick} is durable, not ${tick}`);
    assert.equal(this.#run.tick, tick);
  }

  // --- Refusals ------------------------------------------------------------------------------------------------

  async #refuse(choices: Choices): Promise<void> {
    const editor = choices.pick([...this.#editors.values()]);
    if (editor.plan.role === "static") await refuseStatic(editor, choices);
    else if (choices.chance(0.6)) await refuseCalls(editor, choices);
    else await refuseChanges(this.#run, this.#drawChanges(choices), editor, choices);
    for (const plan of this.#logs) {
      const [name, type] = choices.pick(plan.columns);
      const log = logIn(this.#run.state, plan.name);
      const values = Object.fromEntries([
        ...valuesFor(plan, choices),
        [name, wrongElement(type, choices)],
      ]);
      await refusal(() => log.append(values), "WORLD_VALUE");
      const changes = {
        [plan.name]: { append: [{}, values] },
      } as unknown as ChangesOf<StateDefinition>;
      await refusal(async () => this.#run.commit({ changes }), "WORLD_VALUE");
    }
    assert.equal(this.#run.tick, this.history.tick);
    this.#checkLive(choices, "after a refusal");
  }

  async #scribble(choices: Choices): Promise<void> {
    if (!this.scenario.views) return this.#refuse(choices);
    const editor = choices.pick(this.#free);
    if (choices.chance(0.3)) await refuseStale(this.#run, editor, choices);
    else await refuseScribbles(this.#run, editor, choices);
    assert.equal(this.#run.tick, this.history.tick);
    this.#checkLive(choices, "after a refusal");
  }

  /** A recorded tick once more: the same is accepted, another refused. The live state may be brought there and back. */
  async #again(choices: Choices): Promise<void> {
    if (this.#pending.size > 0) await this.#commit(choices);
    const tick = choices.below(this.history.tick + 1);
    const moment = this.history.at(tick);
    if (moment.changes !== undefined && choices.chance(0.5)) {
      await this.#againExplicitly(tick, moment.changes, choices);
      return;
    }
    const now = this.#free.map(({ model }) => model.slots);
    for (const editor of this.#free) editor.become(moment.rows(editor.plan), choices);
    this.#appendAll(moment);
    assert.equal((await this.#run.commit({ tick })).tick, tick);
    this.#appendAll(moment);
    const changed = choices.pick(this.#free);
    changed.edit(choices, false);
    const isSame = isSameSlots(changed.model.slots, moment.rows(changed.plan));
    const commit = async (): Promise<unknown> => this.#run.commit({ tick });
    const where = new RegExp(`^tick ${tick}, ${changed.plan.name}\\[`);
    if (isSame) await commit();
    else await refusal(commit, "RECORDER_CONFLICT", { where });
    this.#free.forEach((editor, i) => editor.become(now[i] as Slots, choices));
    assert.equal(this.#run.tick, this.history.tick);
    this.#checkLive(choices, "after a recorded tick");
  }

  #appendAll(moment: Moment): void {
    for (const plan of this.#logs) {
      for (const row of moment.rows(plan)) {
        const values = plan.columns.map(
          ([name], column) => [name, row?.[column]?.element] as const,
        );
        logIn(this.#run.state, plan.name).append(Object.fromEntries(values));
      }
    }
  }

  async #againExplicitly(tick: Tick, all: readonly RowChanges[], choices: Choices): Promise<void> {
    const changes = changesGiven(all, choices);
    assert.equal((await this.#run.commit({ tick, changes })).tick, tick);
    const { plan } = choices.pick(this.#free);
    const before = new RowsModel(plan, this.history.at(tick - 1).rows(plan));
    const after = new RowsModel(plan, this.history.at(tick).rows(plan));
    const lasting = after.rows.find((row) => before.slotOf(keyOf(plan, row)) !== -1);
    if (lasting !== undefined) {
      const other = {
        ...changes,
        [plan.name]: { delete: [keyOf(plan, lasting)] },
      } as ChangesOf<StateDefinition>;
      await refusal(async () => this.#run.commit({ tick, changes: other }), "RECORDER_CONFLICT");
    }
    this.#checkLive(choices, "after a recorded tick");
  }

  // --- Processes -----------------------------------------------------------------------------------------------

  async #resume(choices: Choices, leave: () => Promise<void>): Promise<void> {
    const least = this.#run.durableTick;
    await leave();
    this.#runs = await this.#storage.open();
    const { window, durability } = this.scenario;
    const options = { world: this.world, window, durability, resume: "only" } as const;
    this.#run = await this.#runs.record(id, options);
    const { tick, recovery } = this.#run;
    assert(tick >= least && tick <= this.history.tick, `tick ${tick}, ${least} was acknowledged`);
    assert.deepEqual([recovery.resumed, recovery.tick], [true, tick]);
    this.history.forgetBehind(tick);
    this.#edit(this.#tables.map((plan) => new RowsModel(plan, this.history.last.rows(plan))));
    this.#checkLive(choices, "resumed", true);
  }

  // --- Reading -------------------------------------------------------------------------------------------------

  /** By the run that is recorded, or by another process. */
  async #read(choices: Choices, look: (run: Run) => Promise<void>): Promise<void> {
    if (choices.chance(0.6)) return look(this.#run);
    await this.#run.flush();
    await using runs = await this.#storage.open();
    await look(await runs.open(id, { world: this.world }));
  }

  #checkLive(choices: Choices, what: string, isSettled = false): void {
    const { views } = this.scenario;
    const { state } = this.#run;
    for (const { plan, model, table } of this.#editors.values()) {
      const looks = { views: views && choices.chance(0.3), isPast: false };
      checkRows(table, plan, model.slots, choices, what, looks);
      assert.equal(table.slotCount, model.slotCount, `${what}: slotCount of ${plan.name}`);
      if (isSettled) assert.equal(table.slotCount, model.slots.length, what);
    }
    for (const plan of this.#logs)
      checkLog(logIn(state, plan.name), plan, this.#pendingOf(plan), what);
    const [first] = this.plan.stores as [RowsPlan];
    if (this.plan.isDerived) checkDerived(state, first, this.#editor(first.name).model.slots, what);
  }
}
