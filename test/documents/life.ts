/** A recorded automaton, and a copy of its cells at each tick that the recording had no part in. */
import { openRuns, type Runs, type Tick } from "everytick";
import { MemoryVfs } from "everytick/testing";
import { automaton, parseRule } from "everytick/worlds/automaton";
import { naiveStep } from "../worlds/automaton/naive.ts";

export interface LifeOptions {
  readonly ticks: Tick;
  /** Slowest axis first. */
  readonly shape: readonly number[];
  readonly rule?: string;
  readonly seed?: number;
  readonly density?: number;
}

export async function memoryRuns(): Promise<Runs> {
  return openRuns("/runs", { vfs: new MemoryVfs() });
}

export async function recordLife(options: LifeOptions) {
  const { ticks, shape, rule = "B3/S23", seed = 7, density = 0.25 } = options;
  const size = [...shape].reverse().join("x");
  const runs = await memoryRuns();
  const run = await runs.record("life", {
    world: automaton,
    params: { rule, size, density },
    seed,
  });
  const dimensions = shape.length === 2 ? 2 : 3;
  const parsed = parseRule(rule, { dimensions, neighbourhood: "moore" });
  const copies: Uint8Array[] = [run.state.cells.slice()];
  await run.step(ticks);
  for (let tick = 1; tick <= ticks; tick++) {
    const before = copies.at(-1) as Uint8Array;
    copies.push(naiveStep(parsed, { shape, edge: "torus" }, before));
  }
  return { run, runs, copies };
}

/** What differs, found by looking at every cell. */
export function differences(
  before: Uint8Array,
  after: Uint8Array,
): { index: number; old: number; new: number }[] {
  return Array.from(after, (cell, index) => ({
    index,
    old: before[index] as number,
    new: cell,
  })).filter((change) => change.old !== change.new);
}
