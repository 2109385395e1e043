import { openRuns, type ChangesOf, type LiveRun, type Runs, type RunsOptions } from "everytick";
import type { StateDefinition } from "everytick";
import { groupSize, type Bytes, type Mode, type Peer, type Tick } from "../peers/peer.ts";
import { copyState } from "../workloads/state.ts";
import type { State, TickChanges, Workload } from "../workloads/workload.ts";
import { definitionOf } from "./definition.ts";
import { deltaBytes } from "./frames.ts";
import { changeRows, fillStores, readStores, writeColumns, type Stores } from "./live-stores.ts";

export const runId = "run";

/**
 * How ticks are handed over. `state`: the simulation works on the live state (grids are bound to its own arrays), and a
 * commit finds what changed. `changes`: it says so.
 */
export type Way = "state" | "changes";

/** Everytick through its public door. */
export class Recording implements Peer {
  readonly #way: Way;
  readonly #options: RunsOptions;
  #folder = "";
  #workload!: Workload;
  #runs!: Runs;
  #run!: LiveRun;
  /** The simulation's own arrays. */
  #bound!: State;

  constructor(way: Way, options: RunsOptions = {}) {
    this.#way = way;
    this.#options = options;
  }

  async open(folder: string, workload: Workload, mode: Mode): Promise<void> {
    this.#folder = folder;
    this.#workload = workload;
    this.#bound = copyState(workload.initial);
    const state = definitionOf(workload, this.#way === "state" ? this.#bound : undefined);
    this.#runs = await openRuns(folder, this.#options);
    const window = mode === "strict" ? 0 : groupSize[mode];
    let isFilled = false;
    const capture = (stores: unknown): void => {
      if (!isFilled) fillStores(workload, stores as Stores<unknown>);
      isFilled = true;
    };
    this.#run = await this.#runs.record(runId, { state, window, capture });
    await this.#run.flush();
  }

  get #stores(): Stores<unknown> {
    return this.#run.state;
  }

  simulate({ changes, after }: Tick): void {
    if (this.#way === "changes" || changes.keyed !== undefined) return;
    if (this.#workload.stores.every(({ kind }) => kind === "grid")) {
      // A grid is bound to the very array that the simulation works on.
      after.forEach((values, column) => (this.#bound[column] = values));
    } else writeColumns(this.#workload, this.#stores, changes);
  }

  async recordTick({ changes }: Tick): Promise<void> {
    if (this.#way === "changes") {
      await this.#run.commit({ changes: explicitChanges(this.#workload, changes) });
      return;
    }
    if (changes.keyed !== undefined) changeRows(this.#workload, this.#stores, changes);
    await this.#run.commit();
  }

  async sync(): Promise<void> {
    await this.#run.flush();
  }

  async finish(): Promise<void> {
    await this.#run.close();
    const reader = await this.#runs.open(runId);
    this.#run = reader as unknown as LiveRun;
  }

  async seek(tick: number): Promise<State> {
    const { state } = await this.#run.at(tick);
    return readStores(this.#workload, state);
  }

  async *stepBack(from: number, to: number): AsyncIterable<State> {
    const states = this.play(from, to);
    // The state at `from` is where the caller stands already.
    let isFirst = true;
    for await (const state of states) {
      if (!isFirst) yield state;
      isFirst = false;
    }
  }

  /** Every state in one direction, views that the next step overwrites. */
  async *play(from: number, to: number): AsyncIterable<State> {
    for await (const { state } of this.#run.play({ from, to, reuse: true })) {
      yield readStores(this.#workload, state);
    }
  }

  async close(): Promise<void> {
    await this.#run.close();
    await this.#runs.close();
  }

  async bytes(): Promise<Bytes> {
    const { cacheBytes, bytes } = await this.#run.facts();
    const all = await this.historyBytes();
    const deltas = deltaBytes(`${this.#folder}/${runId}/journal`);
    return { all, deltas, beside: cacheBytes + bytes - all };
  }

  /** Card and segments, without what lies behind the last frame. */
  async historyBytes(): Promise<number> {
    const { bytes } = await this.#run.facts();
    const { tailBytes } = await this.#run.verify();
    return bytes - tailBytes;
  }
}

function explicitChanges({ stores }: Workload, changes: TickChanges): ChangesOf<StateDefinition> {
  if (changes.keyed !== undefined) return changes.keyed as unknown as ChangesOf<StateDefinition>;
  const grid = stores[0]!;
  const { rows, values } = changes.columns[0]!;
  return { [grid.name]: { index: rows, value: values } } as unknown as ChangesOf<StateDefinition>;
}
