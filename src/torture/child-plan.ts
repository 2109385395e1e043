import type { Tick } from "../types.ts";

/** What a child process records, and how it misbehaves. */
export interface ChildPlan {
  readonly folder: string;
  readonly id?: string;
  readonly lastTick: Tick;
  /** Ticks that may be unacknowledged. Default 0. */
  readonly window?: number;
  /** Goes on when it is refused, as soon as it is told to; without, it ends with exit code 1. */
  readonly isPatient?: boolean;
  /** Says how much memory is in use, and how many ticks wait for their acknowledgement. */
  readonly isMeasured?: boolean;
  /** Bytes that each tick keeps for ever, as a simulation that leaks. */
  readonly leakedBytes?: number;
  /** What the user's own code does at a tick that is not committed yet. */
  readonly ending?: { readonly at: Tick; readonly how: Ending };
}

/** How code of users ends a process. */
export type Ending = "throw" | "reject" | "exit" | "exit while committing";

/** The exit code of code that leaves on its own. */
export const ownExitCode = 7;
