import type { Command } from "commander";
import { openRuns, type Run } from "../../runs/index.ts";
import type { Damage, VerifyReport } from "../../types.ts";
import { exitCodes } from "../exit.ts";
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

export function verifyCommand(program: Command, shell: Shell): void {
  program
    .command("verify")
    .summary("check every checksum and digest of a run")
    .description(
      "Reads a whole run and checks every checksum and digest. Changes nothing.\n\n" +
        "Exits with 3 if anything is damaged, and says where.",
    )
    .argument("<run>", "id of the run")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} verify meadow
  $ ${invocation} verify meadow --json | jq '.damage[]'`,
    )
    .action(async (id: string, { dir }: { readonly dir: string }) => verify(shell, id, dir));
}

async function verify(shell: Shell, id: string, folder: string): Promise<void> {
  const { output } = shell;
  await using runs = await openRuns(folder);
  await using run = await runs.open(id);
  const startedAt = milliseconds();
  const report = await verifyWatched(shell, run);
  if (report === undefined) {
    output.aside(`stopped; run ${id} is not verified to its end`);
    shell.exitCode = exitCodes.interrupted;
    return;
  }
  const ok = report.damage.length === 0;
  const seconds = (milliseconds() - startedAt) / 1000;
  if (output.forMachine) {
    const document: VerifyJson = { id, ok, seconds, ...report };
    output.document(document);
  } else {
    printReport(output, id, report, seconds);
  }
  if (!ok) shell.exitCode = exitCodes.damage;
}

/** `undefined` if it was stopped. */
async function verifyWatched(
  { output, signal }: Shell,
  run: Run,
): Promise<VerifyReport | undefined> {
  using progress = new ProgressLine(output);
  try {
    return await run.verify({
      signal,
      onProgress: ({ ticks, ofTicks, bytes: read }) =>
        progress.update(() => `  ${count(ticks)} of ${counted(ofTicks, "tick")} · ${bytes(read)}`),
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
