import { EverytickError, isEverytickError } from "../errors.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import type { Writer } from "../journal/writer.ts";
import type { Recorder } from "../recorder/recorder.ts";
import { advance } from "../world/stepper.ts";
import type { LiveState } from "../world/state/live-state.ts";
import type {
  Ack,
  AnyWorld,
  CommitOptions,
  Lock,
  Params,
  Ports,
  RandomStream,
  Recovery,
  RunCard,
  StateDefinition,
  StateOf,
  Tick,
} from "../types.ts";
import { Run } from "./run.ts";

/** What `record` puts together. */
export interface LiveParts {
  readonly card: RunCard;
  readonly ports: Ports;
  readonly directory: string;
  readonly journal: JournalReader;
  readonly live: LiveState;
  readonly random: RandomStream;
  readonly writer: Writer;
  readonly recorder: Recorder;
  readonly world: AnyWorld | undefined;
  readonly definition: StateDefinition;
  readonly lock: Lock;
  readonly recovery: Recovery;
  readonly firstTick: Tick;
}

/** A run that is being recorded: everything a `Run` can read, and commits. */
export class LiveRun<D extends StateDefinition = StateDefinition> extends Run<D> {
  /** The live state: engine-owned arrays and records, or the bound ones. */
  readonly state: StateOf<D>;
  readonly random: RandomStream;
  readonly params: Params;
  /** What opening found and did. */
  readonly recovery: Recovery;
  readonly #parts: LiveParts;
  #waiting: (() => void)[] = [];
  #ended = false;

  constructor(parts: LiveParts) {
    const { directory, card, journal, ports, firstTick, definition } = parts;
    // Nothing was looked at yet: what is committed may not even be written.
    super(directory, card, journal, ports, [firstTick, -1], definition);
    this.#parts = parts;
    this.state = parts.live.state as StateOf<D>;
    this.random = parts.random;
    this.params = card.params;
    this.recovery = parts.recovery;
    parts.writer.onDurable = () => this.#wake();
  }

  /** The last committed tick. */
  override get tick(): Tick {
    return this.#parts.recorder.position.tick;
  }

  /** The last tick that is durable at the run's level. */
  get durableTick(): Tick {
    return this.#parts.writer.durableTick;
  }

  get simTime(): number {
    return this.#parts.recorder.position.simTime;
  }

  get era(): string | undefined {
    return this.card.world.eras[this.#parts.recorder.position.era];
  }

  /** Bytes of history that this process appended. */
  get bytesWritten(): number {
    return this.#parts.writer.bytesWritten;
  }

  /** Committed ticks that are not durable yet. */
  get unacknowledged(): number {
    return this.#parts.recorder.unacknowledged;
  }

  /**
   * Records the state, or explicit changes, as the next tick. Everything is copied before this returns its promise,
   * which resolves when at most `window` ticks are unacknowledged. A tick that is recorded already is compared with it.
   * @throws RECORDER_TICK, RECORDER_HOLE, RECORDER_CONFLICT, RECORDER_CHANGES, RECORDER_BUSY, RECORDER_CLOSED,
   *   WORLD_ARRAY, WORLD_VALUE, WORLD_KEY, WORLD_ROWS, WORLD_STATIC, WORLD_THREW, JOURNAL_WRITE, JOURNAL_POISONED
   */
  async commit(options: CommitOptions<D> = {}): Promise<Ack> {
    return this.#parts.recorder.commit(options as CommitOptions<StateDefinition>);
  }

  /**
   * Advances the run's world by `count` ticks and commits each.
   * @throws WORLD_MISSING, WORLD_THREW (the state is then that of the last commit), and what `commit` throws
   */
  async step(count = 1): Promise<Ack> {
    const { world } = this.#parts;
    if (world === undefined) {
      const next = "Record with { world }, or commit the states yourself.";
      throw new EverytickError("WORLD_MISSING", { where: `run ${this.id}`, next });
    }
    if (!Number.isSafeInteger(count) || count < 1) {
      const expected = "a whole number from 1 on";
      throw new EverytickError("RECORDER_OPTION", {
        where: "step(count)",
        expected,
        found: String(count),
      });
    }
    let ack: Ack | undefined;
    for (let done = 0; done < count; done++) {
      ack = await this.#stepOnce(world);
    }
    return ack as Ack;
  }

  async #stepOnce(world: AnyWorld): Promise<Ack> {
    const { live, recorder, writer } = this.#parts;
    try {
      advance(world, live.state, recorder.nextTick, this.random, this.params);
      return await recorder.commit({});
    } catch (error) {
      // After a failed write nobody knows what the last commit was.
      const isOfDisk = isEverytickError(error) && error.code.startsWith("JOURNAL_");
      if (!isOfDisk) live.load(writer.borrowReplica());
      throw error;
    }
  }

  /** Resolves when every committed tick is durable. */
  async flush(): Promise<Ack> {
    return this.#parts.recorder.flush();
  }

  /** Declares the ticks up to `until`, included, as missing, with the reason. */
  async gap({ until, reason }: { readonly until: Tick; readonly reason: string }): Promise<Ack> {
    return this.#parts.recorder.gap(until, reason);
  }

  /** Flushes, marks the run as closed in good order and lets go of its lock. */
  override async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { recorder, lock } = this.#parts;
    try {
      await recorder.close();
    } finally {
      await super.close();
      lock.release();
      this.#wake();
    }
  }

  override async refresh(): Promise<void> {
    await this.publish();
    await super.refresh();
  }

  protected override async publish(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#parts.writer.publish();
    } catch (error) {
      // After a failed write what was acknowledged can still be read.
      if (!isEverytickError(error, "JOURNAL_POISONED")) throw error;
    }
  }

  protected override followLimit(): Tick {
    return this.durableTick;
  }

  protected override async waitForMore(tick: Tick, signal: AbortSignal | undefined): Promise<void> {
    // What became durable while nobody waited wakes nobody.
    if (this.#ended || this.durableTick > tick) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
