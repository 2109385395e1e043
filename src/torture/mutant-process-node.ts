import { spawnSync } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutation } from "./mutations.ts";

/** The build renames `.ts` to `.js` in imports, not in addresses. */
const program = fileURLToPath(new URL(`mutant-node${extname(import.meta.url)}`, import.meta.url));

/** A check that is left out may have been what ends a loop. */
const millisecondsMax = 120_000;

/** What a process without the check says: what turned red, or why that could not be found out. */
export interface MutantEnd {
  readonly violation?: string;
  readonly problem?: string;
}

export function runMutant(mutation: Mutation, seed: number): MutantEnd {
  const args = [...process.execArgv, program, JSON.stringify(mutation), String(seed)];
  const { stdout, signal, status } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: millisecondsMax,
    killSignal: "SIGKILL",
  });
  if (stdout !== "") return JSON.parse(stdout) as MutantEnd;
  // Without memory, or without an end: nothing of it is a promise kept.
  return { violation: `the process ends with ${signal ?? status}` };
}
