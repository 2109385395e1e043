import { isDamage, isEverytickError, type EverytickError } from "../errors.ts";
import type { RunCard, RunStatus, Tick } from "../types.ts";
import type { RunFiles } from "./run-files.ts";
import type { Run } from "./run.ts";

/** A run as it stands in a list of runs. */
export interface RunSummary {
  readonly id: string;
  /** `undefined`: it cannot be read. */
  readonly card: RunCard | undefined;
  /** What cannot be read is `damaged`, or `unreadable` for another reason; `verify` tells more. */
  readonly state: RunStatus | "damaged" | "unreadable";
  readonly error: EverytickError | undefined;
  /** What could be read of the journal. */
  readonly recorded: RecordedSummary | undefined;
}
export interface RecordedSummary {
  readonly firstTick: Tick;
  readonly tick: Tick;
  /** Bytes of history: card and segments. */
  readonly bytes: number;
}

/**
 * Looks at a run for a list: one that cannot be read is a row like any other, and must not hide the sound ones.
 * @returns `undefined` if it holds no tick: its recorder has just begun, or died before the first one.
 */
export async function summarize(
  files: RunFiles,
  open: () => Promise<Run>,
): Promise<RunSummary | undefined> {
  const { id } = files;
  let card: RunCard | undefined;
  try {
    card = files.card();
    await using run = await open();
    const { firstTick, tick } = run;
    const recorded = { firstTick, tick, bytes: files.bytes };
    return { id, card, state: await run.status(), error: undefined, recorded };
  } catch (error) {
    if (isEverytickError(error, "RUNS_MISSING")) return undefined;
    if (!isEverytickError(error)) throw error;
    const state = isDamage(error) ? "damaged" : "unreadable";
    return { id, card, state, error, recorded: undefined };
  }
}
