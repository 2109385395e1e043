import { hexOf } from "../format/bytes.ts";
import { FrameFlag, FrameKind, type FrameHeader } from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import { canonicalJson } from "../format/json.ts";
import type { SegmentHeader } from "../format/segment.ts";
import { sha256Hex } from "../format/sha256.ts";
import type { Tick, WorldSchema } from "../types.ts";
import type { FrameProblem } from "../journal/frame-checker.ts";

/** What headers are held against. */
export interface HeaderIdentity {
  readonly schemaHash: Uint8Array;
  /** Of the world on the card, in hex. */
  readonly worldHash: string;
  readonly eras: number;
  /** Whether ticks may be left out without a gap. */
  readonly sparse: boolean;
}

/** What headers say beyond what makes their frames valid (`docs/format.md`, sections 3 and 4); held frame after frame. */
export class HeaderChecks {
  readonly #identity: HeaderIdentity;
  /** Of the last recorded tick, and of the last frame; `undefined` behind damage. */
  #history: Uint8Array | undefined;
  #epoch: number | undefined;
  /** The last recorded tick, or the end of a gap behind it. */
  #covered: Tick | undefined;
  /** Where the frames of the segment begin. */
  #begin = 0;

  constructor(identity: HeaderIdentity) {
    this.#identity = identity;
    this.#history = identity.schemaHash;
  }

  /** Frames were passed over: what the next one continues is not known. */
  forget(): void {
    this.#history = this.#epoch = this.#covered = undefined;
  }

  segment(header: SegmentHeader): FrameProblem | undefined {
    this.#begin = header.length;
    const { worldHash } = this.#identity;
    const epochMin = this.#epoch ?? 1;
    return (
      unless(header.epoch >= epochMin, `epoch ${epochMin} or later`, header.epoch) ??
      differing("world hash, as on the card,", worldHash, hexOf(header.worldHash)) ??
      differing("world hash", hashOf(header.world), hexOf(header.worldHash)) ??
      this.#historyProblem(header.historyDigest)
    );
  }

  frame(header: FrameHeader, offset: number): FrameProblem | undefined {
    const problem = this.#epochProblem(header) ?? this.#knownProblem(header, offset);
    this.#epoch = header.epoch;
    const isRecorded = isStep(header) && !isContinued(header);
    if (isRecorded) this.#history = header.historyDigest;
    if (isRecorded || header.kind === FrameKind.gap) this.#covered = header.tick;
    return problem;
  }

  #knownProblem(header: FrameHeader, offset: number): FrameProblem | undefined {
    // Frames that this version skips may say what they like.
    if (!knownKinds.has(header.kind)) return undefined;
    const isNext = isStep(header) && !isContinued(header);
    // What records no tick repeats the digest of the last one.
    const problem = isNext ? undefined : this.#historyProblem(header.historyDigest);
    return this.#fieldProblem(header, offset) ?? this.#tickProblem(header) ?? problem;
  }

  #fieldProblem(header: FrameHeader, offset: number): FrameProblem | undefined {
    const { kind, flags, era, tick, durableOffset, baseDistance, changedElements } = header;
    const isKeyframe = kind === FrameKind.keyframe;
    const isBody = isKeyframe || kind === FrameKind.delta;
    const isLast = isBody && !isContinued(header);
    const hasState = (flags & FrameFlag.stateDigest) !== 0;
    const hasBase = kind === FrameKind.delta || kind === FrameKind.gap;
    const { eras } = this.#identity;
    return (
      unless(
        isKeyframe || (flags & FrameFlag.required) === 0,
        "flag 4 of a keyframe alone",
        kind,
      ) ??
      unless(isBody || !isContinued(header), "flag 1 of a keyframe or delta", kind) ??
      unless(era < Math.max(1, eras), `one of ${eras} eras`, era) ??
      unless(Number.isSafeInteger(tick), "a safe integer as a tick", tick) ??
      unless(
        durableOffset >= this.#begin && durableOffset <= offset,
        `a durable offset from ${this.#begin} to ${offset}`,
        durableOffset,
      ) ??
      unless(hasBase || baseDistance === 0, "base distance 0", baseDistance) ??
      unless(
        (isLast && isStep(header)) || changedElements === 0,
        "0 changed elements",
        changedElements,
      ) ??
      unless(isLast || !hasState, "flag 2 in the last frame of a group", flags) ??
      unless(!isLast || !isKeyframe || hasState, "a state digest of a keyframe", flags) ??
      (hasState ? undefined : differing("state digest", zeros, hexOf(header.stateDigest)))
    );
  }

  #tickProblem(header: FrameHeader): FrameProblem | undefined {
    if (this.#identity.sparse || this.#covered === undefined || !isStep(header)) return undefined;
    const next = this.#covered + 1;
    return unless(header.tick === next, `tick ${next}, since no gap is recorded`, header.tick);
  }

  /** A higher epoch begins with its frame alone. */
  #epochProblem({ kind, epoch }: FrameHeader): FrameProblem | undefined {
    if (this.#epoch === undefined) return undefined;
    const isRight = epoch > this.#epoch === (kind === FrameKind.epoch);
    return unless(isRight, `epoch ${this.#epoch}, or an epoch frame of a higher one`, epoch);
  }

  #historyProblem(digest: Uint8Array): FrameProblem | undefined {
    if (this.#history === undefined) return undefined;
    return differing("history digest", hexOf(this.#history), hexOf(digest));
  }
}

const knownKinds: ReadonlySet<number> = new Set(Object.values(FrameKind));
const zeros = "0".repeat(32);

function hashOf(world: WorldSchema): string {
  try {
    return sha256Hex(canonicalJson(world, "the world of a segment"));
  } catch {
    return "of a world that JSON can hold";
  }
}

function isContinued({ flags }: FrameHeader): boolean {
  return (flags & FrameFlag.continued) !== 0;
}

function unless(isRight: boolean, expected: string, found: number): FrameProblem | undefined {
  return isRight ? undefined : { expected, found: String(found) };
}

function differing(what: string, expected: string, found: string): FrameProblem | undefined {
  return expected === found ? undefined : { expected: `${what} ${expected}`, found };
}
