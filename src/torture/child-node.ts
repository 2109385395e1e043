/** A process that records the workload on the machine's own disk and says what it acknowledged, to be disturbed in any way. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import { isEverytickError } from "../errors.ts";
import type { LiveRun } from "../runs/live-run.ts";
import { openRuns } from "../runs/runs.ts";
import { type ChildPlan, type Ending, ownExitCode } from "./child-plan.ts";
import { herdWorkload } from "./herd.ts";
import { runId, smallSizes } from "./workload.ts";

const plan = JSON.parse(process.argv[2] ?? "{}") as ChildPlan;
const leaked: number[][] = [];

/** Not through a stream: what was said must have left the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Records to the end; whatever the engine refuses is said. */
async function live(): Promise<void> {
  for (;;) {
    try {
      return await record();
    } catch (error) {
      if (!isEverytickError(error)) throw error;
      say(`refused ${error.code} ${JSON.stringify(error.message)}`);
      if (plan.isPatient !== true) {
        process.exitCode = 1;
        return;
      }
      await once(process.stdin, "data");
    }
  }
}

async function record(): Promise<void> {
  const { folder, id = runId, window = 0, lastTick } = plan;
  const runs = await openRuns(folder, smallSizes);
  const run = await runs.record(id, { state: herdWorkload.state, resume: "auto", window });
  say(`ack ${run.durableTick}`);
  try {
    while (run.tick < lastTick) {
      herdWorkload.advance(run);
      misbehave(run);
      say(`ack ${(await run.commit()).durableTick}`);
      if (plan.isMeasured === true) measure(run);
    }
  } catch (error) {
    await run.close().catch(() => undefined);
    throw error;
  }
  await run.close();
  say(`ack ${run.durableTick}`);
  say("closed");
}

function misbehave(run: LiveRun): void {
  const { leakedBytes = 0, ending } = plan;
  if (leakedBytes > 0) leaked.push(Array.from({ length: leakedBytes / 8 }, () => run.tick + 0.5));
  if (ending?.at === run.tick + 1) end(run, ending.how);
}

function end(run: LiveRun, how: Ending): void {
  if (how === "throw") throw new Error("the user's own mistake");
  if (how === "reject") void Promise.reject(new Error("nobody awaits this"));
  if (how === "exit while committing") void run.commit();
  if (how.startsWith("exit")) process.exit(ownExitCode);
}

function measure(run: LiveRun): void {
  say(`waiting ${run.tick - run.durableTick}`);
  if (run.tick % 10 !== 0) return;
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  say(`memory ${heapUsed + external}`);
}

await live();
process.stdin.destroy();
