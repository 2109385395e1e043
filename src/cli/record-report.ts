import { join } from "node:path";
import type { LiveRun } from "../runs/index.ts";
import type { Durability, Recovery, RunFacts } from "../types.ts";
import type { InputCounts } from "./ingest/line-writing.ts";
import type { Output } from "./output.ts";
import { bytes, count, counted, duration } from "./quantities.ts";
import { sizes, sizeText } from "./run-report.ts";
import { suggestion } from "./shell.ts";

/** What `record --json` prints. */
export interface RecordJson extends InputCounts {
  readonly id: string;
  readonly folder: string;
  readonly durability: Durability;
  /** What opening found: whether the run existed, its last tick, bytes cut from the tail, warnings. */
  readonly recovery: Recovery;
  readonly fromTick: number;
  readonly tick: number;
  /** Whether a signal stopped it before the end of the input. */
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Bytes of the whole recording, and of the states it stands for if each were written as it is. */
  readonly bytes: number;
  readonly rawBytes: number;
  readonly bytesPerTick: number;
  readonly historyDigest: string;
}

export interface RecordedInput {
  readonly folder: string;
  readonly durability: Durability;
  readonly counts: InputCounts;
  readonly interrupted: boolean;
  /** Milliseconds. */
  readonly elapsed: number;
}

export function recordJson(run: LiveRun, facts: RunFacts, input: RecordedInput): RecordJson {
  const { counts, durability, interrupted, elapsed } = input;
  return {
    id: run.id,
    folder: join(input.folder, run.id),
    durability,
    recovery: run.recovery,
    fromTick: run.recovery.tick,
    tick: facts.tick,
    ...counts,
    interrupted,
    seconds: elapsed / 1000,
    rowsPerSecond: elapsed > 0 ? ((counts.rows + counts.messages) / elapsed) * 1000 : 0,
    ...sizes(facts),
    historyDigest: facts.historyDigest,
  };
}

export function recordProgressText(
  run: LiveRun | undefined,
  { rows, messages }: InputCounts,
  elapsed: number,
): string {
  const lines = rows + messages;
  return [
    `  tick ${count(run?.tick ?? 0)}`,
    counted(lines, "row"),
    `${count((lines / Math.max(elapsed, 1)) * 1000)}/s`,
    bytes(run?.bytesWritten ?? 0),
  ].join(" · ");
}

export function printRecorded(
  output: Output,
  report: RecordJson,
  facts: RunFacts,
  folder: string,
): void {
  const { rows, messages, compared, gaps, repeated, different } = report;
  const lines = messages > 0 ? counted(messages, "message") : counted(rows, "row");
  const speed = `${duration(report.seconds * 1000)} (${count(report.rowsPerSecond)}/s)`;
  output.line();
  if (report.interrupted) {
    const left = "a tick that was not over is left out";
    output.line(
      `${output.paint("yellow", "■")} stopped at tick ${count(report.tick)} after ${lines} in ${speed}; ${left}`,
    );
  } else {
    output.check(`${lines} in ${speed}; the run is at tick ${count(report.tick)}`);
  }
  if (compared > 0) output.fact("compared", `${counted(compared, "tick")}, the same as recorded`);
  if (gaps > 0) output.fact("gaps", `${count(gaps)}, recorded as missing`);
  if (repeated > 0) output.fact("repeated", `${counted(repeated, "message")}, left out`);
  if (different > 0) output.fact("different", `${counted(different, "cell")} held another value`);
  output.fact("size", sizeText(facts));
  output.fact("digest", report.historyDigest);
  output.fact("next", suggestion(folder, "show", report.id));
  output.fact("", suggestion(folder, "verify", report.id));
  output.fact("", suggestion(folder, "export", report.id, "--out", `${report.id}.jsonl`));
}
