import type { Command } from "commander";
import { openRuns, type Run } from "../../runs/index.ts";
import type { StoreSchema, Tick } from "../../types.ts";
import { folderOption } from "../options.ts";
import { visible } from "../output.ts";
import { count, threeDigits } from "../quantities.ts";
import { invocation, type Shell } from "../shell.ts";
import { parseCount, usageError } from "../usage.ts";
import { drawStore } from "../play/picture.ts";
import { advance, press, startAt, type Playable, type Player } from "../play/player.ts";
import { Screen } from "../play/screen.ts";

interface PlayOptions {
  readonly dir: string;
  readonly store?: string;
  readonly tick?: Tick;
  readonly slice?: number;
}

const framesPerSecond = 30;
const help =
  "space play · ←→ step · shift ±10 · g tick · r reverse · + − speed · tab store · q quit";

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
Keys: ${help};
[ ] plane of a 3-D grid; up and down scroll rows; home and end.

Examples:
  $ ${invocation} play life
  $ ${invocation} play life --tick 400 | head`,
    )
    .action(async (id: string, options: PlayOptions) => play(shell, id, options));
}

async function play(shell: Shell, id: string, options: PlayOptions): Promise<void> {
  await using runs = await openRuns(options.dir);
  await using run = await runs.open(id);
  const stores = run.card.world.stores.filter((store) => isShown(store));
  const store = storeNumber(stores, options.store);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (options.tick === undefined && isTerminal) {
    await watch(shell, run, stores, {
      ...startAt(run.firstTick, store),
      slice: options.slice ?? 0,
    });
    return;
  }
  const player = { ...startAt(options.tick ?? run.tick, store), slice: options.slice ?? 0 };
  const room = { columns: process.stdout.isTTY ? process.stdout.columns : 200, rows: 10_000 };
  const [lines, facts] = await frame(run, stores, player, room, shell.output.hasColours);
  for (const line of [...lines, "", facts]) shell.output.line(line);
}

/** Random streams are nobody's to look at, and derived stores need their world. */
function isShown({ name, role }: StoreSchema): boolean {
  return !name.startsWith("$") && role !== "derived";
}

function storeNumber(stores: readonly StoreSchema[], name: string | undefined): number {
  if (name === undefined) return 0;
  const number = stores.findIndex((store) => store.name === name);
  if (number !== -1) return number;
  const expected = stores.map((store) => visible(store.name)).join(", ");
  throw usageError({ where: "--store", expected, found: visible(name) });
}

/** The lines of the picture, and a line of facts below it. */
async function frame(
  run: Run,
  stores: readonly StoreSchema[],
  player: Player,
  room: { readonly columns: number; readonly rows: number },
  hasColour: boolean,
): Promise<[readonly string[], string]> {
  const schema = stores[player.store] as StoreSchema;
  const past = await run.at(player.tick);
  const { lines, caption } = drawStore(past, schema, player, room, hasColour);
  const place = `${visible(run.id)} · tick ${count(player.tick)} of ${count(run.tick)}`;
  return [lines, `${place} · ${visible(schema.name)} ${caption}`];
}

/** Plays until it is left. Keys are taken between frames; a slow frame makes the next ones skip ticks. */
async function watch(
  { output, signal }: Shell,
  run: Run,
  stores: readonly StoreSchema[],
  start: Player,
): Promise<void> {
  const playable: Playable = { first: run.firstTick, last: run.tick, stores: stores.length };
  let player = start;
  let owed = 0;
  using screen = new Screen((key) => (player = press(player, key, playable)));
  while (!player.hasQuit && !signal.aborted) {
    const [lines, facts] = await frame(run, stores, player, screen.room, output.hasColours);
    const { isPlaying, direction, speed, typed } = player;
    const arrow = isPlaying ? (direction === 1 ? "▶" : "◀") : "■";
    const state =
      typed === undefined ? `${arrow} ${threeDigits(speed)} ticks/s` : `go to tick ${typed}_`;
    screen.show([...lines, "", `${facts} · ${state}`, help]);
    await new Promise((resolve) => setTimeout(resolve, 1000 / framesPerSecond));
    if (!player.isPlaying) continue;
    owed += player.speed / framesPerSecond;
    player = advance(player, Math.floor(owed), playable);
    owed %= 1;
  }
}
