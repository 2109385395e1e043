/** The public types about damage: what is found, and what is brought back. */

import type { Tick } from "./types.ts";

export interface Damage {
  readonly file: string;
  readonly offset: number;
  /** The ticks that cannot be trusted: first and last, both included; absent when none is known. */
  readonly ticks?: readonly [Tick, Tick];
  readonly expected: string;
  readonly found: string;
}
export interface VerifyReport {
  readonly firstTick: Tick;
  readonly lastTick: Tick;
  readonly ticks: number;
  readonly keyframes: number;
  readonly segments: number;
  readonly bytes: number;
  /** Bytes after the last valid frame of the open segment; no damage. */
  readonly tailBytes: number;
  readonly historyDigest: string;
  readonly damage: readonly Damage[];
  /** Files in the run's folder that are no part of it: paths from there. No damage, and never read. */
  readonly strays: readonly string[];
}

export interface ScrubOptions {
  /** Default: 8 MiB. */
  readonly bytesPerSecond?: number;
  /** Ends the scrub quietly. */
  readonly signal?: AbortSignal;
}
/** What a scrub tells: each damage as it is met, and the end of each pass over the whole run. */
export type ScrubEvent =
  | { readonly kind: "damage"; readonly pass: number; readonly damage: Damage }
  | {
      readonly kind: "pass";
      readonly pass: number;
      readonly bytes: number;
      readonly milliseconds: number;
      readonly segments: number;
      readonly damages: number;
    };

/** Ticks that a recovery could not bring back, and the first damage that took them. */
export interface LostTicks {
  /** First and last, both included. */
  readonly ticks: readonly [Tick, Tick];
  readonly file: string;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}
/** What `runs.recover` brought back. */
export interface RecoverReport {
  readonly id: string;
  readonly from: { readonly id: string; readonly uuid: string };
  readonly firstTick: Tick;
  readonly lastTick: Tick;
  /** Ticks that the new run records. */
  readonly salvaged: number;
  /** Ticks that the old run recorded, as far as it still tells, and the new one does not. */
  readonly lost: number;
  /** Both together. */
  readonly possible: number;
  readonly lostTicks: readonly LostTicks[];
  /** All damage that was met, whether it took a tick or not. */
  readonly damage: readonly Damage[];
  readonly historyDigest: string;
  /** Bytes of the new run's history. */
  readonly bytes: number;
}
