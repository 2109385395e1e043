import { computed, effect, signal, untracked } from "@preact/signals";
import { layoutOf } from "../../../src/format/layout.ts";
import { problemOf, type Caller } from "../engine/calls.ts";
import type {
  EngineCalls,
  EngineEvents,
  OpenedRun,
  Problem,
  ShowRequest,
} from "../engine/protocol.ts";
import type { Strip } from "../engine/activity.ts";
import { otherSpeed, playedOn, strideOf } from "./playback.ts";
import { Snapshot } from "./snapshot.ts";
import type { Marker, Span, ViewLink } from "./view-link.ts";
import { viewsOf, type View } from "./views.ts";

type EnginePort = Caller<EngineCalls, EngineEvents>;
export interface Selection {
  /** Number of the store. */
  readonly store: number;
  readonly row: number;
}

/** After a failure of the server the page asks again, later each time. */
const retryMilliseconds = [500, 1000, 2000, 4000];

/** What the page knows of the run it shows, and what moves through its ticks. Signals: whoever reads one follows it. */
export class Session {
  readonly engine: EnginePort;
  readonly runId = signal<string | undefined>(undefined);
  readonly run = signal<OpenedRun | undefined>(undefined);
  /** Why no run is shown. */
  readonly runProblem = signal<Problem | undefined>(undefined);
  readonly snapshot = signal<Snapshot | undefined>(undefined);
  /** The tick that was asked for: the playhead. It is ahead of `snapshot` for as long as that takes. */
  readonly tick = signal(0);
  /** Why the tick that was asked for is not shown. */
  readonly problem = signal<Problem | undefined>(undefined);
  readonly firstTick = signal(0);
  readonly lastTick = signal(0);
  readonly isLive = signal(false);
  /** Whether the page stays at the last tick of a run that grows. */
  readonly follows = signal(false);
  readonly direction = signal<1 | 0 | -1>(0);
  readonly speed = signal(1);
  readonly skipsQuiet = signal(false);
  readonly viewId = signal<string | undefined>(undefined);
  readonly selection = signal<Selection | undefined>(undefined);
  readonly focus = signal<Span | undefined>(undefined);
  /** The ticks that the scrubber shows: all, unless it was zoomed. */
  readonly window = signal<Span | undefined>(undefined);
  readonly markers = signal<readonly Marker[]>([]);
  /** Grows when more of the run's indexes were read. */
  readonly indexed = signal({ done: 0, total: 0 });
  /** Ticks a second and recorded ticks for each picture, while it plays. */
  readonly rate = signal({ ticksPerSecond: 0, ticksPerPicture: 1 });
  readonly isServerAway = signal(false);

  readonly views = computed<readonly View[]>(() => {
    const run = this.run.value;
    return run === undefined ? [] : viewsOf(run.card.world);
  });
  readonly view = computed<View | undefined>(() => {
    const views = this.views.value;
    return views.find(({ id }) => id === this.viewId.value) ?? views[0];
  });
  readonly shownSpan = computed<Span>(() => {
    return this.window.value ?? { from: this.firstTick.value, to: this.lastTick.value };
  });
  readonly range = computed<Span>(() => {
    return this.focus.value ?? { from: this.firstTick.value, to: this.lastTick.value };
  });
  readonly #layout = computed(() => {
    const run = this.run.value;
    return run === undefined ? undefined : layoutOf(run.card.world);
  });
  /** What is shown is looked at; small stores always, since panels show them too. */
  readonly #stores = computed<readonly number[]>(() => {
    const run = this.run.value;
    if (run === undefined) return [];
    const small = run.card.world.stores.flatMap(({ kind, name, role }, store) => {
      const isSmall = (kind === "value" && !name.startsWith("$")) || kind === "log";
      return isSmall && role !== "derived" ? [store] : [];
    });
    return [...new Set([...(this.view.value?.stores ?? []), ...small])].sort((a, b) => a - b);
  });

  #wanted: Pick<ShowRequest, "tick" | "direction"> | undefined;
  #isShowing = false;
  #position = 0;
  #failures = 0;

  constructor(engine: EnginePort) {
    this.engine = engine;
    engine.on("indexed", (progress) => (this.indexed.value = progress));
    effect(() => {
      void this.#stores.value;
      untracked(() => {
        if (this.run.value !== undefined) this.#ask(this.tick.value, 0);
      });
    });
  }

  async open(id: string, link: ViewLink): Promise<void> {
    this.stop();
    this.runId.value = id;
    this.run.value = undefined;
    this.snapshot.value = undefined;
    this.problem.value = undefined;
    this.runProblem.value = undefined;
    try {
      const run = await this.engine.call("open", id);
      if (this.runId.value !== id) return;
      this.#begin(run, link);
      this.isServerAway.value = false;
    } catch (error) {
      if (this.runId.value !== id) return;
      this.runProblem.value = problemOf(error);
      this.#retry(() => {
        if (this.runId.value === id && this.run.value === undefined) void this.open(id, link);
      }, error);
    }
  }

  #begin(run: OpenedRun, link: ViewLink): void {
    this.firstTick.value = run.firstTick;
    this.lastTick.value = run.lastTick;
    this.isLive.value = run.isRecording;
    this.follows.value = link.tick === "live";
    this.speed.value = link.speed ?? 1;
    this.skipsQuiet.value = link.skipsQuiet;
    this.viewId.value = link.view;
    this.focus.value = link.focus;
    this.window.value = link.window;
    this.markers.value = link.markers;
    const store = run.card.world.stores.findIndex(({ name }) => name === link.selection?.store);
    this.selection.value =
      store === -1 || link.selection === undefined ? undefined : { store, row: link.selection.row };
    const fresh = run.isRecording ? run.lastTick : run.firstTick;
    const tick = link.tick === "live" ? run.lastTick : (link.tick ?? fresh);
    this.tick.value = Math.min(run.lastTick, Math.max(run.firstTick, tick));
    if (link.tick === undefined && run.isRecording) this.follows.value = true;
    this.indexed.value = { done: 0, total: 1 };
    this.run.value = run;
  }

  /** Goes to a tick; play and following end. */
  goTo(tick: number, direction: 1 | 0 | -1 = 0): void {
    this.stop();
    this.follows.value = false;
    this.#ask(this.#within(tick), direction);
  }

  step(ticks: number): void {
    this.goTo(this.tick.value + ticks, ticks > 0 ? 1 : -1);
  }

  /** To the last tick, and on with it if the run still grows. */
  goLive(): void {
    this.goTo(this.lastTick.value, -1);
    this.follows.value = this.isLive.value;
  }

  async goToChanged(direction: 1 | -1): Promise<void> {
    const tick = await this.engine.call("nextChanged", { tick: this.tick.value, direction });
    if (tick !== undefined) this.goTo(tick);
  }

  play(direction: 1 | -1): void {
    this.follows.value = false;
    const { from, to } = this.range.value;
    const isAtEnd = direction === 1 ? this.tick.value >= to : this.tick.value <= from;
    // Play at the end begins again, as every player does.
    if (isAtEnd) this.tick.value = direction === 1 ? from : to;
    this.#position = this.tick.value;
    this.direction.value = direction;
    requestAnimationFrame((now) => this.#frame(now, now));
  }

  stop(): void {
    this.direction.value = 0;
  }

  togglePlay(): void {
    if (this.direction.value === 0) this.play(1);
    else this.stop();
  }

  /** J and L: play that way; again, twice as fast. */
  shuttle(direction: 1 | -1): void {
    if (this.direction.value === direction) this.speed.value = otherSpeed(this.speed.value, 2);
    else this.play(direction);
  }

  async strip(from: number, end: number, buckets: number): Promise<Strip> {
    return this.engine.call("strip", { from, end, buckets });
  }

  /** Takes over where the run has come to. */
  async refresh(): Promise<void> {
    const { firstTick, lastTick } = await this.engine.call("refresh");
    this.firstTick.value = firstTick;
    this.lastTick.value = lastTick;
    if (this.follows.value) this.#ask(lastTick, -1);
  }

  #within(tick: number): number {
    return Math.min(this.lastTick.value, Math.max(this.firstTick.value, Math.round(tick)));
  }

  #frame(now: number, before: number): void {
    const direction = this.direction.value;
    if (direction === 0) return;
    const { from: firstTick, to: lastTick } = this.range.value;
    const shown = this.snapshot.value?.tick ?? this.tick.value;
    const speed = this.speed.value;
    const seconds = Math.min(0.25, (now - before) / 1000);
    const state = { position: this.#position, direction, speed, firstTick, lastTick };
    this.#position = playedOn(state, shown, seconds);
    const target = direction === 1 ? Math.floor(this.#position) : Math.ceil(this.#position);
    if (target !== this.tick.value) this.#ask(target, direction);
    if (target === (direction === 1 ? lastTick : firstTick) && shown === this.tick.value) {
      this.stop();
      return;
    }
    requestAnimationFrame((next) => this.#frame(next, now));
  }

  #ask(tick: number, direction: 1 | 0 | -1): void {
    this.tick.value = tick;
    this.#wanted = { tick, direction };
    if (!this.#isShowing) void this.#show();
  }

  /** Shows what was asked for last; what was asked for in between is passed over. */
  async #show(): Promise<void> {
    this.#isShowing = true;
    for (let wanted = this.#wanted; wanted !== undefined; wanted = this.#wanted) {
      this.#wanted = undefined;
      const [run, layout] = [this.run.value, this.#layout.value];
      if (run === undefined || layout === undefined) break;
      try {
        await this.#showTick(wanted, run, layout);
      } catch (error) {
        if (this.run.value !== run) continue;
        this.#failed(wanted, error);
      }
    }
    this.#isShowing = false;
  }

  async #showTick(
    wanted: Pick<ShowRequest, "tick" | "direction">,
    run: OpenedRun,
    layout: ReturnType<typeof layoutOf>,
  ): Promise<void> {
    const isPlaying = this.direction.value !== 0;
    const skipsQuiet = isPlaying && this.skipsQuiet.value;
    const stride = isPlaying ? strideOf(this.speed.value) : 0;
    const request = { ...wanted, stores: this.#stores.value, skipsQuiet, stride };
    const state = await this.engine.call("show", request);
    if (this.run.value !== run) return;
    this.snapshot.value = new Snapshot(state, layout, run.card.world);
    this.problem.value = undefined;
    this.isServerAway.value = false;
    this.#failures = 0;
    // A gap or a quiet stretch was passed over: the playhead goes with it.
    if (this.#wanted === undefined && state.tick !== this.tick.value) this.tick.value = state.tick;
    const isBehind = wanted.direction * (state.tick - this.#position) > 0;
    if (isPlaying && isBehind) this.#position = state.tick;
  }

  #failed(wanted: Pick<ShowRequest, "tick" | "direction">, error: unknown): void {
    this.problem.value = problemOf(error);
    this.stop();
    this.#retry(() => {
      if (this.tick.value === wanted.tick && !this.#isShowing)
        this.#ask(wanted.tick, wanted.direction);
    }, error);
  }

  /** A server that is away is asked again; what is wrong with the run itself is not. */
  #retry(again: () => void, error: unknown): void {
    if (problemOf(error).details.found !== "no answer") return;
    this.isServerAway.value = true;
    const wait = retryMilliseconds[Math.min(this.#failures++, retryMilliseconds.length - 1)];
    setTimeout(again, wait);
  }
}
