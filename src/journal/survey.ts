import {
  FrameFlag,
  FrameKind,
  frameHeaderSize,
  PlaceChecksum,
  type FrameHeader,
} from "../format/frame.ts";
import { FrameTable, isStep } from "../format/frame-table.ts";
import type { ByteSource, Codecs, Tick } from "../types.ts";
import type { SegmentSource } from "./journal-reader.ts";
import { repairedHeader } from "./repaired-header.ts";
import { isKnownKind } from "./frame-checker.ts";
import { readFooter, unknownKind, type Segment } from "./segment-reader.ts";
import { segmentsAmong } from "./segment-name.ts";
import { hole, openAny, type Hole, type Opened, type SurveyIdentity } from "./survey-header.ts";
import { SurveyWindow } from "./survey-window.ts";

export type { Hole } from "./survey-header.ts";

/** A segment of which only intact groups of frames stand in the table; holes have the kind 0. */
export interface SurveyedSegment extends Segment {
  readonly holes: readonly Hole[];
  /** Headers that say what a broken tick was: its times and its era. */
  readonly facts: ReadonlyMap<Tick, FrameHeader>;
  /** Positions of groups that may have begun in a hole: only their count of changes tells whether they are whole. */
  readonly suspects: ReadonlySet<number>;
  /** The highest tick that anything intact in it names; -1 if there is none. */
  readonly lastTick: Tick;
}
/** What stands in a run's journal, however damaged. */
export interface Survey {
  readonly segments: readonly SurveyedSegment[];
  /** Files that bear the name of a segment and are none of this run, and segments that are missing. */
  readonly strays: readonly Hole[];
  /** The highest tick that anything intact names; -1 if there is none. */
  readonly lastTick: Tick;
}

/** Kind of what stands for a hole in a table: no frame has it. */
/** Kind of what stands for a hole in a table: no frame has it. */
const holeKind = 0;

/**
 * Looks at every byte of every segment, and keeps what its own checksums prove.
 * @throws FORMAT_NEWER, FORMAT_UNKNOWN, for nothing that is only damaged
 */
export async function surveyJournal(
  files: SegmentSource,
  identity: SurveyIdentity,
  codecs: Codecs,
): Promise<Survey> {
  const sources: ByteSource[] = [];
  try {
    return await survey(files, identity, codecs, sources);
  } catch (error) {
    for (const source of sources) await source.close();
    throw error;
  }
}

/** @param sources are told of each file that is opened. */
async function survey(
  files: SegmentSource,
  identity: SurveyIdentity,
  codecs: Codecs,
  sources: ByteSource[],
): Promise<Survey> {
  const strays: Hole[] = [];
  const opened: Opened[] = [];
  const names = segmentsAmong(await files.list());
  for (const [place, name] of names.entries()) {
    const source = await files.open(name.name);
    sources.push(source);
    const found = await openAny(name, source, place, names.length, identity, codecs);
    if ("header" in found) {
      opened.push({ ...found, source });
    } else {
      strays.push(found);
      await source.close();
    }
  }
  opened.sort((a, b) => a.header.number - b.header.number);
  const segments: SurveyedSegment[] = [];
  for (const [place, each] of opened.entries()) {
    const before = segments.at(-1)?.header.number ?? -1;
    const last = Math.max(-1, ...segments.map(({ lastTick }) => lastTick));
    if (each.header.number === before) {
      strays.push(hole(each.name, 0, `one segment ${before}`, "another one of that number", last));
      await each.source.close();
      continue;
    }
    if (each.header.number > before + 1) strays.push(missing(each, before, last));
    segments.push(await new SegmentSurvey(each, place === opened.length - 1, codecs).run());
  }
  const lastTick = Math.max(-1, ...segments.map((segment) => segment.lastTick));
  return { segments, strays, lastTick };
}

function missing({ name, header }: Opened, before: number, last: Tick): Hole {
  const found = `segment ${header.number}`;
  return hole(name, 0, `segment ${before + 1} before it, which is missing`, found, last);
}

/** Walks over one segment and sorts its bytes into groups of intact frames and holes. */
class SegmentSurvey {
  readonly #opened: Opened;
  readonly #isLast: boolean;
  readonly #codecs: Codecs;
  readonly #place: PlaceChecksum;
  readonly #table: FrameTable;
  readonly #holes: Hole[] = [];
  readonly #facts = new Map<Tick, FrameHeader>();
  readonly #suspects = new Set<number>();
  #index: ReadonlySet<number> | undefined;
  #group: FrameHeader[] = [];
  /** The tick and kind of a broken group, whose rest is passed over. */
  #broken: FrameHeader | undefined;
  /** Whether the frame behind a hole may be the rest of a group that began in it. */
  #isSuspect = false;
  #lastTick = -1;
  #lastChecksum = 0;
  /** The first hole that nothing proves to have been durable, and how many frames and holes stand before it. */
  #unproven: { offset: number; frames: number; holes: number; lastTick: Tick } | undefined;
  #end: "open" | "sealed" = "open";

  constructor(opened: Opened, isLast: boolean, codecs: Codecs) {
    this.#opened = opened;
    this.#isLast = isLast;
    this.#codecs = codecs;
    this.#place = new PlaceChecksum(codecs, opened.header);
    this.#table = new FrameTable(opened.header.length);
    if (opened.headerHole !== undefined) this.#holes.push(opened.headerHole);
  }

  async run(): Promise<SurveyedSegment> {
    const { source, name, header } = this.#opened;
    const window = await SurveyWindow.over(source);
    await this.#readIndex();
    let offset = header.length;
    while (offset < window.size && this.#end === "open") {
      const frame = await window.header(offset, this.#place);
      if (frame !== undefined && (await window.isIntact(frame, offset, this.#place))) {
        this.#take(frame, offset);
        offset += frame.length;
      } else {
        offset = await this.#hole(window, offset, frame);
      }
    }
    if (this.#end === "open") this.#finish(window.size);
    const table = this.#judgedTable();
    const tailBytes = window.size - table.end;
    const end = { kind: "open", tailBytes } as const;
    const { holes } = { holes: this.#holes };
    const base = { name, header, source, table, checksum: this.#place, checker: undefined };
    return {
      ...base,
      end,
      holes,
      facts: this.#facts,
      suspects: this.#suspects,
      lastTick: this.#lastTick,
    };
  }

  /** An intact index tells which frames continue others, and up to which tick there was something. */
  async #readIndex(): Promise<void> {
    const { name, header, source } = this.#opened;
    const table = await readFooter(name, header, source, this.#place, this.#codecs).catch(
      () => undefined,
    );
    if (table === undefined) return;
    const begins = new Set<number>();
    for (let position = 0; position < table.count; position = table.groupEnd(position)) {
      begins.add(table.offset(position));
      if (isStep(table.entry(position))) this.#see(table.tick(position));
    }
    this.#index = begins;
  }

  #see(tick: Tick): void {
    this.#lastTick = Math.max(this.#lastTick, tick);
  }

  #take(frame: FrameHeader, offset: number): void {
    if (!isKnownKind(frame.kind)) throw unknownKind(this.#opened.name, offset, frame.kind);
    if (this.#unproven !== undefined && frame.durableOffset > this.#unproven.offset) {
      this.#unproven = undefined;
    }
    this.#lastChecksum = frame.checksum;
    if (frame.kind === FrameKind.seal) this.#end = "sealed";
    if (this.#isRest(frame, offset)) {
      this.#isSuspect = false;
      this.#facts.set(frame.tick, frame);
      this.#see(frame.tick);
      this.#broken = (frame.flags & FrameFlag.continued) === 0 ? undefined : frame;
      return this.#fill(frame.length);
    }
    if (this.#isSuspect && this.#index === undefined) this.#suspects.add(this.#table.count);
    this.#isSuspect = false;
    this.#broken = undefined;
    const first = this.#group[0];
    if (first !== undefined && (first.kind !== frame.kind || first.tick !== frame.tick)) {
      this.#breakGroup(offset, `the rest of tick ${first.tick}`, `kind ${frame.kind}`);
    }
    this.#group.push(frame);
    if ((frame.flags & FrameFlag.continued) !== 0) return;
    for (const each of this.#group) this.#table.push(each);
    this.#group = [];
    if (frame.kind !== FrameKind.gap) this.#see(frame.tick);
  }

  /** Whether a frame belongs to a tick whose beginning is lost. */
  #isRest(frame: FrameHeader, offset: number): boolean {
    const broken = this.#broken;
    if (broken?.kind === frame.kind && broken.tick === frame.tick) return true;
    if (!this.#isSuspect) return false;
    if (this.#index !== undefined) return !this.#index.has(offset);
    // Of a keyframe no count of its changes tells that some are missing.
    return frame.kind === FrameKind.keyframe;
  }

  /** @returns where to go on. */
  async #hole(
    window: SurveyWindow,
    offset: number,
    header: FrameHeader | undefined,
  ): Promise<number> {
    this.#unproven ??= {
      offset,
      frames: this.#table.count,
      holes: this.#holes.length,
      lastTick: this.#lastTick,
    };
    const isWhole = header !== undefined && offset + header.length <= window.size;
    const next = isWhole ? offset + header.length : await window.nextHeader(offset, this.#place);
    const known = header ?? (await this.#repaired(window, offset, next));
    const found = header === undefined ? "other bytes" : "another body";
    this.#breakGroup(offset, "a frame that matches its checksums", found, next - offset);
    if (known === undefined) {
      this.#isSuspect = true;
    } else {
      this.#see(known.kind === FrameKind.gap ? -1 : known.tick);
      if (isStep(known)) this.#facts.set(known.tick, known);
      this.#broken = (known.flags & FrameFlag.continued) === 0 ? undefined : known;
    }
    return next;
  }

  /** One flipped bit is taken back if what follows begins where the header then says. */
  async #repaired(
    window: SurveyWindow,
    offset: number,
    next: number,
  ): Promise<FrameHeader | undefined> {
    const bytes = await window.at(offset, frameHeaderSize);
    const header = repairedHeader(bytes, this.#place, offset);
    const fits = header?.length === next - offset && header.previousChecksum === this.#lastChecksum;
    return fits ? header : undefined;
  }

  /** A group without its end is a hole, with what follows it. */
  #breakGroup(offset: number, expected: string, found: string, length = 0): void {
    const [first] = this.#group;
    if (first !== undefined) {
      this.#see(first.tick);
      if (isStep(first)) this.#facts.set(first.tick, first);
      for (const frame of this.#group) this.#fill(frame.length);
      if (length > 0) this.#broken = first;
      this.#group = [];
    }
    this.#fill(length);
    this.#note(offset, expected, found);
  }

  #note(offset: number, expected: string, found: string): void {
    const { stepCount } = this.#table;
    const { firstTick } = this.#opened.header;
    const behind =
      stepCount === 0 ? firstTick - 1 : this.#table.tick(this.#table.step(stepCount - 1));
    this.#holes.push(hole(this.#opened.name, offset, expected, found, behind));
  }

  #fill(length: number): void {
    if (length === 0) return;
    const nothing = { flags: 0, tick: 0, baseDistance: 0, changedElements: 0 };
    this.#table.push({ ...nothing, kind: holeKind, length });
  }

  /** The file ends without a seal, which all but the last segment have. */
  #finish(size: number): void {
    const isTorn = this.#group.length > 0;
    if (isTorn) {
      const { count } = this.#table;
      const holes = this.#holes.length;
      const offset = this.#table.end;
      this.#unproven ??= { offset, frames: count, holes, lastTick: this.#lastTick };
      this.#breakGroup(size, "the rest of a tick", "the end of the file");
    }
    if (this.#isLast) return;
    this.#unproven = undefined;
    if (!isTorn) {
      const expected = "a seal, since a segment follows";
      this.#note(size, expected, "the end of the file");
    }
  }

  /** What follows a torn tail is no history (`docs/format.md`, section 6). */
  #judgedTable(): FrameTable {
    const torn = this.#unproven;
    if (torn === undefined || this.#end === "sealed") return this.#table;
    this.#holes.length = torn.holes;
    this.#lastTick = torn.lastTick;
    const table = new FrameTable(this.#table.begin);
    for (let at = 0; at < torn.frames; at++) table.push(this.#table.entry(at));
    return table;
  }
}
