import type { Command } from "commander";
import { type ErrorCode, isEverytickError } from "../../errors.ts";
import { openRuns, type Runs } from "../../runs/index.ts";
import type { RunCard, RunStatus } from "../../types.ts";
import { exitCodeOf, exitCodes } from "../exit.ts";
import { folderOption, jsonOption } from "../options.ts";
import { table, visible } from "../output.ts";
import { bytes, count, moment } from "../quantities.ts";
import { sizes } from "../run-report.ts";
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
  readonly state: RunStatus | "damaged" | "unreadable";
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

/** A run that cannot be read is a row like any other: it must not hide the sound ones. */
async function readRuns(folder: string): Promise<LsRunJson[]> {
  await using runs = await openRuns(folder);
  const rows: LsRunJson[] = [];
  const onDamage = (id: string, error: unknown) => rows.push({ id, ...blank, ...problem(error) });
  for (const card of await runs.list({ onDamage })) {
    const row = await readRun(runs, card);
    if (row !== undefined) rows.push(row);
  }
  return rows.sort(byCreation);
}

const blank: Omit<LsRunJson, "id" | "state"> = {
  world: null,
  seed: null,
  createdAt: null,
  labels: {},
  error: null,
  firstTick: null,
  tick: null,
  bytes: null,
  bytesPerTick: null,
};

/** `undefined` if it holds no tick: its recorder has just begun, or died before the first one. */
async function readRun(runs: Runs, card: RunCard): Promise<LsRunJson | undefined> {
  const { id, seed, createdAt, labels } = card;
  const world = { name: card.world.name, version: card.world.version };
  const known = { id, ...blank, world, seed, createdAt, labels };
  try {
    const facts = await runs.facts(id);
    const { status: state, firstTick, tick } = facts;
    const { bytes: written, bytesPerTick } = sizes(facts);
    return { ...known, state, firstTick, tick, bytes: written, bytesPerTick };
  } catch (error) {
    if (isEverytickError(error, "RUNS_MISSING")) return undefined;
    return { ...known, ...problem(error) };
  }
}

function problem(error: unknown): Pick<LsRunJson, "state" | "error"> {
  if (!isEverytickError(error)) throw error;
  const isDamage = exitCodeOf(error) === exitCodes.damage;
  return { state: isDamage ? "damaged" : "unreadable", error: error.code };
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
