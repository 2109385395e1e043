import { EverytickError } from "../errors.ts";
import { bytesOfHex, hexOf } from "../format/bytes.ts";
import { schemaHashOf } from "../format/digest.ts";
import { ancillaryBit, FrameKind } from "../format/frame.ts";
import { fixedBytes, layoutOf, rowBytes } from "../format/layout.ts";
import { segmentHeaderBytes } from "../format/segment.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import { type JournalIdentity, JournalReader } from "../journal/journal-reader.ts";
import { limits } from "../limits.ts";
import { activityOf, type Activity, type ActivityOptions } from "../timeline/activity.ts";
import { changesAt } from "../timeline/changes-at.ts";
import { logRows } from "../timeline/log-rows.ts";
import { pastAt, type PastOf } from "../timeline/past.ts";
import { noteOf } from "../timeline/notes.ts";
import { walk } from "../timeline/play.ts";
import { recordedSizes } from "../timeline/recorded-sizes.ts";
import { scrub } from "../timeline/scrub.ts";
import { StateDigests } from "../timeline/state-digests.ts";
import { Timeline, type TimelineIdentity } from "../timeline/timeline.ts";
import { verifyJournal, type VerifyOptions } from "../timeline/verify.ts";
import type {
  Change,
  Columns,
  FollowOptions,
  LogEntry,
  LogOptions,
  LogStore,
  Past,
  PastStateOf,
  PlayOptions,
  Ports,
  RecordedSizes,
  RunCard,
  RunFacts,
  RunStatus,
  ScrubEvent,
  ScrubOptions,
  SeekOptions,
  SeriesOptions,
  SeriesPoint,
  StateDefinition,
  Tick,
  VerifyReport,
} from "../types.ts";
import { cardBytes } from "./card.ts";
import { folderBytes, segmentFiles } from "./segment-files.ts";
import { strayFiles } from "./stray-files.ts";

type ColumnsOfLog<S> = S extends LogStore<infer C> ? C : Columns;

/** A recorded run, open for reading. Reading needs no lock and never changes a file. */
export class Run<D extends StateDefinition = StateDefinition> implements AsyncDisposable {
  readonly id: string;
  readonly card: RunCard;
  protected readonly ports: Ports;
  protected readonly directory: string;
  protected readonly journal: JournalReader;
  protected readonly identity: TimelineIdentity;
  readonly #shown: PastOf;
  /** Shared by single looks; made at the first, since it holds a whole state. */
  #timeline: Timeline | undefined;
  /** Ends when the last call that moves the shared timeline has ended. */
  #queue: Promise<unknown> = Promise.resolve();
  #firstTick: Tick;
  #tick: Tick;
  #isClosed = false;
  /** Called when the run is closed. */
  onClose: (() => void) | undefined;

  protected constructor(
    directory: string,
    card: RunCard,
    journal: JournalReader,
    ports: Ports,
    range: readonly [Tick, Tick],
    definition?: StateDefinition,
  ) {
    this.id = card.id;
    this.card = card;
    this.ports = ports;
    this.directory = directory;
    this.journal = journal;
    this.identity = {
      layout: layoutOf(card.world),
      schemaHash: schemaHashOf(card.world),
    };
    const digests = new StateDigests(ports.codecs, this.identity.schemaHash);
    this.#shown = { schema: card.world, definition, digests };
    [this.#firstTick, this.#tick] = range;
  }

  /** Opens the run in a folder for reading. */
  static async open(
    directory: string,
    card: RunCard,
    ports: Ports,
    definition?: StateDefinition,
  ): Promise<Run> {
    const journal = await openJournal(directory, card, ports);
    const [first, last] = [await journal.firstStep(), await journal.lastStep()];
    if (first === undefined || last === undefined) {
      const damage = await journal.damage();
      await journal.close();
      throw (
        damage ??
        new EverytickError("RUNS_MISSING", { where: directory, found: "no recorded tick" })
      );
    }
    return new Run(directory, card, journal, ports, [first.tick, last.tick], definition);
  }

  /** The first recorded tick. */
  get firstTick(): Tick {
    return this.#firstTick;
  }

  /** The last recorded tick, as of the last look at the journal. */
  get tick(): Tick {
    return this.#tick;
  }

  /** Looks for ticks that were recorded since. */
  async refresh(): Promise<void> {
    await this.journal.refresh();
    this.#firstTick = (await this.journal.firstStep())?.tick ?? this.#firstTick;
    this.#tick = (await this.journal.lastStep())?.tick ?? this.#tick;
  }

  /**
   * The state at a tick; the caller's own copy.
   * @throws TIMELINE_TICK, TIMELINE_GAP, JOURNAL_DAMAGED, and with `verify` TIMELINE_DIGEST
   */
  async at(tick: Tick, options: SeekOptions = {}): Promise<Past<D>> {
    return this.#at(tick, options, (timeline) => pastAt<D>(timeline, this.#shown, false));
  }

  /**
   * What a function makes of the state at a tick. Nothing is copied for it: it must not keep what it is given.
   * @throws as `at`
   */
  async read<T>(tick: Tick, make: (past: Past<D>) => T, options: SeekOptions = {}): Promise<T> {
    return this.#at(tick, options, (timeline) => make(pastAt<D>(timeline, this.#shown, true)));
  }

  /** The recorded ticks from `from` to `to`, both included, forwards or backwards. */
  async *play(options: PlayOptions = {}): AsyncGenerator<Past<D>, void, undefined> {
    const { reuse = false } = options;
    const { to = Number.MAX_SAFE_INTEGER, from = 0 } = options;
    await this.#look(from > to ? from : to);
    const timeline = new Timeline(this.journal, this.identity);
    for await (const _ of walk(this.journal, timeline, options, this.ports.clock)) {
      yield pastAt<D>(timeline, this.#shown, reuse);
    }
  }

  /**
   * Each tick as it is recorded, from `from` on; here or by another process. Ends when the run is closed in good order,
   * and quietly when `signal` aborts.
   */
  async *follow({ from, signal }: FollowOptions = {}): AsyncGenerator<Past<D>, void, undefined> {
    const timeline = new Timeline(this.journal, this.identity);
    let tick = (from ?? this.tick + 1) - 1;
    try {
      for (;;) {
        if (signal?.aborted === true) return;
        const step = await this.journal.stepAfter(tick);
        if (step !== undefined && step.tick <= this.followLimit()) {
          tick = step.tick;
          await timeline.seek(tick);
          yield pastAt<D>(timeline, this.#shown, false);
          continue;
        }
        if (await this.#isOver(tick)) return;
        await this.waitForMore(tick, signal);
        await this.refresh();
      }
    } finally {
      // Looking once more may have opened files that `close` had closed.
      if (this.#isClosed) await this.journal.close();
    }
  }

  /** What a tick changed; the random streams left out. For the first tick: all that differs from nothing. */
  async changesAt(tick: Tick, options: SeekOptions = {}): Promise<Change[]> {
    return this.#inTurn(async () => {
      await this.#look(tick);
      const timeline = (this.#timeline ??= new Timeline(this.journal, this.identity));
      return changesAt(timeline, tick, this.card.world, options);
    });
  }

  /**
   * How much the ticks from `from` to `to`, both included, changed: exact in every bucket, from the indexes alone.
   * @throws TIMELINE_TICK, RECORDER_OPTION
   */
  async activity(options: ActivityOptions): Promise<Activity> {
    await this.#look(options.to ?? Number.MAX_SAFE_INTEGER);
    return activityOf(this.journal, options);
  }

  /**
   * What a function of the state gives, tick by tick, in either direction. The state that it is given changes with the next
   * tick: it must not keep it.
   * @throws RECORDER_OPTION, and what `play` throws
   */
  async *series<T>(
    measure: (state: PastStateOf<D>, tick: Tick) => T,
    { every = 1, ...options }: SeriesOptions = {},
  ): AsyncGenerator<SeriesPoint<T>, void, undefined> {
    if (!Number.isSafeInteger(every) || every < 1) {
      const expected = "a whole number from 1 on";
      throw new EverytickError("RECORDER_OPTION", {
        where: "every",
        expected,
        found: String(every),
      });
    }
    let count = 0;
    for await (const { state, tick } of this.play({ ...options, reuse: true })) {
      if (count++ % every === 0) yield { tick, value: measure(state, tick) };
    }
  }

  /**
   * The rows of a log with their ticks, in either direction, without rebuilding any state.
   * @throws RUNS_STORE, TIMELINE_TICK, JOURNAL_DAMAGED
   */
  async *log<N extends keyof D & string>(
    name: N,
    options: LogOptions = {},
  ): AsyncGenerator<LogEntry<ColumnsOfLog<D[N]>>, void, undefined> {
    const { from = 0, to = Number.MAX_SAFE_INTEGER } = options;
    await this.#look(Math.max(from, to));
    const rows = logRows(this.journal, this.identity, name, options, this.ports.clock);
    for await (const entry of rows) yield entry as LogEntry<ColumnsOfLog<D[N]>>;
  }

  /** Reads every byte of history, replays every tick, checks every checksum and digest. Damage is reported, not thrown. */
  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    await this.#look(Number.MAX_SAFE_INTEGER);
    const { world, worldHash, sparse } = this.card;
    const identity = { ...this.identity, world, worldHash, sparse };
    const report = await verifyJournal(this.journal, identity, options, this.ports.clock);
    return { ...report, strays: strayFiles(this.ports.vfs, this.directory) };
  }

  /**
   * Checks the checksums of everything that is recorded, over and over within a budget, until `signal` aborts or the run is
   * closed. For processes that live long: damage is found within one pass.
   * @throws RECORDER_OPTION
   */
  async *scrub(options: ScrubOptions = {}): AsyncGenerator<ScrubEvent, void, undefined> {
    const { bytesPerSecond = 1 } = options;
    if (!Number.isFinite(bytesPerSecond) || bytesPerSecond <= 0) {
      const [where, expected] = ["bytesPerSecond", "a number above 0"];
      const found = String(bytesPerSecond);
      throw new EverytickError("RECORDER_OPTION", { where, expected, found });
    }
    const { journal } = this;
    const refresh = async (): Promise<void> => this.refresh();
    const isClosed = (): boolean => this.#isClosed;
    yield* scrub({ journal, clock: this.ports.clock, refresh, isClosed }, options);
  }

  /** What the bytes of the recording are spent on, by frame, column and encoding. */
  async sizes(): Promise<RecordedSizes> {
    await this.#look(Number.MAX_SAFE_INTEGER);
    return recordedSizes(this.journal, this.identity);
  }

  /** As of the last look at the journal. */
  async status(): Promise<RunStatus> {
    if (this.ports.vfs.lockHolder(this.directory) !== undefined) return "recording";
    return (await this.#isMarkedClosed()) ? "closed" : "interrupted";
  }

  async facts(): Promise<RunFacts> {
    await this.#look(Number.MAX_SAFE_INTEGER);
    const last = await this.journal.lastStep();
    const header = last && (await new FrameFetcher().header(last.segment, last.position, "back"));
    const { vfs } = this.ports;
    const bytes = cardBytes(vfs, this.directory) + folderBytes(vfs, `${this.directory}/journal`);
    return {
      card: this.card,
      status: await this.status(),
      firstTick: this.firstTick,
      tick: this.tick,
      historyDigest: header === undefined ? "" : hexOf(header.historyDigest),
      segments: this.journal.names.length,
      bytes,
      cacheBytes: folderBytes(vfs, `${this.directory}/cache`),
      stateBytes: await this.#stateBytes(),
    };
  }

  /** Bytes of the fixed-width columns; of a table those of the rows that the last tick has. */
  async #stateBytes(): Promise<number> {
    const { layout } = this.identity;
    const growing = layout.stores.filter(({ lifetime }) => lifetime.rows === "slots");
    if (growing.every(({ columns }) => columns.length === 0)) return fixedBytes(layout);
    const { state } = await this.at(this.#tick);
    const bytes = growing.map((store) => {
      const { size } = (state as { readonly [name: string]: { readonly size: number } })[
        store.name
      ] ?? { size: 0 };
      return size * rowBytes(store);
    });
    return bytes.reduce((sum, each) => sum + each, fixedBytes(layout));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.journal.close();
    this.onClose?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes what was committed here visible to the journal's reader. */
  protected async publish(): Promise<void> {}

  /** The last tick that `follow` may show. */
  protected followLimit(): Tick {
    return Number.MAX_SAFE_INTEGER;
  }

  /** Resolves when there may be more than `tick`. */
  protected async waitForMore(_tick: Tick, signal: AbortSignal | undefined): Promise<void> {
    await this.ports.clock.sleep(limits.followMilliseconds, signal);
  }

  /** Reads the journal again if the tick is not there yet. */
  async #look(tick: Tick): Promise<void> {
    if (tick <= this.#tick) return;
    await this.publish();
    await this.refresh();
  }

  async #isOver(tick: Tick): Promise<boolean> {
    await this.refresh();
    // The mark first: ticks and mark may come into sight between two questions, and nothing follows a mark unseen.
    return (await this.#isMarkedClosed()) && (await this.journal.stepAfter(tick)) === undefined;
  }

  /** Whether its writer ended in good order: a mark says so, and at most ancillary frames follow it. */
  async #isMarkedClosed(): Promise<boolean> {
    const segment = await this.journal.segment(this.journal.names.length - 1);
    const { table } = segment;
    for (let position = table.count - 1; position >= 0; position--) {
      const kind = table.kind(position);
      if ((kind & ancillaryBit) === 0) return false;
      if (kind !== FrameKind.mark) continue;
      for await (const { body } of new FrameFetcher().group(segment, position, "back")) {
        const { name } = noteOf(body, `${segment.name}, a mark`);
        if (name === "closed") return true;
      }
    }
    return false;
  }

  async #at<T>(tick: Tick, options: SeekOptions, make: (timeline: Timeline) => T): Promise<T> {
    return this.#inTurn(async () => {
      await this.#look(tick);
      const timeline = (this.#timeline ??= new Timeline(this.journal, this.identity));
      await timeline.seek(tick, options);
      return make(timeline);
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

export function journalIdentity({ uuid, world }: RunCard): JournalIdentity {
  return { uuid: bytesOfHex(uuid), headerBytes: segmentHeaderBytes(world) };
}

export async function openJournal(
  directory: string,
  card: RunCard,
  { vfs, codecs }: Ports,
): Promise<JournalReader> {
  return JournalReader.open(segmentFiles(vfs, directory), journalIdentity(card), codecs);
}
