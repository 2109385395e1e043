export { LiveRun } from "./live-run.ts";
export { Run } from "./run.ts";
export { openRuns, Runs, type RunsOptions } from "./runs.ts";
export type { RecoverOptions } from "./recover.ts";
