import {
  ancillaryBit,
  FrameFlag,
  frameHeaderSize,
  FrameKind,
  isHeaderIntact,
  PlaceChecksum,
  readFrameHeader,
  type FrameHeader,
  type SegmentPlace,
} from "../format/frame.ts";
import { isStep } from "../format/frame-table.ts";
import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";

/** Why bytes are not the next valid frame. */
export interface FrameProblem {
  readonly expected: string;
  readonly found: string;
  /** No crash makes such a frame: it is intact, but not one that this version may pass over. */
  readonly refused?: "JOURNAL_DAMAGED" | "FORMAT_UNKNOWN";
}

const knownKinds: ReadonlySet<number> = new Set(Object.values(FrameKind));
const knownFlags = FrameFlag.continued | FrameFlag.stateDigest | FrameFlag.required;

/** What one needs to know of the frames before, to judge the next (`docs/format.md`, sections 4 and 6). */
export interface ChainState {
  readonly epoch: number;
  readonly previousChecksum: number;
  /** The last recorded tick of the journal; -1 before the first. */
  readonly lastTick: number;
  readonly lastGapTick: number;
  /** Set inside a continued group: the frame that the next must go on with. */
  readonly continued: FrameHeader | undefined;
  /** Behind damage the ticks before are not known, until a frame has recorded the next one. */
  readonly isTickUnknown?: boolean;
}

/** Judges frames one after the other, at one place. */
export class FrameChecker {
  readonly #place: PlaceChecksum;
  state: ChainState;
  #resync = false;

  constructor(codecs: Codecs, place: SegmentPlace, state: ChainState) {
    this.#place = new PlaceChecksum(codecs, place);
    this.state = state;
  }

  /** How many bytes the frame at `start` needs to be judged; at least a header. */
  static lengthAt(bytes: Uint8Array, start: number): number {
    const header = readFrameHeader(bytes, start);
    if (header === undefined || !isPossibleLength(header.length)) return frameHeaderSize;
    return header.length;
  }

  /**
   * The frame that begins at `start`, which lies at `offset` of the segment, if it is valid here; moves on behind it.
   * @param bytes hold the whole frame, or end where the file ends.
   */
  next(bytes: Uint8Array, start: number, offset: number): FrameHeader | FrameProblem {
    const header = readFrameHeader(bytes, start);
    if (header === undefined) {
      const found = bytes.length - start < frameHeaderSize ? "the end of the file" : "other bytes";
      return { expected: "a frame", found };
    }
    const problem = this.#problem(bytes, start, offset, header);
    if (problem !== undefined) return problem;
    this.state = afterFrame(this.state, header);
    return header;
  }

  #problem(
    bytes: Uint8Array,
    start: number,
    offset: number,
    header: FrameHeader,
  ): FrameProblem | undefined {
    if (!isHeaderIntact(bytes, start, header, this.#place, offset)) {
      return { expected: "a header that matches its checksum", found: hex(header.checksum) };
    }
    if (!isPossibleLength(header.length)) {
      return { expected: "a possible length", found: String(header.length) };
    }
    if (start + header.length > bytes.length) {
      const found = `${bytes.length - start} before the end of the file`;
      return { expected: `${header.length} bytes of frame`, found };
    }
    const body = bytes.subarray(start + frameHeaderSize, start + header.length);
    const checksum = this.#place.of(body, header.epoch, offset);
    if (checksum !== header.bodyChecksum) {
      return { expected: `body checksum ${hex(header.bodyChecksum)}`, found: hex(checksum) };
    }
    if (this.#resync) {
      this.#resync = false;
      return undefined;
    }
    return orderProblem(this.state, header);
  }

  /** After damage: the next frame's place in the chain and in the order of ticks is taken as it is. */
  acceptAnyNext(): void {
    this.#resync = true;
    this.state = { ...this.state, continued: undefined, isTickUnknown: true };
  }

  /** Whether a later frame proves that `offset` had been synced: its header is intact here and says so. */
  provesDurable(bytes: Uint8Array, start: number, at: number, offset: number): boolean {
    const header = readFrameHeader(bytes, start);
    return (
      header !== undefined &&
      header.durableOffset > offset &&
      header.epoch >= this.state.epoch &&
      isHeaderIntact(bytes, start, header, this.#place, at)
    );
  }
}

function isPossibleLength(length: number): boolean {
  return length >= frameHeaderSize && length <= frameHeaderSize + limits.frameBodyBytes;
}

function orderProblem(state: ChainState, header: FrameHeader): FrameProblem | undefined {
  if (header.previousChecksum !== state.previousChecksum) {
    const found = hex(header.previousChecksum);
    return { expected: `previous checksum ${hex(state.previousChecksum)}`, found };
  }
  if (header.epoch < state.epoch) {
    return { expected: `epoch ${state.epoch} or later`, found: String(header.epoch) };
  }
  return kindProblem(state, header) ?? tickProblem(state, header);
}

/** Whether a reader of this version may meet the kind: it knows it, or may skip it. */
export function isKnownKind(kind: number): boolean {
  return knownKinds.has(kind) || (kind & ancillaryBit) !== 0;
}

function kindProblem({ continued }: ChainState, header: FrameHeader): FrameProblem | undefined {
  const { kind, tick, flags } = header;
  if (!isKnownKind(kind) || flags > knownFlags) {
    const found = `kind ${kind}, flags ${flags}`;
    return { expected: "a frame that this version knows", found, refused: "FORMAT_UNKNOWN" };
  }
  if (continued === undefined || isSameGroup(continued, header)) return undefined;
  const expected = `the rest of tick ${continued.tick}`;
  return { expected, found: `kind ${kind} of tick ${tick}`, refused: "JOURNAL_DAMAGED" };
}

/** What all frames of a group say alike. */
function isSameGroup(one: FrameHeader, other: FrameHeader): boolean {
  return (
    one.kind === other.kind &&
    one.tick === other.tick &&
    one.baseDistance === other.baseDistance &&
    one.era === other.era &&
    Object.is(one.simTime, other.simTime) &&
    Object.is(one.wallTime, other.wallTime) &&
    ((one.flags ^ other.flags) & FrameFlag.required) === 0
  );
}

function tickProblem(state: ChainState, header: FrameHeader): FrameProblem | undefined {
  const { kind, tick, baseDistance } = header;
  const refused = "JOURNAL_DAMAGED";
  if (state.continued !== undefined || state.isTickUnknown === true) return undefined;
  if (state.lastTick === -1 && (kind === FrameKind.delta || !isStep(header))) {
    return { expected: "a required keyframe", found: `kind ${kind}`, refused };
  }
  const from = tick - baseDistance;
  const covered = Math.max(state.lastTick, state.lastGapTick);
  if (kind === FrameKind.keyframe && isStep(header) && tick <= covered) {
    return { expected: `a tick behind ${covered}`, found: String(tick), refused };
  }
  if (kind === FrameKind.delta && (tick <= state.lastGapTick || from !== state.lastTick)) {
    return {
      expected: `a delta from tick ${state.lastTick}`,
      found: `${from} to ${tick}`,
      refused,
    };
  }
  if (kind === FrameKind.keyframe && !isStep(header) && tick > state.lastTick) {
    const expected = `a keyframe of tick ${state.lastTick} or before it`;
    return { expected, found: `one of tick ${tick}`, refused };
  }
  if (kind === FrameKind.gap && (baseDistance === 0 || from !== covered)) {
    return { expected: `a gap from tick ${covered}`, found: `${from} to ${tick}`, refused };
  }
  return undefined;
}

function afterFrame(state: ChainState, header: FrameHeader): ChainState {
  const isContinued = (header.flags & FrameFlag.continued) !== 0;
  const recorded = isStep(header) && !isContinued;
  const gap = header.kind === FrameKind.gap;
  return {
    epoch: header.epoch,
    previousChecksum: header.checksum,
    lastTick: recorded ? header.tick : state.lastTick,
    lastGapTick: gap ? header.tick : recorded ? header.tick : state.lastGapTick,
    continued: isContinued ? header : undefined,
    isTickUnknown: state.isTickUnknown === true && !recorded,
  };
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

export function isProblem(result: FrameHeader | FrameProblem): result is FrameProblem {
  return "found" in result;
}
