import { assert } from "../assert.ts";
import { EverytickError, isEverytickError } from "../errors.ts";
import { utf8 } from "../format/bytes.ts";
import { FrameFlag, FrameKind } from "../format/frame.ts";
import { Image } from "../format/image.ts";
import { canonicalJson } from "../format/json.ts";
import { limits } from "../limits.ts";
import type { GapInput, Sink, TickInput } from "../recorder/sink.ts";
import type { Codecs, Tick } from "../types.ts";
import { IndexCache } from "./index-cache-writer.ts";
import type { WriterOptions, WriterStart } from "./writer-options.ts";
import { guardWrites, poisoned, writeFailed } from "./write-failure.ts";
import { SegmentWriter, type FrameToAppend } from "./segment-writer.ts";
import { TickEncoder } from "./tick-encoder.ts";

/**
 * The one writer of a run: keeps the replica, finds what changed, encodes, hashes, writes and syncs. It works in line
 * and knows no threads.
 */
export class Writer implements Sink {
  onDurable: ((tick: Tick) => void) | undefined;
  readonly #options: WriterOptions;
  readonly #codecs: Codecs;
  readonly #encoder: TickEncoder;
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
  #failure: unknown;

  constructor(options: WriterOptions, start: WriterStart | undefined) {
    this.#options = options;
    this.#codecs = options.codecs;
    this.#cache = new IndexCache(options.vfs, options.directory, options.codecs);
    const { layout, schemaHash } = options.identity;
    const giveFull = (body: Uint8Array): void => this.#putContinued(body);
    const replica = start?.image ?? new Image(layout);
    const { codecs, bodyBytesMax } = options;
    this.#encoder = new TickEncoder(replica, schemaHash, codecs, giveFull, bodyBytesMax);
    this.#historyDigest = start?.historyDigest ?? options.identity.schemaHash;
    this.#epoch = (start?.epoch ?? 0) + 1;
    if (this.#epoch > limits.epoch) {
      const details = { expected: `an epoch below ${limits.epoch}`, found: `${limits.epoch}` };
      throw new EverytickError("JOURNAL_DAMAGED", { where: options.directory, ...details });
    }
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
    return this.#encoder.replica;
  }

  append(input: TickInput): void {
    this.#guard(() => {
      if (this.#segment === undefined) return this.#appendFirst(input);
      this.#makeRoom();
      const baseDistance = input.tick - this.#tick;
      assert(baseDistance > 0, "ticks rise");
      this.#take(input);
      const frame = this.#begin(FrameKind.delta, input.wallTime, { baseDistance });
      const encoded = this.#encoder.tick(input.stores, false);
      const { changedElements } = encoded;
      this.#historyDigest = this.#encoder.history(this.#historyDigest, input.tick, encoded);
      const historyDigest = this.#historyDigest;
      this.#deltaBytes += this.#finish({ ...frame, historyDigest, changedElements });
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
      guardWrites(this.#options.directory, () => segment.close());
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
      guardWrites(this.#options.directory, () => this.#segment?.close());
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
      this.#createSegment(this.#nextTick);
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
    const encoded = this.#encoder.tick(input.stores, true);
    const { changedElements } = encoded;
    const stateDigest = this.#encoder.state(encoded);
    this.#historyDigest = this.#encoder.history(this.#historyDigest, input.tick, encoded);
    const historyDigest = this.#historyDigest;
    const bytes = this.#finish({ ...frame, historyDigest, stateDigest, changedElements });
    // With static stores in it, it says nothing of what later keyframes weigh: another one follows at once.
    const { stores } = this.#options.identity.layout;
    this.#keyframeBytes = stores.some(({ lifetime }) => lifetime.isStatic) ? 0 : bytes;
  }

  #take({ tick, simTime, era }: TickInput): void {
    this.#tick = this.#lastGapTick = tick;
    this.#simTime = simTime;
    this.#era = era;
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
    const frame = this.#begin(FrameKind.keyframe, this.#options.clock.wallTime(), {});
    const stateDigest = this.#encoder.state(this.#encoder.keyframe());
    this.#keyframeBytes = this.#finish({ ...frame, stateDigest });
    this.#deltaBytes = 0;
  }

  #roll(segment: SegmentWriter): void {
    if (!segment.table.hasKeyframe) this.#appendKeyframe();
    segment.seal(this.#frame(FrameKind.seal, this.#options.clock.wallTime()));
    this.#cache.remove(segment);
    this.#createSegment(this.#nextTick);
  }

  /** The first that may be recorded now: above all ticks of the segments before, those of gaps among them. */
  get #nextTick(): Tick {
    return Math.max(this.#tick, this.#lastGapTick) + 1;
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
    this.#encoder.restart();
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
    const body = this.#encoder.finish(frame.kind === FrameKind.delta);
    return this.#currentBytes + this.#put(frame, body);
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
