/** A process that wants to write a run, for `lock.test.ts`: arguments are the folder of runs, and what to do. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { isEverytickError, openRuns } from "everytick";
import { goOn, state } from "./small-run.ts";

const [folder = "", what] = process.argv.slice(2);
const runs = await openRuns(folder);

/** What one attempt meets: "opened", or the code and who holds the run. */
async function attempt(): Promise<string> {
  try {
    const run = await runs.record("a", { state, resume: "auto" });
    await run.close();
    return "opened";
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    return `${error.code} ${error.details.found ?? ""}`;
  }
}

if (what === "hold") {
  await goOn(await runs.record("a", { state, resume: "auto" }), 3);
  console.log("holding");
  await once(process.stdin, "data");
  // As a program that forgets to close its run.
  process.exit();
}
for await (const _ of createInterface({ input: process.stdin })) console.log(await attempt());
