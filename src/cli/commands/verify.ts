import type { Command } from "commander";
import { type ErrorCode, isEverytickError } from "../../errors.ts";
import { openRuns, type Runs } from "../../runs/index.ts";
import type { Damage, VerifyReport } from "../../types.ts";
import { exitCodeOf, exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible, type Output } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, count, counted, duration } from "../quantities.ts";
import { invocation, type Shell } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";

/** What `verify --json` prints; `ok` is whether there is no damage. */
export interface VerifyJson extends VerifyReport {
  readonly id: string;
  readonly ok: boolean;
  readonly seconds: number;
}

/** What `verify --json` prints for several runs, or for all. */
interface VerifyAllJson {
  readonly folder: string;
  readonly ok: boolean;
  readonly runs: readonly (VerifyJson | VerifyErrorJson)[];
}
/** A run whose card cannot be read. */
interface VerifyErrorJson {
  readonly id: string;
  readonly ok: false;
  readonly error: ErrorCode;
}

export function verifyCommand(program: Command, shell: Shell): void {
  program
    .command("verify")
    .summary("check every checksum and digest of runs")
    .description(
      "Reads whole runs and checks every checksum and digest. Changes nothing.\n\n" +
        "Exits with 3 if anything is damaged, and says where.",
    )
    .argument("[runs...]", "ids of runs; all of the folder, if none is given")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} verify meadow
  $ ${invocation} verify
  $ ${invocation} verify meadow --json | jq '.damage[]'`,
    )
    .action(async (ids: readonly string[], { dir }: { readonly dir: string }) => {
      await using runs = await openRuns(dir);
      const [only] = ids;
      if (only !== undefined && ids.length === 1) await verifyOne(shell, runs, only);
      else await verifyAll(shell, runs, ids);
    });
}

async function verifyOne(shell: Shell, runs: Runs, id: string): Promise<void> {
  const document = await verify(shell, runs, id);
  if (document === undefined) return;
  if (shell.output.forMachine) shell.output.document(document);
  if (!document.ok) shell.exitCode = exitCodes.damage;
}

/** A run that cannot be read must not hide what is wrong with the others. */
async function verifyAll(shell: Shell, runs: Runs, given: readonly string[]): Promise<void> {
  const { output } = shell;
  const documents: (VerifyJson | VerifyErrorJson)[] = [];
  const failed = (id: string, error: unknown): void => {
    if (!isEverytickError(error)) throw error;
    documents.push({ id, ok: false, error: error.code });
    output.cross(`run ${visible(id)}: ${visible(error.message.replaceAll("\n", " "))}`);
    const code = exitCodeOf(error);
    if (shell.exitCode === exitCodes.ok || code === exitCodes.damage) shell.exitCode = code;
  };
  const ids = given.length > 0 ? given : await idsOf(runs, failed);
  for (const id of ids) {
    try {
      const document = await verify(shell, runs, id);
      if (document === undefined) return;
      documents.push(document);
      if (!document.ok) shell.exitCode = exitCodes.damage;
    } catch (error) {
      // A run that holds no tick yet is none.
      if (given.length > 0 || !isEverytickError(error, "RUNS_MISSING")) failed(id, error);
    }
  }
  const ok = documents.every((document) => document.ok);
  const folder = runs.folder;
  if (output.forMachine) output.document({ folder, ok, runs: documents } satisfies VerifyAllJson);
  else output.line(`${counted(documents.length, "run")} verified in ${visible(folder)}`);
}

async function idsOf(
  runs: Runs,
  onDamage: (id: string, error: unknown) => void,
): Promise<readonly string[]> {
  return (await runs.list({ onDamage })).map(({ id }) => id);
}

/** `undefined` if it was stopped. */
async function verify(shell: Shell, runs: Runs, id: string): Promise<VerifyJson | undefined> {
  const { output } = shell;
  const startedAt = milliseconds();
  const report = await verifyWatched(shell, runs, id);
  if (report === undefined) {
    output.aside(`stopped; run ${id} is not verified to its end`);
    shell.exitCode = exitCodes.interrupted;
    return undefined;
  }
  const ok = report.damage.length === 0;
  const seconds = (milliseconds() - startedAt) / 1000;
  if (!output.forMachine) printReport(output, id, report, seconds);
  return { id, ok, seconds, ...report };
}

/** `undefined` if it was stopped. */
async function verifyWatched(
  { output, signal }: Shell,
  runs: Runs,
  id: string,
): Promise<VerifyReport | undefined> {
  using progress = new ProgressLine(output);
  try {
    return await runs.verify(id, {
      signal,
      onProgress: ({ ticks, ofTicks, bytes: read }) =>
        progress.update(
          () => `  ${id} · ${count(ticks)} of ${counted(ofTicks, "tick")} · ${bytes(read)}`,
        ),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function printReport(output: Output, id: string, report: VerifyReport, seconds: number): void {
  const { firstTick, lastTick, ticks, keyframes, segments, damage, tailBytes } = report;
  const size = `${bytes(report.bytes)} in ${duration(seconds * 1000)}`;
  const range = `${count(firstTick)} to ${count(lastTick)}`;
  if (damage.length === 0) {
    output.check(`run ${output.paint("bold", id)}: every checksum and digest holds`);
  } else {
    output.cross(
      `run ${output.paint("bold", id)}: ${counted(damage.length, "damage", "damages")} found`,
    );
    for (const item of damage) printDamage(output, item);
    output.line();
  }
  output.fact("ticks", `${range} · ${count(ticks)} sound`);
  output.fact(
    "frames",
    `${counted(keyframes, "keyframe")} in ${counted(segments, "segment")} · ${size}`,
  );
  output.fact("digest", report.historyDigest);
  if (tailBytes > 0) {
    output.fact(
      "tail",
      `${counted(tailBytes, "byte")} after the last tick, never acknowledged; no damage`,
    );
  }
  for (const stray of report.strays) {
    output.fact("stray", `${visible(stray)} is no part of the run; nothing reads it`);
  }
}

function printDamage(output: Output, { file, offset, ticks, expected, found }: Damage): void {
  output.line();
  output.fact("file", `${visible(file)}, byte ${count(offset)}`);
  output.fact(
    "ticks",
    ticks === undefined ? "unknown" : `${count(ticks[0])} to ${count(ticks[1])}`,
  );
  output.fact("expected", visible(expected));
  output.fact("found", visible(found));
}
