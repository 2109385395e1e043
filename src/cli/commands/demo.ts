import type { Command } from "commander";
import { openRuns } from "../../runs/index.ts";
import { type CheckJson, Checks } from "../demo/checks.ts";
import { demoGun, type GunJson } from "../demo/gun.ts";
import { demoVoxels, type VoxelsJson } from "../demo/voxels.ts";
import { exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { counted, duration } from "../quantities.ts";
import { isPageBuilt, loopback, showRun, startServer, untilStopped } from "../serving.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";
import { milliseconds } from "../stopwatch.ts";

/** What `demo --json` prints. */
export interface DemoJson {
  readonly ok: boolean;
  readonly seconds: number;
  readonly checks: readonly CheckJson[];
  readonly voxels: VoxelsJson;
  readonly gun: GunJson;
}

interface DemoOptions {
  readonly dir: string;
  readonly open: boolean;
}

export function demoCommand(program: Command, shell: Shell): void {
  program
    .command("demo")
    .summary("see it work: a run is recorded, killed, resumed and rewound")
    .description(
      "Records two worlds in front of you, kills one of them half way, resumes it, rewinds it, and checks\n" +
        "every claim while it is made. Replaces the runs of an earlier demo, and touches no other run.\n" +
        "In a terminal it ends in the browser, where both runs can be looked at.",
    )
    .option("--no-open", "open no browser in the end")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} demo
  $ ${invocation} demo --dir /tmp/demo --json`,
    )
    .action(async ({ dir, open }: DemoOptions) => {
      await demo(shell, dir);
      if (open && shell.exitCode === exitCodes.ok) await showInBrowser(shell, dir);
    });
}

async function demo(shell: Shell, folder: string): Promise<void> {
  const { output, signal } = shell;
  const startedAt = milliseconds();
  const checks = new Checks(output);
  output.line();
  output.line(
    output.paint("dim", "Two worlds are recorded. Whatever has a ✓ was checked while you watch."),
  );
  output.line();
  try {
    await using runs = await openRuns(folder);
    const voxels = await demoVoxels(shell, runs, checks);
    output.line();
    const gun = await demoGun(shell, runs, checks);
    const elapsed = milliseconds() - startedAt;
    const ok = checks.failed === 0;
    if (output.forMachine) {
      const document: DemoJson = { ok, seconds: elapsed / 1000, checks: checks.all, voxels, gun };
      output.document(document);
    }
    printSummary(shell, checks, elapsed, folder);
    if (!ok) shell.exitCode = exitCodes.error;
  } catch (error) {
    if (!signal.aborted) throw error;
    output.aside("the demo was stopped; run it again at any time");
    shell.exitCode = exitCodes.interrupted;
  }
}

/** Where nobody sits in front of it, or there is nothing to show it with, a demo ends by itself. */
async function showInBrowser(shell: Shell, folder: string): Promise<void> {
  const { stdin, stdout, env } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY && env["CI"] === undefined;
  if (!isTerminal || shell.output.forMachine || !isPageBuilt()) return;
  await using runs = await openRuns(folder);
  await using server = await startServer(runs, loopback, shell.output);
  showRun(shell, server, "demo-gun", true);
  await untilStopped(shell.signal);
}

function printSummary({ output }: Shell, checks: Checks, elapsed: number, folder: string): void {
  const all = counted(checks.all.length, "check");
  output.line();
  if (checks.failed === 0) {
    output.line(output.paint(["green", "bold"], `✓ all ${all} hold, in ${duration(elapsed)}`));
  } else {
    output.line(
      output.paint(
        ["red", "bold"],
        `✗ ${checks.failed} of ${all} failed; this is a bug in everytick`,
      ),
    );
  }
  output.line();
  output.fact("try next", suggestion(folder, "ls"));
  output.fact("", suggestion(folder, "inspect", "demo-gun"));
  output.fact("", suggestion(folder, "verify", "demo-voxels"));
  output.fact("", suggestion(folder, "resume", "demo-gun", "--steps", "300"));
  output.fact("", suggestion(folder, "run", "automaton", "--ticks", "1000", "--id", "life"));
}
