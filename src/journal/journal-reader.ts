import { EverytickError, isEverytickError } from "../errors.ts";
import type { FrameTable } from "../format/frame-table.ts";
import type { ByteSource, Codecs, Tick } from "../types.ts";
import {
  checkIdentity,
  openSegment,
  scanTail,
  type OrderBefore,
  type Segment,
} from "./segment-reader.ts";
import type { FrameProblem } from "./frame-checker.ts";
import { OpenFiles } from "./open-files.ts";
import { OpenSegments } from "./open-segments.ts";
import { segmentsAmong, type SegmentName } from "./segment-name.ts";

/** Where the segments of a run are found: a folder here, a server in a browser. */
export interface SegmentSource {
  /** Names in the journal's folder. */
  list(): Promise<readonly string[]>;
  open(name: string): Promise<ByteSource>;
  /** The index cache of a segment, if there is one. */
  cache(name: string): Promise<Uint8Array | undefined>;
}

/** What the card tells of every segment of its run. */
export interface JournalIdentity {
  readonly uuid: Uint8Array;
  /** Of a segment's header. */
  readonly headerBytes: number;
}

/** Where a keyframe stands. */
export interface KeyframePlace {
  readonly segment: Segment;
  readonly position: number;
}
/** A recorded tick: its segment and the position of its first frame there. */
export interface Step {
  readonly segment: Segment;
  readonly position: number;
  readonly tick: Tick;
}

/** The reading half of the journal: finds the frames of any tick, from indexes alone. */
export class JournalReader {
  readonly #source: SegmentSource;
  readonly #files: OpenFiles;
  readonly #run: JournalIdentity;
  readonly codecs: Codecs;
  #names: readonly SegmentName[] = [];
  #tornCreation: string | undefined;
  readonly #open = new OpenSegments();
  /** Ends when the last look has ended: two at a time would count what they both read twice. */
  #lastLook: Promise<void> = Promise.resolve();

  private constructor(source: SegmentSource, run: JournalIdentity, codecs: Codecs) {
    this.#source = source;
    this.#files = new OpenFiles(async (name) => source.open(name));
    this.#run = run;
    this.codecs = codecs;
  }

  /** Reads names and the last segment's index only. @throws FORMAT_DAMAGED, FORMAT_NEWER, JOURNAL_MISSING */
  static async open(
    source: SegmentSource,
    run: JournalIdentity,
    codecs: Codecs,
  ): Promise<JournalReader> {
    const reader = new JournalReader(source, run, codecs);
    try {
      await reader.refresh();
    } catch (error) {
      await reader.close();
      throw error;
    }
    return reader;
  }

  /** Segments, in order. */
  get names(): readonly SegmentName[] {
    return this.#names;
  }

  /** Looks for what was appended since. */
  async refresh(): Promise<void> {
    const look = this.#lastLook.then(async () => this.#look());
    this.#lastLook = look.catch(() => undefined);
    return look;
  }

  async #look(): Promise<void> {
    let names = segmentsAmong(await this.#source.list());
    for (const [number, { name }] of names.entries()) {
      if (this.#open.has(name)) await this.#readOn(names, number);
    }
    const torn = await this.#tornCreationAmong(names);
    if (torn !== undefined) names = names.slice(0, -1);
    if (names.length > 0) await this.#segmentOf(names, names.length - 1);
    // Shown last: with a segment's successor in sight, its own ticks would be passed over before they are read.
    this.#names = names;
    this.#tornCreation = torn;
  }

  /** A last segment whose header never became durable holds no history: nothing was acknowledged in it. */
  async #tornCreationAmong(names: readonly SegmentName[]): Promise<string | undefined> {
    const last = names.at(-1);
    if (last === undefined) return undefined;
    try {
      await this.#segmentOf(names, names.length - 1);
      return undefined;
    } catch (error) {
      if (!isEverytickError(error, "FORMAT_DAMAGED")) throw error;
      const source = this.#files.source(last.name);
      const size = await source.size();
      await source.close();
      // Frames follow only when the header is durable.
      if (size > this.#run.headerBytes) throw error;
      return last.name;
    }
  }

  /** The name of a file that was to become a segment, if there is one. */
  get tornCreation(): string | undefined {
    return this.#tornCreation;
  }

  /** Reads what was appended to a segment that is open here. */
  async #readOn(names: readonly SegmentName[], number: number): Promise<void> {
    const segment = await this.#segmentOf(names, number);
    if (segment.end.kind === "open") await scanTail(segment);
    expectSeal(segment, number < names.length - 1);
  }

  /** The segment of this number in `names`. */
  async segment(number: number): Promise<Segment> {
    return this.#segmentOf(this.#names, number);
  }

  async #segmentOf(names: readonly SegmentName[], number: number): Promise<Segment> {
    const { name } = names[number] as SegmentName;
    return this.#open.get(name, async () => this.#openSegment(names, number), names.at(-1)?.name);
  }

  async #openSegment(names: readonly SegmentName[], number: number): Promise<Segment> {
    const source = this.#files.source((names[number] as SegmentName).name);
    try {
      return await this.#openFrom(source, names, number);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  async #openFrom(
    source: ByteSource,
    names: readonly SegmentName[],
    number: number,
  ): Promise<Segment> {
    const name = names[number] as SegmentName;
    const before = async (): Promise<OrderBefore> => this.#before(names, number);
    const cache = await this.#source.cache(name.name);
    const segment = await openSegment(name, source, before, cache, this.codecs);
    checkIdentity(segment, name, this.#run.uuid);
    expectSeal(segment, number < names.length - 1);
    return segment;
  }

  /** Where the order of ticks stands at the start of a segment. */
  async #before(names: readonly SegmentName[], number: number): Promise<OrderBefore> {
    for (let earlier = number - 1; earlier >= 0; earlier--) {
      const { table, end } = await this.#segmentOf(names, earlier);
      if (end.kind === "damaged") {
        // Its last ticks are not known, but the segment's own name says which tick was the last before it.
        const known = (names[number] as SegmentName).firstTick - 1;
        return { lastTick: known, lastGapTick: known };
      }
      if (table.stepCount === 0) continue;
      const lastTick = table.tick(table.step(table.stepCount - 1));
      return { lastTick, lastGapTick: Math.max(lastTick, table.lastGapTick()) };
    }
    return { lastTick: -1, lastGapTick: -1 };
  }

  /** The first recorded tick, or `undefined` if there is none. */
  async firstStep(): Promise<Step | undefined> {
    for (let number = 0; number < this.#names.length; number++) {
      const segment = await this.segment(number);
      if (segment.table.stepCount > 0) return stepOf(segment, 0);
    }
    return undefined;
  }

  async lastStep(): Promise<Step | undefined> {
    return this.stepAtOrBefore(Number.MAX_SAFE_INTEGER);
  }

  /** The last recorded tick that is not after `tick`. */
  async stepAtOrBefore(tick: Tick): Promise<Step | undefined> {
    for (let number = this.#numberOf(tick); number >= 0; number--) {
      const segment = await this.segment(number);
      const step = segment.table.stepAtOrBefore(tick);
      if (step >= 0) return stepOf(segment, step);
    }
    return undefined;
  }

  /** The first recorded tick after `tick`. */
  async stepAfter(tick: Tick): Promise<Step | undefined> {
    for (let number = Math.max(0, this.#numberOf(tick)); number < this.#names.length; number++) {
      const segment = await this.segment(number);
      const step = segment.table.stepAtOrBefore(tick) + 1;
      if (step < segment.table.stepCount) return stepOf(segment, step);
    }
    return undefined;
  }

  /** The last segment that may hold `tick`, by names alone. */
  #numberOf(tick: Tick): number {
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#names[middle] as SegmentName).firstTick <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /**
   * The keyframe from which a step is reached with the fewest bytes: one at or before it, or one after it in the same
   * segment, whose deltas are then inverted. @throws JOURNAL_MISSING
   */
  async keyframeFor(step: Step): Promise<KeyframePlace> {
    const after = nearestAfter(step);
    const found = await this.#keyframeBefore(step.tick);
    if (found === undefined) return after ?? this.keyframeAtOrBefore(step.tick);
    return after !== undefined && distance(after, step) < distance(found, step) ? after : found;
  }

  /** The last keyframe of a tick at or before `tick`. @throws JOURNAL_MISSING if an earlier segment is not there */
  async keyframeAtOrBefore(tick: Tick): Promise<KeyframePlace> {
    const found = await this.#keyframeBefore(tick);
    if (found !== undefined) return found;
    throw new EverytickError("JOURNAL_MISSING", {
      where: this.#names[0]?.name ?? "the journal",
      expected: `a keyframe to come from at tick ${tick} or before it`,
      found: "none; an earlier segment is missing",
    });
  }

  async #keyframeBefore(tick: Tick): Promise<KeyframePlace | undefined> {
    for (let number = this.#numberOf(tick); number >= 0; number--) {
      const segment = await this.segment(number);
      const position = lastKeyframe(segment.table, tick);
      if (position !== undefined) return { segment, position };
    }
    return undefined;
  }

  /** The first damage that ends what can be read, if any. */
  async damage(): Promise<EverytickError | undefined> {
    const last = this.#names.length - 1;
    if (last === -1) return undefined;
    const { end, name, table } = await this.segment(last);
    return end.kind === "damaged" ? damagedError(name, table, end.offset, end.problem) : undefined;
  }

  /** Why a tick that has no step cannot be read: damage, if it lies behind what could be read of its segment. */
  async damageBefore(tick: Tick): Promise<EverytickError | undefined> {
    const number = this.#numberOf(tick);
    if (number < 0) return undefined;
    const { end, name, table } = await this.segment(number);
    return end.kind === "damaged" ? damagedError(name, table, end.offset, end.problem) : undefined;
  }

  /**
   * Why the segment behind that of this number cannot follow it: their own numbers are not neighbours.
   * @param number -1 asks for the first segment.
   */
  async missingAfter(number: number): Promise<EverytickError | undefined> {
    if (number + 1 >= this.#names.length) return undefined;
    const before = number === -1 ? undefined : (await this.segment(number)).header.number;
    const { header, name } = await this.segment(number + 1);
    const expected = (before ?? -1) + 1;
    if (header.number === expected) return undefined;
    const earlier = this.#names[number]?.name;
    return new EverytickError("JOURNAL_MISSING", {
      where: earlier === undefined ? `before ${name}` : `between ${earlier} and ${name}`,
      expected: `segment ${expected}`,
      found: `segment ${header.number}`,
      next: "Put the missing file back.",
    });
  }

  /** The same, for where a tick should be. */
  async missingAt(tick: Tick): Promise<EverytickError | undefined> {
    return this.missingAfter(this.#numberOf(tick));
  }

  async close(): Promise<void> {
    this.#open.clear();
    await this.#files.close();
  }
}

/** A segment that has a successor was sealed before that was made. */
function expectSeal(segment: Segment, hasSuccessor: boolean): void {
  if (!hasSuccessor || segment.end.kind !== "open") return;
  const problem = { expected: "a seal, since a segment follows", found: "the end of the file" };
  segment.end = { kind: "damaged", offset: segment.table.end, problem };
}

function stepOf(segment: Segment, number: number): Step {
  const position = segment.table.step(number);
  return { segment, position, tick: segment.table.tick(position) };
}

/** The keyframe with the highest tick up to `tick`; the later one if two name the same. */
function lastKeyframe(table: FrameTable, tick: Tick): number | undefined {
  let best: number | undefined;
  for (const position of table.keyframes()) {
    const isBetter = best === undefined || table.tick(position) >= table.tick(best);
    if (table.tick(position) <= tick && isBetter) best = position;
  }
  return best;
}

function nearestAfter({ segment, tick }: Step): { segment: Segment; position: number } | undefined {
  for (const position of segment.table.keyframes()) {
    if (segment.table.tick(position) >= tick) return { segment, position };
  }
  return undefined;
}

/** Roughly the bytes between a keyframe and a step. */
function distance(keyframe: { segment: Segment; position: number }, step: Step): number {
  if (keyframe.segment !== step.segment) return step.segment.table.offset(step.position) + 1;
  const { table } = step.segment;
  return Math.abs(table.offset(keyframe.position) - table.offset(step.position));
}

export function damagedError(
  file: string,
  table: FrameTable,
  offset: number,
  { expected, found, refused = "JOURNAL_DAMAGED" }: FrameProblem,
): EverytickError {
  const lastTick = table.stepCount === 0 ? "none" : table.tick(table.step(table.stepCount - 1));
  return new EverytickError(refused, {
    where: `${file}, byte ${offset}; the last readable tick before it is ${lastTick}`,
    expected,
    found,
    next: "Run `everytick verify` to see all damage. Ticks before it can still be read.",
  });
}
