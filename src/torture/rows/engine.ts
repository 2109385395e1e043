import { isEverytickError } from "../../errors.ts";
import {
  Chance,
  everythingIsTorn,
  everythingSurvives,
  ManualClock,
  mixture,
  nothingSurvives,
  SimFs,
  simOperations,
} from "../../testing/index.ts";
import type { Clock, Codecs } from "../../types.ts";
import { herdWorkload } from "../herd.ts";
import { expect, Oracle } from "../oracle.ts";
import { randomWorkload } from "../random-workload.ts";
import {
  isDone,
  none,
  type Row,
  type RowContext,
  type RowResult,
  type Seeds,
  Tally,
} from "../row.ts";
import { randomActions } from "../sequences.ts";
import { Sometimes } from "../sometimes.ts";
import { actions, Session } from "../workload.ts";

const codes = ["EIO", "ENOSPC", "EDQUOT", "EMFILE", "EROFS", "SHORT"] as const;
const operations = simOperations.filter(
  (operation) => !["remove", "close", "lock"].includes(operation),
);

/** What lives have met together. */
class Coverage {
  readonly sometimes = new Sometimes();
  readonly fired = new Map<string, number>();
  crashes = 0;
  simulatedMilliseconds = 0;

  take(disk: SimFs): void {
    for (const [fault, count] of disk.faults.fired) {
      this.fired.set(fault, (this.fired.get(fault) ?? 0) + count);
    }
  }

  /** Codes and operations of which no fault ever came. */
  get unfired(): string[] {
    const names = [...this.fired.keys()];
    const silentCodes = codes.filter((code) => !names.some((name) => name.startsWith(`${code} `)));
    const silent = operations.filter(
      (operation) => !names.some((name) => name.endsWith(` ${operation}`)),
    );
    return [...silentCodes, ...silent];
  }
}

/** One life of an engine: a random simulation on a slow disk that fails, fills up and loses power. */
class Life {
  readonly #chance: Chance;
  readonly #clock = new ManualClock();
  readonly #oracle: Oracle;
  readonly #session: Session;
  readonly #coverage: Coverage;
  #trace = 0;

  constructor(seed: number, codecs: Codecs, coverage: Coverage) {
    const chance = (this.#chance = new Chance(seed));
    this.#coverage = coverage;
    const workload = randomWorkload(chance.next());
    const slow = new Chance(chance.next());
    const disk = new SimFs({
      blockBytes: chance.pick([512, 4096]),
      clock: this.#clock,
      latency: (operation) => (operation === "sync" ? slow.below(2000) : 0),
    });
    this.#oracle = new Oracle(workload, codecs);
    const window = chance.pick([0, 1, 4, 20]);
    this.#session = new Session(disk, workload, codecs, { window, clock: this.#clock });
  }

  /** @returns a number that is the same for the same life. */
  async live(): Promise<number> {
    const steps = 10 + this.#chance.below(25);
    if (this.#chance.chance(0.2)) await this.#loseInRecovery();
    for (let step = 0; step < steps; step++) await this.#step();
    await this.#losePower();
    this.#coverage.simulatedMilliseconds += this.#clock.monotonic() - new ManualClock().monotonic();
    return this.#trace;
  }

  async #step(): Promise<void> {
    const chance = this.#chance;
    const session = this.#session;
    if (chance.chance(0.12)) this.#inject();
    // What is done at an opening alone would else be met too rarely.
    if (session.run === undefined && chance.chance(0.3)) this.#injectAtOnce();
    if (chance.chance(0.12)) this.#heal();
    if (chance.chance(0.1)) return this.#losePower();
    if (session.run !== undefined && chance.chance(0.1)) return this.#loseInWrite();
    if (chance.chance(0.05)) return session.kill();
    const action =
      session.run === undefined ? "resume" : chance.pick([...actions, "commit", "commit"] as const);
    await this.#attempt(action, async () => session.do(action));
  }

  /** Whatever the engine refuses, it refuses with an error of its own; the caller then starts anew. */
  async #attempt(action: (typeof actions)[number], work: () => Promise<void>): Promise<void> {
    const { sometimes } = this.#coverage;
    try {
      await work();
    } catch (error) {
      expect(isEverytickError(error), `${action}: an error without a code: ${String(error)}`);
      sometimes.met("a handle was poisoned", error.code === "JOURNAL_WRITE");
      const { run } = this.#session;
      this.#session.run = undefined;
      await run?.close().catch(() => undefined);
      sometimes.met(
        "a commit was refused and the run went on after a restart",
        action === "commit",
      );
      return;
    }
    sometimes.met("a segment was rolled", action === "rotate");
    sometimes.met("a run was closed in good order", action === "close");
    sometimes.met("a gap was declared", action === "gap");
  }

  #inject(): void {
    const { disk } = this.#session;
    const chance = this.#chance;
    const code = chance.pick(codes);
    const isOne = chance.chance(0.7);
    const at = isOne ? chance.pick([0, 0, 1, 4]) : chance.below(30);
    const only = code === "SHORT" ? (["range"] as const) : [chance.pick(operations)];
    const isSticky = chance.chance(0.3);
    disk.faults.inject(
      isOne || code === "SHORT" ? { code, at, isSticky, operations: only } : { code, at, isSticky },
    );
  }

  #injectAtOnce(): void {
    const [code, operation] = [this.#chance.pick(codes), this.#chance.pick(operations)];
    if (code === "SHORT") return;
    this.#session.disk.faults.inject({ code, at: 0, operations: [operation] });
  }

  #heal(): void {
    this.#session.disk.faults.heal();
  }

  async #losePower(): Promise<void> {
    const session = this.#session;
    const { sometimes } = this.#coverage;
    const { issued, acknowledged } = session.promised;
    this.#coverage.crashes += 1;
    this.#coverage.take(session.disk);
    this.#trace = (Math.imul(this.#trace, 31) + session.disk.trace.hash) >>> 0;
    session.losePower(this.#chance.chance(0.2) ? everythingIsTorn : mixture(this.#chance));
    if (this.#chance.chance(0.2)) await this.#loseInRecovery();
    const left = session.disk.afterPowerLoss(everythingSurvives);
    const { tick, resumed, tornBytes } = await this.#oracle.check(left, session.promised);
    sometimes.met("ticks that were not acknowledged were lost", tick < (issued.at(-1) ?? -1));
    sometimes.met("a tick that was not acknowledged survived", resumed && tick > acknowledged);
    sometimes.met("a torn tail was kept aside", tornBytes > 0);
    sometimes.met("a run began anew", !resumed && issued.length > 0);
  }

  /** Between the write of a tick and its sync there is something to tear. */
  async #loseInWrite(): Promise<void> {
    const { disk } = this.#session;
    const action = this.#chance.pick(["commit", "flush", "gap"] as const);
    let changes = this.#chance.below(2);
    disk.onChange = () => {
      if (changes-- <= 0) throw Object.assign(new Error("power is lost"), { code: "EIO" });
    };
    await this.#attempt(action, async () => this.#session.do(action));
    disk.onChange = () => undefined;
    await this.#losePower();
  }

  async #loseInRecovery(): Promise<void> {
    const session = this.#session;
    let changes = this.#chance.below(12);
    session.disk.onChange = () => {
      if (changes-- === 0) throw Object.assign(new Error("power is lost"), { code: "EIO" });
    };
    await session.open().catch(() => undefined);
    session.disk.onChange = () => undefined;
    this.#coverage.sometimes.met("power was lost during a recovery", changes < 0);
    session.losePower(mixture(this.#chance));
  }
}

/** Every so many seeds are lived twice, to see that a seed replays exactly. */
const replayEvery = 16;

async function liveMany(context: RowContext, seeds: Seeds, tally: Tally): Promise<Coverage> {
  const coverage = new Coverage();
  for await (const seed of seeds) {
    if (isDone(context, tally)) break;
    await tally.try(seed, "a life", async () => {
      const trace = await new Life(seed, context.codecs, coverage).live();
      if (seed % replayEvery !== 0) return;
      const again = await new Life(seed, context.codecs, new Coverage()).live();
      expect(trace === again, "the seed does not replay exactly");
    });
  }
  return coverage;
}

async function wholeEngine(context: RowContext): Promise<RowResult> {
  const tally = new Tally("seed");
  const { crashes, simulatedMilliseconds } = await liveMany(context, context.seeds, tally);
  tally.count("crash", crashes);
  tally.count("simulated minute", Math.round(simulatedMilliseconds / 60_000));
  return tally.result();
}

/** Lives in which everything must have been met once: they are counted together. */
const coveringLives = { pr: 45, nightly: 500, release: 500 };

async function coverageOfFaults(context: RowContext): Promise<RowResult> {
  const tally = new Tally("seed");
  const seeds = Array.from({ length: coveringLives[context.tier] }, (_, i) => context.seed + i);
  const { sometimes, fired, unfired } = await liveMany(context, seeds, tally);
  for (const name of sometimes.never) tally.add(context.seed, "sometimes", `never: ${name}`);
  for (const name of unfired) tally.add(context.seed, "faults", `never fired: ${name}`);
  tally.count("kind of fault", fired.size);
  tally.count("kind of event", sometimes.counts.size - sometimes.never.length);
  return tally.result("each of them met");
}

const hour = 3_600_000;
const year = 365.25 * 24 * hour;

/** A clock on the wall that jumps; the steady one goes on. */
class JumpingClock implements Clock {
  readonly #steady = new ManualClock();
  offset = 0;

  wallTime(): number {
    return this.#steady.wallTime() + this.offset;
  }

  monotonic(): number {
    return this.#steady.monotonic();
  }

  async yield(): Promise<void> {
    return this.#steady.yield();
  }

  async sleep(milliseconds: number): Promise<void> {
    return this.#steady.sleep(milliseconds);
  }
}

async function clockJumps(context: RowContext): Promise<RowResult> {
  const tally = new Tally("session");
  const oracle = new Oracle(herdWorkload, context.codecs);
  for await (const seed of context.seeds) {
    if (isDone(context, tally)) break;
    const chance = new Chance(seed);
    const clock = new JumpingClock();
    const session = new Session(new SimFs(), herdWorkload, context.codecs, { clock });
    await tally.try(seed, "jumps between all actions", async () => {
      for (const action of ["resume", ...randomActions(chance, 8)] as const) {
        clock.offset += chance.pick([-hour, hour, -10 * year, 10 * year, -1000, -1000, 0]);
        await session.do(action);
      }
      await oracle.check(session.disk.afterPowerLoss(nothingSurvives), session.promised);
    });
  }
  return tally.result();
}

export const engineRows: readonly Row[] = [
  {
    id: "D1",
    title: "a wall clock that jumps hours and years, both ways",
    cases: { pr: 15, nightly: 2000, release: 10_000 },
    run: clockJumps,
  },
  {
    id: "D6",
    title: "whole lives: random state, faults, crashes, one seed each",
    cases: { pr: 20, nightly: 2000, release: 10_000 },
    run: wholeEngine,
  },
  {
    id: "D7",
    title: "every kind of fault came, every event that should sometimes happen did",
    cases: none,
    run: coverageOfFaults,
  },
];
