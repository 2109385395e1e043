/** A process that records the workload on the machine's own disk and says what it acknowledged, to be killed at any moment. */
import { writeSync } from "node:fs";
import { openRuns } from "../runs/runs.ts";
import { herdWorkload } from "./herd.ts";
import { runId, smallSizes } from "./workload.ts";

const [folder = "", lastTick = "0"] = process.argv.slice(2);

/** Not through a stream: what was said must have left the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const runs = await openRuns(folder, smallSizes);
const run = await runs.record(runId, { state: herdWorkload.state, resume: "auto" });
say(`ack ${run.durableTick}`);
while (run.tick < Number(lastTick)) {
  herdWorkload.advance(run);
  say(`ack ${(await run.commit()).durableTick}`);
}
await run.close();
say("closed");
