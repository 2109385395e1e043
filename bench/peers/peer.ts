import type { State, TickChanges, Workload } from "../workloads/workload.ts";

/** One tick as everybody gets it. The states belong to the caller and change after the call has resolved. */
export interface Tick {
  readonly number: number;
  readonly changes: TickChanges;
  readonly before: State;
  readonly after: State;
}

/** How often ticks are made durable: each one before the next is made, or so many at once. */
export const groupSize = { strict: 1, grouped: 64 } as const;
export type Mode = keyof typeof groupSize;

/** What lies on the disk, in bytes. */
export interface Bytes {
  /** Everything that is needed to read each tick: keyframes, indexes, footers, cards. */
  readonly all: number;
  /** Of these, what stands for changes of ticks without a keyframe; undefined where it cannot be told apart. */
  readonly deltas: number | undefined;
  /** Caches that can be rebuilt, locks and tails of zeros. */
  readonly beside: number;
}

/** Somebody who records the ticks of a workload and gives back the state at any of them. */
export interface Peer {
  /** Begins, and records the initial state as tick 0. */
  open(folder: string, workload: Workload, mode: Mode): void | Promise<void>;
  /** The simulation's own work, which is not timed: to put its state where the recorder looks for it. */
  simulate?(tick: Tick): void;
  /** The ticks of each full group are durable when it resolves. */
  recordTick(tick: Tick): void | Promise<void>;
  /** Makes all ticks durable. */
  sync(): void | Promise<void>;
  /** Ends the recording; from now on it is read. */
  finish(): void | Promise<void>;
  seek(tick: number): State | Promise<State>;
  /** The states at `from` − 1, `from` − 2 …, down to `to`, for those who know a nearer way than `seek`. */
  stepBack?(from: number, to: number): AsyncIterable<State>;
  close(): void | Promise<void>;
  bytes(): Bytes | Promise<Bytes>;
}

/** Thrown where somebody cannot take part on this machine; the message says what is missing. */
export class NotRun extends Error {}
