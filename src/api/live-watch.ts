import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Runs } from "../runs/index.ts";
import type { Clock, Tick } from "../types.ts";

/** How far a run is. */
export interface LiveTick {
  readonly firstTick: Tick;
  readonly tick: Tick;
  readonly isRecording: boolean;
}

/** Looks at the runs that somebody follows: once for all who follow the same. */
export class LiveWatches {
  readonly #runs: Runs;
  readonly #clock: Clock;
  readonly #watches = new Map<string, LiveWatch>();
  #followers = 0;

  constructor(runs: Runs, clock: Clock) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /**
   * How far a run is: at once, whenever that changes, and now and then as a sign of life. Whoever takes its time gets the
   * latest, and none of those between. Ends when `signal` aborts.
   * @throws API_BUSY, what `runs.open` throws, and RUNS_MISSING also later, if the run is removed or replaced
   */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<LiveTick, void, undefined> {
    if (this.#followers >= limits.serverLiveStreams) {
      const found = `${this.#followers} streams of live ticks`;
      throw new EverytickError("API_BUSY", { found, next: "Close other pages, and try again." });
    }
    const { uuid } = this.#runs.files(id).card();
    this.#followers++;
    const watch = this.#watchOf(id, uuid);
    try {
      yield* watch.follow(signal);
    } finally {
      this.#followers--;
      if (watch.isOver && this.#watches.get(id) === watch) this.#watches.delete(id);
    }
  }

  #watchOf(id: string, uuid: string): LiveWatch {
    const known = this.#watches.get(id);
    if (known !== undefined && !known.isOver && known.uuid === uuid) return known;
    const watch = new LiveWatch(this.#runs, id, uuid, this.#clock);
    this.#watches.set(id, watch);
    return watch;
  }
}

/** The look at one run. It begins with the first who follows and ends with the last. */
class LiveWatch {
  readonly uuid: string;
  readonly #runs: Runs;
  readonly #id: string;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #latest: LiveTick | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;
  #followers = 0;
  #watching: Promise<void> | undefined;
  /** Resolves when there is something to tell, and is then replaced. */
  #news = Promise.withResolvers<void>();

  constructor(runs: Runs, id: string, uuid: string, clock: Clock) {
    this.#runs = runs;
    this.#id = id;
    this.uuid = uuid;
    this.#clock = clock;
  }

  /** Whether nobody can follow it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async *follow(signal: AbortSignal): AsyncGenerator<LiveTick, void, undefined> {
    this.#followers++;
    this.#watching ??= this.#watch();
    const wake = (): void => this.#tell();
    signal.addEventListener("abort", wake);
    let seen: LiveTick | undefined;
    try {
      while (!signal.aborted) {
        const news = this.#news.promise;
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#latest === undefined || this.#latest === seen) await news;
        else yield (seen = this.#latest);
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#followers--;
      if (this.#followers === 0) await this.#end();
    }
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    this.#stop.abort();
    await this.#watching;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #watch(): Promise<void> {
    try {
      await this.#lookOn();
    } catch (error) {
      this.#failure = { error };
      this.#isOver = true;
    }
    this.#tell();
  }

  async #lookOn(): Promise<void> {
    await using run = await this.#runs.open(this.#id);
    let [lookedAt, toldAt] = [-Infinity, -Infinity];
    let isRecording = false;
    while (!this.#stop.signal.aborted) {
      const now = this.#clock.monotonic();
      await run.refresh();
      const { firstTick, tick } = run;
      if (now - lookedAt >= limits.statusMilliseconds) {
        lookedAt = now;
        this.#checkSame();
        // Asking who holds the lock costs more than a look at the ticks, and may keep a writer waiting.
        isRecording = (await run.status()) === "recording";
      } else if (tick !== this.#latest?.tick) {
        isRecording = true;
      }
      const isNew = tick !== this.#latest?.tick || isRecording !== this.#latest.isRecording;
      if (isNew || now - toldAt >= limits.heartbeatMilliseconds) {
        toldAt = now;
        this.#latest = { firstTick, tick, isRecording };
        this.#tell();
      }
      const pause = isRecording ? limits.followMilliseconds : limits.statusMilliseconds;
      await this.#clock.sleep(pause, this.#stop.signal);
    }
  }

  /** @throws RUNS_MISSING */
  #checkSame(): void {
    const { uuid } = this.#runs.files(this.#id).card();
    if (uuid === this.uuid) return;
    const next = "Load the page again: the id was given to another run.";
    throw new EverytickError("RUNS_MISSING", { expected: this.uuid, found: uuid, next });
  }
}
