import { readFile, stat } from "node:fs/promises";
import type { Command } from "commander";
import { isEverytickError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Params } from "../../types.ts";
import { type Goal, goalLabel } from "../goal.ts";
import {
  acksOption,
  durabilityOption,
  folderOption,
  jsonOption,
  labelOption,
  paramOption,
  type RecordingOptions,
  seedOption,
  stepsOption,
  ticksOption,
  windowOption,
} from "../options.ts";
import { parseParams } from "../params.ts";
import { recordTo } from "../recording.ts";
import { invocation, type Shell } from "../shell.ts";
import { usageError } from "../usage.ts";
import { builtInNames, loadWorld, worldLabel, type WorldModule } from "../world-module.ts";

interface RunOptions extends Goal, RecordingOptions {
  readonly param: ReadonlyMap<string, string>;
  readonly label: ReadonlyMap<string, string>;
  readonly seed?: number;
  readonly id?: string;
  readonly pattern?: string;
  readonly resume?: true;
}

export function runCommand(program: Command, shell: Shell): void {
  program
    .command("run")
    .summary("run a world and record every tick")
    .description(
      "Runs a world and records every tick.\n\n" +
        `WORLD is the path of a module that exports a world, or one that comes with everytick: ${builtInNames.join(", ")}.`,
    )
    .argument("<world>", "a module, or the name of a world")
    .addOption(ticksOption())
    .addOption(stepsOption())
    .addOption(seedOption())
    .addOption(paramOption())
    .option(
      "--pattern <file|name>",
      "start from a pattern (automaton: RLE, plain text, or a classic's name)",
    )
    .option("--id <id>", "name of the run (default: the date and time)")
    .option("--resume", "continue the run if the id exists")
    .addOption(folderOption())
    .addOption(durabilityOption())
    .addOption(windowOption())
    .addOption(labelOption())
    .addOption(jsonOption())
    .addOption(acksOption())
    .addHelpText(
      "after",
      `
Examples:
  $ ${invocation} run ./meadow.ts --ticks 10000 --seed 42
  $ ${invocation} run ./meadow.ts --ticks 10000 --param grass=0.5 --id meadow-lush
  $ ${invocation} run automaton --ticks 500 --pattern gosper-glider-gun
  $ ${invocation} run ./meadow.ts --ticks 20000 --id meadow --resume

Ctrl-C finishes the batch, makes it durable and says how to go on; a second one quits at once.`,
    )
    .action(async (worldName: string, options: RunOptions) => run(shell, worldName, options));
}

async function run(shell: Shell, worldName: string, options: RunOptions): Promise<void> {
  const { ticks, steps, resume } = options;
  if (ticks === undefined && steps === undefined) {
    throw usageError({
      expected: "--ticks N (stop at tick N) or --steps N (make N more ticks)",
      found: "neither; a world does not end by itself",
      next: `${invocation} run ${worldName} --ticks 1000`,
    });
  }
  if (resume === true && options.id === undefined) {
    throw usageError({ expected: "--id with --resume, to say which run", found: "no --id" });
  }
  const module = await loadWorld(worldName);
  const params = await givenParams(module, options);
  await recordTo(shell, {
    folder: options.dir,
    id: options.id,
    goal: options,
    durability: options.durability,
    window: options.window,
    acks: options.acks === true,
    options: {
      world: module.world,
      codeDigest: module.codeDigest,
      resume: resume === true ? "auto" : "never",
      labels: {
        ...Object.fromEntries(options.label),
        [worldLabel]: module.origin,
        [goalLabel]: String(ticks ?? steps),
      },
      ...(Object.keys(params).length === 0 ? {} : { params }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
    },
  });
}

/** Parameters that the pattern asks for, under those that were typed. */
async function givenParams(module: WorldModule, options: RunOptions): Promise<Params> {
  const typed = parseParams(module.world, options.param);
  if (options.pattern === undefined) return typed;
  const where = `--pattern ${options.pattern}`;
  const { patternParams } = module.exports;
  if (typeof patternParams !== "function") {
    throw usageError({
      where,
      expected: "a world that starts from patterns, such as automaton",
      found: `world ${module.world.name}, whose module exports no patternParams`,
    });
  }
  const file = await readPatternFile(options.pattern, where);
  const pattern = file ?? options.pattern;
  try {
    return { ...(patternParams as (text: string) => Params)(pattern), pattern, ...typed };
  } catch (error) {
    if (file !== undefined || !isEverytickError(error, "WORLD_PARAM")) throw error;
    const { expected = "a pattern that the world knows" } = error.details;
    throw usageError({ where, expected: `a file, or ${expected}`, found: "no such file or name" });
  }
}

/** `undefined` if there is no such file: the world may know a pattern by that name. */
async function readPatternFile(path: string, where: string): Promise<string | undefined> {
  const entry = await stat(path).catch(() => undefined);
  if (entry?.isFile() !== true) return undefined;
  // A pattern becomes a parameter, and parameters stand on the run's card.
  if (entry.size > limits.cardBytes) {
    const expected = `at most ${limits.cardBytes} bytes`;
    throw usageError({ where, expected, found: `${entry.size} bytes` });
  }
  return readFile(path, { encoding: "utf8" });
}
