import { effect, signal } from "@preact/signals";
import { Caller, problemOf } from "../engine/calls.ts";
import type {
  HistoryEntry,
  LogRow,
  Place,
  ProbeInput,
  ProbeResult,
  SeriesSource,
  SurveyCalls,
  SurveyEvents,
} from "../engine/protocol.ts";
import type { Session } from "./session.ts";

/** What a job has found so far. */
export interface Measured {
  readonly ticks: readonly number[];
  readonly values: readonly (readonly number[])[];
  /** Share of the range that was walked, 1 at the end. */
  readonly done: number;
  readonly failure: string | undefined;
}
export interface History {
  readonly place: Place;
  readonly entries: readonly HistoryEntry[];
  readonly from: number;
  readonly to: number;
  readonly done: number;
}

/** An expression that says nothing for so long is ended. */
const probeMilliseconds = 4000;

/** Looking closer: jobs that walk through many ticks in a worker of their own, started when first wanted. */
export class Closer {
  readonly #session: Session;
  #survey: Caller<SurveyCalls, SurveyEvents> | undefined;
  #opened: Promise<unknown> | undefined;
  #jobs = 0;
  #historyJob = 0;
  #seriesJob = 0;
  #eventsJob = 0;
  #stopProbe: (() => void) | undefined;
  readonly history = signal<History | undefined>(undefined);
  readonly series = signal<Measured | undefined>(undefined);
  readonly probe = signal<Measured | undefined>(undefined);

  constructor(session: Session) {
    this.#session = session;
    effect(() => {
      void session.run.value;
      this.#stop(this.#historyJob);
      this.#stop(this.#seriesJob);
      this.#stopProbe?.();
      this.#opened = undefined;
      this.history.value = undefined;
      this.series.value = undefined;
      this.probe.value = undefined;
    });
  }

  /** Every value that stood at a place in [from, to]. */
  async lookBack(place: Place, at: number, from: number, to: number): Promise<void> {
    this.#stop(this.#historyJob);
    const job = ++this.#jobs;
    this.#historyJob = job;
    this.history.value = { place, entries: [], from, to, done: 0 };
    const survey = await this.#open();
    if (this.#historyJob !== job) return;
    await survey.call("history", { place, at, from, to, job });
  }

  async measure(sources: readonly SeriesSource[], from: number, to: number): Promise<void> {
    this.#stop(this.#seriesJob);
    const job = ++this.#jobs;
    this.#seriesJob = job;
    this.series.value = { ticks: [], values: sources.map(() => []), done: 0, failure: undefined };
    try {
      const survey = await this.#open();
      if (this.#seriesJob === job) await survey.call("series", { sources, from, to, job });
    } catch (error) {
      if (this.#seriesJob !== job) return;
      this.series.value = { ...this.series.value, done: 1, failure: problemOf(error).message };
    }
  }

  /** The last rows of the logs up to a tick, latest first; `undefined` if something newer was asked for. */
  async events(
    stores: readonly number[],
    to: number,
    most: number,
  ): Promise<{ store: number; row: LogRow }[] | undefined> {
    this.#stop(this.#eventsJob);
    const job = ++this.#jobs;
    this.#eventsJob = job;
    const survey = await this.#open();
    const found: { store: number; row: LogRow }[] = [];
    for (const store of stores) {
      const rows = await survey.call("events", { store, to, most, job });
      if (this.#eventsJob !== job) return undefined;
      found.push(...rows.map((row) => ({ store, row })));
    }
    return found.sort((a, b) => b.row.tick - a.row.tick).slice(0, most);
  }

  /** Evaluates an expression at each tick of [from, to], in a worker that can reach nothing. */
  async evaluate(expression: string, from: number, to: number): Promise<void> {
    this.#stopProbe?.();
    const { card } = this.#session.run.peek()!;
    this.probe.value = { ticks: [], values: [[]], done: 0, failure: undefined };
    const survey = await this.#open();
    const worker = new Worker(new URL("../engine/probe-worker.ts", import.meta.url), {
      type: "module",
      name: "probe",
    });
    const { port1, port2 } = new MessageChannel();
    const job = ++this.#jobs;
    let timer = 0;
    const end = (failure?: string): void => {
      clearTimeout(timer);
      worker.terminate();
      this.#stop(job);
      if (this.#stopProbe === end) this.#stopProbe = undefined;
      if (failure !== undefined) this.probe.value = { ...this.probe.peek()!, done: 1, failure };
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(
        () => end("It took too long and was ended."),
        probeMilliseconds,
      ) as unknown as number;
    };
    this.#stopProbe = end;
    worker.addEventListener("error", () => end("The worker that evaluates it could not start."));
    worker.addEventListener("message", ({ data }: MessageEvent<ProbeResult>) => {
      const before = this.probe.peek()!;
      const ticks = [...before.ticks, ...data.ticks];
      const done = data.isLast ? 1 : ((ticks.at(-1) ?? from) - from + 1) / (to - from + 1);
      const values = [[...before.values[0]!, ...data.values]];
      this.probe.value = { ticks, values, done, failure: before.failure ?? data.failure };
      if (data.isLast) end();
      else wait();
    });
    wait();
    const begin: ProbeInput & { port: MessagePort } = {
      kind: "begin",
      card,
      expression,
      port: port2,
    };
    worker.postMessage(begin, [port2]);
    const stores = card.world.stores.flatMap(({ role, name }, store) =>
      role === "derived" || name.startsWith("$") ? [] : [store],
    );
    await survey.call("states", { from, to, stores, port: port1, job }, [port1]);
  }

  async #open(): Promise<Caller<SurveyCalls, SurveyEvents>> {
    this.#survey ??= this.#start();
    const run = this.#session.runId.peek()!;
    this.#opened ??= this.#survey.call("open", run);
    await this.#opened;
    return this.#survey;
  }

  #start(): Caller<SurveyCalls, SurveyEvents> {
    const worker = new Worker(new URL("../engine/survey-worker.ts", import.meta.url), {
      type: "module",
      name: "survey",
    });
    const survey = new Caller<SurveyCalls, SurveyEvents>(worker);
    survey.on("history", ({ job, entries, tick, isLast }) => {
      const before = this.history.peek();
      if (job !== this.#historyJob || before === undefined) return;
      const done = isLast ? 1 : (tick - before.from + 1) / (before.to - before.from + 1);
      this.history.value = { ...before, entries: [...before.entries, ...entries], done };
    });
    survey.on("series", ({ job, ticks, values, isLast }) => {
      const before = this.series.peek();
      if (job !== this.#seriesJob || before === undefined) return;
      const { from, to } = this.#session.range.peek();
      const all = [...before.ticks, ...ticks];
      const done = isLast ? 1 : ((all.at(-1) ?? from) - from + 1) / (to - from + 1);
      const columns = before.values.map((column, i) => [...column, ...values[i]!]);
      this.series.value = { ticks: all, values: columns, done, failure: undefined };
    });
    return survey;
  }

  #stop(job: number): void {
    if (job !== 0) void this.#survey?.call("stop", job);
  }
}
