/** Drives a run and the model side by side. Whatever the engine shows must be what the model remembers. */
import assert from "node:assert/strict";
import type {
  AnyWorld,
  Change,
  CommitOptions,
  Durability,
  LiveRun,
  Past,
  Run,
  Runs,
  StateDefinition,
  Tick,
} from "everytick";
import { RandomStreams } from "../../src/world/index.ts";
import { refusal } from "../runs/memory-runs.ts";
import { Choices } from "./choices.ts";
import { explicitly, mutate, type Density } from "./mutations.ts";
import { NaiveState } from "./naive-state.ts";
import { worldOf, type SchemaPlan } from "./schemas.ts";

export const kinds = [
  "commit",
  "commit",
  "commit",
  "explicit",
  "explicit",
  "again",
  "gap",
  "flush",
  "reopen",
  "read",
  "at",
  "play",
  "changes",
] as const;
export interface Operation {
  readonly kind: (typeof kinds)[number];
  readonly seed: number;
  readonly density: Density;
}
export interface Scenario {
  readonly schema: SchemaPlan;
  readonly operations: readonly Operation[];
  readonly seed: number;
  readonly window: number;
  readonly durability: Durability;
  readonly sparse: boolean;
}
/** What the model knows of a recorded tick. */
interface Moment {
  readonly state: NaiveState;
  readonly simTime: number;
  readonly era: string | undefined;
  /** Draws from the random streams so far: they are state, too. */
  readonly draws: number;
}

const id = "model";

export class Machine {
  readonly #scenario: Scenario;
  readonly #openRuns: () => Promise<Runs>;
  #runs: Runs;
  #run: LiveRun;
  readonly #reference = new RandomStreams(["main", "weather"]);
  #draws = 0;
  readonly #moments = new Map<Tick, Moment>();
  readonly #gaps = new Set<Tick>();
  readonly #historyDigests = new Map<Tick, string>();
  readonly #stateDigests = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  /** The tick whose remembered state is wrong on purpose; only the canary has one. */
  readonly #spoiltTick: Tick | undefined;

  private constructor(
    scenario: Scenario,
    openRuns: () => Promise<Runs>,
    runs: Runs,
    run: LiveRun,
    spoiltTick: Tick | undefined,
  ) {
    this.#scenario = scenario;
    this.#openRuns = openRuns;
    this.#runs = runs;
    this.#run = run;
    this.#spoiltTick = spoiltTick;
    this.#reference.seed(scenario.seed);
    this.#remember(0, run.simTime, run.era);
  }

  /** @param openRuns opens the same folder, as a new process would. */
  static async play(
    scenario: Scenario,
    openRuns: () => Promise<Runs>,
    spoiltTick?: Tick,
  ): Promise<void> {
    const runs = await openRuns();
    const world = worldOf(scenario.schema);
    const { seed, window, durability, sparse } = scenario;
    const run = await runs.record(id, { world, seed, window, durability, sparse });
    const machine = new Machine(scenario, openRuns, runs, run, spoiltTick);
    try {
      for (const operation of scenario.operations) await machine.#apply(operation);
      await machine.#end();
    } finally {
      await machine.#runs.close();
    }
  }

  get #tick(): Tick {
    return Math.max(...this.#moments.keys());
  }

  get #nextTick(): Tick {
    return Math.max(this.#tick, ...this.#gaps) + 1;
  }

  async #apply({ kind, seed, density }: Operation): Promise<void> {
    const choices = new Choices(seed);
    if (kind === "commit") await this.#commit(choices, density);
    if (kind === "explicit") await this.#commitExplicitly(choices, density);
    if (kind === "again") await this.#commitAgain(choices);
    if (kind === "gap") await this.#gap(choices);
    if (kind === "flush") assert.equal((await this.#run.flush()).durableTick, this.#tick);
    if (kind === "reopen") await this.#reopen();
    if (kind === "read") await this.#read(choices);
    if (kind === "at") await this.#at(this.#run, choices);
    if (kind === "play") await this.#play(this.#run, choices);
    if (kind === "changes") await this.#changes(this.#run, choices.pick([...this.#moments.keys()]));
  }

  async #commit(choices: Choices, density: Density): Promise<void> {
    mutate(this.#scenario.schema, this.#run.state, choices, density);
    const expected = NaiveState.of(this.#scenario.schema, this.#run.state);
    this.#draw(choices);
    const options = this.#options(choices);
    const committed = this.#run.commit(options);
    // Whatever happens to the live state now, it is too late for this tick.
    mutate(this.#scenario.schema, this.#run.state, choices, "dense");
    const { tick, durableTick } = await committed;
    this.#checkAck(tick, durableTick, options);
    this.#remember(tick, options.simTime ?? tick, options.era, expected);
    this.#loadLive(expected);
  }

  async #commitExplicitly(choices: Choices, density: Density): Promise<void> {
    const before = this.#moments.get(this.#tick)?.state as NaiveState;
    const { changes, after } = explicitly(before, choices, density);
    this.#draw(choices);
    const options = this.#options(choices);
    const { tick, durableTick } = await this.#run.commit({ ...options, changes });
    this.#checkAck(tick, durableTick, options);
    after.check(this.#run.state, "the live state after explicit changes");
    this.#remember(tick, options.simTime ?? tick, options.era, after);
  }

  /** A recorded tick once more: the same is accepted, another is refused. The live state stays as it was. */
  async #commitAgain(choices: Choices): Promise<void> {
    const tick = choices.pick([...this.#moments.keys()]);
    const now = this.#moments.get(this.#tick) as Moment;
    const then = this.#moments.get(tick) as Moment;
    this.#loadLive(then.state);
    assert.equal((await this.#run.commit({ tick })).tick, tick);
    mutate(this.#scenario.schema, this.#run.state, choices, "dense");
    const given = NaiveState.of(this.#scenario.schema, this.#run.state);
    if (given.changesFrom(then.state).length > 0) {
      const where = new RegExp(`^tick ${tick}, `);
      await refusal(async () => this.#run.commit({ tick }), "RECORDER_CONFLICT", { where });
    }
    this.#loadLive(now.state);
    assert.equal(this.#run.tick, this.#tick);
  }

  async #gap(choices: Choices): Promise<void> {
    const from = this.#nextTick;
    const until = from + choices.below(5);
    const { tick, durableTick } = await this.#run.gap({ until, reason: `from ${from}` });
    assert.deepEqual([tick, durableTick], [this.#tick, this.#tick]);
    for (let missing = from; missing <= until; missing++) this.#gaps.add(missing);
  }

  async #reopen(): Promise<void> {
    const { schema, window, durability } = this.#scenario;
    await this.#runs.close();
    this.#runs = await this.#openRuns();
    const world: AnyWorld = worldOf(schema);
    this.#run = await this.#runs.record(id, { world, window, durability, resume: "only" });
    const moment = this.#moments.get(this.#tick) as Moment;
    const { tick, simTime, era, recovery } = this.#run;
    assert.deepEqual(
      { tick, simTime, era },
      { tick: this.#tick, simTime: moment.simTime, era: moment.era },
    );
    assert.deepEqual(recovery, { resumed: true, tick, tornBytes: 0, warnings: [] });
    moment.state.check(this.#run.state, "the resumed state");
  }

  async #read(choices: Choices): Promise<void> {
    // Ticks that are durable in memory only are nobody else's to see.
    if (this.#scenario.durability === "memory") return;
    await this.#run.flush();
    await using runs = await this.#openRuns();
    await using run = await runs.open(id);
    assert.deepEqual([run.firstTick, run.tick], [0, this.#tick]);
    await this.#at(run, choices);
    await this.#play(run, choices);
    await this.#changes(run, choices.pick([...this.#moments.keys()]));
  }

  /** Some ticks in any order, recorded or not. */
  async #at(run: Run, choices: Choices): Promise<void> {
    for (let i = 0; i < 4; i++) {
      const tick = choices.below(this.#nextTick + 2);
      const verify = choices.chance(0.7);
      if (this.#moments.has(tick)) {
        const past = await run.at(tick, { verify });
        this.#check(past, `at ${tick}`);
        this.#checkStateDigest(past);
      } else {
        const code = this.#gaps.has(tick) ? "TIMELINE_GAP" : "TIMELINE_TICK";
        await refusal(async () => run.at(tick), code);
      }
    }
  }

  /** A range in either direction; to step back is to play backwards. */
  async #play(run: Run, choices: Choices): Promise<void> {
    const recorded = [...this.#moments.keys()];
    const [from, to] = [choices.pick(recorded), choices.pick(recorded)];
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const expected = recorded.filter((tick) => tick >= low && tick <= high);
    const reuse = choices.chance(0.5);
    const played: Past[] = [];
    for await (const past of run.play({ from, to, reuse, verify: true })) {
      this.#check(past, `${from} to ${to}`);
      played.push(past);
    }
    const ticks = played.map(({ tick }) => tick);
    assert.deepEqual(ticks, from <= to ? expected : expected.reverse());
    // Copies stay as they were when they were yielded.
    if (!reuse) for (const past of played) this.#check(past, "kept");
  }

  async #changes(run: Run, tick: Tick): Promise<void> {
    const changes: readonly Change[] = await run.changesAt(tick, { verify: true });
    const before = [...this.#moments.keys()].filter((earlier) => earlier < tick).at(-1);
    const nothing = NaiveState.nothing(this.#scenario.schema);
    const from = before === undefined ? nothing : this.#stateAt(before);
    assert.deepStrictEqual(changes, this.#stateAt(tick).changesFrom(from), `changes at ${tick}`);
  }

  async #end(): Promise<void> {
    await this.#runs.close();
    this.#runs = await this.#openRuns();
    const run = await this.#runs.open(id);
    const [first, last] = [0, this.#tick];
    for (const [from, to] of [[first, last] as const, [last, first] as const]) {
      const ticks: Tick[] = [];
      for await (const past of run.play({ from, to, verify: true, reuse: true })) {
        this.#check(past, `from ${from}`);
        this.#checkStateDigest(past);
        ticks.push(past.tick);
      }
      const recorded = [...this.#moments.keys()];
      assert.deepEqual(ticks, from === first ? recorded : recorded.reverse());
    }
    for (const tick of this.#moments.keys()) await this.#changes(run, tick);
    const { damage, ticks, firstTick, lastTick, tailBytes, historyDigest } = await run.verify();
    assert.deepEqual(
      { damage, ticks, firstTick, lastTick, tailBytes },
      {
        damage: [],
        ticks: this.#moments.size,
        firstTick: 0,
        lastTick: last,
        tailBytes: 0,
      },
    );
    assert.equal(historyDigest, this.#historyDigests.get(last));
    assert.equal((await run.facts()).status, "closed");
  }

  // --- The model's side ----------------------------------------------------------------------------------------

  #draw(choices: Choices): void {
    for (let draw = choices.below(3); draw > 0; draw--) {
      const stream = choices.pick(["main", "weather"]);
      const found = this.#run.random.stream(stream).uint32();
      assert.equal(found, this.#reference.main.stream(stream).uint32(), `draw from ${stream}`);
      this.#draws += 1;
    }
  }

  #options(choices: Choices): CommitOptions<StateDefinition> {
    const { sparse, schema } = this.#scenario;
    const tick = this.#nextTick + (sparse ? choices.below(3) : 0);
    const era = choices.chance(0.3) ? choices.pick([...schema.eras, undefined]) : undefined;
    return {
      ...(sparse || choices.chance(0.5) ? { tick } : {}),
      ...(choices.chance(0.5) ? { simTime: choices.pick([-0, 0.1, -1e300, 5e-324]) } : {}),
      ...(era === undefined ? {} : { era }),
    };
  }

  #checkAck(tick: Tick, durableTick: Tick, options: CommitOptions<StateDefinition>): void {
    const { window } = this.#scenario;
    assert.equal(tick, options.tick ?? this.#nextTick);
    const behind = [...this.#moments.keys(), tick].filter((recorded) => recorded > durableTick);
    assert(behind.length <= window, `${behind.length} ticks unacknowledged, window ${window}`);
    assert.equal(this.#run.unacknowledged, behind.length);
  }

  #remember(tick: Tick, simTime: number, era: string | undefined, state?: NaiveState): void {
    const { schema } = this.#scenario;
    const lastEra = this.#moments.get(this.#tick)?.era ?? schema.eras[0];
    const copy = state ?? NaiveState.of(schema, this.#run.state);
    const remembered = tick === this.#spoiltTick ? copy.spoilt() : copy;
    this.#moments.set(tick, {
      state: remembered,
      simTime,
      era: era ?? lastEra,
      draws: this.#draws,
    });
  }

  #stateAt(tick: Tick): NaiveState {
    return (this.#moments.get(tick) as Moment).state;
  }

  /** Puts a remembered state into the live arrays and records. */
  #loadLive(state: NaiveState): void {
    const live = this.#run.state as unknown as Record<string, unknown>;
    for (const { kind, name } of this.#scenario.schema.stores) {
      if (kind === "grid") {
        const { buffer, byteOffset, byteLength } = live[name] as ArrayBufferView;
        new Uint8Array(buffer, byteOffset, byteLength).set(state.grid(name));
      } else {
        for (const [column, element] of state.values(name)) {
          (live[name] as Record<string, unknown>)[column] = element;
        }
      }
    }
  }

  #check(past: Past, how: string): void {
    const moment = this.#moments.get(past.tick) as Moment;
    const what = `tick ${past.tick}, ${how}`;
    assert(moment !== undefined, `${what}: a tick that was never recorded`);
    moment.state.check(past.state, what);
    assert.deepEqual([past.simTime, past.era], [moment.simTime, moment.era], what);
    const known = this.#historyDigests.get(past.tick) ?? past.historyDigest;
    assert.equal(past.historyDigest, known, `${what}: one history digest for each tick`);
    this.#historyDigests.set(past.tick, known);
  }

  /** Equal states have equal digests, at whatever tick; different states have different ones. */
  #checkStateDigest(past: Past): void {
    const { state, draws } = this.#moments.get(past.tick) as Moment;
    const key = `${state.key()} ${draws}`;
    const digest = past.stateDigest();
    assert.equal(digest, this.#stateDigests.get(key) ?? digest, `state digest of ${past.tick}`);
    assert.equal(key, this.#keys.get(digest) ?? key, `another state has this digest`);
    this.#stateDigests.set(key, digest);
    this.#keys.set(digest, key);
  }
}
