import type { Configuration, Measurement } from "./configuration.ts";
import type { Mode, Peer } from "./peers/peer.ts";
import { peers, type PeerKind } from "./peers/peers.ts";
import { quantile } from "./statistics.ts";
import { draws } from "./workloads/draws.ts";
import { applyTick, assertSame, copyState, statesAt } from "./workloads/state.ts";
import type { State, Workload } from "./workloads/workload.ts";
import { workloads } from "./workloads/workloads.ts";

/** Records the workload in this process and reads some of it back; each state that is read is compared. */
export async function measure(configuration: Configuration, folder: string): Promise<Measurement> {
  const { ticks, peer: name, mode, reads, repetition } = configuration;
  const workload = workloads[configuration.workload].make(ticks);
  const kind: PeerKind = peers[name];
  const peer = kind.make(mode);
  const written = await record(peer, workload, folder, mode);
  await peer.finish();
  const read = await readBack(peer, workload, reads, repetition);
  const { all, deltas, beside } = await peer.bytes();
  await peer.close();
  return {
    ...written,
    ...read,
    all: all / ticks,
    beside: beside / ticks,
    deltas: deltas === undefined ? undefined : deltas / ticks,
  };
}

type Written = Pick<Measurement, "ticksPerSecond" | "blocked50" | "blocked99" | "memory">;

/** The simulation's own work, which is to change its state, is not timed. */
export async function record(
  peer: Peer,
  workload: Workload,
  folder: string,
  mode: Mode,
): Promise<Written> {
  const before = copyState(workload.initial);
  const after = copyState(workload.initial);
  globalThis.gc?.();
  const memoryBefore = process.memoryUsage.rss();
  let memoryPeak = memoryBefore;
  await peer.open(folder, workload, mode);
  const times: number[] = [];
  for (const [place, changes] of workload.ticks.entries()) {
    applyTick(after, changes);
    const tick = { number: place + 1, changes, before, after };
    peer.simulate?.(tick);
    times.push(await timed(() => peer.recordTick(tick)));
    applyTick(before, changes);
    memoryPeak = Math.max(memoryPeak, process.memoryUsage.rss());
  }
  const last = await timed(() => peer.sync());
  const seconds = times.reduce((sum, time) => sum + time, last) / 1000;
  return {
    ticksPerSecond: workload.ticks.length / seconds,
    blocked50: quantile(times, 0.5),
    blocked99: quantile(times, 0.99),
    memory: (memoryPeak - memoryBefore) / 1024 ** 2,
  };
}

type Read = Pick<Measurement, "seek50" | "seek99" | "back50">;

async function readBack(
  peer: Peer,
  workload: Workload,
  reads: number,
  repetition: number,
): Promise<Read> {
  const count = workload.ticks.length;
  const draw = draws(1 + repetition);
  const sought = Array.from({ length: reads }, () => Math.floor(draw() * (count + 1)));
  const from = Math.min(count, reads + Math.floor(draw() * (count - reads + 1)));
  const to = Math.max(0, from - reads);
  const passed = Array.from({ length: from - to }, (_, step) => from - 1 - step);
  const expected = statesAt(workload, new Set([...sought, ...passed]));
  const compare = (state: State, tick: number): void =>
    assertSame(state, expected.get(tick) as State, workload, tick);

  const seeks: number[] = [];
  for (const tick of sought) {
    let state: State = [];
    seeks.push(await timed(async () => void (state = await peer.seek(tick))));
    compare(state, tick);
  }
  const steps: number[] = [];
  const states = peer.stepBack?.(from, to) ?? seekEach(peer, passed);
  const iterator = states[Symbol.asyncIterator]();
  for (const tick of passed) {
    let step: IteratorResult<State> | undefined;
    steps.push(await timed(async () => void (step = await iterator.next())));
    compare(step?.value as State, tick);
  }
  await iterator.return?.();
  return {
    seek50: quantile(seeks, 0.5),
    seek99: quantile(seeks, 0.99),
    back50: quantile(steps, 0.5),
  };
}

async function* seekEach(peer: Peer, ticks: readonly number[]): AsyncIterable<State> {
  for (const tick of ticks) yield await peer.seek(tick);
}

/** Milliseconds. What resolves at once is not waited for. */
async function timed(action: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  const promise = action();
  if (promise !== undefined) await promise;
  return performance.now() - start;
}
