import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { lsCommand } from "./commands/ls.ts";
import { playCommand } from "./commands/play.ts";
import { recoverCommand } from "./commands/recover.ts";
import { recordCommand } from "./commands/record.ts";
import { resumeCommand } from "./commands/resume.ts";
import { runCommand } from "./commands/run.ts";
import { serveCommand } from "./commands/serve.ts";
import { showCommand } from "./commands/show.ts";
import { tortureCommand } from "./commands/torture.ts";
import { verifyCommand } from "./commands/verify.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit.ts";
import { reportFailure } from "./failure.ts";
import { watchInterrupts } from "./interrupt.ts";
import { Output } from "./output.ts";
import { invocation, type Shell } from "./shell.ts";
import { usageError } from "./usage.ts";

const summary = "Flight recorder and time machine for tick-based simulations.";

/** Runs one command line, without the program's own name, to its exit code. */
export async function runCli(args: readonly string[]): Promise<ExitCode> {
  // Looked up before parsing, so that a command line that cannot be parsed is also reported as asked.
  const output = new Output({ json: args.includes("--json"), lines: args.includes("--acks") });
  using interrupt = watchInterrupts(output);
  const shell: Shell = { output, signal: interrupt.signal, exitCode: exitCodes.ok };
  const program = buildProgram(shell);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    const command = program.commands.find((candidate) => candidate.name() === args[0]);
    shell.exitCode = fail(error, command?.name(), output);
  }
  await output.flushed();
  return shell.exitCode;
}

function fail(error: unknown, command: string | undefined, output: Output): ExitCode {
  const known = error instanceof CommanderError ? fromCommander(error, command) : error;
  if (known === undefined) return exitCodes.ok;
  reportFailure(known, output);
  return exitCodeOf(known);
}

/** Commander reports everything as an error, even the help that was asked for; that one becomes `undefined`. */
function fromCommander(error: CommanderError, command: string | undefined): Error | undefined {
  if (error.exitCode === 0) return undefined;
  const next = [invocation, ...(command === undefined ? [] : [command]), "--help"].join(" ");
  if (error.code === "commander.help") return usageError({ expected: "a command", next });
  const said = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  const [, where, found, expected] =
    /^(?:option|command-argument) '(.+?)' argument '(.*)' is invalid\. (.*)$/.exec(said) ?? [];
  if (where === undefined || found === undefined || expected === undefined) {
    return usageError({ found: said, next });
  }
  const wanted = expected.replace(/^Expected /, "").replace(/\.$/, "");
  return usageError({ where, expected: wanted, found: JSON.stringify(found), next });
}

function buildProgram(shell: Shell): Command {
  const program = new Command("everytick")
    .description(summary)
    .version(packageVersion(), "-V, --version")
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ styleTitle: (title) => styleText("bold", title), sortSubcommands: false })
    .showSuggestionAfterError(true);
  demoCommand(program, shell);
  runCommand(program, shell);
  recordCommand(program, shell);
  lsCommand(program, shell);
  showCommand(program, shell);
  playCommand(program, shell);
  inspectCommand(program, shell);
  resumeCommand(program, shell);
  verifyCommand(program, shell);
  recoverCommand(program, shell);
  doctorCommand(program, shell);
  exportCommand(program, shell);
  serveCommand(program, shell);
  tortureCommand(program, shell);
  program.addHelpText(
    "after",
    `
Examples:
  $ ${invocation} demo
  $ ${invocation} run automaton --ticks 1000 --id life
  $ ${invocation} run ./meadow.ts --ticks 10000
  $ ./simulation | ${invocation} record --stdin trial-1
  $ ${invocation} resume life --steps 1000
  $ ${invocation} ls
  $ ${invocation} inspect life

Exit codes: 0 ok, 1 error, 2 usage, 3 damage found, 4 conflict, 130 interrupted.`,
  );
  return program;
}

/** The package lies above this file at a depth that differs between the sources and the build. */
function packageVersion(): string {
  for (const path of ["../../package.json", "../../../package.json"]) {
    try {
      const manifest: unknown = JSON.parse(
        readFileSync(new URL(path, import.meta.url), { encoding: "utf8" }),
      );
      if (isManifest(manifest) && manifest.name === "everytick") return manifest.version;
    } catch {
      // Not at this depth.
    }
  }
  return "unknown";
}

function isManifest(value: unknown): value is { name: string; version: string } {
  return typeof value === "object" && value !== null && "name" in value && "version" in value;
}
