/** What the model remembers of each tick, and what it expects of digests. */
import assert from "node:assert/strict";
import type { Change, Past, Tick } from "everytick";
import type { RowChanges } from "./rows-changes.ts";
import { changesBetween, type Row, type Slots } from "./rows-model.ts";
import type { RowsPlan, WorldPlan } from "./rows-plans.ts";

export class Moment {
  /** The explicit changes that were all that led here; undefined where a state was committed. */
  readonly changes: readonly RowChanges[] | undefined;
  readonly #stores: ReadonlyMap<string, Slots>;

  constructor(stores: ReadonlyMap<string, Slots>, changes: readonly RowChanges[] | undefined) {
    this.#stores = stores;
    this.changes = changes;
  }

  /** Of a log what the tick appended. */
  rows({ name }: RowsPlan): Slots {
    return this.#stores.get(name) as Slots;
  }
}

export class RowsHistory {
  readonly #plan: WorldPlan;
  readonly #moments: Moment[] = [];
  /** The tick that is remembered wrongly on purpose; only the canary has one. */
  readonly #spoiltTick: Tick | undefined;
  readonly #historyDigests = new Map<Tick, string>();
  readonly #stateDigests = new Map<string, string>();
  readonly #keys = new Map<string, string>();

  constructor(plan: WorldPlan, spoiltTick: Tick | undefined) {
    this.#plan = plan;
    this.#spoiltTick = spoiltTick;
  }

  get tick(): Tick {
    return this.#moments.length - 1;
  }

  get last(): Moment {
    return this.at(this.tick);
  }

  at(tick: Tick): Moment {
    const moment = this.#moments[tick];
    assert(moment !== undefined, `tick ${tick} was never recorded`);
    return moment;
  }

  add(rows: ReadonlyMap<string, Slots>, changes: readonly RowChanges[] | undefined): void {
    const isSpoilt = this.#moments.length === this.#spoiltTick;
    this.#moments.push(new Moment(isSpoilt ? spoilt(rows) : rows, changes));
  }

  /** Ticks that were never acknowledged died with their process. */
  forgetBehind(tick: Tick): void {
    for (let lost = tick + 1; lost <= this.tick; lost++) this.#historyDigests.delete(lost);
    this.#moments.length = tick + 1;
  }

  /** In order of store, column and slot; the rows of a log change from nothing. */
  changesAt(tick: Tick): Change[] {
    return this.#plan.stores.flatMap((plan) => {
      const isFromNothing = tick === 0 || plan.kind === "log";
      const before = isFromNothing ? [] : this.at(tick - 1).rows(plan);
      return changesBetween(plan, before, this.at(tick).rows(plan));
    });
  }

  /** The rows of a log, tick by tick, in either direction. */
  entries(plan: RowsPlan, from: Tick, to: Tick): { readonly tick: Tick; readonly row: Row }[] {
    const step = from <= to ? 1 : -1;
    const ticks = Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + step * i);
    return ticks.flatMap((tick) =>
      this.at(tick)
        .rows(plan)
        .map((row) => ({ tick, row: row as Row })),
    );
  }

  digestAt(tick: Tick): string | undefined {
    return this.#historyDigests.get(tick);
  }

  /** Each tick has one history digest; states have equal state digests exactly where they are equal. */
  checkDigests(past: Past, isStateLookedAt: boolean): void {
    const { tick, historyDigest } = past;
    const known = this.#historyDigests.get(tick) ?? historyDigest;
    assert.equal(historyDigest, known, `history digest of tick ${tick}`);
    this.#historyDigests.set(tick, known);
    if (!isStateLookedAt) return;
    const key = this.#stateKey(this.at(tick));
    const digest = past.stateDigest();
    assert.equal(digest, this.#stateDigests.get(key) ?? digest, `state digest of tick ${tick}`);
    assert.equal(key, this.#keys.get(digest) ?? key, `tick ${tick}: another state has this digest`);
    this.#stateDigests.set(key, digest);
    this.#keys.set(digest, key);
  }

  /** Equal exactly for states of equal bits and slots; logs and observed stores are no part of it. */
  #stateKey(moment: Moment): string {
    const stores = this.#plan.stores.filter(
      ({ kind, role }) => kind !== "log" && role !== "observed",
    );
    return stores.map((plan) => moment.rows(plan).map(textOfRow).join(";")).join("\n");
  }
}

function textOfRow(row: Row | undefined): string {
  return row === undefined ? "free" : JSON.stringify(row.map(({ bits }) => [...bits]));
}

/** The same but for one row, which is missing or too many. */
function spoilt(rows: ReadonlyMap<string, Slots>): ReadonlyMap<string, Slots> {
  const copy = new Map(rows);
  const [name, slots] = [...rows].find(([, list]) => list.length > 0) ?? [];
  if (name !== undefined && slots !== undefined) copy.set(name, slots.slice(0, -1));
  return copy;
}
