/** A recorded automaton, and a copy of its cells at each tick that was made without the recording. */
import { openRuns, type LiveRun, type Runs, type Tick } from "everytick";
import { MemoryVfs } from "everytick/testing";
import { automaton, parseRule } from "everytick/worlds/automaton";
import { naiveStep } from "../worlds/automaton/naive.ts";

export interface Life {
  readonly run: LiveRun<{ cells: ReturnType<typeof stateOf>["cells"] }>;
  readonly runs: Runs;
  /** The cells at each tick, by the definition of the rule. */
  readonly copies: readonly Uint8Array[];
  readonly shape: readonly number[];
}

function stateOf(params: typeof automaton.params) {
  return (automaton.state as (given: typeof params) => { cells: never })(params);
}

export interface LifeOptions {
  readonly ticks: Tick;
  readonly shape: readonly number[];
  readonly rule?: string;
  readonly seed?: number;
}

/** Records `ticks` steps; every state is checked against the naive step afterwards by whoever asks. */
export async function recordLife({ ticks, shape, rule = "B3/S23", seed = 7 }: LifeOptions): Promise<Life> {
  const runs = await openRuns("/runs", { vfs: new MemoryVfs() });
  const size = [...shape].reverse().join("x");
  const run = await runs.record("life", { world: automaton, params: { rule, size }, seed });
  const dimensions = shape.length === 2 ? 2 : 3;
  const parsed = parseRule(rule, { dimensions, neighbourhood: "moore" });
  const copies = [run.state.cells.slice()];
  await run.step(ticks);
  for (let tick = 1; tick <= ticks; tick++) {
    copies.push(naiveStep(parsed, { shape, edge: "torus" }, copies.at(-1) as Uint8Array));
  }
  return { run: run as unknown as Life["run"], runs, copies, shape };
}
