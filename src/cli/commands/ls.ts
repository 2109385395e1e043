import type { Command } from "commander";
import type { ErrorCode } from "../../errors.ts";
import { openRuns, type RunSummary } from "../../runs/index.ts";
import type { RunCard } from "../../types.ts";
import { exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { table, visible } from "../output.ts";
import { bytes, count, moment } from "../quantities.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";

/** What `ls --json` prints. */
export interface LsJson {
  readonly folder: string;
  readonly runs: readonly LsRunJson[];
}
interface LsRunJson {
  readonly id: string;
  /** `null`, here and below: unknown, since it cannot be read. */
  readonly world: { readonly name: string; readonly version: number } | null;
  readonly seed: number | null;
  readonly createdAt: string | null;
  readonly labels: RunCard["labels"];
  /** `error` holds the code of what is damaged or unreadable; `verify` tells more. */
  readonly state: RunSummary["state"];
  readonly error: ErrorCode | null;
  readonly firstTick: number | null;
  readonly tick: number | null;
  readonly bytes: number | null;
  readonly bytesPerTick: number | null;
}

export function lsCommand(program: Command, shell: Shell): void {
  program
    .command("ls")
    .summary("list the runs of a folder")
    .description("Lists the runs of a folder, the oldest first.")
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} ls
  $ ${invocation} ls --dir ./experiments
  $ ${invocation} ls --json | jq -r '.runs[] | select(.state == "interrupted") | .id'`,
    )
    .action(async ({ dir }: { readonly dir: string }) => ls(shell, dir));
}

async function ls(shell: Shell, folder: string): Promise<void> {
  const { output } = shell;
  const rows = await readRuns(folder);
  if (output.forMachine) {
    const document: LsJson = { folder, runs: rows };
    output.document(document);
  } else if (rows.length === 0) {
    output.line(`No runs in ${visible(folder)} yet. To record one:`);
    output.line(`  ${suggestion(folder, "run", "automaton", "--ticks", "1000")}`);
  } else {
    printTable(shell, folder, rows);
  }
  if (rows.some((row) => row.state === "damaged")) shell.exitCode = exitCodes.damage;
}

async function readRuns(folder: string): Promise<LsRunJson[]> {
  await using runs = await openRuns(folder);
  const rows: LsRunJson[] = [];
  for (const id of runs.ids()) {
    const summary = await runs.summary(id);
    if (summary !== undefined) rows.push(rowOf(summary));
  }
  return rows.sort(byCreation);
}

function rowOf({ id, card, state, error, recorded }: RunSummary): LsRunJson {
  const ticks = recorded && recorded.tick - recorded.firstTick + 1;
  return {
    id,
    world: card === undefined ? null : { name: card.world.name, version: card.world.version },
    seed: card?.seed ?? null,
    createdAt: card?.createdAt ?? null,
    labels: card?.labels ?? {},
    state,
    error: error?.code ?? null,
    firstTick: recorded?.firstTick ?? null,
    tick: recorded?.tick ?? null,
    bytes: recorded?.bytes ?? null,
    bytesPerTick: recorded === undefined || ticks === undefined ? null : recorded.bytes / ticks,
  };
}

function byCreation(a: LsRunJson, b: LsRunJson): number {
  const [keyA, keyB] = [`${a.createdAt ?? ""} ${a.id}`, `${b.createdAt ?? ""} ${b.id}`];
  return keyA < keyB ? -1 : 1;
}

function printTable({ output }: Shell, folder: string, rows: readonly LsRunJson[]): void {
  const [headings = "", ...lines] = table(
    ["RUN", "WORLD", " TICKS", " SIZE", "STATE", " SEED", "CREATED"],
    rows.map((row) => [
      row.id,
      visible(row.world?.name ?? "?"),
      row.tick === null ? "?" : count(row.tick),
      row.bytes === null ? "?" : bytes(row.bytes),
      row.state,
      String(row.seed ?? "?"),
      row.createdAt === null ? "?" : moment(row.createdAt),
    ]),
  );
  output.line(output.paint("dim", headings));
  for (const [index, line] of lines.entries()) {
    const state = rows[index]?.state;
    if (state === "damaged" || state === "unreadable") output.line(output.paint("red", line));
    else if (state === "interrupted") output.line(output.paint("yellow", line));
    else output.line(line);
  }
  const interrupted = rows.find((row) => row.state === "interrupted");
  const damaged = rows.find((row) => row.state === "damaged");
  if (interrupted === undefined && damaged === undefined) return;
  output.line();
  if (interrupted) output.line(`To continue: ${suggestion(folder, "resume", interrupted.id)}`);
  if (damaged) output.line(`What is damaged: ${suggestion(folder, "verify", damaged.id)}`);
}
