import { isEverytickError } from "../errors.ts";
import type { JournalSizes } from "../journal/writer-options.ts";
import type { LiveRun } from "../runs/live-run.ts";
import { openRuns } from "../runs/runs.ts";
import { ManualClock, seededRandom, type SimFs, type Survival } from "../testing/index.ts";
import type {
  Clock,
  Codecs,
  Durability,
  Ports,
  Random,
  StateDefinition,
  Tick,
  Vfs,
} from "../types.ts";

/** A simulation that rows record. */
export interface Workload {
  /** Its stores, made anew. */
  readonly state: StateDefinition;
  /** Makes the next state: decided by the last tick, its state and the recorded random stream alone. */
  advance(run: LiveRun): void;
  /** A state, live or past, as a text to compare. */
  shown(state: unknown): string;
}

export const runsFolder = "runs";
export const runId = "a";
export const runFolder = `${runsFolder}/${runId}`;

/** Sizes so small that a few ticks fill a segment and a body. */
export const smallSizes: JournalSizes = { segmentBytesMin: 1, bodyBytesMax: 700 };

export interface SessionOptions {
  readonly window?: number;
  readonly durability?: Durability;
  readonly clock?: Clock;
  /** Where the identity of a new run comes from. */
  readonly random?: Random;
}

export function portsOn(
  vfs: Vfs,
  codecs: Codecs,
  { clock = new ManualClock(), random = seededRandom(1) }: SessionOptions = {},
): Ports {
  return { vfs, codecs, clock, random };
}

export async function openWorkload(
  { state }: Workload,
  ports: Ports,
  resume: "never" | "auto" | "only",
  { window = 0, durability = "fsync" }: SessionOptions = {},
): Promise<LiveRun> {
  const runs = await openRuns(runsFolder, { ...ports, ...smallSizes });
  return runs.record(runId, { state, resume, window, durability });
}

/** Every tick from the first one on. */
export function ticksUpTo(last: Tick): Tick[] {
  return Array.from({ length: last + 1 }, (_, tick) => tick);
}

/** Commits after which a segment is certainly full. */
const rotateCommitsMax = 40;

/** What a caller can do with a run. `resume` of an open run is that of another process, behind a kill. */
export const actions = ["commit", "flush", "rotate", "gap", "close", "resume"] as const;
export type Action = (typeof actions)[number];

/** What was promised so far, and what may be there. */
export interface Promised {
  /** The last tick that was acknowledged; -1 for none. */
  readonly acknowledged: Tick;
  /** The last tick of a gap that was acknowledged; -1 for none. */
  readonly acknowledgedGap: Tick;
  /** Every tick that was committed, also where nothing was acknowledged, in order. */
  readonly issued: readonly Tick[];
}

/** Records on a simulated disk, and keeps in mind what was promised: the external recorder of acknowledgements. */
export class Session implements Promised {
  disk: SimFs;
  readonly #workload: Workload;
  readonly #codecs: Codecs;
  readonly #options: SessionOptions;
  acknowledged: Tick = -1;
  acknowledgedGap: Tick = -1;
  issued: Tick[] = [];
  run: LiveRun | undefined;
  /** The last tick of the last gap, acknowledged or not. */
  #triedGap: Tick = -1;
  /** The last tick of the last gap that is known to be there. */
  #knownGap: Tick = -1;

  constructor(disk: SimFs, workload: Workload, codecs: Codecs, options: SessionOptions = {}) {
    this.disk = disk;
    this.#workload = workload;
    this.#codecs = codecs;
    this.#options = options;
  }

  /** What was promised until now; it does not change with what follows. */
  get promised(): Promised {
    const { acknowledged, acknowledgedGap, issued } = this;
    return { acknowledged, acknowledgedGap, issued: [...issued] };
  }

  /** Whether the action makes sense now. */
  can(action: Action): boolean {
    return this.run !== undefined || action === "resume";
  }

  async do(action: Action): Promise<void> {
    if (action === "commit") await this.commit();
    if (action === "flush") this.#acknowledge((await this.#open().flush()).durableTick);
    if (action === "rotate") await this.#rotate();
    if (action === "gap") await this.#gap();
    if (action === "close") await this.close();
    if (action === "resume") await this.open();
  }

  /** Records a new run, or goes on with the old one; a run that is open here is that of a killed process. */
  async open(): Promise<void> {
    if (this.run !== undefined) this.kill();
    if (this.issued.length === 0) this.issued = [0];
    this.run = await openWorkload(
      this.#workload,
      portsOn(this.disk, this.#codecs, this.#options),
      this.acknowledged < 0 ? "auto" : "only",
      this.#options,
    );
    const { tick, durableTick } = this.run;
    this.issued = this.issued.filter((issued) => issued <= tick);
    this.#knownGap = this.acknowledgedGap;
    this.#acknowledge(durableTick);
  }

  /** Power goes and comes back; the process is gone with it. */
  losePower(survival: Survival): void {
    this.disk = this.disk.afterPowerLoss(survival);
    this.run = undefined;
  }

  /** The process is gone; what it wrote is in the system's cache. */
  kill(): void {
    this.disk.killProcess();
    this.run = undefined;
  }

  /** The same process closes what it can and opens the run again. */
  async reopen(): Promise<void> {
    const { run } = this;
    this.run = undefined;
    await run?.close().catch(() => undefined);
    await this.open();
  }

  async commit(): Promise<void> {
    const run = this.#open();
    this.#workload.advance(run);
    const tick = Math.max(run.tick, this.#knownGap) + 1;
    try {
      await this.#commitAt(run, tick);
    } catch (error) {
      if (!isEverytickError(error, "RECORDER_CONFLICT")) throw error;
      // A gap that was not acknowledged before the crash is there nevertheless.
      this.issued.pop();
      this.#knownGap = this.#triedGap;
      await this.#commitAt(run, this.#triedGap + 1);
    }
  }

  async #commitAt(run: LiveRun, tick: Tick): Promise<void> {
    // On a handle that failed, a tick is tried again, and never written.
    if (this.issued.at(-1) !== tick) this.issued.push(tick);
    this.#acknowledge((await run.commit({ tick })).durableTick);
  }

  async close(): Promise<void> {
    const run = this.#open();
    await run.close();
    this.#acknowledge(run.durableTick);
    this.run = undefined;
  }

  async #gap(): Promise<void> {
    const run = this.#open();
    // Beyond any gap that was tried before, so that it is never refused.
    this.#triedGap = Math.max(run.tick, this.#triedGap) + 2;
    const until = this.#triedGap;
    const { durableTick } = await run.gap({ until, reason: "torture" });
    this.acknowledgedGap = this.#knownGap = until;
    this.#acknowledge(durableTick);
  }

  async #rotate(): Promise<void> {
    const count = (): number => this.disk.counts.get("create") ?? 0;
    const before = count();
    for (let i = 0; i < rotateCommitsMax && count() === before; i++) await this.commit();
  }

  #acknowledge(tick: Tick): void {
    this.acknowledged = Math.max(this.acknowledged, tick);
  }

  #open(): LiveRun {
    if (this.run === undefined) throw new Error("the run is not open");
    return this.run;
  }
}
