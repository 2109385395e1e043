import type { Mode } from "./peers/peer.ts";
import type { PeerName } from "./peers/peers.ts";
import type { WorkloadName } from "./workloads/workloads.ts";

/** What one child process does: it records a workload with one peer, in one mode. */
export interface Configuration {
  readonly workload: WorkloadName;
  readonly ticks: number;
  readonly peer: PeerName;
  readonly mode: Mode;
  /** Chooses the ticks that are read back. */
  readonly repetition: number;
  /** Random reads, and steps back. */
  readonly reads: number;
}

/** What it found. Times are milliseconds. */
export interface Measurement {
  readonly ticksPerSecond: number;
  readonly blocked50: number;
  readonly blocked99: number;
  /** Bytes per tick. */
  readonly all: number;
  readonly beside: number;
  readonly deltas: number | undefined;
  readonly seek50: number;
  readonly seek99: number;
  readonly back50: number;
  /** How much memory the process took while it recorded, in MiB, above what it had with the workload made. */
  readonly memory: number;
}

/** What the recording of a workload is held to, once. */
export interface CheckRequest {
  readonly check: WorkloadName;
  readonly ticks: number;
}
export interface Check {
  /** Ticks that were rebuilt and compared, in each direction. */
  readonly ticks: number;
  /** Bytes per tick of as many deltas as xz was given, and of what xz made of their content. */
  readonly xz:
    | { readonly ticks: number; readonly deltas: number; readonly packed: number }
    | { readonly notRun: string };
}

export type Request = Configuration | CheckRequest;
export type Outcome<T> = { readonly found: T } | { readonly notRun: string };
