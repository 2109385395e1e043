import { Timeline } from "../../../src/timeline/timeline.ts";
import { logRows } from "../../../src/timeline/log-rows.ts";
import { isGrowing, liveColumn } from "../../../src/format/layout.ts";
import type { Clock, Element, StoreSchema } from "../../../src/types.ts";
import { elementOf } from "../../../src/world/state/past-state.ts";
import type { Handlers } from "./calls.ts";
import type { Fetch } from "./http-segments.ts";
import type {
  HistoryEntry,
  LogRow,
  Place,
  SeriesSource,
  StoreContent,
  SurveyCalls,
  SurveyEvents,
} from "./protocol.ts";
import { runAt, RunReader } from "./run-reader.ts";

interface SurveyPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly tell: <K extends keyof SurveyEvents>(event: K, detail: SurveyEvents[K]) => void;
}

/** Milliseconds between two parts of what a job finds. */
const partMilliseconds = 120;
/** Milliseconds of work after which messages have their turn. */
const turnMilliseconds = 12;
/** States that are on their way to a probe at once. */
const statesMax = 4;
const eventTicksMax = 5000;

/** What walks through many ticks, apart from what shows them, so that looking closer never holds up the scrubber. */
export class Survey implements Handlers<SurveyCalls> {
  readonly #ports: SurveyPorts;
  #reader: RunReader | undefined;
  readonly #stopped = new Set<number>();

  constructor(ports: SurveyPorts) {
    this.#ports = ports;
  }

  async open(run: string): Promise<void> {
    const { answer, segments } = await runAt(run, this.#ports.fetch);
    this.#reader = await RunReader.open(answer, segments);
  }

  stop(job: number): void {
    this.#stopped.add(job);
  }

  async history({
    place,
    at,
    from,
    to,
    job,
  }: Parameters<SurveyCalls["history"]>[0]): Promise<void> {
    const reader = this.#open;
    const row = new FollowedRow(reader, place);
    const timeline = await this.#timelineAt(at);
    row.follow(timeline);
    let entries: HistoryEntry[] = [];
    let before: string | undefined;
    let lastPart = this.#ports.clock.monotonic();
    let tick = from;
    const part = (isLast: boolean): void => {
      this.#ports.tell("history", { job, entries, tick, isLast });
      entries = [];
      lastPart = this.#ports.clock.monotonic();
    };
    await this.#walk(job, from, to, (moved) => {
      tick = moved.tick;
      const values = row.values(moved);
      const text = textOf(values);
      if (text !== before) entries.push({ tick, values });
      before = text;
      if (this.#ports.clock.monotonic() - lastPart > partMilliseconds) part(false);
    });
    part(true);
  }

  async series({ sources, from, to, job }: Parameters<SurveyCalls["series"]>[0]): Promise<void> {
    const reader = this.#open;
    let ticks: number[] = [];
    let values: number[][] = sources.map(() => []);
    let lastPart = this.#ports.clock.monotonic();
    const part = (isLast: boolean): void => {
      const columns = values.map((column) => Float64Array.from(column));
      this.#ports.tell("series", { job, ticks: Float64Array.from(ticks), values: columns, isLast });
      ticks = [];
      values = sources.map(() => []);
      lastPart = this.#ports.clock.monotonic();
    };
    await this.#walk(job, from, to, (timeline) => {
      ticks.push(timeline.tick);
      sources.forEach((source, i) => values[i]!.push(numberOf(reader, timeline, source)));
      if (this.#ports.clock.monotonic() - lastPart > partMilliseconds) part(false);
    });
    part(true);
  }

  async states(of: Parameters<SurveyCalls["states"]>[0]): Promise<void> {
    const { from, to, stores, port, job } = of;
    const reader = this.#open;
    const places = new Places(statesMax);
    port.addEventListener("message", () => places.give());
    port.start();
    await this.#walk(job, from, to, async (timeline) => {
      await places.take();
      const contents: readonly StoreContent[] = reader.stateOf(timeline, stores).stores;
      port.postMessage({ kind: "state", tick: timeline.tick, stores: contents });
    });
    port.postMessage({ kind: "end" });
  }

  async events({
    store,
    to,
    most,
    job,
  }: Parameters<SurveyCalls["events"]>[0]): Promise<readonly LogRow[]> {
    const { journal, card, identity } = this.#open;
    const { name } = card.world.stores[store] as StoreSchema;
    const rows: LogRow[] = [];
    const end = await journal.stepAtOrBefore(to);
    const first = await journal.firstStep();
    if (end === undefined || first === undefined) return rows;
    const from = Math.max(first.tick, end.tick - eventTicksMax);
    const options = { from: end.tick, to: (await journal.stepAfter(from - 1))?.tick ?? from };
    for await (const { tick, row } of logRows(
      journal,
      identity,
      name,
      options,
      this.#ports.clock,
    )) {
      if (this.#stopped.has(job)) break;
      if (rows.length >= most && rows.at(-1)?.tick !== tick) break;
      rows.push({ tick, values: Object.entries(row) });
    }
    return rows;
  }

  get #open(): RunReader {
    if (this.#reader === undefined) throw new Error("no run is open");
    return this.#reader;
  }

  async #timelineAt(tick: number): Promise<Timeline> {
    const { journal, identity } = this.#open;
    if (((await journal.lastStep())?.tick ?? 0) < tick) await journal.refresh();
    const timeline = new Timeline(journal, identity);
    await timeline.seek(tick);
    return timeline;
  }

  /** Visits each recorded tick of a range, both ends included. */
  async #walk(
    job: number,
    from: number,
    to: number,
    visit: (timeline: Timeline) => void | Promise<void>,
  ): Promise<void> {
    const { journal } = this.#open;
    const { clock } = this.#ports;
    if (((await journal.lastStep())?.tick ?? 0) < to) await journal.refresh();
    const before = await journal.stepAtOrBefore(from);
    const start = before?.tick === from ? before : await journal.stepAfter(from);
    if (start === undefined || start.tick > to) return;
    const timeline = await this.#timelineAt(start.tick);
    let turn = clock.monotonic();
    do {
      if (this.#stopped.has(job)) return;
      const waiting = visit(timeline);
      if (waiting !== undefined) await waiting;
      if (clock.monotonic() - turn < turnMilliseconds) continue;
      await clock.yield();
      turn = clock.monotonic();
    } while ((await timeline.stepForward()) && timeline.tick <= to);
  }
}

/** So many may be taken at once; who comes later waits until one is given back. */
class Places {
  #free: number;
  #waiting: (() => void) | undefined;

  constructor(free: number) {
    this.#free = free;
  }

  async take(): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#free--;
  }

  give(): void {
    this.#free++;
    this.#waiting?.();
    this.#waiting = undefined;
  }
}

/** A row by its key, wherever it lives: another row may take its slot later. */
class FollowedRow {
  readonly #reader: RunReader;
  readonly #place: Place;
  readonly #keys: readonly number[];
  #key: string | undefined;

  constructor(reader: RunReader, place: Place) {
    this.#reader = reader;
    this.#place = place;
    const schema = reader.card.world.stores[place.store] as StoreSchema;
    const names =
      schema.kind === "table" ? schema.key : schema.kind === "edges" ? ["from", "to"] : [];
    const { columns } = reader.layout.stores[place.store]!;
    this.#keys = names.map((name) => columns.findIndex((column) => column.name === name));
  }

  /** The row that is to be followed is the one that stands there now. */
  follow(timeline: Timeline): void {
    this.#key = this.#keyAt(timeline);
  }

  values({ image }: Timeline): readonly Element[] | undefined {
    const { store: number, row } = this.#place;
    const store = this.#reader.layout.stores[number]!;
    const isRow = isGrowing(store);
    if (isRow && elementOf(image, store, liveColumn, row) !== 1) return undefined;
    if (this.#key !== undefined && this.#keyAt({ image }) !== this.#key) return undefined;
    return store.columns.flatMap((_, column) =>
      isRow && column === liveColumn ? [] : [elementOf(image, store, column, row)],
    );
  }

  #keyAt({ image }: Pick<Timeline, "image">): string | undefined {
    if (this.#keys.length === 0) return undefined;
    const store = this.#reader.layout.stores[this.#place.store]!;
    return textOf(this.#keys.map((column) => elementOf(image, store, column, this.#place.row)));
  }
}

function textOf(values: readonly Element[] | undefined): string {
  if (values === undefined) return "";
  return values
    .map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)))
    .join("\0");
}

function numberOf({ layout }: RunReader, { image }: Timeline, source: SeriesSource): number {
  const store = layout.stores[source.store]!;
  if (source.kind === "column") return Number(elementOf(image, store, source.column, 0));
  let rows = 0;
  for (const lives of image.column(source.store, liveColumn).bytes) rows += lives;
  return rows;
}
