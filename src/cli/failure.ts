import { styleText } from "node:util";
import { type ErrorCode, isEverytickError } from "../errors.ts";
import { firstError } from "./exit.ts";
import { type Output, visibleLines } from "./output.ts";

/** What `--json` prints when a command fails; the exit code says the kind of failure. */
export interface FailureJson {
  readonly error: {
    readonly code: ErrorCode | null;
    readonly message: string;
    readonly where: string | null;
    readonly expected: string | null;
    readonly found: string | null;
    readonly next: string | null;
  };
}

/** Tells people on stderr and, with `--json`, machines on stdout. */
export function reportFailure(error: unknown, output: Output): void {
  const first = firstError(error);
  output.aside(failureText(first));
  if (output.forMachine && !output.hasDocument) output.document(failureJson(first));
}

function failureText(error: unknown): string {
  if (isSystemError(error)) return visibleLines(error.message);
  if (!isEverytickError(error)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${visibleLines(stack)}\n\nThis is a bug in everytick. Please report it with the lines above.`;
  }
  const message = visibleLines(error.message).replace(error.code, (code) =>
    styleText("red", code, { stream: process.stderr }),
  );
  return [message, ...userFrames(error.cause)].join("\n");
}

/** What the machine refuses, such as a full disk or a missing right, is nobody's bug. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}

/** Where in the user's own module it happened: an error without its line would send them searching. */
function userFrames(cause: unknown): string[] {
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  const own = new URL("..", import.meta.url).href;
  return visibleLines(cause.stack)
    .split("\n")
    .filter(
      (line) => /^\s+at /.test(line) && !/node:|\/node_modules\//.test(line) && !line.includes(own),
    )
    .slice(0, 5);
}

function failureJson(error: unknown): FailureJson {
  if (isEverytickError(error)) {
    const { where = null, expected = null, found = null, next = null } = error.details;
    return { error: { code: error.code, message: error.message, where, expected, found, next } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { error: { code: null, message, where: null, expected: null, found: null, next: null } };
}
