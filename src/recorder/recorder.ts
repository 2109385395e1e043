import { EverytickError } from "../errors.ts";
import type { Layout } from "../format/layout.ts";
import type { Image } from "../format/image.ts";
import { limits } from "../limits.ts";
import type {
  Ack,
  Clock,
  Codecs,
  CommitOptions,
  Durability,
  StateDefinition,
  Tick,
  WorldSchema,
} from "../types.ts";
import type { LiveState } from "../world/state/live-state.ts";
import { callUserCode } from "../world/user-code.ts";
import { planChanges } from "./explicit-changes.ts";
import type { Sink, StoreInput, TickInput } from "./sink.ts";
import { StaticGuard } from "./static-guard.ts";

export interface RecorderOptions {
  readonly sink: Sink;
  readonly live: LiveState;
  readonly definition: StateDefinition;
  readonly schema: WorldSchema;
  readonly clock: Clock;
  readonly durability: Durability;
  readonly window: number;
  readonly sparse: boolean;
  readonly capture: ((state: never) => void) | undefined;
  readonly codecs: Codecs;
  /** The state of the last commit; changes with the next. */
  readonly committed: () => Image;
  /** Compares a tick that is recorded already with what is committed for it again. @throws RECORDER_CONFLICT */
  readonly compareRecorded: (tick: Tick, given: CommittedAgain) => Promise<void>;
}

/** Whole states, whose bits stay as they are, or explicit changes as they were given. */
export type CommittedAgain =
  { readonly stores: readonly StoreInput[] } | { readonly changes: object };

/** Where a recorder stands: nothing recorded (-1), or the last tick of a resumed run. */
export interface RecorderPosition {
  readonly tick: Tick;
  readonly lastGapTick: Tick;
  readonly era: number;
  readonly simTime: number;
}

/** Takes the state after each tick, hands it to the sink, and resolves commits by the window. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #layout: Layout;
  readonly #static: StaticGuard;
  #position: RecorderPosition;
  #unacknowledged = 0;
  #busy = false;
  #closed = false;
  #lastYield: number;

  constructor(options: RecorderOptions, position: RecorderPosition) {
    this.#options = options;
    this.#layout = options.live.layout;
    this.#position = position;
    this.#static = new StaticGuard(options.codecs, options.live);
    if (position.tick !== -1) this.#beginAnew();
    this.#lastYield = options.clock.monotonic();
  }

  get position(): RecorderPosition {
    return this.#position;
  }

  /** Appended ticks that are not durable yet. */
  get unacknowledged(): number {
    return this.#unacknowledged;
  }

  /** @throws RECORDER_CLOSED, RECORDER_BUSY */
  async commit(options: CommitOptions<StateDefinition>): Promise<Ack> {
    return this.#exclusive(async () => {
      const tick = options.tick ?? this.nextTick;
      this.#checkTick(tick);
      const { simTime, wallTime, era } = this.#facts(tick, options);
      if (tick <= this.#position.tick) {
        return this.#commitAgain(tick, options.changes);
      }
      const stores = this.#stores(options.changes);
      this.#options.sink.append({ tick, simTime, wallTime, era, stores });
      this.#options.live.settle(stores.map(({ store }) => store));
      this.#endTick();
      this.#position = { tick, lastGapTick: tick, era, simTime };
      this.#unacknowledged += 1;
      if (this.#unacknowledged > this.#options.window) await this.#flush();
      await this.#yieldInTime();
      return this.#ack(tick);
    });
  }

  /** Declares the ticks up to `until`, included, as missing. */
  async gap(until: Tick, reason: string): Promise<Ack> {
    return this.#exclusive(async () => {
      if (!Number.isSafeInteger(until) || until < this.nextTick) {
        throw badTick(until, `a tick from ${this.nextTick} on`);
      }
      // The tick behind the gap must still be within reach.
      this.#checkDistance(until + 1);
      checkReason(reason);
      this.#options.sink.appendGap({
        lastTick: until,
        wallTime: this.#options.clock.wallTime(),
        reason,
      });
      this.#position = { ...this.#position, lastGapTick: until };
      await this.#flush();
      return this.#ack();
    });
  }

  async flush(): Promise<Ack> {
    return this.#exclusive(async () => {
      await this.#flush();
      return this.#ack();
    });
  }

  /** Flushes and ends; further calls are refused. Closing twice does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#options.sink.close();
  }

  /** One call at a time: order is history, and two at once have none. */
  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new EverytickError("RECORDER_CLOSED", { next: "Open the run again." });
    if (this.#busy) {
      throw new EverytickError("RECORDER_BUSY", { next: "Await each commit before the next." });
    }
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** The tick that a commit makes by default: behind the last one and any gap. */
  get nextTick(): Tick {
    return Math.max(this.#position.tick, this.#position.lastGapTick) + 1;
  }

  #checkTick(tick: Tick): void {
    if (!Number.isSafeInteger(tick) || tick < 0)
      throw badTick(tick, "a whole number from 0 to 2^53 − 1");
    const next = this.nextTick;
    const { tick: last, lastGapTick } = this.#position;
    if (last !== -1) this.#checkDistance(tick);
    if (tick > last && tick <= lastGapTick) {
      throw new EverytickError("RECORDER_CONFLICT", {
        where: `tick ${tick}`,
        expected: "a tick that was not declared missing",
        found: `a gap up to tick ${lastGapTick}`,
        next: `Go on with tick ${next}.`,
      });
    }
    const isFirst = last === -1;
    if (tick <= next || this.#options.sparse || isFirst) return;
    throw new EverytickError("RECORDER_HOLE", {
      expected: `tick ${next}`,
      found: `tick ${tick}`,
      next: "Commit each tick, declare a gap, or record the run with `sparse: true`.",
    });
  }

  #checkDistance(tick: Tick): void {
    const farthest = this.#position.tick + limits.tickDistance;
    if (tick > farthest) throw badTick(tick, `a tick up to ${farthest}`);
  }

  #facts(
    tick: Tick,
    { simTime, wallTime, era }: CommitOptions<StateDefinition>,
  ): Omit<TickInput, "stores"> {
    return {
      tick,
      simTime: finite(simTime ?? tick, "simTime"),
      wallTime: finite(wallTime ?? this.#options.clock.wallTime(), "wallTime"),
      era: era === undefined ? this.#position.era : this.#eraNumber(era),
    };
  }

  #stores(changes: object | undefined): StoreInput[] {
    if (changes !== undefined) return this.#explicit(changes);
    this.#capture();
    if (this.#position.tick === -1) return this.#wholeState(() => true);
    this.#static.check();
    return this.#layout.stores
      .filter(({ columns, lifetime }) => columns.length > 0 && !lifetime.isStatic)
      .map(({ number }) => this.#changedStore(number));
  }

  /** Where it is known what may have changed, nothing else is looked at. */
  #changedStore(store: number): StoreInput {
    const changes = this.#options.live.storeChanges(store);
    return changes === undefined ? this.#wholeStore(store) : { store, changes };
  }

  /** What a log holds for a recorded tick is not for the next one, also where the tick is refused. */
  async #commitAgain(tick: Tick, changes: object | undefined): Promise<Ack> {
    try {
      await this.#options.compareRecorded(tick, this.#again(changes));
      return this.#ack(tick);
    } finally {
      this.#options.live.endTick();
    }
  }

  /** The comparison waits for the disk; the state may go on meanwhile. */
  #again(changes: object | undefined): CommittedAgain {
    if (changes !== undefined) return { changes };
    this.#capture();
    return { stores: this.#wholeState((isStatic) => !isStatic).map(ownCopy) };
  }

  #wholeState(isTaken: (isStatic: boolean) => boolean): StoreInput[] {
    return this.#layout.stores
      .filter(({ columns, lifetime }) => columns.length > 0 && isTaken(lifetime.isStatic))
      .map(({ number }) => this.#wholeStore(number));
  }

  #wholeStore(store: number): StoreInput {
    return { store, state: this.#options.live.captureStore(store) };
  }

  #explicit(changes: object): StoreInput[] {
    const { definition, live } = this.#options;
    const explicit = planChanges(changes, definition, live)();
    const logs = this.#layout.stores.filter(({ lifetime }) => lifetime.rows === "tick");
    // Random streams are drawn from by the engine's own code, so their state is always looked at.
    const whole = [...logs.map(({ number }) => number), this.#layout.randomStore];
    const others = explicit.filter(({ store }) => !whole.includes(store));
    return [...others, ...whole.map((store) => this.#wholeStore(store))].sort(
      (a, b) => a.store - b.store,
    );
  }

  /** From here on the next tick is made. */
  #endTick(): void {
    if (this.#position.tick === -1) this.#beginAnew();
    else this.#options.live.endTick();
  }

  /** The same where static stores are what they are to stay. */
  #beginAnew(): void {
    this.#options.live.endTick();
    this.#static.check();
  }

  #capture(): void {
    const { capture, live, committed } = this.#options;
    if (capture === undefined) return;
    try {
      callUserCode("capture", "Nothing of this tick was recorded.", () =>
        capture(live.state as never),
      );
    } catch (error) {
      // Half of a capture must not be taken for the whole: the engine's own stores are those of the last commit.
      if (this.#position.tick !== -1) live.loadOwned(committed());
      throw error;
    }
  }

  #eraNumber(era: string): number {
    const { eras } = this.#options.schema;
    const number = eras.indexOf(era);
    if (number !== -1) return number;
    const expected = eras.length === 0 ? "no era, since the world has none" : eras.join(", ");
    throw new EverytickError("RECORDER_OPTION", {
      where: "era",
      expected,
      found: typeof era === "string" ? era : typeof era,
    });
  }

  async #flush(): Promise<void> {
    await this.#options.sink.flush();
    this.#unacknowledged = 0;
  }

  #ack(tick: Tick = this.#position.tick): Ack {
    const { durability, sink } = this.#options;
    return { tick, durableTick: sink.durableTick, durability };
  }

  /** A loop of commits that never wait would starve timers, signals and sockets. */
  async #yieldInTime(): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#lastYield < limits.yieldMilliseconds) return;
    await clock.yield();
    this.#lastYield = clock.monotonic();
  }
}

function badTick(tick: unknown, expected: string): EverytickError {
  return new EverytickError("RECORDER_TICK", { expected, found: String(tick) });
}

function finite(value: number, where: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const expected = "a finite number";
  throw new EverytickError("RECORDER_OPTION", { where, expected, found: String(value) });
}

function checkReason(reason: unknown): void {
  const { gapReasonLength } = limits;
  const isText = typeof reason === "string" && reason.isWellFormed();
  if (isText && reason.length <= gapReasonLength) return;
  const expected = `a text of at most ${gapReasonLength} characters`;
  const found = typeof reason === "string" ? `${reason.length} characters` : typeof reason;
  throw new EverytickError("RECORDER_OPTION", { where: "reason", expected, found });
}

/** A store whose bits do not change with the live ones. */
function ownCopy(input: StoreInput): StoreInput {
  if (!("state" in input)) return input;
  const state = input.state.map(({ bytes, values }) => {
    return { bytes: bytes.slice(), values: [...values] };
  });
  return { store: input.store, state };
}
