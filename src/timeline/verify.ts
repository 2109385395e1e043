import { isEverytickError } from "../errors.ts";
import { readBody, type Body } from "../format/body.ts";
import { applyChanges } from "../format/changes.ts";
import { hexOf } from "../format/bytes.ts";
import { DifferenceReader, MissingDifferences } from "../format/difference-reader.ts";
import { LastDifferences } from "../format/last-differences.ts";
import { frameHeaderSize, FrameFlag, FrameKind, type FrameHeader } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import { Image } from "../format/image.ts";
import {
  FrameChecker,
  isProblem,
  type ChainState,
  type FrameProblem,
} from "../journal/frame-checker.ts";
import type { JournalReader } from "../journal/journal-reader.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Clock, Damage, Tick, VerifyReport, WorldSchema } from "../types.ts";
import { checkParts, checkValues, unknownKeyframe } from "./frame-rules.ts";
import { isEntry, sidesOf, ticksAt } from "./damage-facts.ts";
import { NamedStates } from "./named-states.ts";
import { noteProblem } from "./note-checks.ts";
import { StandAloneDeltas } from "./stand-alone-deltas.ts";
import { StateDigests } from "./state-digests.ts";
import { HeaderChecks } from "./header-checks.ts";
import { TableChecks } from "./table-checks.ts";
import type { TimelineIdentity } from "./timeline.ts";

/** What a verification needs to know of its run. */
export interface VerifyIdentity extends TimelineIdentity {
  readonly world: WorldSchema;
  /** As the card has it. */
  readonly worldHash: string;
  readonly sparse: boolean;
}
/** What the journal alone tells. */
export type JournalReport = Omit<VerifyReport, "strays">;

export interface VerifyOptions {
  readonly onProgress?: (done: { ticks: number; ofTicks: number; bytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** Reads every byte of a run's history, replays every tick, and checks every checksum and digest. */
export async function verifyJournal(
  journal: JournalReader,
  identity: VerifyIdentity,
  options: VerifyOptions,
  clock: Clock,
): Promise<JournalReport> {
  const verification = new Verification(journal, identity, options, clock);
  return verification.run();
}

class Verification {
  readonly #journal: JournalReader;
  readonly #identity: TimelineIdentity;
  readonly #options: VerifyOptions;
  readonly #clock: Clock;
  readonly #digests: StateDigests;
  readonly #tables: TableChecks;
  readonly #headers: HeaderChecks;
  readonly #image: Image;
  readonly #named: NamedStates;
  readonly #damage: Damage[] = [];
  /** The header of the last tick whose state `#image` holds; `undefined` while no state is trusted. */
  #at: FrameHeader | undefined;
  #bodies: Body[] = [];
  readonly #standAlone = new StandAloneDeltas();
  /** Of the delta under way, and of the one before it; `undefined` where they are not known. */
  #reader: DifferenceReader | undefined;
  #differences: LastDifferences | undefined;
  /** Whether a frame of the group under way was refused: the rest of it says nothing. */
  #isRefused = false;
  #chain: ChainState;
  /** The number that the next segment should have. */
  #number = 0;
  #firstTick: Tick | undefined;
  #lastTick: Tick = -1;
  #historyDigest = "";
  #ticks = 0;
  #keyframes = 0;
  #bytes = 0;
  #tailBytes = 0;
  #ofTicks = 0;
  #lastPause: number;

  constructor(
    journal: JournalReader,
    identity: VerifyIdentity,
    options: VerifyOptions,
    clock: Clock,
  ) {
    this.#journal = journal;
    this.#identity = identity;
    this.#options = options;
    this.#clock = clock;
    this.#digests = new StateDigests(journal.codecs, identity.schemaHash);
    this.#tables = new TableChecks(identity.layout, identity.world);
    this.#headers = new HeaderChecks({ ...identity, eras: identity.world.eras.length });
    this.#image = new Image(identity.layout);
    this.#named = new NamedStates(journal.codecs);
    this.#chain = {
      epoch: 0,
      previousChecksum: 0,
      lastTick: -1,
      lastGapTick: -1,
      continued: undefined,
    };
    this.#lastPause = clock.monotonic();
  }

  async run(): Promise<JournalReport> {
    this.#ofTicks = await this.#ticksInSight();
    for (let number = 0; number < this.#journal.names.length; number++) {
      const segment = await this.#opened(number);
      if (segment !== undefined) await this.#segment(segment);
    }
    return {
      firstTick: this.#firstTick ?? 0,
      lastTick: this.#lastTick,
      ticks: this.#ticks,
      keyframes: this.#keyframes,
      segments: this.#journal.names.length,
      bytes: this.#bytes,
      tailBytes: this.#tailBytes,
      historyDigest: this.#historyDigest,
      damage: this.#damage,
    };
  }

  /** For the progress alone. */
  async #ticksInSight(): Promise<number> {
    try {
      const [first, last] = [await this.#journal.firstStep(), await this.#journal.lastStep()];
      return first === undefined || last === undefined ? 0 : last.tick - first.tick + 1;
    } catch (error) {
      if (!isEverytickError(error)) throw error;
      return 0;
    }
  }

  /** A segment that cannot be opened is damage like any other. */
  async #opened(number: number): Promise<Segment | undefined> {
    try {
      return await this.#journal.segment(number);
    } catch (error) {
      if (!isEverytickError(error)) throw error;
      const name = this.#journal.names[number]?.name ?? "";
      this.#damage.push({ file: `journal/${name}`, offset: 0, ...sidesOf(error) });
      this.#distrust();
      this.#headers.forget();
      this.#chain = { ...this.#chain, isTickUnknown: true };
      this.#number += 1;
      return undefined;
    }
  }

  async #segment(segment: Segment): Promise<void> {
    const { header, table } = segment;
    if (header.number !== this.#number) {
      this.#report(segment, 0, `segment number ${this.#number}`, String(header.number));
      this.#distrust();
      this.#headers.forget();
      this.#chain = { ...this.#chain, isTickUnknown: true };
    }
    this.#judge(segment, 0, this.#headers.segment(header));
    this.#number = header.number + 1;
    this.#chain = {
      ...this.#chain,
      epoch: header.epoch,
      previousChecksum: 0,
      continued: undefined,
    };
    const checker = new FrameChecker(this.#journal.codecs, header, this.#chain);
    this.#bytes += header.length;
    const end = segment.end.kind === "sealed" ? await segment.source.size() : table.end;
    let offset = header.length;
    let position = 0;
    while (offset < end) {
      const bytes = await frameAt(segment, offset, end);
      const result = checker.next(bytes, 0, offset);
      if (isProblem(result)) {
        this.#report(segment, offset, result.expected, result.found);
        offset = this.#skip(segment, offset, checker);
        position = table.positionAt(offset);
        continue;
      }
      this.#checkIndex(segment, position, offset, result);
      this.#judge(segment, offset, this.#headers.frame(result, offset));
      this.#frame(segment, offset, result, bytes.subarray(frameHeaderSize, result.length));
      this.#bytes += result.length;
      offset += result.length;
      position += 1;
      if (result.kind === FrameKind.seal) break;
      await this.#pause();
    }
    this.#chain = checker.state;
    this.#judgeEnd(segment);
  }

  #judgeEnd(segment: Segment): void {
    const { end } = segment;
    if (end.kind === "open") this.#tailBytes = end.tailBytes;
    if (end.kind === "damaged") {
      this.#report(segment, end.offset, end.problem.expected, end.problem.found);
    }
  }

  /** Goes on behind a damaged frame, where the index says that the next one begins. */
  #skip({ table }: Segment, offset: number, checker: FrameChecker): number {
    this.#distrust();
    this.#headers.forget();
    checker.acceptAnyNext();
    for (let position = 0; position < table.count; position++) {
      if (table.offset(position) <= offset) continue;
      this.#isRefused = position > 0 && table.isContinued(position - 1);
      return table.offset(position);
    }
    return Number.MAX_SAFE_INTEGER;
  }

  /** Ticks are found by the index: where it says another thing than the frames, some of them are not. */
  #checkIndex(segment: Segment, position: number, offset: number, header: FrameHeader): void {
    const { table } = segment;
    const isBehind = position >= table.count;
    // The index of a seal does not cover the seal.
    if (isBehind && header.kind === FrameKind.seal) return;
    if (!isBehind && table.offset(position) === offset && isEntry(table.entry(position), header)) {
      return;
    }
    const expected = "the frame that the index names";
    this.#report(segment, offset, expected, `kind ${header.kind} of tick ${header.tick}`);
  }

  #frame(segment: Segment, offset: number, header: FrameHeader, body: Uint8Array): void {
    this.#judge(segment, offset, noteProblem(segment, header, offset, body, this.#journal.codecs));
    if (header.kind !== FrameKind.delta && header.kind !== FrameKind.keyframe) return;
    const isContinued = (header.flags & FrameFlag.continued) !== 0;
    try {
      if (!this.#isRefused) this.#readFrame(segment, offset, header, body);
    } catch (error) {
      this.#refuse(segment, offset, header, error);
    }
    if (isContinued) return;
    this.#isRefused = false;
    if (isStep(header)) this.#count(header);
  }

  #readFrame(segment: Segment, offset: number, header: FrameHeader, body: Uint8Array): void {
    const isDelta = header.kind === FrameKind.delta;
    if (!isDelta && isStep(header) && this.#firstTick !== undefined) {
      throw unknownKeyframe(segment.name);
    }
    const options = isDelta ? { differences: this.#reading(segment, offset, header) } : {};
    const read = readBody(body, this.#identity.layout, this.#journal.codecs, options);
    checkParts(read, header);
    this.#bodies.push(read);
    if ((header.flags & FrameFlag.continued) !== 0) return;
    const bodies = this.#bodies;
    this.#bodies = [];
    this.#differences = this.#reader?.found ?? this.#differences;
    this.#reader = undefined;
    if (isDelta) this.#delta(segment, header, bodies);
    else this.#keyframe(segment, header, bodies);
  }

  #refuse(segment: Segment, offset: number, header: FrameHeader, error: unknown): void {
    const isMissing = error instanceof MissingDifferences;
    if (!isEverytickError(error) && !isMissing) throw error;
    // Behind damage, what second differences build on is not known until the next keyframe.
    if (!isMissing) {
      const { expected, found } = sidesOf(error);
      this.#report(segment, offset, expected, found, [header.tick, header.tick]);
    }
    this.#distrust();
    this.#isRefused = true;
  }

  /** Until the next keyframe no state is known. */
  #distrust(): void {
    this.#at = undefined;
    this.#bodies = [];
    this.#reader = this.#differences = undefined;
  }

  /** Reads the differences of the delta that is under way. */
  #reading(segment: Segment, offset: number, header: FrameHeader): DifferenceReader {
    const isAlone = this.#standAlone.has(segment, offset, header);
    const known = isAlone ? new LastDifferences() : this.#differences;
    this.#reader ??= new DifferenceReader(this.#image, "before", known);
    return this.#reader;
  }

  #count(header: FrameHeader): void {
    this.#firstTick ??= header.tick;
    this.#lastTick = header.tick;
    this.#historyDigest = hexOf(header.historyDigest);
    this.#ticks += 1;
  }

  #keyframe(segment: Segment, header: FrameHeader, bodies: readonly Body[]): void {
    this.#keyframes += 1;
    const where = `${segment.name}, keyframe of tick ${header.tick}`;
    if (isStep(header)) {
      this.#image.clear();
      this.#applyParts(this.#image, bodies);
      this.#digests.checkFirst(this.#image, bodies, header, where);
      this.#digests.checkCount(this.#image.layout, bodies, header);
      this.#tables.whole(this.#image, where);
      this.#at ??= header;
      this.#named.keep(segment, header.tick, this.#image);
      return;
    }
    // The replayed state and the keyframe must be the same state.
    if (this.#at?.tick === header.tick) {
      this.#digests.checkState(this.#image, header.stateDigest, where);
    }
    const image = this.#at === undefined ? this.#image : new Image(this.#identity.layout);
    image.clear(({ lifetime }) => !lifetime.isStatic);
    this.#applyParts(image, bodies);
    this.#digests.checkKeyframe(image, bodies, header, where);
    this.#named.check(segment, header.tick, image);
    if (this.#at !== undefined) return;
    this.#tables.whole(image, where);
    this.#at = header;
  }

  #delta(segment: Segment, header: FrameHeader, bodies: readonly Body[]): void {
    const before = this.#at;
    if (before === undefined || before.tick !== header.tick - header.baseDistance) {
      this.#at = undefined;
      return;
    }
    this.#image.clear(({ lifetime }) => lifetime.rows === "tick");
    this.#tables.before(this.#image, bodies);
    this.#applyParts(this.#image, bodies);
    const where = `${segment.name}, tick ${header.tick}`;
    this.#digests.checkTick(this.#image, bodies, before.historyDigest, header, where);
    this.#digests.checkCount(this.#image.layout, bodies, header);
    if ((header.flags & FrameFlag.stateDigest) !== 0) {
      this.#digests.checkState(this.#image, header.stateDigest, where);
    }
    this.#tables.after(this.#image, where);
    this.#named.keep(segment, header.tick, this.#image);
    this.#at = header;
  }

  #applyParts(image: Image, bodies: readonly Body[]): void {
    for (const part of bodies.flatMap(({ parts }) => parts)) {
      checkValues(image, part, this.#journal.codecs);
      applyChanges(image, part, "forward");
    }
  }

  #judge(segment: Segment, offset: number, problem: FrameProblem | undefined): void {
    if (problem !== undefined) this.#report(segment, offset, problem.expected, problem.found);
  }

  #report(
    { name, table }: Segment,
    offset: number,
    expected: string,
    found: string,
    ticks?: readonly [Tick, Tick],
  ): void {
    const range = ticks ?? ticksAt(table, offset);
    const damage = {
      file: `journal/${name}`,
      offset,
      expected,
      found,
      ...(range === undefined ? {} : { ticks: range }),
    };
    this.#damage.push(damage);
  }

  async #pause(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now - this.#lastPause < 20) return;
    this.#options.signal?.throwIfAborted();
    this.#options.onProgress?.({ ticks: this.#ticks, ofTicks: this.#ofTicks, bytes: this.#bytes });
    await this.#clock.yield();
    this.#lastPause = this.#clock.monotonic();
  }
}

async function frameAt(
  { source, table }: Segment,
  offset: number,
  end: number,
): Promise<Uint8Array> {
  const head = await source.read(offset, frameHeaderSize);
  const length = Math.min(FrameChecker.lengthAt(head, 0), Math.max(end, table.end) - offset);
  return length <= head.length ? head : source.read(offset, length);
}
