/**
 * Every error a caller can meet. `docs/errors.md` explains each; a test holds the two together.
 * A code is `STAGE_WHAT`; its sentence says what happened, the details of the error say where.
 */
export const errorCodes = {
  FORMAT_NEWER: "This was written by a newer version of everytick.",
  FORMAT_DAMAGED: "Bytes do not follow the format.",
  FORMAT_UNKNOWN: "The format holds something that this version does not know.",

  WORLD_DEFINITION: "The definition of the world is not valid.",
  WORLD_PARAM: "A parameter is not valid.",
  WORLD_VALUE: "A value cannot be stored.",
  WORLD_ARRAY: "An array does not fit its store.",
  WORLD_KEY: "There is no row of that key, or another one already.",
  WORLD_ROWS: "A store cannot hold more rows.",
  WORLD_STATIC: "A static store was changed after its first tick.",
  WORLD_DERIVED: "A derived store cannot be computed without its world.",
  WORLD_THREW: "The world's own code threw an error.",
  WORLD_MODULE: "The module does not export a world.",
  WORLD_STREAM: "There is no random stream of that name.",
  WORLD_MISSING: "The run has no world to step.",

  RECORDER_TICK: "That is not a tick.",
  RECORDER_HOLE: "The commit would leave ticks out without saying so.",
  RECORDER_CONFLICT: "The tick is already recorded with another state.",
  RECORDER_CHANGES: "The explicit changes are not valid.",
  RECORDER_BUSY: "A commit is still under way.",
  RECORDER_CLOSED: "The run is closed.",
  RECORDER_OPTION: "An option is not valid.",

  JOURNAL_DAMAGED: "Recorded bytes are damaged.",
  JOURNAL_MISSING: "A part of the journal is missing.",
  JOURNAL_READ: "Reading the files of a run failed.",
  JOURNAL_WRITE: "Writing to the journal failed; what was acknowledged is safe.",
  JOURNAL_POISONED: "An earlier write failed, so nothing more is acknowledged on this handle.",
  JOURNAL_LOCKED: "Another writer holds this run.",

  TIMELINE_TICK: "The run does not record that tick.",
  TIMELINE_GAP: "That tick lies in a recorded gap.",
  TIMELINE_DIGEST: "A rebuilt state does not match its recorded digest.",

  RUNS_ID: "That is not a valid run id.",
  RUNS_FOLDER: "The folder cannot be used for runs.",
  RUNS_FOREIGN: "The folder holds something that is not a run.",
  RUNS_MISSING: "There is no run of that id.",
  RUNS_EXISTS: "A run of that id exists already.",
  RUNS_CARD: "The run's card is damaged.",
  RUNS_WORLD: "The run was recorded with another world.",
  RUNS_PARAMS: "The run was recorded with other parameters or another seed.",
  RUNS_RESTORE: "The simulation did not take over the recorded state.",
  RUNS_STORE: "The run has no such store.",
  RUNS_CLOSED: "The runs are closed.",

  API_PACKAGES: "A package that the server needs is not installed.",
  API_ADDRESS: "The server cannot listen at that address.",
  API_OPTION: "An option of the server is not valid.",
  API_HOST: "The request comes from a page or by a name that the server does not trust.",
  API_METHOD: "The server only reads.",
  API_REQUEST: "The request is not valid.",
  API_ROUTE: "There is nothing at that address.",
  API_RANGE: "The file has no such bytes.",
  API_BUSY: "The server has too much to do at once.",
  API_DEADLINE: "The answer took longer than is allowed.",
  API_FAILED: "The server itself failed.",

  CLI_INPUT: "A line of the input cannot be recorded.",
  CLI_USAGE: "The command line is not valid.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What an error knows, each a short text: where it happened, what was expected, what was found, what to do next. */
export interface ErrorDetails {
  readonly where?: string | undefined;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly next?: string | undefined;
}

const brand = Symbol.for("everytick.error");

/** The one error class. Recognise it by `code`, or with `isEverytickError` across copies of the package. */
export class EverytickError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(describe(code, details), options);
    this.name = "EverytickError";
    this.code = code;
    this.details = Object.freeze({ ...details });
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `error` is an `EverytickError`, of `code` if given, from this or another copy of the package. */
export function isEverytickError(error: unknown, code?: ErrorCode): error is EverytickError {
  if (typeof error !== "object" || error === null || !(brand in error)) return false;
  return code === undefined || (error as { code?: unknown }).code === code;
}

/** Codes of recordings that are not what they were. */
const damageCodes = [
  "FORMAT_DAMAGED",
  "JOURNAL_DAMAGED",
  "JOURNAL_MISSING",
  "TIMELINE_DIGEST",
  "RUNS_CARD",
] as const satisfies readonly ErrorCode[];

export function isDamage({ code }: EverytickError): boolean {
  return (damageCodes as readonly ErrorCode[]).includes(code);
}

function describe(code: ErrorCode, { where, expected, found, next }: ErrorDetails): string {
  const lines = [`${code}  ${errorCodes[code]}`];
  if (where !== undefined) lines.push(`  where     ${where}`);
  if (expected !== undefined) lines.push(`  expected  ${expected}`);
  if (found !== undefined) lines.push(`  found     ${found}`);
  if (next !== undefined) lines.push(`  next      ${next}`);
  return lines.join("\n");
}

/** What kind of thing a value is, in a few words; for messages about any value whatever. */
export function kindOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (value === null || typeof value !== "object") {
    return typeof value === "function" ? "a function" : String(value);
  }
  if (Array.isArray(value)) return `[${value.slice(0, 10).map(kindOf).join(", ")}]`;
  const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an object of class ${name}` : "an object";
}
