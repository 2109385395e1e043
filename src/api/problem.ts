import { EverytickError, errorCodes, isEverytickError, type ErrorCode } from "../errors.ts";
import type { Problem } from "./schemas.ts";

export const problemType = "application/problem+json; charset=utf-8";

/** What is not listed is a fault of the recording or of the server: 500. */
const statuses: { readonly [code in ErrorCode]?: number } = {
  RUNS_ID: 400,
  RUNS_MISSING: 404,
  RUNS_STORE: 404,
  RUNS_CLOSED: 503,
  TIMELINE_TICK: 404,
  TIMELINE_GAP: 404,
  JOURNAL_READ: 503,
  WORLD_DERIVED: 404,
  API_HOST: 403,
  API_METHOD: 405,
  API_REQUEST: 400,
  API_ROUTE: 404,
  API_RANGE: 416,
  API_BUSY: 429,
  API_DEADLINE: 503,
};

/** @param status overrides that of the code, where HTTP tells more kinds apart than our codes do. */
export function problemOf(error: unknown, status?: number): Problem {
  const known = isEverytickError(error) ? error : failed();
  const { code, details } = known;
  const { where, expected, found, next } = details;
  const detail = [
    where,
    expected === undefined ? undefined : `expected ${expected}`,
    found === undefined ? undefined : `found ${found}`,
    next,
  ];
  return {
    type: `urn:everytick:error:${code}`,
    title: errorCodes[code],
    status: status ?? statuses[code] ?? 500,
    code,
    detail: detail.filter((text) => text !== undefined).join("; ") || errorCodes[code],
    ...(where === undefined ? {} : { where }),
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    ...(next === undefined ? {} : { next }),
  };
}

/** What went wrong inside is nobody's business outside: its text may hold anything. */
function failed(): EverytickError {
  const next = "This is a bug in everytick. The terminal of the server tells more.";
  return new EverytickError("API_FAILED", { next });
}
