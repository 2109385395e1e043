import { type Chance, SimFs } from "../testing/index.ts";
import type { Codecs } from "../types.ts";
import type { CrashStates, Losses } from "./crash-states.ts";
import { type Action, actions, Session, type SessionOptions, type Workload } from "./workload.ts";

/** Every sequence of so many actions that makes sense behind the recording of a new run. */
export function* sequences(length: number): Generator<readonly Action[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const before of sequences(length - 1)) {
    const isOpen = before.at(-1) !== "close";
    for (const action of actions) if (isOpen || action === "resume") yield [...before, action];
  }
}

/** The same for all lengths up to this one, the shortest first. */
export function* sequencesUpTo(length: number): Generator<readonly Action[]> {
  for (let one = 0; one <= length; one++) yield* sequences(one);
}

export function randomActions(chance: Chance, count: number): Action[] {
  const chosen: Action[] = [];
  while (chosen.length < count) {
    const action = chance.chance(0.5) ? "commit" : chance.pick(actions);
    if (chosen.at(-1) !== "close" || action === "resume") chosen.push(action);
  }
  return chosen;
}

interface Played {
  readonly workload: Workload;
  readonly actions: readonly Action[];
  readonly losses: Losses;
  readonly seed: number;
  readonly blockBytes?: number;
  /** Instead of a new one with such blocks. */
  readonly disk?: SimFs;
  readonly options?: SessionOptions;
}

/** Plays a session on a disk of its own, and checks what a loss of power at each change would leave. */
export async function playAndLose(
  codecs: Codecs,
  states: CrashStates,
  played: Played,
): Promise<Session> {
  const { workload, actions: chosen, losses, seed, blockBytes = 512, options = {} } = played;
  const disk = played.disk ?? new SimFs({ blockBytes });
  const session = new Session(disk, workload, codecs, options);
  states.watch(session, losses, seed);
  await session.open();
  await states.check();
  for (const action of chosen) {
    await session.do(action);
    await states.check();
  }
  return session;
}

/** A choice of how much is acknowledged at once, and of what a disk writes as a whole. */
export function randomSession(chance: Chance): { blockBytes: number; options: SessionOptions } {
  return {
    blockBytes: chance.pick([512, 4096]),
    options: { window: chance.pick([0, 0, 1, 3, 9]) },
  };
}
