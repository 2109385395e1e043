import { isEverytickError } from "../../../src/errors.ts";
import type { JournalReader, Step } from "../../../src/journal/journal-reader.ts";
import { changesAt } from "../../../src/timeline/changes-at.ts";
import { missingTick } from "../../../src/timeline/missing-tick.ts";
import { Activity } from "./activity.ts";
import { problemOf, type Handlers } from "./calls.ts";
import type { Fetch, HttpSegments } from "./http-segments.ts";
import type {
  EngineCalls,
  EngineEvents,
  OpenedRun,
  ShowRequest,
  TickChanges,
  TickState,
} from "./protocol.ts";
import { Recent } from "./recent.ts";
import { runAt, RunReader } from "./run-reader.ts";
import { summaryOf } from "./tick-changes.ts";

const stateCacheBytes = 64 * 1024 * 1024;
/** Pictures that are made ready in the direction of play. */
const aheadMax = 12;
const changesMax = 500;

interface EnginePorts {
  readonly fetch: Fetch;
  /** Lets messages in. */
  readonly yield: () => Promise<void>;
  readonly tell: <K extends keyof EngineEvents>(event: K, detail: EngineEvents[K]) => void;
}

/** What shows ticks: reads frames by range, replays them, keeps the states of late and makes ready those to come. */
export class Engine implements Handlers<EngineCalls> {
  readonly #ports: EnginePorts;
  #reader: RunReader | undefined;
  #segments: HttpSegments | undefined;
  #activity = new Activity();
  #isIndexed = false;
  readonly #states = new Recent<string, TickState>(stateCacheBytes, sizeOf);
  /** The timeline does one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Counts what was asked for, so that making ready ends when something newer comes. */
  #asked = 0;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
  }

  async open(run: string): Promise<OpenedRun> {
    const { answer, segments } = await runAt(run, this.#ports.fetch);
    const { firstTick, tick, isRecording, bytes, state: _, error: __, ...card } = answer;
    this.#reader = await RunReader.open(card, segments);
    this.#segments = segments;
    this.#activity = new Activity();
    this.#isIndexed = false;
    this.#states.clear();
    const { journal } = this.#reader;
    const first = firstTick ?? (await journal.firstStep())?.tick ?? 0;
    const last = (await journal.lastStep())?.tick ?? tick ?? first;
    const damage = await journal.damage();
    void this.#index(journal);
    return {
      card,
      firstTick: first,
      lastTick: Math.max(first, last),
      isRecording,
      bytes,
      damage: damage === undefined ? undefined : problemOf(damage),
    };
  }

  /** Looks for what was appended since. */
  async refresh(): Promise<{ firstTick: number; lastTick: number }> {
    const { journal } = this.#open;
    await this.#inTurn(async () => journal.refresh());
    for (const [number, { firstTick }] of journal.names.entries()) {
      const isLate = number >= journal.names.length - 2;
      if (isLate) this.#activity.take(firstTick, (await journal.segment(number)).table);
    }
    const [first, last] = [await journal.firstStep(), await journal.lastStep()];
    return { firstTick: first?.tick ?? 0, lastTick: last?.tick ?? 0 };
  }

  async show(request: ShowRequest): Promise<TickState> {
    const asked = ++this.#asked;
    const tick = await this.#target(request);
    const state = await this.#stateAt(tick, request.stores);
    if (request.stride > 0) void this.#makeReady(tick, request, asked);
    return state;
  }

  async strip(range: {
    from: number;
    end: number;
    buckets: number;
  }): Promise<ReturnType<Activity["strip"]>> {
    const { from, end, buckets } = range;
    return Promise.resolve(this.#activity.strip(from, end, buckets, this.#isIndexed));
  }

  async nextChanged(from: { tick: number; direction: 1 | -1 }): Promise<number | undefined> {
    return Promise.resolve(this.#activity.nextChanged(from.tick, from.direction));
  }

  async changes(tick: number): Promise<TickChanges> {
    const { timeline, card, layout } = this.#open;
    return this.#inTurn(async () => {
      await timeline.seek(tick);
      const found = await timeline.changes();
      const stores = summaryOf(found, timeline.image, layout.randomStore);
      const total = stores.reduce((sum, { changed }) => sum + changed, 0);
      // Whole lists of a tick that changes everything are of use to nobody.
      const isLong = total > 40 * changesMax;
      const changes = isLong ? [] : await changesAt(timeline, tick, card.world, {});
      return { tick, stores, changes: changes.slice(0, changesMax), total };
    });
  }

  get #open(): RunReader {
    if (this.#reader === undefined) throw new Error("no run is open");
    return this.#reader;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The recorded tick that a request means. @throws TIMELINE_TICK, TIMELINE_GAP, JOURNAL_DAMAGED */
  async #target({ tick, direction, skipsQuiet }: ShowRequest): Promise<number> {
    const { journal } = this.#open;
    const before = await journal.stepAtOrBefore(tick);
    let step: Step | undefined = before;
    if (direction === 0 && before?.tick !== tick) throw await missingTick(journal, tick);
    if (direction === 1 && before?.tick !== tick) step = (await journal.stepAfter(tick)) ?? before;
    if (direction === -1) step ??= await journal.stepAfter(tick);
    if (step === undefined) throw await missingTick(journal, tick);
    if (!skipsQuiet || direction === 0 || this.#activity.changedAt(step.tick) !== 0) {
      return step.tick;
    }
    return this.#activity.nextChanged(step.tick, direction) ?? step.tick;
  }

  async #stateAt(tick: number, stores: readonly number[]): Promise<TickState> {
    const key = `${tick} ${stores.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    return this.#inTurn(async () => {
      const late = this.#states.get(key);
      if (late !== undefined) return late;
      const reader = this.#open;
      await this.#seek(reader, tick);
      const state = reader.stateOf(reader.timeline, stores);
      this.#states.keep(key, state);
      return state;
    });
  }

  /** What a cached copy says is damaged is fetched anew before it is believed. */
  async #seek({ timeline }: RunReader, tick: number): Promise<void> {
    try {
      await timeline.seek(tick);
    } catch (error) {
      const isDamage = isEverytickError(error, "JOURNAL_DAMAGED");
      if (!isDamage || this.#segments?.distrust() !== true) throw error;
      await timeline.seek(tick);
    }
  }

  /** Makes ready what play will ask for next, until it asks for something. */
  async #makeReady(from: number, request: ShowRequest, asked: number): Promise<void> {
    const { direction, stride } = request;
    if (direction === 0) return;
    try {
      let tick = from;
      for (let ahead = 0; ahead < aheadMax; ahead++) {
        await this.#ports.yield();
        if (asked !== this.#asked) return;
        const next = await this.#target({ ...request, tick: tick + direction * stride });
        if (next === tick || (next - tick) * direction < 0) return;
        tick = next;
        await this.#stateAt(tick, request.stores);
      }
    } catch {
      // Whoever asks for that tick is told.
    }
  }

  /** Reads the indexes of all segments, the last first: it is there already. */
  async #index(journal: JournalReader): Promise<void> {
    const total = journal.names.length;
    for (let number = total - 1; number >= 0; number--) {
      await this.#indexSegment(journal, number);
      if (this.#reader?.journal !== journal) return;
      if (number === 0) this.#isIndexed = true;
      this.#ports.tell("indexed", { done: total - number, total });
      await this.#ports.yield();
    }
  }

  async #indexSegment(journal: JournalReader, number: number): Promise<void> {
    const { firstTick } = journal.names[number]!;
    const next = journal.names[number + 1]?.firstTick;
    try {
      const { table, end } = await journal.segment(number);
      this.#activity.take(firstTick, table);
      if (end.kind !== "damaged") return;
      const last =
        table.stepCount === 0 ? firstTick : table.tick(table.step(table.stepCount - 1)) + 1;
      this.#activity.takeDamage(last, next === undefined ? last : next - 1);
    } catch {
      this.#activity.takeDamage(firstTick, next === undefined ? firstTick : next - 1);
    }
  }
}

function sizeOf({ stores }: TickState): number {
  let bytes = 256;
  for (const { columns } of stores) {
    for (const column of columns) {
      bytes += column.bytes.length;
      for (const value of column.values) bytes += value.length + 32;
    }
  }
  return bytes;
}
