import { MemoryVfs } from "../testing/index.ts";
import type { LiveRun } from "../runs/live-run.ts";
import { openRuns } from "../runs/runs.ts";
import type { Codecs, Tick } from "../types.ts";
import { portsOn, runId, runsFolder, type Workload } from "./workload.ts";

/** What a tick is, whoever made it. */
export interface TickFacts {
  readonly tick: Tick;
  readonly shown: string;
  readonly historyDigest: string;
}

/** Lists of ticks for which facts are kept at once. */
const keptMax = 2000;

/** The workload recorded in peace, in memory that loses nothing: what any history of the same ticks must be. */
export class References {
  readonly #workload: Workload;
  readonly #codecs: Codecs;
  readonly #kept = new Map<string, readonly TickFacts[]>();

  constructor(workload: Workload, codecs: Codecs) {
    this.#workload = workload;
    this.#codecs = codecs;
  }

  /** The facts of each of these ticks, recorded in this order. */
  async of(ticks: readonly Tick[]): Promise<readonly TickFacts[]> {
    const key = ticks.join(" ");
    let facts = this.#kept.get(key);
    if (facts === undefined) {
      facts = await record(this.#workload, ticks, this.#codecs);
      if (this.#kept.size >= keptMax) this.#kept.clear();
      this.#kept.set(key, facts);
    }
    return facts;
  }
}

async function record(
  workload: Workload,
  ticks: readonly Tick[],
  codecs: Codecs,
): Promise<readonly TickFacts[]> {
  const runs = await openRuns(runsFolder, portsOn(new MemoryVfs(), codecs));
  const options = { state: workload.state, sparse: true, durability: "memory" } as const;
  const run: LiveRun = await runs.record(runId, options);
  const states = [workload.shown(run.state)];
  for (const tick of ticks.slice(1)) {
    workload.advance(run);
    await run.commit({ tick });
    states.push(workload.shown(run.state));
  }
  const facts: TickFacts[] = [];
  for await (const { tick, historyDigest } of run.play({ reuse: true })) {
    facts.push({ tick, historyDigest, shown: states[facts.length] as string });
  }
  await run.close();
  return facts;
}
