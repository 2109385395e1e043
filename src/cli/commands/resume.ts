import type { Command } from "commander";
import { EverytickError, isEverytickError } from "../../errors.ts";
import { openRuns } from "../../runs/index.ts";
import type { RunCard } from "../../types.ts";
import type { Goal } from "../goal.ts";
import {
  acksOption,
  durabilityOption,
  folderOption,
  jsonOption,
  type RecordingOptions,
  stepsOption,
  ticksOption,
  windowOption,
} from "../options.ts";
import { recordTo } from "../recording.ts";
import { invocation, type Shell, suggestion } from "../shell.ts";
import { loadWorld, worldLabel, type WorldModule } from "../world-module.ts";

interface ResumeOptions extends Goal, RecordingOptions {
  readonly world?: string;
}

export function resumeCommand(program: Command, shell: Shell): void {
  program
    .command("resume")
    .summary("continue a run exactly where it stopped")
    .description(
      "Continues a run exactly where it stopped, after Ctrl-C, a crash or in good order.\n\n" +
        "Without --ticks or --steps it goes on to the tick that `run` was asked for.",
    )
    .argument("<run>", "id of the run")
    .addOption(ticksOption())
    .addOption(stepsOption())
    .option("--world <module>", "the world, if it is no longer where `run` found it")
    .addOption(folderOption())
    .addOption(durabilityOption())
    .addOption(windowOption())
    .addOption(jsonOption())
    .addOption(acksOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} resume meadow
  $ ${invocation} resume meadow --steps 1000
  $ ${invocation} resume meadow --ticks 20000 --world ./moved/meadow.ts`,
    )
    .action(async (id: string, options: ResumeOptions) => resume(shell, id, options));
}

async function resume(shell: Shell, id: string, options: ResumeOptions): Promise<void> {
  const { world, codeDigest } = await findWorld(await readCard(id, options.dir), options);
  await recordTo(shell, {
    folder: options.dir,
    id,
    goal: options,
    durability: options.durability,
    window: options.window,
    acks: options.acks === true,
    options: { world, codeDigest, resume: "only" },
  });
}

async function readCard(id: string, folder: string): Promise<RunCard> {
  await using runs = await openRuns(folder);
  const { card } = await runs.facts(id);
  return card;
}

async function findWorld(card: RunCard, options: ResumeOptions): Promise<WorldModule> {
  if (options.world !== undefined) return loadWorld(options.world);
  const origin = card.labels[worldLabel];
  const next = suggestion(options.dir, "resume", card.id, "--world", "./path/to/its/module.ts");
  if (origin === undefined) {
    throw new EverytickError("WORLD_MISSING", {
      where: `run ${card.id}`,
      expected: `a world to step, named by --world or by the run's label ${worldLabel}`,
      found: "neither; the run was recorded by a program of its own",
      next: `run that program again, or: ${next}`,
    });
  }
  try {
    return await loadWorld(origin);
  } catch (error) {
    if (!isEverytickError(error, "WORLD_MODULE") || error.cause !== undefined) throw error;
    const where = `run ${card.id}, whose world was ${origin}`;
    throw new EverytickError("WORLD_MODULE", { ...error.details, where, next });
  }
}
