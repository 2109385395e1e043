import { assert } from "../assert.ts";
import { isEverytickError } from "../errors.ts";
import { BodyWriter } from "../format/body.ts";
import { utf8 } from "../format/bytes.ts";
import {
  applyChanges,
  ChangeFinder,
  changedElements,
  type StoreChanges,
} from "../format/changes.ts";
import { Digester, type StoreDigest } from "../format/digest.ts";
import { FrameFlag, FrameKind } from "../format/frame.ts";
import { Image } from "../format/image.ts";
import { canonicalJson } from "../format/json.ts";
import { isInKeyframes, type StoreLayout } from "../format/layout.ts";
import { digestOfStore } from "../format/store-digest.ts";
import { limits } from "../limits.ts";
import type { GapInput, Sink, StoreInput, TickInput } from "../recorder/sink.ts";
import type { Codecs, Tick } from "../types.ts";
import { explicitStoreChanges } from "./explicit.ts";
import { IndexCache } from "./index-cache-writer.ts";
import type { WriterOptions, WriterStart } from "./writer-options.ts";
import { poisoned, writeFailed } from "./write-failure.ts";
import { SegmentWriter, type FrameToAppend } from "./segment-writer.ts";

/**
 * The one writer of a run: keeps the replica, finds what changed, encodes, hashes, writes and syncs. It works in line
 * and knows no threads.
 */
export class Writer implements Sink {
  onDurable: ((tick: Tick) => void) | undefined;
  readonly #options: WriterOptions;
  readonly #codecs: Codecs;
  readonly #replica: Image;
  readonly #finder: ChangeFinder;
  readonly #digester: Digester;
  readonly #body: BodyWriter;
  readonly #cache: IndexCache;
  readonly #epoch: number;
  #segment: SegmentWriter | undefined;
  #segmentNumber = -1;
  #tick: Tick = -1;
  #simTime = 0;
  #era = 0;
  #lastGapTick: Tick = -1;
  #durableTick: Tick = -1;
  #historyDigest: Uint8Array;
  #keyframeBytes = 0;
  #deltaBytes = 0;
  #bytesWritten = 0;
  /** The delta or keyframe being written, and the bytes of its frames so far. */
  #current: FrameToAppend | undefined;
  #currentBytes = 0;
  /** Of static stores, which keyframes name but do not hold; found at the first keyframe. */
  readonly #staticDigests = new Map<number, StoreDigest | undefined>();
  #failure: unknown;

  constructor(options: WriterOptions, start: WriterStart | undefined) {
    this.#options = options;
    this.#codecs = options.codecs;
    this.#cache = new IndexCache(options.vfs, options.directory, options.codecs);
    this.#finder = new ChangeFinder(options.codecs);
    this.#digester = new Digester(options.codecs);
    const giveFull = (body: Uint8Array): void => this.#putContinued(body);
    this.#body = new BodyWriter(options.codecs, giveFull, options.bodyBytesMax);
    this.#replica = start?.image ?? new Image(options.identity.layout);
    this.#historyDigest = start?.historyDigest ?? options.identity.schemaHash;
    this.#epoch = (start?.epoch ?? 0) + 1;
    if (start !== undefined) this.#open(start);
  }

  get durableTick(): Tick {
    return this.#durableTick;
  }

  /** Bytes of frames appended by this writer. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** The state at the last appended tick; changes with the next. */
  borrowReplica(): Image {
    return this.#replica;
  }

  append(input: TickInput): void {
    this.#guard(() => {
      if (this.#segment === undefined) return this.#appendFirst(input);
      this.#makeRoom();
      const baseDistance = input.tick - this.#tick;
      assert(baseDistance > 0, "ticks rise");
      this.#take(input);
      const frame = this.#begin(FrameKind.delta, input.wallTime, { baseDistance });
      const { digests, changed } = this.#apply(input.stores);
      this.#historyDigest = this.#digester.history(this.#historyDigest, input.tick, digests);
      const historyDigest = this.#historyDigest;
      this.#deltaBytes += this.#finish({ ...frame, historyDigest, changedElements: changed });
    });
  }

  appendGap({ lastTick, wallTime, reason }: GapInput): void {
    this.#guard(() => {
      const from = Math.max(this.#tick, this.#lastGapTick);
      assert(lastTick > from, "a gap is not empty");
      const body = utf8.encoder.encode(canonicalJson({ reason }, "the reason of a gap"));
      const frame = this.#frame(FrameKind.gap, wallTime);
      this.#put({ ...frame, tick: lastTick, baseDistance: lastTick - from }, body);
      this.#lastGapTick = lastTick;
    });
  }

  async flush(): Promise<void> {
    await Promise.resolve(this.flushNow());
  }

  flushNow(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#guard(() => {
      const { durability } = this.#options;
      if (durability === "fsync") segment.sync();
      if (durability === "os") segment.write();
      if (this.#cache.isBehind(segment)) {
        // The cache only ever covers synced frames.
        segment.sync();
        this.#cache.extend(segment);
      }
    });
    this.#acknowledge();
  }

  async publish(): Promise<void> {
    await Promise.resolve(this.#guard(() => this.#segment?.write()));
  }

  async close(): Promise<void> {
    await Promise.resolve(this.closeNow());
  }

  closeNow(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    try {
      if (this.#failure === undefined) this.#guard(() => this.#markClosed(segment));
    } finally {
      this.#segment = undefined;
      segment.close();
    }
    if (this.#failure === undefined) this.#acknowledge();
  }

  #markClosed(segment: SegmentWriter): void {
    // The mark states what was durable before it: everything, so that damage there is never taken for a torn tail.
    segment.sync();
    const body = utf8.encoder.encode(canonicalJson({ name: "closed" }, "a mark"));
    this.#put(this.#frame(FrameKind.mark, this.#options.clock.wallTime()), body);
    segment.sync();
    this.#cache.extend(segment);
  }

  #acknowledge(): void {
    if (this.#durableTick === this.#tick) return;
    this.#durableTick = this.#tick;
    this.onDurable?.(this.#tick);
  }

  /** Runs what touches files; the first failure ends this writer. */
  #guard(work: () => void): void {
    if (this.#failure !== undefined) throw poisoned(this.#failure);
    try {
      work();
    } catch (cause) {
      this.#failure = cause;
      throw isEverytickError(cause) ? cause : writeFailed(this.#options.directory, cause);
    }
  }

  #open(start: WriterStart): void {
    try {
      this.#guard(() => this.#resume(start));
    } catch (error) {
      this.#segment?.close();
      throw error;
    }
  }

  #resume(start: WriterStart): void {
    const { vfs, directory, clock } = this.#options;
    this.#tick = this.#durableTick = start.tick;
    this.#lastGapTick = start.lastGapTick;
    this.#simTime = start.simTime;
    this.#era = start.era;
    this.#keyframeBytes = start.keyframeBytes;
    this.#deltaBytes = start.deltaBytes;
    this.#segmentNumber = start.segmentNumber;
    if (start.tail === undefined) {
      this.#createSegment(start.tick + 1);
    } else {
      const segment = SegmentWriter.resume(vfs, `${directory}/journal`, start.tail, this.#codecs);
      this.#segment = segment;
      this.#cache.remove(segment);
    }
    this.#put(this.#frame(FrameKind.epoch, clock.wallTime()), new Uint8Array(0));
  }

  #appendFirst(input: TickInput): void {
    this.#createSegment(input.tick);
    this.#take(input);
    const frame = this.#begin(FrameKind.keyframe, input.wallTime, { flags: FrameFlag.required });
    const { digests, changed } = this.#apply(input.stores);
    const { layout, schemaHash } = this.#options.identity;
    const logs = layout.stores.filter(({ lifetime }) => lifetime.rows === "tick");
    const isOfState = ({ number }: StoreDigest): boolean =>
      logs.every(({ digestNumber }) => digestNumber !== number);
    const stateDigest = this.#digester.state(schemaHash, digests.filter(isOfState));
    this.#historyDigest = this.#digester.history(this.#historyDigest, input.tick, digests);
    const historyDigest = this.#historyDigest;
    const done = { ...frame, historyDigest, stateDigest, changedElements: changed };
    const bytes = this.#finish(done);
    // With static stores in it, it says nothing of what later keyframes weigh: another one follows at once.
    this.#keyframeBytes = layout.stores.some(({ lifetime }) => lifetime.isStatic) ? 0 : bytes;
  }

  #take({ tick, simTime, era }: TickInput): void {
    this.#tick = this.#lastGapTick = tick;
    this.#simTime = simTime;
    this.#era = era;
  }

  /** Brings the changes of a tick into the replica and the body. */
  #apply(inputs: readonly StoreInput[]): { digests: StoreDigest[]; changed: number } {
    const digests: StoreDigest[] = [];
    const { layout } = this.#options.identity;
    let changed = 0;
    for (const input of inputs) {
      const store = layout.stores[input.store] as StoreLayout;
      const elements = this.#encode(store, this.#changesOf(store, input), digests, (piece) => {
        applyChanges(this.#replica, piece, "forward");
      });
      if (store.number !== layout.randomStore) changed += elements;
    }
    return { digests, changed };
  }

  #changesOf(store: StoreLayout, input: StoreInput): Iterable<StoreChanges> {
    if (store.lifetime.rows === "tick") {
      // What a tick appends is new, whatever the tick before appended.
      this.#replica.clear(({ number }) => number === store.number);
      return this.#finder.pieces(store, undefined, "state" in input ? input.state : []);
    }
    const replica = this.#replica.stores[store.number] as Image["stores"][number];
    if ("state" in input) return this.#finder.pieces(store, replica, input.state);
    const changes = explicitStoreChanges(store, replica, input.changes, this.#codecs);
    return changes.columns.length > 0 ? [changes] : [];
  }

  /**
   * Hashes and encodes the changes of a store, piece by piece.
   * @param prepare brings a piece into the replica, if it is not there yet.
   * @returns how many elements changed.
   */
  #encode(
    store: StoreLayout,
    pieces: Iterable<StoreChanges>,
    digests: StoreDigest[],
    prepare: (piece: StoreChanges) => void,
  ): number {
    const isDigested = store.digestNumber >= 0;
    let changed = 0;
    if (isDigested) this.#digester.begin();
    for (const piece of pieces) {
      changed += changedElements(piece);
      prepare(piece);
      if (isDigested) this.#digester.add(piece, this.#replica);
      this.#body.add(piece);
    }
    if (changed === 0 || !isDigested) return changed;
    const digest = this.#digester.end(store, this.#replica);
    digests.push(digest);
    this.#body.addDigest(digest);
    return changed;
  }

  /** Before a tick: a keyframe or another segment, if one is due. No acknowledgement waits for a keyframe. */
  #makeRoom(): void {
    const segment = this.#segment as SegmentWriter;
    // A keyframe names a tick of its own segment, and the next segment needs another name.
    if (segment.table.stepCount === 0) return;
    const { keyframeWeight, segmentBytesMin, segmentBytesMax } = limits;
    const rollAt = Math.max(
      this.#options.segmentBytesMin ?? segmentBytesMin,
      keyframeWeight * this.#keyframeBytes,
    );
    if (segment.size >= Math.min(rollAt, segmentBytesMax)) return this.#roll(segment);
    const isDue = this.#deltaBytes >= keyframeWeight * this.#keyframeBytes;
    const isOwed = !segment.table.hasKeyframe && segment.table.stepCount > 0;
    if (isDue || isOwed) this.#appendKeyframe();
  }

  #appendKeyframe(): void {
    const { layout, schemaHash } = this.#options.identity;
    const frame = this.#begin(FrameKind.keyframe, this.#options.clock.wallTime(), {});
    const digests: StoreDigest[] = [];
    for (const store of layout.stores) {
      if (isInKeyframes(store)) {
        const image = this.#replica.stores[store.number] as Image["stores"][number];
        const pieces = this.#finder.pieces(store, undefined, image);
        this.#encode(store, pieces, digests, () => undefined);
      } else if (store.lifetime.isStatic) {
        this.#nameStatic(store, digests);
      }
    }
    const stateDigest = this.#digester.state(schemaHash, digests);
    this.#keyframeBytes = this.#finish({ ...frame, stateDigest });
    this.#deltaBytes = 0;
  }

  /** Puts the digest of a static store, and nothing else of it, into a keyframe. */
  #nameStatic(store: StoreLayout, digests: StoreDigest[]): void {
    const { number } = store;
    const digest = this.#staticDigests.has(number)
      ? this.#staticDigests.get(number)
      : digestOfStore(store, this.#replica, this.#finder, this.#digester);
    this.#staticDigests.set(number, digest);
    if (digest === undefined) return;
    digests.push(digest);
    this.#body.addDigest(digest);
  }

  #roll(segment: SegmentWriter): void {
    if (!segment.table.hasKeyframe) this.#appendKeyframe();
    segment.seal(this.#frame(FrameKind.seal, this.#options.clock.wallTime()));
    this.#cache.remove(segment);
    this.#createSegment(this.#tick + 1);
  }

  #createSegment(firstTick: Tick): void {
    const { vfs, directory, identity } = this.#options;
    this.#segmentNumber += 1;
    const header = {
      uuid: identity.uuid,
      number: this.#segmentNumber,
      generation: 0,
      firstTick,
      plannedSize: 0,
      epoch: this.#epoch,
      historyDigest: this.#historyDigest,
      worldHash: identity.worldHash,
      world: identity.world,
    };
    this.#segment = SegmentWriter.create(vfs, `${directory}/journal`, header, this.#codecs);
  }

  /** Starts a delta or keyframe: what its first frames say while the rest is not known. */
  #begin(
    kind: number,
    wallTime: number,
    fields: { readonly baseDistance?: number; readonly flags?: number },
  ): FrameToAppend {
    this.#current = { ...this.#frame(kind, wallTime), ...fields };
    this.#currentBytes = 0;
    return this.#current;
  }

  /** Writes a full body of the current delta or keyframe. */
  #putContinued(body: Uint8Array): void {
    const frame = this.#current as FrameToAppend;
    const flags = (frame.flags ?? 0) | FrameFlag.continued;
    this.#currentBytes += this.#put({ ...frame, flags }, body);
  }

  /** Writes the last body. @returns bytes of all its frames. */
  #finish(frame: FrameToAppend): number {
    return this.#currentBytes + this.#put(frame, this.#body.finish());
  }

  /** A frame of the current tick that records nothing. */
  #frame(kind: number, wallTime: number): FrameToAppend {
    return {
      kind,
      era: this.#era,
      epoch: this.#epoch,
      tick: this.#tick,
      simTime: this.#simTime,
      wallTime,
      baseDistance: 0,
      changedElements: 0,
      historyDigest: this.#historyDigest,
    };
  }

  #put(frame: FrameToAppend, body: Uint8Array): number {
    const length = (this.#segment as SegmentWriter).append(frame, body);
    this.#bytesWritten += length;
    return length;
  }
}
