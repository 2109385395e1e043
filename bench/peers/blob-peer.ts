import { applyTick } from "../workloads/state.ts";
import type { State, Workload } from "../workloads/workload.ts";
import { packChanges, packState, unpackChanges, unpackState } from "./packed-changes.ts";
import { groupSize, type Bytes, type Mode, type Peer, type Tick } from "./peer.ts";
import { unzstd, zstd } from "./zstd.ts";

/** A delta peer stores the whole state instead of the changes at each so-many-th tick. */
export const keyframeSpacing = 50;

/** Something that keeps one blob for each tick. */
export interface BlobStore {
  open(folder: string): void | Promise<void>;
  put(tick: number, blob: Uint8Array): void | Promise<void>;
  /** Makes durable what was put. */
  commit(): void | Promise<void>;
  /** Ends the writing. */
  finish(): void | Promise<void>;
  /** The blobs of the ticks [from, to], in order. */
  get(from: number, to: number): Uint8Array[] | Promise<Uint8Array[]>;
  close(): void | Promise<void>;
  bytes(): Omit<Bytes, "deltas">;
}

export interface BlobContent {
  /** Packed changes with whole states between them, or whole states only. */
  readonly of: "changes" | "states";
  /** Who packs the blobs: nobody, this peer, or the store, which then knows alone how small they became. */
  readonly packing: "none" | "zstd" | "store";
}

/** Records packed changes or states as blobs, whatever keeps them. */
export class BlobPeer implements Peer {
  readonly #store: BlobStore;
  readonly #content: BlobContent;
  #workload!: Workload;
  #group = 1;
  #deltaBytes = 0;

  constructor(store: BlobStore, content: BlobContent) {
    this.#store = store;
    this.#content = content;
  }

  async open(folder: string, workload: Workload, mode: Mode): Promise<void> {
    this.#workload = workload;
    this.#group = groupSize[mode];
    await this.#store.open(folder);
    await this.#store.put(0, this.#packed(packState(workload.initial)));
    await this.#store.commit();
  }

  async recordTick({ number, changes, after }: Tick): Promise<void> {
    const isWhole = this.#content.of === "states" || number % keyframeSpacing === 0;
    const blob = this.#packed(isWhole ? packState(after) : packChanges(changes));
    if (!isWhole) this.#deltaBytes += blob.length;
    await this.#store.put(number, blob);
    if (number % this.#group === 0) await this.#store.commit();
  }

  async sync(): Promise<void> {
    await this.#store.commit();
  }

  async finish(): Promise<void> {
    await this.#store.finish();
  }

  async seek(tick: number): Promise<State> {
    const isWhole = this.#content.of === "states";
    const start = isWhole ? tick : tick - (tick % keyframeSpacing);
    const [whole, ...deltas] = await this.#store.get(start, tick);
    const state = unpackState(this.#unpacked(whole as Uint8Array), this.#workload);
    for (const delta of deltas) {
      applyTick(state, unpackChanges(this.#unpacked(delta), this.#workload));
    }
    return state;
  }

  async close(): Promise<void> {
    await this.#store.close();
  }

  bytes(): Bytes {
    const isKnown = this.#content.of === "changes" && this.#content.packing !== "store";
    return { ...this.#store.bytes(), deltas: isKnown ? this.#deltaBytes : undefined };
  }

  #packed(blob: Buffer): Buffer {
    return this.#content.packing === "zstd" ? zstd(blob) : blob;
  }

  #unpacked(blob: Uint8Array): Uint8Array {
    return this.#content.packing === "zstd" ? unzstd(blob) : blob;
  }
}
