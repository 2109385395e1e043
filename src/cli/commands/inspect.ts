import type { Command } from "commander";
import { EverytickError } from "../../errors.ts";
import { openRuns, type Runs } from "../../runs/index.ts";
import { folderOption } from "../options.ts";
import { type Address, addressOptions, showRun, startServer, untilStopped } from "../serving.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";

interface InspectOptions extends Address {
  readonly dir: string;
  readonly open: boolean;
}

export function inspectCommand(program: Command, shell: Shell): void {
  const command = program
    .command("inspect")
    .summary("look at a run in the browser")
    .description("Opens a page in the browser on which any tick of a run is one drag away.")
    .argument("<run>", "id of the run")
    .option("--no-open", "print the address, and open no browser")
    .addOption(folderOption());
  for (const option of addressOptions()) command.addOption(option);
  command
    .addHelpText(
      "after",
      `
It ends with Ctrl-C. The browser is that of the environment variable BROWSER, else the one of the system.

Examples:
  $ ${invocation} inspect life
  $ ${invocation} inspect life --no-open --port 8080`,
    )
    .action(async (id: string, options: InspectOptions) => inspect(shell, id, options));
}

async function inspect(shell: Shell, id: string, options: InspectOptions): Promise<void> {
  const { output } = shell;
  await using runs = await openRuns(options.dir);
  await checkRun(runs, id, options.dir);
  await using server = await startServer(runs, options, output);
  showRun(shell, server, id, options.open);
  await untilStopped(shell.signal);
}

/** A damaged run can be looked at, too. @throws RUNS_ID, RUNS_MISSING */
async function checkRun(runs: Runs, id: string, folder: string): Promise<void> {
  if ((await runs.summary(id)) !== undefined) return;
  const next = `\`${suggestion(folder, "ls")}\` shows the runs that there are.`;
  throw new EverytickError("RUNS_MISSING", { where: folder, found: id, next });
}
