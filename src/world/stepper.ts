import { EverytickError } from "../errors.ts";
import type { AnyWorld, Params, RandomStream } from "../types.ts";
import { callUserCode } from "./user-code.ts";

/** Makes the first state. @throws WORLD_THREW */
export function initialise(
  world: AnyWorld,
  state: unknown,
  random: RandomStream,
  params: Params,
): void {
  call(world, "init", { state, tick: 0, random, params });
}

/** Makes the state at `tick` out of the one before, in place. @throws WORLD_THREW, WORLD_MISSING */
export function advance(
  world: AnyWorld,
  state: unknown,
  tick: number,
  random: RandomStream,
  params: Params,
): void {
  if (world.step === undefined) {
    throw new EverytickError("WORLD_MISSING", {
      where: `world ${world.name}`,
      expected: "a `step`",
      next: "Give the world a `step`, or commit the states yourself.",
    });
  }
  call(world, "step", { state, tick, random, params });
}

interface Context {
  readonly state: unknown;
  readonly tick: number;
  readonly random: RandomStream;
  readonly params: Params;
}

function call(world: AnyWorld, hook: "init" | "step", context: Context): void {
  const where = `${hook} of world ${world.name}, tick ${context.tick}`;
  const next = "Nothing of this tick was recorded; the state is that of the last commit.";
  callUserCode(where, next, () => world[hook]?.(context as never));
}
