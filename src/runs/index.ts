export { LiveRun } from "./live-run.ts";
export { Run } from "./run.ts";
export type { RunFiles, SegmentFile } from "./run-files.ts";
export { openRuns, Runs, type RunsOptions } from "./runs.ts";
export type { RecordedSummary, RunSummary } from "./summary.ts";
export type { RecoverOptions } from "./recover.ts";
