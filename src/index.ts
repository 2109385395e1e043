/** The public door of `everytick`, in the order of the data's way. */
export {
  EverytickError,
  errorCodes,
  isEverytickError,
  type ErrorCode,
  type ErrorDetails,
} from "./errors.ts";
export { limits } from "./limits.ts";
export type * from "./types.ts";

export { canonicalJson, coordinatesOf, formatVersion, indexOf, sha256Hex } from "./format/index.ts";
export {
  defineWorld,
  derived,
  edges,
  grid,
  isWorld,
  log,
  table,
  value,
  type GridOptions,
} from "./world/index.ts";
export type { Sink, TickInput } from "./recorder/index.ts";
export type { SegmentSource } from "./journal/index.ts";
export type { VerifyOptions } from "./timeline/index.ts";
export {
  LiveRun,
  openRuns,
  Run,
  Runs,
  type RecoverOptions,
  type RunsOptions,
} from "./runs/index.ts";
