import { assert } from "../assert.ts";
import { EverytickError } from "../errors.ts";
import { joinParts, readBody, type Body, type ReadBodyOptions } from "../format/body.ts";
import { applyChanges, type StoreChanges } from "../format/changes.ts";
import { DifferenceReader, MissingDifferences } from "../format/difference-reader.ts";
import { FrameFlag, FrameKind, type FrameHeader } from "../format/frame.ts";
import { Image } from "../format/image.ts";
import { LastDifferences } from "../format/last-differences.ts";
import type { Layout, StoreLayout } from "../format/layout.ts";
import { FrameFetcher, type Frame } from "../journal/frame-fetcher.ts";
import type { JournalReader, KeyframePlace, Step } from "../journal/journal-reader.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Codecs, SeekOptions, Tick } from "../types.ts";
import { missingTick } from "./missing-tick.ts";
import { checkParts, unknownKeyframe } from "./frame-rules.ts";
import { PassedDifferences } from "./passed-differences.ts";
import { StandAloneDeltas } from "./stand-alone-deltas.ts";
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
  readonly #standAlone = new StandAloneDeltas();
  /** Of the delta that led to the current tick; `undefined` if they are not known. */
  #differences: LastDifferences | undefined;
  /** Of the ticks between a keyframe and where a way back ended. */
  #passed = new PassedDifferences();
  /** Whether a way back ended at second differences: a tick is then looked for from before it. */
  #isForwardOnly = false;
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
    await this.#move(async () => {
      const keyframe = await this.#nearestKeyframe(target);
      try {
        if (this.#isFarther(target, keyframe)) await this.#load(keyframe, verify);
        while (this.tick < tick) await this.#forward(verify);
        while (this.tick > tick) await this.#back(verify);
      } catch (error) {
        if (!(error instanceof MissingDifferences)) throw error;
        await this.#comeFrom(tick, tick, verify);
      }
    });
  }

  /** Where second differences stand, a keyframe behind the tick leads nowhere, unless it is the first of its segment. */
  async #nearestKeyframe(target: Step): Promise<KeyframePlace> {
    const nearest = await this.#journal.keyframeFor(target);
    const { table } = nearest.segment;
    const { tick, flags } = table.entry(nearest.position);
    if (tick <= target.tick) return nearest;
    const isRequired = (flags & FrameFlag.required) !== 0;
    const isFirst = table.keyframes().next().value === nearest.position;
    if (!isRequired && (isFirst || !this.#isForwardOnly)) return nearest;
    return this.#journal.keyframeAtOrBefore(target.tick);
  }

  /** Comes to a tick from the last keyframe at or before `start`, behind which no delta needs what was before it. */
  async #comeFrom(start: Tick, tick: Tick, verify: boolean): Promise<void> {
    this.#isForwardOnly = true;
    await this.#load(await this.#journal.keyframeAtOrBefore(start), verify);
    this.#passed = new PassedDifferences();
    while (this.tick < tick) {
      await this.#forward(verify);
      if (this.#differences !== undefined) this.#passed.keep(this.tick, this.#differences);
    }
  }

  /** Does what may need the differences of this tick; if they are not known, the timeline comes here once more. */
  async #knowing<T>(verify: boolean, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MissingDifferences)) throw error;
      const { tick } = this;
      await this.#comeFrom(tick - 1, tick, verify);
      return work();
    }
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
    await this.#move(async () => this.#knowing(verify, async () => this.#back(verify)));
    return true;
  }

  /** A move that fails half-way leaves no trustworthy state: the next seek starts at a keyframe. */
  async #move<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#step = undefined;
      throw error instanceof MissingDifferences ? strayDifferences(error) : error;
    }
  }

  /** What the current tick changed, joined by store. For the first tick: all that differs from nothing. */
  async changes(): Promise<StoreChanges[]> {
    const work = async (): Promise<Body[]> => this.#bodiesBehind(this.#step as Step);
    const bodies = await this.#move(async () => this.#knowing(false, work));
    return joinParts(bodies.flatMap(({ parts }) => parts));
  }

  /** The bodies of a tick, read while the state after it stands. */
  async #bodiesBehind(step: Step): Promise<Body[]> {
    const differences = this.#differencesOf(step, this.header, "after");
    const bodies: Body[] = [];
    for await (const frame of this.#fetcher.group(step.segment, step.position, "back")) {
      bodies.push(this.#body(frame, step, { differences }));
    }
    return bodies;
  }

  /** Of the delta that led to the current tick. */
  get #knownDifferences(): LastDifferences | undefined {
    return this.#passed.of(this.tick) ?? this.#differences;
  }

  /** Reads the differences of a delta while the state at one of its sides stands. */
  #differencesOf(step: Step, header: FrameHeader, side: "before" | "after"): DifferenceReader {
    const { segment, position } = step;
    const isAlone = this.#standAlone.has(segment, segment.table.offset(position), header);
    const known = isAlone ? new LastDifferences() : this.#knownDifferences;
    return new DifferenceReader(this.image, side, known);
  }

  /** Whether walking from here costs more bytes than starting at the keyframe. */
  #isFarther(target: Step, keyframe: KeyframePlace): boolean {
    const from = this.#step;
    if (from === undefined || from.segment !== target.segment) return true;
    if (this.#isForwardOnly && from.tick > target.tick && !this.#knownDifferences) return true;
    const { table } = target.segment;
    const walk = Math.abs(table.offset(target.position) - table.offset(from.position));
    if (keyframe.segment !== target.segment) return false;
    const jump = Math.abs(table.offset(target.position) - table.offset(keyframe.position));
    return walk > jump + table.length(keyframe.position);
  }

  async #load({ segment, position }: KeyframePlace, verify: boolean): Promise<void> {
    const tick = segment.table.tick(position);
    const step = await this.#journal.stepAtOrBefore(tick);
    if (step?.tick !== tick || step.segment !== segment) throw strayKeyframe(segment, tick);
    const isFirst = step.segment === segment && step.position === position;
    if (isFirst && (await this.#journal.stepAtOrBefore(tick - 1)) !== undefined) {
      throw unknownKeyframe(placeOf(step));
    }
    if (isFirst) this.#hasStatic = false;
    else await this.#loadStatic();
    this.image.clear((store) => isFirst || !store.lifetime.isStatic);
    const bodies: Body[] = [];
    let last: FrameHeader | undefined;
    for await (const frame of this.#fetcher.group(segment, position, "forward")) {
      const body = this.#body(frame, step, {});
      this.#apply(body, "forward");
      if (verify) bodies.push(body);
      last = frame.header;
    }
    if (isFirst) this.#hasStatic = true;
    else await this.#loadLogs(step);
    this.#step = step;
    this.#differences = undefined;
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
      this.#apply(this.#body(frame, step, { isWanted }), "forward");
    }
  }

  async #forward(verify: boolean): Promise<void> {
    const before = this.header;
    const step = (await this.#journal.stepAfter(before.tick)) as Step;
    const bodies: Body[] = [];
    let header = before;
    let differences: DifferenceReader | undefined;
    this.image.clear(isLog);
    for await (const frame of this.#fetcher.group(step.segment, step.position, "forward")) {
      header = frame.header;
      if (header.kind !== FrameKind.delta) throw unknownKeyframe(placeOf(step));
      if (header.tick - header.baseDistance !== before.tick) {
        throw (
          (await this.#journal.missingAt(before.tick)) ??
          wrongBase(step, before.tick, header.tick - header.baseDistance)
        );
      }
      differences ??= this.#differencesOf(step, header, "before");
      const body = this.#body(frame, step, { differences });
      this.#apply(body, "forward");
      if (verify) bodies.push(body);
    }
    if (verify)
      this.#digests.checkTick(this.image, bodies, before.historyDigest, header, placeOf(step));
    this.#step = step;
    this.#header = header;
    this.#differences = differences?.found;
  }

  async #back(verify: boolean): Promise<void> {
    const step = this.#step as Step;
    if (this.header.kind !== FrameKind.delta) throw unknownKeyframe(placeOf(step));
    const before = await this.#journal.stepAtOrBefore(step.tick - 1);
    if (before === undefined) throw unknownBase(step);
    const base = step.tick - this.header.baseDistance;
    if (base !== before.tick) throw await this.#missingBase(step, base, before.tick);
    const header = await this.#fetcher.header(before.segment, before.position, "back");
    await this.#invert(step, header, verify);
    await this.#loadLogs(before);
    this.#step = before;
    this.#header = header;
  }

  /** Why the tick that a delta leads back to cannot be read. */
  async #missingBase(step: Step, base: Tick, found: Tick): Promise<EverytickError> {
    const reason = await this.#journal.damageBefore(base);
    return reason ?? (await this.#journal.missingAt(base)) ?? wrongBase(step, found, base);
  }

  /** Takes a tick back. What is to be checked is checked before, since digests cover its new bits. */
  async #invert(step: Step, before: FrameHeader, verify: boolean): Promise<void> {
    if (verify) {
      const bodies = await this.#bodiesBehind(step);
      this.#digests.checkTick(this.image, bodies, before.historyDigest, this.header, placeOf(step));
    }
    const differences = this.#differencesOf(step, this.header, "after");
    const isWanted = (store: StoreLayout): boolean => !isLog(store);
    for await (const frame of this.#fetcher.group(step.segment, step.position, "back")) {
      this.#apply(this.#body(frame, step, { isWanted, differences }), "back");
    }
    this.#differences = differences.found;
  }

  #apply({ parts }: Body, direction: "forward" | "back"): void {
    for (const part of parts) applyChanges(this.image, part, direction);
  }

  #body({ header, body }: Frame, step: Step, options: ReadBodyOptions): Body {
    const isDelta = header.kind === FrameKind.delta;
    const { differences: _, ...others } = options;
    try {
      const read = readBody(body, this.#identity.layout, this.#codecs, isDelta ? options : others);
      checkParts(read, header);
      return read;
    } catch (cause) {
      if (cause instanceof MissingDifferences) throw cause;
      const where = placeOf(step);
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

function strayKeyframe({ name }: Segment, tick: Tick): EverytickError {
  return new EverytickError("JOURNAL_DAMAGED", {
    where: `${name}, tick ${tick}`,
    expected: "keyframes of ticks that the segment records",
    found: "one of another tick",
  });
}

function unknownBase(step: Step): EverytickError {
  const [expected, found] = ["a tick that the delta starts from", "none before it"];
  return new EverytickError("JOURNAL_DAMAGED", { where: placeOf(step), expected, found });
}

/** Not even from the keyframe before them are they known. */
function strayDifferences(cause: MissingDifferences): EverytickError {
  const expected = "second differences that a keyframe leads to";
  return new EverytickError("JOURNAL_DAMAGED", { expected, found: cause.message }, { cause });
}

function wrongBase(step: Step, before: Tick, base: Tick): EverytickError {
  return new EverytickError("JOURNAL_DAMAGED", {
    where: placeOf(step),
    expected: `a delta from tick ${before}`,
    found: `from tick ${base}`,
  });
}
