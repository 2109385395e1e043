import { relative } from "node:path";
import type { ExitCode } from "./exit.ts";
import type { Output } from "./output.ts";

/** What every command gets, and where it leaves its exit code. */
export interface Shell {
  readonly output: Output;
  /** Aborted by the first Ctrl-C: finish the batch, flush, close, and say how to go on. */
  readonly signal: AbortSignal;
  exitCode: ExitCode;
}

export const defaultFolder = "./runs";

/** A command to try next, ready to paste. */
export function suggestion(folder: string, ...words: readonly string[]): string {
  const where = folder === defaultFolder ? [] : ["--dir", folder];
  return [invocation, ...[...words, ...where].map(quoted)].join(" ");
}

/** How this program is called: from the sources of the repository, or where the package is installed. */
export const invocation = import.meta.url.endsWith(".ts")
  ? "npm run everytick --"
  : "npx everytick";

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path as people see it: from where they stand, unless that is longer. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near !== "" && near.length < path.length ? near : path;
}
