import type { Check, Configuration, Measurement, Outcome } from "./configuration.ts";
import { peers, type PeerKind, type PeerName } from "./peers/peers.ts";
import { median } from "./statistics.ts";
import type { WorkloadName } from "./workloads/workloads.ts";

/** The medians of a peer. Bytes are per tick, times milliseconds, rates ticks per second, memory MiB. */
export interface PeerResult {
  readonly peer: PeerName;
  readonly ticks: number;
  readonly all: number;
  readonly beside: number;
  readonly deltas: number | undefined;
  readonly strict: number;
  readonly grouped: number;
  readonly blocked50: number;
  readonly blocked99: number;
  readonly seek50: number;
  readonly seek99: number;
  readonly back50: number;
  readonly memory: number;
}

export interface WorkloadResult {
  readonly workload: WorkloadName;
  readonly ticks: number;
  readonly peers: readonly PeerResult[];
  readonly notRun: readonly { readonly peer: PeerName; readonly reason: string }[];
  readonly check: Check | undefined;
}

export type Run = readonly [Configuration, Outcome<Measurement>];

/** Reading and strict rates come from the strict runs; sizes, blocked times and memory from the grouped ones. */
export function summarise(
  workload: WorkloadName,
  ticks: number,
  runs: readonly Run[],
  check: Check | undefined,
): WorkloadResult {
  const results: PeerResult[] = [];
  const notRun: { peer: PeerName; reason: string }[] = [];
  for (const peer of Object.keys(peers) as PeerName[]) {
    const own = runs.filter(([configuration]) => configuration.peer === peer);
    if (own.length === 0) continue;
    const failed = own.map(([, outcome]) => outcome).find((outcome) => "notRun" in outcome);
    if (failed === undefined) results.push(resultOf(peer, own));
    else notRun.push({ peer, reason: failed.notRun });
  }
  return { workload, ticks, peers: results, notRun, check };
}

function resultOf(peer: PeerName, runs: readonly Run[]): PeerResult {
  const found = (mode: string): Measurement[] =>
    runs.flatMap(([configuration, outcome]) =>
      configuration.mode === mode && "found" in outcome ? [outcome.found] : [],
    );
  const [strict, grouped] = [found("strict"), found("grouped")];
  const of = (measurements: Measurement[], name: keyof Measurement): number =>
    median(measurements.map((measurement) => measurement[name] ?? Number.NaN));
  return {
    peer,
    ticks: runs[0]![0].ticks,
    all: of(grouped, "all"),
    beside: of(grouped, "beside"),
    deltas: grouped[0]?.deltas === undefined ? undefined : of(grouped, "deltas"),
    strict: of(strict, "ticksPerSecond"),
    grouped: of(grouped, "ticksPerSecond"),
    blocked50: of(grouped, "blocked50"),
    blocked99: of(grouped, "blocked99"),
    seek50: of(strict, "seek50"),
    seek99: of(strict, "seek99"),
    back50: of(strict, "back50"),
    memory: of(grouped, "memory"),
  };
}

export function isOurs(peer: PeerName): boolean {
  return peer.startsWith("everytick");
}

/** How something of ours compares with the best of the peers that got all ticks. */
export interface Comparison {
  readonly figure: string;
  readonly peer: PeerName;
  /** Above 1: ours is better. */
  readonly ratio: number;
  /** What ours is then, and what it is below 1. */
  readonly words: readonly [better: string, worse: string];
}

const sizes = ["smaller", "larger"] as const;
const speeds = ["faster", "slower"] as const;

export function comparisons({ peers: results, ticks }: WorkloadResult): Comparison[] {
  const ours = results.find(({ peer }) => peer === "everytick");
  const others = results.filter(({ peer, ticks: own }) => !isOurs(peer) && own === ticks);
  const compressed = others.filter(({ peer }) => (peers[peer] as PeerKind).isCompressed);
  if (ours === undefined || compressed.length === 0) return [];
  const least = (figure: string, name: "all" | Time): Comparison => {
    const peer = others.reduce((best, each) => (each[name] < best[name] ? each : best));
    const words = name === "all" ? sizes : speeds;
    return { figure, peer: peer.peer, ratio: peer[name] / ours[name], words };
  };
  const most = (figure: string, name: Rate, rivals: readonly PeerResult[]): Comparison => {
    const peer = rivals.reduce((best, each) => (each[name] > best[name] ? each : best));
    return { figure, peer: peer.peer, ratio: ours[name] / peer[name], words: speeds };
  };
  return [
    least("size", "all"),
    most("strict ticks", "strict", others),
    most("strict ticks, beside those who compress", "strict", compressed),
    most("grouped ticks", "grouped", others),
    most("grouped ticks, beside those who compress", "grouped", compressed),
    least("blocked, p50", "blocked50"),
    least("random seek, p50", "seek50"),
    least("step back, p50", "back50"),
  ];
}

type Time = "blocked50" | "seek50" | "back50";
type Rate = "strict" | "grouped";
