import { setTimeout } from "node:timers/promises";
import { EverytickError, isEverytickError } from "../errors.ts";
import { type LiveRun, openRuns, type Runs } from "../runs/index.ts";
import type { Ack, AnyWorld, Durability, Params } from "../types.ts";
import { exitCodes } from "./exit.ts";
import { type Goal, lastTickOf } from "./goal.ts";
import { ProgressLine, stepProgressText } from "./progress.ts";
import { count } from "./quantities.ts";
import { printClosing, printOpening, runJson } from "./run-report.ts";
import { type Shell, suggestion } from "./shell.ts";
import { stepTo } from "./stepping.ts";
import { milliseconds } from "./stopwatch.ts";

const renameAttemptsMax = 20;

/** What `run` and `resume` have in common: a world stepped to a goal while the user watches. */
export interface Recording {
  readonly folder: string;
  readonly id: string | undefined;
  readonly goal: Goal;
  readonly durability: Durability;
  readonly window: number;
  /** One line of JSON per acknowledgement. */
  readonly acks: boolean;
  readonly options: {
    readonly world: AnyWorld;
    readonly params?: Params;
    readonly seed?: number;
    readonly resume: "never" | "auto" | "only";
    readonly labels?: { readonly [name: string]: string };
    readonly codeDigest: string;
  };
}

export async function recordTo(shell: Shell, recording: Recording): Promise<void> {
  const { output, signal } = shell;
  const { folder, durability, window } = recording;
  await using runs = await openRuns(folder);
  await using run = await openRun(runs, recording);
  const fromTick = run.tick;
  const lastTick = lastTickOf(recording.goal, run);
  const how =
    window === 0
      ? `${durability}, every tick`
      : `${durability}, at most ${window} ticks unacknowledged`;
  printOpening(output, run, folder, how);

  const elapsed = await stepWatched(shell, run, lastTick, recording.acks);
  // Closed first: the mark of an orderly end is a part of what is measured, and a failure to write it is a failure.
  await run.close();
  const facts = await runs.facts(run.id);
  const report = runJson(run, facts, { folder, durability, fromTick, lastTick, elapsed });
  if (output.forMachine) output.document(recording.acks ? { report } : report);
  printClosing(output, report, facts, folder);
  if (signal.aborted && report.interrupted) shell.exitCode = exitCodes.interrupted;
}

async function openRun(
  runs: Runs,
  { id, folder, durability, window, options }: Recording,
): Promise<LiveRun> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await runs.record(id, { ...options, durability, window });
    } catch (error) {
      if (isTaken(error) && id === undefined && attempt < renameAttemptsMax) {
        // Named after the second, like a run that another process has just begun: the next second is free.
        await setTimeout(500);
      } else {
        throw isEverytickError(error, "RUNS_EXISTS") ? withWayOut(error, folder, id) : error;
      }
    }
  }
}

function isTaken(error: unknown): boolean {
  return isEverytickError(error, "RUNS_EXISTS") || isEverytickError(error, "JOURNAL_LOCKED");
}

/** The engine's advice is for programs. */
function withWayOut(error: EverytickError, folder: string, id = ""): EverytickError {
  const next = `${suggestion(folder, "resume", id, "--steps", "1000")}, or another --id`;
  return new EverytickError(error.code, { ...error.details, next }, { cause: error });
}

async function stepWatched(
  { output, signal }: Shell,
  run: LiveRun,
  lastTick: number,
  acks: boolean,
): Promise<number> {
  using progress = new ProgressLine(output);
  const startedAt = milliseconds();
  const from = run.tick;
  if (acks) output.documentLine({ ack: { tick: run.tick, durableTick: run.durableTick } });
  const onAck = ({ tick, durableTick }: Ack) => {
    if (acks) output.documentLine({ ack: { tick, durableTick } });
    const elapsed = milliseconds() - startedAt;
    const { bytesWritten } = run;
    progress.update(() =>
      stepProgressText({ from, tick, until: lastTick, durableTick, bytesWritten, elapsed }),
    );
  };
  try {
    return await stepTo(run, lastTick, { signal, single: acks, onAck });
  } catch (error) {
    progress.clear();
    if (isEverytickError(error, "WORLD_THREW")) await tellWhereItStopped(run, output);
    throw error;
  }
}

/** A world that throws ends the recording, not what was recorded before. */
async function tellWhereItStopped(run: LiveRun, output: Shell["output"]): Promise<void> {
  const { durableTick } = await run.flush();
  output.aside(`stopped after tick ${count(run.tick)}; durable up to tick ${count(durableTick)}`);
}
