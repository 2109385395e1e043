import type { Command } from "commander";
import { diskFindings } from "../doctor/disk.ts";
import { clockFindings, runtimeFindings } from "../doctor/environment.ts";
import type { Finding } from "../doctor/finding.ts";
import { lookAtRuns } from "../doctor/leftovers.ts";
import { exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { visible, type Output } from "../output.ts";
import { invocation, type Shell } from "../shell.ts";

/** What `doctor --json` prints; `ok` is whether there is no problem. */
interface DoctorJson {
  readonly folder: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function doctorCommand(program: Command, shell: Shell): void {
  program
    .command("doctor")
    .summary("check the machine and the folder of runs")
    .description(
      "Checks whether this machine can keep what everytick promises: Node, disk, clock, locks, and\n" +
        "what lies in the folder of runs. Changes nothing; histories are checked by verify.\n\n" +
        "Exits with 1 if there is a problem; warnings do not count.",
    )
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} doctor
  $ ${invocation} doctor --dir ./experiments --json | jq '.findings[] | select(.level != "ok")'`,
    )
    .action(async ({ dir }: { readonly dir: string }) => doctor(shell, dir));
}

async function doctor(shell: Shell, folder: string): Promise<void> {
  const { output } = shell;
  const disk = diskFindings(folder);
  const { findings: inFolder, newest } = await lookAtRuns(folder);
  const clock = await clockFindings(newest);
  const findings = [...runtimeFindings(process.versions), ...disk, ...clock, ...inFolder];
  const ok = findings.every(({ level }) => level !== "problem");
  if (output.forMachine) output.document({ folder, ok, findings } satisfies DoctorJson);
  else for (const finding of findings) printFinding(output, finding);
  if (!ok) shell.exitCode = exitCodes.error;
}

const signs = { ok: ["green", "✓"], warning: ["yellow", "!"], problem: ["red", "✗"] } as const;

function printFinding(output: Output, { check, level, found, next }: Finding): void {
  const [colour, sign] = signs[level];
  const means = next === undefined ? "" : ` ${output.paint("dim", `· ${next}`)}`;
  const text = `${output.paint("bold", visible(check))}: ${visible(found)}`;
  output.line(`${output.paint(colour, sign)} ${text}${means}`);
}
