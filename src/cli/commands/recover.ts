import type { Command } from "commander";
import { openRuns } from "../../runs/index.ts";
import type { LostTicks, RecoverReport } from "../../types.ts";
import { exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible, type Output } from "../output.ts";
import { ProgressLine } from "../progress.ts";
import { bytes, count, counted, duration } from "../quantities.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";

/** What `recover --json` prints. */
interface RecoverJson extends RecoverReport {
  readonly seconds: number;
}

interface Options {
  readonly dir: string;
  readonly out: string;
  readonly outDir?: string;
}

export function recoverCommand(program: Command, shell: Shell): void {
  program
    .command("recover")
    .summary("bring what is intact in a damaged run into a new one")
    .description(
      "Copies every tick that can be rebuilt into a new run, on both sides of damage, and marks gaps.\n" +
        "The damaged run is only read. The new one is verified before it gets its name.\n\n" +
        "Exits with 3 if nothing can be brought back; then no run is made.",
    )
    .argument("<run>", "id of the damaged run")
    .requiredOption("--out <id>", "id of the new run")
    .option("--out-dir <folder>", "the folder of runs for the new one (default: that of --dir)")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} recover meadow --out meadow-2
  $ ${invocation} recover meadow --out meadow --out-dir /mnt/other/runs`,
    )
    .action(async (id: string, options: Options) => recover(shell, id, options));
}

async function recover(shell: Shell, id: string, options: Options): Promise<void> {
  const { output } = shell;
  await using runs = await openRuns(options.dir);
  const startedAt = milliseconds();
  const report = await recoverWatched(shell, async (watch) => {
    const folder = options.outDir === undefined ? {} : { folder: options.outDir };
    return runs.recover(id, { as: options.out, ...folder, ...watch });
  });
  if (report === undefined) {
    output.aside(`stopped; no run ${options.out} was made`);
    shell.exitCode = exitCodes.interrupted;
    return;
  }
  const seconds = (milliseconds() - startedAt) / 1000;
  if (output.forMachine) {
    const document: RecoverJson = { seconds, ...report };
    output.document(document);
  } else {
    printReport(output, report, options.outDir ?? options.dir, seconds);
  }
}

interface Watch {
  readonly signal: AbortSignal;
  readonly onProgress: (done: { readonly ticks: number; readonly ofTicks: number }) => void;
}

/** `undefined` if it was stopped. */
async function recoverWatched(
  { output, signal }: Shell,
  work: (watch: Watch) => Promise<RecoverReport>,
): Promise<RecoverReport | undefined> {
  using progress = new ProgressLine(output);
  try {
    return await work({
      signal,
      onProgress: ({ ticks, ofTicks }) =>
        progress.update(() => `  ${count(ticks)} of ${counted(ofTicks, "tick")}`),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function printReport(output: Output, report: RecoverReport, folder: string, seconds: number): void {
  const { id, from, firstTick, lastTick, salvaged, lost, possible, lostTicks } = report;
  const what = `${count(salvaged)} of ${counted(possible, "tick")} brought back from ${from.id}`;
  output.check(`run ${output.paint("bold", id)}: ${what}`);
  for (const range of lostTicks) printLost(output, range);
  if (lostTicks.length > 0) output.line();
  output.fact("ticks", `${count(firstTick)} to ${count(lastTick)} · ${count(lost)} lost`);
  output.fact("damage", counted(report.damage.length, "place"));
  output.fact("verified", `${bytes(report.bytes)} in ${duration(seconds * 1000)}`);
  output.fact("digest", report.historyDigest);
  output.line();
  output.line(`To look at it: ${suggestion(folder, "show", id)}`);
  output.line(`To go on: ${suggestion(folder, "resume", id)}`);
}

function printLost(output: Output, { ticks, file, offset, expected, found }: LostTicks): void {
  output.line();
  output.fact("lost", `ticks ${count(ticks[0])} to ${count(ticks[1])}`);
  output.fact("file", `${visible(file)}, byte ${count(offset)}`);
  output.fact("expected", visible(expected));
  output.fact("found", visible(found));
}
