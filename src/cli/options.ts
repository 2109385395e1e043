import { Option } from "commander";
import type { Durability } from "../types.ts";
import { defaultFolder } from "./shell.ts";
import { collectPair, parseCount, parsePositiveCount, parseSeed, parseWindow } from "./usage.ts";

/** Options that several commands share, so that one word means one thing everywhere. */

/** What every command is given that records. */
export interface RecordingOptions {
  readonly dir: string;
  readonly durability: Durability;
  readonly window: number;
  readonly acks?: true;
}

export const folderOption = () =>
  new Option("--dir <folder>", "the folder of runs").default(defaultFolder);
export const jsonOption = () => new Option("--json", "print one JSON document instead of text");
export const ticksOption = () =>
  new Option("--ticks <n>", "stop at tick n").argParser(parseCount).conflicts("steps");
export const stepsOption = () =>
  new Option("--steps <n>", "make n more ticks").argParser(parsePositiveCount);
export const seedOption = () =>
  new Option("--seed <n>", "seed of all random streams (default: 0)").argParser(parseSeed);
export const paramOption = () =>
  new Option("--param <name=value>", "set a parameter of the world; repeatable")
    .argParser(collectPair)
    .default(new Map<string, string>(), "none");
export const labelOption = () =>
  new Option("--label <name=text>", "a fact to keep on the run's card; repeatable")
    .argParser(collectPair)
    .default(new Map<string, string>(), "none");
export const durabilityOption = () =>
  new Option(
    "--durability <level>",
    "what an acknowledged tick survives: power loss, a killed process, nothing",
  )
    .choices(["fsync", "os", "memory"])
    .default("fsync");
export const windowOption = () =>
  new Option(
    "--window <n>",
    "at most n ticks are unacknowledged at once; 0 syncs every single tick",
  )
    .argParser(parseWindow)
    .default(64);
/** For programs that watch a recording: one line of JSON per acknowledgement, then the report. */
export const acksOption = () => new Option("--acks").hideHelp();
