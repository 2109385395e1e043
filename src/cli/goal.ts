import type { LiveRun } from "../runs/index.ts";
import type { Tick } from "../types.ts";
import { count } from "./quantities.ts";
import { usageError } from "./usage.ts";

/** How far to step: to a tick, or by a number of ticks. */
export interface Goal {
  readonly ticks?: number;
  readonly steps?: number;
}

/** The label that remembers how far a run was meant to go, so that `resume RUN` alone finishes it. */
export const goalLabel = "everytick.goal";

/** The last tick to make. @throws CLI_USAGE if there is none, or it lies in the past. */
export function lastTickOf(goal: Goal, run: Pick<LiveRun, "id" | "tick" | "card">): Tick {
  if (goal.steps !== undefined) return run.tick + goal.steps;
  const asked = goal.ticks ?? rememberedGoal(run.card.labels[goalLabel]);
  if (asked === undefined || (goal.ticks === undefined && asked <= run.tick)) {
    throw usageError({
      where: `run ${run.id}, at tick ${count(run.tick)}`,
      expected: "--ticks N (stop at tick N) or --steps N (make N more ticks)",
      found:
        asked === undefined
          ? "neither"
          : `neither, and its goal of tick ${count(asked)} is reached`,
    });
  }
  if (asked < run.tick) {
    throw usageError({
      where: `run ${run.id}, at tick ${count(run.tick)}`,
      expected: `a tick from ${count(run.tick)} on; what is recorded stays`,
      found: `--ticks ${asked}`,
      next: `--steps ${asked} makes ${count(asked)} more`,
    });
  }
  return asked;
}

function rememberedGoal(label: string | undefined): Tick | undefined {
  return label !== undefined && /^\d{1,15}$/.test(label) ? Number(label) : undefined;
}
