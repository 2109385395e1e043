/** A process that plays a sequence over real files, and dies at its end without a word to anybody. */
import { openRuns } from "everytick";
import { RowsMachine } from "./rows-machine.ts";
import { type Scenario } from "./rows-scenario.ts";

const [folder, scenario, sizes] = process.argv.slice(2) as [string, string, string];
const machine = new RowsMachine(JSON.parse(scenario) as Scenario, {
  open: async () => openRuns(folder, JSON.parse(sizes) as object),
  crash: async () => Promise.reject(new Error("it dies but once")),
});
await machine.begin();
for (const operation of machine.scenario.operations) await machine.apply(operation);
process.kill(process.pid, "SIGKILL");
