import type { Command } from "commander";
import { EverytickError, isEverytickError } from "../../errors.ts";
import { openRuns, type Runs } from "../../runs/index.ts";
import type { RunCard, RunStatus, StoreSchema, Tick } from "../../types.ts";
import { nearest } from "../nearest.ts";
import { folderOption } from "../options.ts";
import { visible } from "../output.ts";
import { factsText, placeText, type Stage, storeOf } from "../play/frame.ts";
import { drawStore } from "../play/picture.ts";
import { startAt } from "../play/player.ts";
import { watch } from "../play/watch.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";
import { checkSlice } from "../slice.ts";
import { parseCount } from "../usage.ts";

interface PlayOptions {
  readonly dir: string;
  readonly store?: string;
  readonly tick?: Tick;
  readonly slice?: number;
}

/** Of what is printed where there is no terminal. */
const pageColumns = 200;
const pageRows = 10_000;

export function playCommand(program: Command, shell: Shell): void {
  program
    .command("play")
    .summary("watch a run in the terminal, forwards and backwards")
    .description(
      "Plays a run in the terminal: grids as cells, of a 3-D grid one plane, tables and logs as rows.\n\n" +
        "With --tick, or where there is no terminal, one tick is printed and that is all.",
    )
    .argument("<run>", "id of the run")
    .option("--store <name>", "what to look at (default: the first store)")
    .option("--tick <n>", "print this tick", parseCount)
    .option("--slice <n>", "the plane of a 3-D grid (default: 0)", parseCount)
    .addOption(folderOption())
    .addHelpText(
      "after",
      `
Keys:
  space       play, and stop                  g 5 enter     go to tick 5; escape gives it up
  ← →         a tick back, a tick on          r             play the other way
  shift ← →   ten ticks                       + -           twice as fast, half as fast
  home end    first tick, last tick           tab           the next store; shift tab the one before
  ↑ ↓         scroll rows; page up and down   [ ]           plane of a 3-D grid
  q           quit

A dot is a cell or, where there are more cells than room, the mean of several; it is dark only if all are 0. NaN is green.
An arrow goes over ticks that are not recorded. At the end of a run that is being recorded, play waits for more.

Examples:
  $ ${invocation} play life
  $ ${invocation} play life --tick 400 | head`,
    )
    .action(async (id: string, options: PlayOptions) => play(shell, id, options));
}

async function play(shell: Shell, id: string, options: PlayOptions): Promise<void> {
  await using runs = await openRuns(options.dir);
  await using run = await runs.open(id);
  const stores = run.card.world.stores.filter((each) => isShown(each));
  const stage: Stage = { run, stores, hasColours: shell.output.hasColours };
  const store = storeNumber(run.card, stores, options.store, options.dir);
  checkSlice(stores[store] as StoreSchema, options.slice);
  const slice = options.slice ?? 0;
  const { stdin, stdout } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY && process.env["TERM"] !== "dumb";
  if (options.tick === undefined && isTerminal) {
    await watch(shell, stage, startAt(run.firstTick, store, slice), async () => statusOf(runs, id));
    return;
  }
  const look = startAt(options.tick ?? run.tick, store, slice);
  // Asked for by its number, a tick in a gap is an error, and none of its neighbours.
  const past = await run.at(look.tick);
  const room = { columns: (stdout.isTTY && stdout.columns) || pageColumns, rows: pageRows };
  const picture = drawStore(past, storeOf(stage, look), look, room, stage.hasColours);
  for (const line of picture.lines) shell.output.line(line);
  shell.output.line();
  shell.output.line(`${placeText(past.tick, stage)} · ${factsText(stage, look, picture.caption)}`);
}

/** Damage is no reason not to look at the rest. */
async function statusOf(runs: Runs, id: string): Promise<RunStatus> {
  try {
    return (await runs.facts(id)).status;
  } catch (error) {
    if (isEverytickError(error)) return "interrupted";
    throw error;
  }
}

/** Random streams are nobody's to look at, and derived stores need their world. */
function isShown({ name, role }: StoreSchema): boolean {
  return !name.startsWith("$") && role !== "derived";
}

/** @throws RUNS_STORE */
function storeNumber(
  { id, world }: RunCard,
  stores: readonly StoreSchema[],
  name: string | undefined,
  folder: string,
): number {
  const number = name === undefined ? 0 : stores.findIndex((store) => store.name === name);
  if (number !== -1 && number < stores.length) return number;
  const names = stores.map((store) => store.name);
  const where = `run ${id}`;
  const derived = world.stores.find((store) => store.name === name && store.role === "derived");
  if (names.length === 0 || derived !== undefined) {
    const store = derived?.name ?? "its store";
    const found = derived === undefined ? "derived stores only, or none" : "a derived store";
    const next = suggestion(folder, "export", id, "--store", store);
    throw new EverytickError("RUNS_STORE", {
      where,
      expected: "a store that is recorded",
      found,
      next,
    });
  }
  const meant = nearest(name ?? "", names);
  throw new EverytickError("RUNS_STORE", {
    where,
    expected: `one of ${names.map(visible).join(", ")}`,
    found: name,
    next: meant === undefined ? undefined : `did you mean --store ${meant}?`,
  });
}
