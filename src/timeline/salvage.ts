import { isEverytickError } from "../errors.ts";
import { readBody, type Body } from "../format/body.ts";
import { utf8 } from "../format/bytes.ts";
import { applyChanges } from "../format/changes.ts";
import { DifferenceReader, MissingDifferences } from "../format/difference-reader.ts";
import { FrameFlag, FrameKind, type FrameHeader } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import { Image } from "../format/image.ts";
import { parseJson } from "../format/json.ts";
import type { LastDifferences } from "../format/last-differences.ts";
import type { StoreLayout } from "../format/layout.ts";
import { FrameFetcher } from "../journal/frame-fetcher.ts";
import type { SurveyedSegment } from "../journal/survey.ts";
import type { Clock, Codecs, Tick } from "../types.ts";
import { checkParts } from "./frame-rules.ts";
import { StateDigests } from "./state-digests.ts";
import { SurveyedSteps, type SurveyedStep } from "./surveyed-steps.ts";
import type { TimelineIdentity } from "./timeline.ts";

/** A tick whose state is known. */
export interface SalvagedTick {
  readonly tick: Tick;
  readonly simTime: number;
  readonly wallTime: number;
  readonly era: number;
  /** Changes with the next tick. */
  readonly image: Image;
  /** Stores that may differ from the tick before; `undefined`: any, since the chain was broken in between. */
  readonly changed: ReadonlySet<number> | undefined;
}
export interface RecordedGap {
  readonly from: Tick;
  readonly until: Tick;
  readonly reason: string;
}
/** A tick whose frames are intact and lead to no state that their digests allow. */
export interface RefusedTick {
  readonly tick: Tick;
  readonly file: string;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}
export interface SalvageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
}

const isLog = ({ lifetime }: StoreLayout): boolean => lifetime.rows === "tick";
const isStatic = ({ lifetime }: StoreLayout): boolean => lifetime.isStatic;

/** Rebuilds every state that what is intact in a journal leads to, in order. Every digest on the way is checked. */
export class Salvage {
  readonly refused: RefusedTick[] = [];
  readonly #steps: SurveyedSteps;
  readonly #identity: TimelineIdentity;
  readonly #codecs: Codecs;
  readonly #options: SalvageOptions;
  readonly #digests: StateDigests;
  readonly #fetcher = new FrameFetcher();
  readonly #image: Image;
  readonly #hasLogs: boolean;
  /** The tick whose state the image holds; `undefined` while it holds none. */
  #at: Tick | undefined;
  /** Of the tick at which the image stands, where it is known. */
  #historyDigest: Uint8Array | undefined;
  #differences: LastDifferences | undefined;
  /** The last tick that was given. */
  #shown: Tick = -1;
  /** The step before which a state was looked for last, and how many keyframes were tried for it. */
  #asked = -1;
  #keyframesTried = 0;
  #lastPause: number;

  constructor(
    segments: readonly SurveyedSegment[],
    identity: TimelineIdentity,
    codecs: Codecs,
    options: SalvageOptions,
  ) {
    this.#steps = new SurveyedSteps(segments);
    this.#identity = identity;
    this.#codecs = codecs;
    this.#options = options;
    this.#digests = new StateDigests(codecs, identity.schemaHash);
    this.#image = new Image(identity.layout);
    this.#hasLogs = identity.layout.stores.some(isLog);
    this.#lastPause = options.clock.monotonic();
  }

  /** Gaps that the recording declares, in order. */
  async gaps(): Promise<RecordedGap[]> {
    const gaps: RecordedGap[] = [];
    for (const { segment, position } of this.#steps.gaps()) {
      const { tick, baseDistance } = segment.table.entry(position);
      for await (const { body } of this.#fetcher.group(segment, position, "forward")) {
        const { reason } = parseJson(utf8.decoder.decode(body)) as { reason?: unknown };
        gaps.push({ from: tick - baseDistance + 1, until: tick, reason: String(reason) });
      }
    }
    return gaps;
  }

  async *ticks(): AsyncGenerator<SalvagedTick, void, undefined> {
    if (!(await this.#loadStatic())) return;
    for (let number = 0; number <= this.#steps.count; number++) {
      await this.#pause();
      const leadsOn = this.#leadsOn(number);
      if (leadsOn !== undefined) {
        // What differs from a tick that could not be given is not known.
        const isJoined = this.#at === this.#shown;
        const changed = await this.#forward(leadsOn);
        if (changed === undefined) continue;
        yield* this.#showing(await this.#shownAt(leadsOn, isJoined ? changed : undefined));
        continue;
      }
      const start = await this.#startBefore(number);
      if (start === undefined) return;
      yield* this.#showing(await this.#tickAt(start));
      // Goes on with the first step behind the state that was found.
      number = start - 1;
    }
  }

  *#showing(tick: SalvagedTick | undefined): Generator<SalvagedTick> {
    if (tick === undefined || tick.tick <= this.#shown) return;
    this.#shown = tick.tick;
    yield tick;
  }

  /** The step of this number, if the image stands where it leads on. */
  #leadsOn(number: number): SurveyedStep | undefined {
    const step = number < this.#steps.count ? this.#steps.at(number) : undefined;
    const { kind, baseDistance, tick } = step?.segment.table.entry(step.position) ?? {};
    const from = kind === FrameKind.delta ? (tick as number) - (baseDistance as number) : -1;
    if (from === this.#at) return step;
    this.#at = undefined;
    return undefined;
  }

  /**
   * Finds a state as early as possible, at or behind the tick from which step `number` leads on: at a keyframe, and back from
   * it over the deltas. @returns the number of the first step behind that state.
   */
  async #startBefore(number: number): Promise<number | undefined> {
    if (number === 0 && (await this.#loadFirst())) return 1;
    if (number !== this.#asked) this.#keyframesTried = 0;
    this.#asked = number;
    let place = 0;
    for (const keyframe of this.#steps.keyframesFrom(number, this.#shown + 1)) {
      if (place++ < this.#keyframesTried) continue;
      this.#keyframesTried = place;
      await this.#pause();
      const { segment, position } = keyframe;
      let next = this.#steps.firstAfter(segment.table.tick(position));
      // What follows that tick was tried already, or the keyframe is no good.
      if (next < number || !(await this.#loadKeyframe(keyframe))) continue;
      while (next > number && (await this.#back(this.#steps.at(next - 1)))) next -= 1;
      return next;
    }
    return undefined;
  }

  /** The required keyframe of the first tick, if that is the first step. */
  async #loadFirst(): Promise<boolean> {
    if (this.#steps.count === 0) return false;
    const step = this.#steps.at(0);
    if (step.segment.table.kind(step.position) !== FrameKind.keyframe) return false;
    return this.#trying(step, async () => {
      this.#image.clear();
      const { bodies, header } = await this.#read(step, undefined);
      this.#applyAll(bodies);
      this.#digests.checkCount(this.#image.layout, bodies, header);
      this.#digests.checkFirst(this.#image, bodies, header, step.segment.name);
      this.#stand(header.tick, header.historyDigest, undefined);
    });
  }

  async #loadKeyframe(keyframe: SurveyedStep): Promise<boolean> {
    return this.#trying(keyframe, async () => {
      this.#image.clear((store) => !isStatic(store));
      const { bodies, header } = await this.#read(keyframe, undefined);
      this.#applyAll(bodies);
      // With the static stores in it: what a keyframe names of them must be what was read.
      this.#digests.checkState(this.#image, header.stateDigest, keyframe.segment.name);
      this.#stand(header.tick, undefined, undefined);
    });
  }

  /** @returns the stores that the step changes, or `undefined` if it is refused. */
  async #forward(step: SurveyedStep): Promise<Set<number> | undefined> {
    const changed = new Set<number>();
    const isDone = await this.#trying(step, async () => {
      const reader = new DifferenceReader(this.#image, "before", this.#differences);
      const { bodies, header } = await this.#read(step, reader);
      this.#digests.checkCount(this.#image.layout, bodies, header);
      this.#image.clear(isLog);
      this.#applyAll(bodies);
      const before = this.#historyDigest;
      this.#digests.checkTick(this.#image, bodies, before, header, step.segment.name);
      for (const { parts } of bodies) for (const { store } of parts) changed.add(store.number);
      this.#stand(header.tick, header.historyDigest, reader.found);
    });
    return isDone ? changed : undefined;
  }

  /** Takes a step back, if it leads to where the image stands. Otherwise the image stays there. */
  async #back(step: SurveyedStep): Promise<boolean> {
    const { kind, tick, baseDistance } = step.segment.table.entry(step.position);
    if (kind !== FrameKind.delta || tick !== this.#at) return false;
    try {
      const reader = new DifferenceReader(this.#image, "after", this.#differences);
      const { bodies, header } = await this.#read(step, reader);
      this.#digests.checkCount(this.#image.layout, bodies, header);
      const states = bodies.map(({ parts, digests }) => ({
        digests,
        parts: parts.filter(({ store }) => !isLog(store)),
      }));
      this.#digests.checkNew(this.#image, states, step.segment.name);
      for (const { parts } of states) {
        for (const part of parts) applyChanges(this.#image, part, "back");
      }
      this.#stand(tick - baseDistance, undefined, reader.found);
      return true;
    } catch (error) {
      if (isEverytickError(error) || error instanceof MissingDifferences) return false;
      throw error;
    }
  }

  /** The tick where the image stands, before step `next`; `undefined` if more than its state is needed and lost. */
  async #tickAt(next: number): Promise<SalvagedTick | undefined> {
    const own = next === 0 ? undefined : this.#steps.at(next - 1);
    const tick = this.#at as Tick;
    const ownTick = own?.segment.table.tick(own.position);
    if (own !== undefined && ownTick === tick && (await this.#loadLogs(own))) {
      const shown = await this.#shownAt(own, undefined);
      this.#historyDigest = (
        await this.#fetcher.header(own.segment, own.position, "forward")
      ).historyDigest;
      return shown;
    }
    // The rows of its logs stand in its own frames alone.
    if (this.#hasLogs) return undefined;
    const facts = this.#steps.factsOf(tick) ?? (await this.#keyframeHeaderOf(tick));
    if (facts === undefined) return undefined;
    const isWhole = isStep(facts) && (facts.flags & FrameFlag.continued) === 0;
    this.#historyDigest = isWhole ? facts.historyDigest : undefined;
    return tickOf(facts, this.#image, undefined);
  }

  async #loadLogs(step: SurveyedStep): Promise<boolean> {
    if (!this.#hasLogs) return true;
    if (step.segment.suspects.has(step.position)) return false;
    this.#image.clear(isLog);
    try {
      for await (const { body } of this.#fetcher.group(step.segment, step.position, "forward")) {
        const options = { isWanted: isLog };
        const { parts } = readBody(body, this.#identity.layout, this.#codecs, options);
        for (const part of parts) applyChanges(this.#image, part, "forward");
      }
      return true;
    } catch (error) {
      if (!isEverytickError(error)) throw error;
      return false;
    }
  }

  async #keyframeHeaderOf(tick: Tick): Promise<FrameHeader | undefined> {
    for (const { segment, position } of this.#steps.keyframesFrom(0, tick)) {
      const named = segment.table.tick(position);
      if (named > tick) return undefined;
      if (named === tick) return this.#fetcher.header(segment, position, "forward");
    }
    return undefined;
  }

  async #shownAt(
    { segment, position }: SurveyedStep,
    changed: ReadonlySet<number> | undefined,
  ): Promise<SalvagedTick> {
    const header = await this.#fetcher.header(segment, position, "forward");
    return tickOf(header, this.#image, changed);
  }

  /** Static stores stand in the first tick alone. @returns whether they are whole, or there are none. */
  async #loadStatic(): Promise<boolean> {
    if (!this.#identity.layout.stores.some(isStatic)) return true;
    return this.#loadFirst();
  }

  async #read(
    { segment, position }: SurveyedStep,
    differences: DifferenceReader | undefined,
  ): Promise<{ bodies: Body[]; header: FrameHeader }> {
    const bodies: Body[] = [];
    let header: FrameHeader | undefined;
    const options = differences === undefined ? {} : { differences };
    for await (const frame of this.#fetcher.group(segment, position, "forward")) {
      header = frame.header;
      const body = readBody(frame.body, this.#identity.layout, this.#codecs, options);
      checkParts(body, header);
      bodies.push(body);
    }
    return { bodies, header: header as FrameHeader };
  }

  #applyAll(bodies: readonly Body[]): void {
    for (const { parts } of bodies) {
      for (const part of parts) applyChanges(this.#image, part, "forward");
    }
  }

  #stand(tick: Tick, history: Uint8Array | undefined, known: LastDifferences | undefined): void {
    this.#at = tick;
    this.#historyDigest = history;
    this.#differences = known;
  }

  /** After a failure the image holds no state. */
  async #trying(step: SurveyedStep, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isEverytickError(error) && !(error instanceof MissingDifferences)) throw error;
      this.#at = undefined;
      if (!(error instanceof MissingDifferences)) this.#refuse(step, error);
      return false;
    }
  }

  #refuse({ segment, position }: SurveyedStep, error: Error): void {
    const { table, name } = segment;
    const { expected = "its digests", found = error.message } = isEverytickError(error)
      ? error.details
      : {};
    const [tick, offset] = [table.tick(position), table.offset(position)];
    this.refused.push({ tick, file: `journal/${name}`, offset, expected, found });
  }

  async #pause(): Promise<void> {
    const { clock, signal } = this.#options;
    signal?.throwIfAborted();
    if (clock.monotonic() - this.#lastPause < 20) return;
    await clock.yield();
    this.#lastPause = clock.monotonic();
  }
}

function tickOf(
  { tick, simTime, wallTime, era }: FrameHeader,
  image: Image,
  changed: ReadonlySet<number> | undefined,
): SalvagedTick {
  return { tick, simTime, wallTime, era, image, changed };
}
