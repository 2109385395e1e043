import { EverytickError } from "../errors.ts";
import type { Layout } from "../format/layout.ts";
import { limits } from "../limits.ts";
import type {
  Ack,
  Clock,
  CommitOptions,
  Durability,
  StateDefinition,
  Tick,
  WorldSchema,
} from "../types.ts";
import type { LiveState } from "../world/live-state.ts";
import { callUserCode } from "../world/user-code.ts";
import { explicitChanges } from "./explicit-changes.ts";
import type { Sink, StoreInput, TickInput } from "./sink.ts";

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
  /** Compares a tick that is recorded already with one that is committed again. @throws RECORDER_CONFLICT */
  readonly compareRecorded: (input: TickInput, isExplicit: boolean) => Promise<void>;
}

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
  #position: RecorderPosition;
  #unacknowledged = 0;
  #busy = false;
  #closed = false;
  #lastYield: number;

  constructor(options: RecorderOptions, position: RecorderPosition) {
    this.#options = options;
    this.#layout = options.live.layout;
    this.#position = position;
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
      const input = this.#input(tick, options);
      if (tick <= this.#position.tick) {
        // The comparison waits for the disk; the state may go on meanwhile.
        await this.#options.compareRecorded(ownCopy(input), options.changes !== undefined);
        return this.#ack(tick);
      }
      this.#options.sink.append(input);
      if (options.changes !== undefined) this.#writeToLive(input.stores);
      const { simTime, era } = input;
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

  #input(
    tick: Tick,
    { changes, simTime, wallTime, era }: CommitOptions<StateDefinition>,
  ): TickInput {
    const { clock } = this.#options;
    if (changes === undefined) this.#capture();
    const stores = changes === undefined ? this.#wholeState() : this.#explicit(changes);
    return {
      tick,
      simTime: finite(simTime ?? tick, "simTime"),
      wallTime: finite(wallTime ?? clock.wallTime(), "wallTime"),
      era: era === undefined ? this.#position.era : this.#eraNumber(era),
      stores,
    };
  }

  #wholeState(): StoreInput[] {
    return this.#options.live.capture().map((state, store) => ({ store, state }));
  }

  #wholeStore(store: number): StoreInput {
    return { store, state: this.#options.live.captureStore(store) };
  }

  #explicit(changes: object): StoreInput[] {
    const explicit = explicitChanges(changes, this.#options.definition, this.#layout);
    // Random streams are drawn from by the engine's own code, so their state is always looked at.
    return [...explicit, this.#wholeStore(this.#layout.randomStore)];
  }

  #writeToLive(stores: readonly StoreInput[]): void {
    for (const input of stores) {
      if ("changes" in input) this.#options.live.write(input.store, input.changes);
    }
  }

  #capture(): void {
    const { capture, live } = this.#options;
    if (capture === undefined) return;
    callUserCode("capture", "Nothing of this tick was recorded.", () =>
      capture(live.state as never),
    );
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

/** A tick whose states do not change with the live ones. */
function ownCopy(input: TickInput): TickInput {
  const stores = input.stores.map((store) => {
    if (!("state" in store)) return store;
    const state = store.state.map(({ bytes, values }) => ({ bytes: bytes.slice(), values }));
    return { store: store.store, state };
  });
  return { ...input, stores };
}
