import { EverytickError, isEverytickError } from "../errors.ts";
import type {
  AnyWorld,
  Lock,
  Params,
  Ports,
  RecordCommonOptions,
  RecordOptions,
  RecordWorldOptions,
  RecoverReport,
  RunCard,
  RunFacts,
  StateDefinition,
  VerifyReport,
  World,
} from "../types.ts";
import { namesBeforeCard, readCard } from "./card.ts";
import { isRunId } from "./card-shape.ts";
import type { LiveRun } from "./live-run.ts";
import { badOption, planRecording, type AnyRecordOptions } from "./plan.ts";
import { nodePorts } from "./ports-node.ts";
import { CodedReads } from "../journal/read-failure.ts";
import type { JournalSizes } from "../journal/writer-options.ts";
import { initialiseStage, prepareStage, recordNew, resumeRun } from "./record.ts";
import type { VerifyOptions } from "../timeline/verify.ts";
import { damagedReport } from "./verify-damaged.ts";
import { recoverRun, type RecoverOptions, type RecoverPlan } from "./recover.ts";
import { openJournal, Run } from "./run.ts";
import { RunFiles } from "./run-files.ts";
import { summarize, type RunSummary } from "./summary.ts";

/** Other files, clock, entropy or codecs than Node's, for tests; and sizes of what is written. */
export type RunsOptions = Partial<Ports> & JournalSizes;

/**
 * Opens a folder of runs. It is made when the first run is recorded.
 * @throws RUNS_FOLDER, JOURNAL_READ
 */
export async function openRuns(folder: string, options: RunsOptions = {}): Promise<Runs> {
  const ports = await nodePorts(options);
  const all = { ...ports, vfs: new CodedReads(ports.vfs) };
  const isName = typeof folder === "string" && folder !== "" && !folder.includes("\0");
  const path = isName ? folder.replace(/\/+$/, "") || "/" : "";
  const stat = isName ? all.vfs.stat(path) : undefined;
  if (!isName || stat?.directory === false) {
    const found = isName
      ? "a file"
      : typeof folder === "string"
        ? JSON.stringify(folder)
        : typeof folder;
    throw new EverytickError("RUNS_FOLDER", {
      where: isName ? folder : "openRuns",
      expected: "a folder",
      found,
    });
  }
  return new Runs(path, all, options);
}

/** A folder that holds many runs. */
export class Runs implements AsyncDisposable {
  readonly folder: string;
  readonly #ports: Ports;
  readonly #sizes: JournalSizes;
  readonly #open = new Set<Run>();
  #closed = false;

  /** Use `openRuns`. */
  constructor(folder: string, ports: Ports, sizes: JournalSizes) {
    this.folder = folder;
    this.#ports = ports;
    this.#sizes = sizes;
  }

  /**
   * The cards of all runs, sorted by id.
   * @param options.onDamage is told of each run whose card cannot be read; without it such a card throws.
   */
  async list(
    options: { readonly onDamage?: (id: string, error: unknown) => void } = {},
  ): Promise<RunCard[]> {
    this.#checkOpen();
    const cards: RunCard[] = [];
    for (const id of this.ids()) {
      try {
        const card = readCard(this.#ports.vfs, this.#directory(id));
        if (card !== undefined) cards.push(card);
      } catch (error) {
        if (options.onDamage === undefined) throw error;
        options.onDamage(id, error);
      }
    }
    return Promise.resolve(cards);
  }

  /** The ids of everything in the folder that may be a run, sorted; no file is read. */
  ids(): string[] {
    this.#checkOpen();
    return (this.#ports.vfs.list(this.folder) ?? []).filter(isRunId);
  }

  /** The files of a run as they lie there, none of them read yet. @throws RUNS_ID */
  files(id: string): RunFiles {
    this.#checkOpen();
    return new RunFiles(id, this.#directory(checkRunId(id)), this.#ports);
  }

  /**
   * A run as it stands in a list, also where it cannot be read; `undefined` if it holds no tick.
   * @throws RUNS_ID
   */
  async summary(id: string): Promise<RunSummary | undefined> {
    return summarize(this.files(id), async () => this.open(id));
  }

  /** Facts about a run that need a look at its journal. @throws RUNS_ID, RUNS_MISSING */
  async facts(id: string): Promise<RunFacts> {
    await using run = await this.open(id);
    return await run.facts();
  }

  /**
   * Opens a recorded run for reading, also while another process records it.
   * @param options.world computes the derived stores; it must be the world that was recorded.
   * @throws RUNS_ID, RUNS_MISSING, RUNS_CARD, RUNS_WORLD, FORMAT_NEWER, JOURNAL_DAMAGED
   */
  async open<D extends StateDefinition = StateDefinition>(
    id: string,
    options: { readonly world?: World<never, D> | AnyWorld } = {},
  ): Promise<Run<D>> {
    this.#checkOpen();
    checkRunId(id);
    const card = readCard(this.#ports.vfs, this.#directory(id));
    if (card === undefined) throw this.#missing(id);
    const { world } = options;
    const definition = world === undefined ? undefined : planRecording({ world }, card).definition;
    const run = await Run.open(this.#directory(id), card, this.#ports, definition);
    return this.#track(run) as unknown as Run<D>;
  }

  /**
   * Records a new run, or continues one (`resume`). The given state becomes the first keyframe; a resumed run's state is
   * restored in place.
   * @param id matches `^[a-z0-9][a-z0-9_-]{0,63}$`; `YYYYMMDD_HHMMSS` (UTC) if absent.
   * @throws RUNS_ID, RUNS_EXISTS, RUNS_MISSING, RUNS_FOREIGN, RUNS_WORLD, RUNS_PARAMS, JOURNAL_LOCKED, JOURNAL_DAMAGED
   */
  async record<P extends Params, D extends StateDefinition>(
    id: string | undefined,
    options: RecordWorldOptions<P, D> & RecordCommonOptions,
  ): Promise<LiveRun<D>>;
  /** For a world that is known at run time only. */
  async record(
    id: string | undefined,
    options: { readonly world: AnyWorld; readonly params?: Params } & RecordCommonOptions,
  ): Promise<LiveRun>;
  async record<D extends StateDefinition>(
    id: string | undefined,
    options: RecordOptions<D> & RecordCommonOptions,
  ): Promise<LiveRun<D>>;
  async record(id: string | undefined, options: object): Promise<LiveRun> {
    this.#checkOpen();
    const chosen = checkRunId(id ?? idOfTime(this.#ports.clock.wallTime()));
    const all = options as AnyRecordOptions;
    if (!["never", "auto", "only"].includes(all.resume ?? "never")) {
      throw badOption("resume", "never, auto or only", String(all.resume));
    }
    return this.#track(await this.#record(chosen, all));
  }

  /**
   * Reads every byte of a run and says what is damaged, also where the run cannot be opened.
   * @throws RUNS_ID, RUNS_MISSING, RUNS_CARD, FORMAT_NEWER
   */
  async verify(id: string, options: VerifyOptions = {}): Promise<VerifyReport> {
    this.#checkOpen();
    const directory = this.#directory(checkRunId(id));
    const card = readCard(this.#ports.vfs, directory);
    if (card === undefined) throw this.#missing(id);
    let run: Run;
    try {
      run = await this.open(id);
    } catch (error) {
      return damagedReport(error, card, directory, this.#ports);
    }
    try {
      return await run.verify(options);
    } finally {
      await run.close();
    }
  }

  /**
   * Brings everything that is intact in a damaged run into a new one, which records where ticks are lost. The damaged run is
   * only read. The new one is verified before it bears its name.
   * @throws RUNS_ID, RUNS_MISSING, RUNS_EXISTS, RUNS_CARD, JOURNAL_LOCKED while it is recorded, and JOURNAL_DAMAGED if no tick
   *   can be brought back
   */
  async recover(id: string, options: RecoverOptions): Promise<RecoverReport> {
    this.#checkOpen();
    checkRunId(id);
    const as = checkRunId(options.as);
    const { vfs } = this.#ports;
    const source = this.#directory(id);
    const card = readCard(vfs, source);
    if (card === undefined) throw this.#missing(id);
    const found = vfs.lockHolder(source);
    if (found !== undefined) {
      const next = "Close that run first: it may still be written.";
      throw new EverytickError("JOURNAL_LOCKED", { where: source, found, next });
    }
    const { folder } = await openRuns(options.folder ?? this.folder, this.#ports);
    if (vfs.stat(`${folder}/${as}`) !== undefined) {
      throw new EverytickError("RUNS_EXISTS", {
        where: `${folder}/${as}`,
        next: "Choose another id.",
      });
    }
    const plan: RecoverPlan = { card, source, folder, options, sizes: this.#sizes };
    return recoverRun(plan, this.#ports);
  }

  async #record(id: string, options: AnyRecordOptions): Promise<LiveRun> {
    const directory = this.#directory(id);
    const before = await this.#existing(id, options);
    const stage = prepareStage(planRecording(options, before), options, this.#sizes);
    if (before === undefined) initialiseStage(stage);
    this.#makeFolder(directory);
    const lock = this.#lock(directory);
    try {
      // Another process may have been quicker.
      const card = await this.#existing(id, options);
      if ((card === undefined) !== (before === undefined)) {
        throw new EverytickError("RUNS_EXISTS", { where: id, next: "Try again." });
      }
      if (card === undefined) return await recordNew(id, directory, stage, this.#ports, lock);
      return await resumeRun(card, directory, stage, this.#ports, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The card of a run that holds at least one tick. @throws RUNS_EXISTS, RUNS_MISSING, RUNS_FOREIGN */
  async #existing(
    id: string,
    { resume = "never" }: AnyRecordOptions,
  ): Promise<RunCard | undefined> {
    const card = await this.#recordedCard(id);
    if (card === undefined && resume === "only") throw this.#missing(id);
    if (card !== undefined && resume === "never") {
      const next = 'Pass `resume: "auto"` to continue it, or record under another id.';
      throw new EverytickError("RUNS_EXISTS", { where: this.#directory(id), next });
    }
    return card;
  }

  /** A run that crashed before its first tick was acknowledged counts as none. */
  async #recordedCard(id: string): Promise<RunCard | undefined> {
    const { vfs } = this.#ports;
    const directory = this.#directory(id);
    const card = readCard(vfs, directory);
    if (card === undefined) {
      this.#checkForeign(directory);
      return undefined;
    }
    const journal = await openJournal(directory, card, this.#ports);
    try {
      const damage = await journal.damage();
      if (damage !== undefined) throw damage;
      return (await journal.firstStep()) === undefined ? undefined : card;
    } finally {
      await journal.close();
    }
  }

  #checkForeign(directory: string): void {
    const foreign = this.#ports.vfs.list(directory)?.filter((name) => {
      const isOurs =
        namesBeforeCard.has(name) || (name === "journal" && this.#isEmpty(`${directory}/journal`));
      return !isOurs;
    });
    if (foreign === undefined || foreign.length === 0) return;
    const found = foreign.slice(0, 5).join(", ");
    const next = "Choose another id, or another folder.";
    throw new EverytickError("RUNS_FOREIGN", { where: directory, expected: "a run", found, next });
  }

  #isEmpty(path: string): boolean {
    return this.#ports.vfs.list(path)?.length === 0;
  }

  #makeFolder(directory: string): void {
    const { vfs } = this.#ports;
    try {
      vfs.makeDirectory(directory);
    } catch (cause) {
      throw this.#unwritable(cause);
    }
  }

  /** @throws JOURNAL_LOCKED, RUNS_FOLDER */
  #lock(directory: string): Lock {
    try {
      return this.#ports.vfs.lock(directory);
    } catch (cause) {
      throw isEverytickError(cause) ? cause : this.#unwritable(cause);
    }
  }

  #unwritable(cause: unknown): EverytickError {
    const found = cause instanceof Error ? cause.message : String(cause);
    const next = "Choose a folder that can be written, on a disk with space.";
    return new EverytickError("RUNS_FOLDER", { where: this.folder, found, next }, { cause });
  }

  /** Closes every run that is still open. */
  async close(): Promise<void> {
    this.#closed = true;
    // One that cannot be closed well must not keep the others locked.
    const failures: unknown[] = [];
    for (const run of this.#open) await run.close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #track<R extends Run>(run: R): R {
    this.#open.add(run);
    run.onClose = () => this.#open.delete(run);
    return run;
  }

  #directory(id: string): string {
    return `${this.folder}/${id}`;
  }

  #checkOpen(): void {
    if (this.#closed) throw new EverytickError("RUNS_CLOSED", { where: this.folder });
  }

  #missing(id: string): EverytickError {
    const next = "`runs.list()` or `everytick ls` shows the runs that there are.";
    return new EverytickError("RUNS_MISSING", { where: this.folder, found: id, next });
  }
}

/** Checked before any path is built from it. @throws RUNS_ID */
function checkRunId(id: unknown): string {
  if (isRunId(id)) return id;
  const expected = "1 to 64 of a-z 0-9 _ -, beginning with a letter or digit";
  throw new EverytickError("RUNS_ID", {
    expected,
    found: typeof id === "string" ? JSON.stringify(id) : typeof id,
  });
}

/** `YYYYMMDD_HHMMSS`, UTC. */
function idOfTime(wallTime: number): string {
  const [date = "", time = ""] = new Date(wallTime).toISOString().split("T");
  return `${date.replaceAll("-", "")}_${time.slice(0, 8).replaceAll(":", "")}`;
}
