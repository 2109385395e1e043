import { type ErrorCode, isDamage, isEverytickError } from "../errors.ts";

/** What the shell is told. Scripts branch on these numbers, so they never change their meaning. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  damage: 3,
  conflict: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codesOf: { readonly [code in ErrorCode]?: ExitCode } = {
  CLI_USAGE: exitCodes.usage,
  RUNS_ID: exitCodes.usage,
  WORLD_PARAM: exitCodes.usage,

  JOURNAL_LOCKED: exitCodes.conflict,
  RECORDER_CONFLICT: exitCodes.conflict,
  RUNS_EXISTS: exitCodes.conflict,
};

export function exitCodeOf(error: unknown): ExitCode {
  const cause = firstError(error);
  if (!isEverytickError(cause)) return exitCodes.error;
  return isDamage(cause) ? exitCodes.damage : (codesOf[cause.code] ?? exitCodes.error);
}

/**
 * The error that came first. When closing a handle fails because of an error that is already on its way, the
 * language wraps both, the later one in front; only the earlier one helps the user.
 */
export function firstError(error: unknown): unknown {
  let first = error;
  while (first instanceof SuppressedError) first = first.suppressed;
  return first;
}
