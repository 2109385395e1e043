/** What Everytick costs, beside what people use instead, on the same work in the same run: `npm run bench`. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Check } from "./configuration.ts";
import { installPeers } from "./installation.ts";
import { readOptions, usage, type Options } from "./options.ts";
import { chartsOf } from "./report/charts.ts";
import { machineFacts } from "./report/machine.ts";
import { comparisonLines, performancePage } from "./report/page.ts";
import { asText, rowsOf } from "./report/table.ts";
import { summarise, type Run, type WorkloadResult } from "./results.ts";
import { schedule } from "./schedule.ts";
import { acceptSizes } from "./sizes.ts";
import { spawn } from "./spawn.ts";
import { workloads, type WorkloadName } from "./workloads/workloads.ts";

const root = resolve(import.meta.dirname, "..");

async function main(options: Options): Promise<void> {
  installPeers();
  // On the disk of the project: a folder for temporary files may lie in memory, where a sync costs nothing.
  mkdirSync(join(root, "runs"), { recursive: true });
  const scratch = mkdtempSync(join(root, "runs/bench-"));
  // The server of a peer may belong to another user.
  chmodSync(scratch, 0o711);
  try {
    const results: WorkloadResult[] = [];
    for (const workload of options.workloads) {
      const result = await measureAll(workload, options, scratch);
      results.push(result);
      console.log(`\n${workload}: ${workloads[workload].about}`);
      console.log(asText(rowsOf(result)));
      console.log(comparisonLines(result).join("\n"));
    }
    if (options.isWritten) write(results, options, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measureAll(
  workload: WorkloadName,
  options: Options,
  scratch: string,
): Promise<WorkloadResult> {
  const { fullTicks, shortTicks } = workloads[workload];
  const ticks = options.isQuick ? shortTicks : fullTicks;
  let checked: Check | undefined;
  if (options.isChecked) {
    say(`${workload}: every tick, both ways`);
    const outcome = await spawn({ check: workload, ticks }, scratch);
    if ("found" in outcome) checked = outcome.found;
  }
  const runs: Run[] = [];
  const planned = schedule(workload, options);
  for (const [place, configuration] of planned.entries()) {
    const { peer, mode } = configuration;
    say(`${workload} ${place + 1}/${planned.length}: ${peer}, ${mode}`);
    runs.push([configuration, await spawn(configuration, scratch)]);
  }
  return summarise(workload, ticks, runs, checked);
}

function write(results: readonly WorkloadResult[], options: Options, scratch: string): void {
  const charts = join(root, "docs/charts");
  mkdirSync(charts, { recursive: true });
  for (const result of results) {
    for (const [name, chart] of Object.entries(chartsOf(result))) {
      writeFileSync(join(charts, name), chart);
    }
  }
  const args = process.argv.slice(2);
  const command = ["npm run bench --", ...args].join(" ");
  const machine = machineFacts(scratch);
  const page = performancePage(results, { command, machine, repetitions: options.repetitions });
  writeFileSync(join(root, "docs/performance.md"), page);
}

/** Progress, beside the tables. */
function say(what: string): void {
  console.error(what);
}

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exit(2);
}
if (options.isAccepting) await acceptSizes();
else await main(options);
