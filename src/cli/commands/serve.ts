import type { Command } from "commander";
import { openRuns } from "../../runs/index.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible } from "../output.ts";
import { type Address, addressOptions, notBuilt, startServer, untilStopped } from "../serving.ts";
import { invocation, type Shell, shownPath } from "../shell.ts";

/** What `serve --json` prints once it listens. */
export interface ServeJson {
  readonly url: string;
  readonly folder: string;
  /** Whether the browser page is there. */
  readonly hasPage: boolean;
}

export function serveCommand(program: Command, shell: Shell): void {
  const command = program
    .command("serve")
    .summary("serve the runs of a folder over HTTP, for reading")
    .description(
      "Serves the runs of a folder to a browser on this machine and to other programs. Nothing can be written.",
    )
    .addOption(folderOption())
    .addOption(jsonOption());
  for (const option of addressOptions()) command.addOption(option);
  command
    .addHelpText(
      "after",
      `
It ends with Ctrl-C. Other machines reach it only with --host, and whoever reaches it can read every run.
/v1/openapi.json describes what it answers.

Examples:
  $ ${invocation} serve
  $ ${invocation} serve --dir ./experiments --port 8080
  $ curl http://127.0.0.1:4173/v1/runs`,
    )
    .action(async (options: Address & { readonly dir: string }) => serve(shell, options));
}

async function serve(shell: Shell, options: Address & { readonly dir: string }): Promise<void> {
  const { output, signal } = shell;
  await using runs = await openRuns(options.dir);
  await using server = await startServer(runs, options, output);
  const { url, hasPage } = server;
  if (output.forMachine) {
    const document: ServeJson = { url, folder: options.dir, hasPage };
    output.document(document);
  }
  output.line();
  output.fact("serving", output.paint("bold", url));
  output.fact("folder", visible(shownPath(options.dir)));
  if (!hasPage) output.fact("", notBuilt);
  await untilStopped(signal);
}
