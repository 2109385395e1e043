import type { Configuration } from "./configuration.ts";
import type { Options } from "./options.ts";
import type { Mode } from "./peers/peer.ts";
import { peers, type PeerKind, type PeerName } from "./peers/peers.ts";
import { workloads, type WorkloadName } from "./workloads/workloads.ts";

const modes = ["strict", "grouped"] as const satisfies readonly Mode[];
const readsOfFull = 20;
const readsOfQuick = 5;
/** The slow peers, too, get past their first tick. */
const ticksMin = 10;

/** How many ticks a peer gets. */
function ticksOf(workload: WorkloadName, peer: PeerName, isQuick: boolean): number {
  const { fullTicks, shortTicks } = workloads[workload];
  const all = isQuick ? shortTicks : fullTicks;
  const { share = 1 }: PeerKind = peers[peer];
  return Math.min(all, Math.max(ticksMin, Math.round(all * share)));
}

function peersOf(workload: WorkloadName, { peers: chosen }: Options): PeerName[] {
  return chosen.filter((name) => {
    const { only }: PeerKind = peers[name];
    return only?.includes(workload) ?? true;
  });
}

/** What is run for a workload, in order: repetitions interleaved, each beginning with another peer. */
export function schedule(workload: WorkloadName, options: Options): Configuration[] {
  const names = peersOf(workload, options);
  return Array.from({ length: options.repetitions }, (_, repetition) => {
    const first = Math.floor((repetition * names.length) / options.repetitions);
    return [...names.slice(first), ...names.slice(0, first)].flatMap((peer) =>
      modes.map((mode): Configuration => {
        const ticks = ticksOf(workload, peer, options.isQuick);
        const reads = mode === "grouped" ? 0 : options.isQuick ? readsOfQuick : readsOfFull;
        return { workload, ticks, peer, mode, repetition, reads };
      }),
    );
  }).flat();
}
