import { BodyWriter } from "../format/body.ts";
import {
  applyChanges,
  ChangeFinder,
  changedElements,
  type StoreChanges,
} from "../format/changes.ts";
import { Digester, type StoreDigest } from "../format/digest.ts";
import type { Image } from "../format/image.ts";
import { isInKeyframes, type StoreLayout } from "../format/layout.ts";
import { digestOfStore } from "../format/store-digest.ts";
import type { StoreInput } from "../recorder/sink.ts";
import type { Codecs, Tick } from "../types.ts";
import { explicitStoreChanges } from "./explicit.ts";

/** What a delta or keyframe says beside its bodies. */
export interface EncodedTick {
  readonly digests: readonly StoreDigest[];
  /** Elements in all stores but the random streams. */
  readonly changedElements: number;
}

/** Keeps the replica, the state at the last tick: finds what the next one changes, hashes it and encodes it. */
export class TickEncoder {
  readonly replica: Image;
  readonly #codecs: Codecs;
  readonly #schemaHash: Uint8Array;
  readonly #finder: ChangeFinder;
  readonly #digester: Digester;
  readonly #body: BodyWriter;
  /** Of static stores, which keyframes name but do not hold; found at the first keyframe. */
  readonly #staticDigests = new Map<number, StoreDigest | undefined>();

  /** @param giveFull takes a body that is continued; a view, valid until it returns. */
  constructor(
    replica: Image,
    schemaHash: Uint8Array,
    codecs: Codecs,
    giveFull: (body: Uint8Array) => void,
    bodyBytesMax: number | undefined,
  ) {
    this.replica = replica;
    this.#schemaHash = schemaHash;
    this.#codecs = codecs;
    this.#finder = new ChangeFinder(codecs);
    this.#digester = new Digester(codecs);
    this.#body = new BodyWriter(codecs, giveFull, bodyBytesMax);
  }

  /**
   * Brings the changes of a tick into the replica and the body.
   * @param isFirst they are changes from nothing.
   */
  tick(inputs: readonly StoreInput[], isFirst: boolean): EncodedTick {
    const digests: StoreDigest[] = [];
    const { layout } = this.replica;
    let changed = 0;
    for (const input of inputs) {
      const store = layout.stores[input.store] as StoreLayout;
      const isWhole = isFirst || store.lifetime.rows === "tick";
      const elements = this.#encode(store, this.#changesOf(store, input), digests, isWhole);
      if (store.number !== layout.randomStore) changed += elements;
    }
    return { digests, changedElements: changed };
  }

  /** Brings the whole state into the body: a keyframe. */
  keyframe(): EncodedTick {
    const digests: StoreDigest[] = [];
    for (const store of this.replica.layout.stores) {
      if (isInKeyframes(store)) {
        const pieces = this.#finder.pieces(store, undefined, this.#replicaOf(store));
        this.#encode(store, pieces, digests, true);
      } else if (store.lifetime.isStatic) {
        this.#nameStatic(store, digests);
      }
    }
    return { digests, changedElements: 0 };
  }

  /** The last body of a delta or keyframe; a view, valid until more is encoded. */
  finish(isDelta: boolean): Uint8Array {
    return isDelta ? this.#body.finishDelta() : this.#body.finishKeyframe();
  }

  /** The next delta stands in another segment, which is readable alone. */
  restart(): void {
    this.#body.restart();
  }

  history(previous: Uint8Array, tick: Tick, { digests }: EncodedTick): Uint8Array {
    return this.#digester.history(previous, tick, digests);
  }

  /** The digest of the replica, from the digests of its stores as changes from nothing. The rows of logs are no state. */
  state({ digests }: EncodedTick): Uint8Array {
    const logs = this.replica.layout.stores.filter(({ lifetime }) => lifetime.rows === "tick");
    const isOfState = ({ number }: StoreDigest): boolean =>
      logs.every(({ digestNumber }) => digestNumber !== number);
    return this.#digester.state(this.#schemaHash, digests.filter(isOfState));
  }

  /** What a tick changes in a store. Each piece is in the replica when it is given. */
  #changesOf(store: StoreLayout, input: StoreInput): Iterable<StoreChanges> {
    if ("state" in input) {
      // What a tick appends to a log is new, whatever the tick before appended.
      if (store.lifetime.rows === "tick")
        this.replica.clear(({ number }) => number === store.number);
      this.replica.reserveFor(store, input.state);
      return this.#finder.pieces(store, this.#replicaOf(store), input.state, true);
    }
    const { changes: given } = input;
    const changes = explicitStoreChanges(store, this.#replicaOf(store), given, this.#codecs);
    applyChanges(this.replica, changes, "forward");
    return changes.columns.length > 0 ? [changes] : [];
  }

  /**
   * Hashes and encodes the changes of a store, piece by piece.
   * @param pieces are in the replica when they are given.
   * @param isWhole the pieces are changes from nothing.
   * @returns how many elements changed.
   */
  #encode(
    store: StoreLayout,
    pieces: Iterable<StoreChanges>,
    digests: StoreDigest[],
    isWhole: boolean,
  ): number {
    const isDigested = store.digestNumber >= 0;
    let changed = 0;
    if (isDigested) this.#digester.begin();
    for (const piece of pieces) {
      changed += changedElements(piece);
      if (isDigested) this.#digester.add(piece, this.replica);
      this.#body.add(piece, isWhole);
    }
    if (changed > 0 && isDigested) this.#name(this.#digester.end(store, this.replica), digests);
    return changed;
  }

  /** Puts the digest of a static store, and nothing else of it, into a keyframe. */
  #nameStatic(store: StoreLayout, digests: StoreDigest[]): void {
    const { number } = store;
    const digest = this.#staticDigests.has(number)
      ? this.#staticDigests.get(number)
      : digestOfStore(store, this.replica, this.#finder, this.#digester);
    this.#staticDigests.set(number, digest);
    if (digest !== undefined) this.#name(digest, digests);
  }

  #name(digest: StoreDigest, digests: StoreDigest[]): void {
    digests.push(digest);
    this.#body.addDigest(digest);
  }

  #replicaOf({ number }: StoreLayout): Image["stores"][number] {
    return this.replica.stores[number] as Image["stores"][number];
  }
}
