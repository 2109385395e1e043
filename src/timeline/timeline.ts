import { assert } from "../assert.ts";
import { EverytickError } from "../errors.ts";
import { joinParts, readBody, type Body } from "../format/body.ts";
import { applyChanges, type StoreChanges } from "../format/changes.ts";
import { FrameKind, type FrameHeader } from "../format/frame.ts";
import { Image } from "../format/image.ts";
import type { Layout, StoreLayout } from "../format/layout.ts";
import { FrameFetcher, type Frame } from "../journal/frame-fetcher.ts";
import type { JournalReader, Step } from "../journal/journal-reader.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Codecs, SeekOptions, Tick } from "../types.ts";
import { missingTick } from "./missing-tick.ts";
import { StateDigests } from "./state-digests.ts";

/** What a timeline needs to know of its run. */
export interface TimelineIdentity {
  readonly layout: Layout;
  readonly schemaHash: Uint8Array;
}

/** A reader positioned at a tick. It holds one state and moves it over the recorded changes, either way. */
export class Timeline {
  /** The state at `tick`; changes with the next move. */
  readonly image: Image;
  readonly #journal: JournalReader;
  readonly #codecs: Codecs;
  readonly #identity: TimelineIdentity;
  readonly #fetcher = new FrameFetcher();
  readonly #digests: StateDigests;
  /** Whether the image holds the static stores. */
  #hasStatic = false;
  #step: Step | undefined;
  #header: FrameHeader | undefined;

  constructor(journal: JournalReader, identity: TimelineIdentity) {
    this.#journal = journal;
    this.#codecs = journal.codecs;
    this.#identity = identity;
    this.image = new Image(identity.layout);
    this.#digests = new StateDigests(journal.codecs, identity.schemaHash);
  }

  /** The header of the frame that recorded the current tick. */
  get header(): FrameHeader {
    assert(this.#header !== undefined, "the timeline is positioned");
    return this.#header;
  }

  get tick(): Tick {
    return this.header.tick;
  }

  /**
   * Goes to a recorded tick, from the nearest keyframe or from here, whichever is nearer.
   * @throws TIMELINE_TICK, TIMELINE_GAP, JOURNAL_DAMAGED, and with `verify` TIMELINE_DIGEST
   */
  async seek(tick: Tick, { verify = false }: SeekOptions = {}): Promise<void> {
    const target = await this.#journal.stepAtOrBefore(tick);
    if (target === undefined || target.tick !== tick) throw await missingTick(this.#journal, tick);
    const keyframe = await this.#journal.keyframeFor(target);
    await this.#move(async () => {
      if (this.#isFarther(target, keyframe)) await this.#load(keyframe, verify);
      while (this.tick < tick) await this.#forward(verify);
      while (this.tick > tick) await this.#back(verify);
    });
  }

  /** One recorded tick on; `false` at the end. */
  async stepForward({ verify = false }: SeekOptions = {}): Promise<boolean> {
    if ((await this.#journal.stepAfter(this.tick)) === undefined) return false;
    await this.#move(async () => this.#forward(verify));
    return true;
  }

  /** One recorded tick back; `false` at the first. */
  async stepBack({ verify = false }: SeekOptions = {}): Promise<boolean> {
    if ((await this.#journal.stepAtOrBefore(this.tick - 1)) === undefined) return false;
    await this.#move(async () => this.#back(verify));
    return true;
  }

  /** A move that fails half-way leaves no trustworthy state: the next seek starts at a keyframe. */
  async #move(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#step = undefined;
      throw error;
    }
  }

  /** What the current tick changed, joined by store. For the first tick: all that differs from nothing. */
  async changes(): Promise<StoreChanges[]> {
    const step = this.#step as Step;
    const parts: StoreChanges[] = [];
    for await (const frame of this.#fetcher.group(step.segment, step.position, "forward")) {
      parts.push(...this.#body(frame, step).parts);
    }
    return joinParts(parts);
  }

  /** Whether walking from here costs more bytes than starting at the keyframe. */
  #isFarther(target: Step, keyframe: { segment: Segment; position: number }): boolean {
    const from = this.#step;
    if (from === undefined || from.segment !== target.segment) return true;
    const { table } = target.segment;
    const walk = Math.abs(table.offset(target.position) - table.offset(from.position));
    if (keyframe.segment !== target.segment) return false;
    const jump = Math.abs(table.offset(target.position) - table.offset(keyframe.position));
    return walk > jump + table.length(keyframe.position);
  }

  async #load(
    { segment, position }: { segment: Segment; position: number },
    verify: boolean,
  ): Promise<void> {
    const tick = segment.table.tick(position);
    const step = (await this.#journal.stepAtOrBefore(tick)) as Step;
    assert(step.tick === tick, "a keyframe names a recorded tick");
    const isFirst = step.segment === segment && step.position === position;
    if (isFirst) this.#hasStatic = false;
    else await this.#loadStatic();
    this.image.clear((store) => isFirst || !store.lifetime.isStatic);
    const bodies: Body[] = [];
    let last: FrameHeader | undefined;
    for await (const frame of this.#fetcher.group(segment, position, "forward")) {
      const body = this.#body(frame, step);
      this.#apply(body, "forward");
      if (verify) bodies.push(body);
      last = frame.header;
    }
    if (isFirst) this.#hasStatic = true;
    else await this.#loadLogs(step);
    this.#step = step;
    this.#header = await this.#fetcher.header(step.segment, step.position, "forward");
    if (!verify || last === undefined) return;
    if (isFirst) this.#digests.checkFirst(this.image, bodies, last, placeOf(step));
    else this.#digests.checkState(this.image, last.stateDigest, placeOf(step));
  }

  /** Static stores stand in the first tick's frames alone. */
  async #loadStatic(): Promise<void> {
    if (this.#hasStatic || !this.image.layout.stores.some(isStatic)) return;
    const first = await this.#journal.firstStep();
    if (first === undefined || first.segment.table.kind(first.position) !== FrameKind.keyframe) {
      throw new EverytickError("JOURNAL_MISSING", {
        where: first?.segment.name ?? "the journal",
        expected: "the first tick, which holds the static stores",
        found: first === undefined ? "nothing" : `tick ${first.tick}`,
      });
    }
    this.image.clear(isStatic);
    await this.#applyOnly(first, isStatic);
    this.#hasStatic = true;
  }

  /** The rows of logs stand in the frames of their tick alone. */
  async #loadLogs(step: Step): Promise<void> {
    if (!this.image.layout.stores.some(isLog)) return;
    this.image.clear(isLog);
    await this.#applyOnly(step, isLog);
  }

  async #applyOnly(step: Step, isWanted: (store: StoreLayout) => boolean): Promise<void> {
    for await (const frame of this.#fetcher.group(step.segment, step.position, "forward")) {
      this.#apply(this.#body(frame, step, isWanted), "forward");
    }
  }

  async #forward(verify: boolean): Promise<void> {
    const before = this.header;
    const step = (await this.#journal.stepAfter(before.tick)) as Step;
    const bodies: Body[] = [];
    let header = before;
    this.image.clear(isLog);
    for await (const frame of this.#fetcher.group(step.segment, step.position, "forward")) {
      header = frame.header;
      assert(header.kind === FrameKind.delta, "only the first tick is a required keyframe");
      if (header.tick - header.baseDistance !== before.tick) {
        throw (await this.#journal.missingAt(before.tick)) ?? wrongBase(step, before, header);
      }
      const body = this.#body(frame, step);
      this.#apply(body, "forward");
      if (verify) bodies.push(body);
    }
    if (verify) this.#digests.checkTick(this.image, bodies, before, header, placeOf(step));
    this.#step = step;
    this.#header = header;
  }

  async #back(verify: boolean): Promise<void> {
    const step = this.#step as Step;
    const before = (await this.#journal.stepAtOrBefore(step.tick - 1)) as Step;
    const header = await this.#fetcher.header(before.segment, before.position, "back");
    if (verify) await this.#checkBeforeInverting(step, header);
    const isInverted = (store: StoreLayout): boolean => !isLog(store);
    for await (const frame of this.#fetcher.group(step.segment, step.position, "back")) {
      this.#apply(this.#body(frame, step, isInverted), "back");
    }
    await this.#loadLogs(before);
    this.#step = before;
    this.#header = header;
  }

  /** Checks a tick while the state after it still stands, since digests cover its new bits. */
  async #checkBeforeInverting(step: Step, before: FrameHeader): Promise<void> {
    const bodies: Body[] = [];
    for await (const frame of this.#fetcher.group(step.segment, step.position, "back")) {
      bodies.push(this.#body(frame, step));
    }
    this.#digests.checkTick(this.image, bodies, before, this.header, placeOf(step));
  }

  #apply({ parts }: Body, direction: "forward" | "back"): void {
    for (const part of parts) applyChanges(this.image, part, direction);
  }

  #body(
    { body }: Frame,
    { segment, tick }: Step,
    isWanted?: (store: StoreLayout) => boolean,
  ): Body {
    try {
      return readBody(body, this.#identity.layout, this.#codecs, isWanted);
    } catch (cause) {
      const where = `${segment.name}, tick ${tick}`;
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new EverytickError("JOURNAL_DAMAGED", { where, expected: "a body", found }, { cause });
    }
  }
}

function isStatic({ lifetime }: StoreLayout): boolean {
  return lifetime.isStatic;
}

function isLog({ lifetime }: StoreLayout): boolean {
  return lifetime.rows === "tick";
}

function placeOf({ segment, tick }: Step): string {
  return `${segment.name}, tick ${tick}`;
}

function wrongBase(step: Step, before: FrameHeader, header: FrameHeader): EverytickError {
  return new EverytickError("JOURNAL_DAMAGED", {
    where: placeOf(step),
    expected: `a delta from tick ${before.tick}`,
    found: `from tick ${header.tick - header.baseDistance}`,
  });
}
