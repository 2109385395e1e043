import type { Codecs } from "../types.ts";

/** The kinds of frame (`docs/format.md`, section 4). On disk: never change one. */
export const FrameKind = {
  // 1 is reserved for origin frames of branches, 5 for inputs.
  keyframe: 2,
  delta: 3,
  gap: 4,
  epoch: 7,
  seal: 8,
  mark: 0x86,
} as const;

export const FrameFlag = { continued: 1, stateDigest: 2, required: 4 } as const;

/** Readers skip kinds with this bit that they do not know. */
export const ancillaryBit = 0x80;

export const frameHeaderSize = 96;
/** `TICK`, little-endian. */
const frameMagic = 0x4b434954;

/** The fields of a frame header. Digests are 16 bytes; `length` counts the header too. */
export interface FrameHeader {
  readonly length: number;
  readonly kind: number;
  readonly flags: number;
  readonly era: number;
  readonly epoch: number;
  readonly tick: number;
  readonly simTime: number;
  readonly wallTime: number;
  readonly baseDistance: number;
  readonly durableOffset: number;
  readonly changedElements: number;
  readonly previousChecksum: number;
  readonly historyDigest: Uint8Array;
  readonly stateDigest: Uint8Array;
  readonly bodyChecksum: number;
  readonly checksum: number;
}

/** Byte offsets of the fields, for the writer and the reader alike. */
const at = {
  magic: 0,
  length: 4,
  kind: 8,
  flags: 9,
  era: 10,
  epoch: 12,
  tick: 16,
  simTime: 24,
  wallTime: 32,
  baseDistance: 40,
  durableOffset: 44,
  changedElements: 48,
  previousChecksum: 52,
  historyDigest: 56,
  stateDigest: 72,
  bodyChecksum: 88,
  checksum: 92,
} as const;

/** Which segment of which run a frame lies in; it goes into every checksum. */
export interface SegmentPlace {
  readonly uuid: Uint8Array;
  readonly number: number;
  readonly generation: number;
}

/** The checksums of frames at one place. */
export class PlaceChecksum {
  readonly #codecs: Codecs;
  readonly #bytes = new Uint8Array(32);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(codecs: Codecs, { uuid, number, generation }: SegmentPlace) {
    this.#codecs = codecs;
    this.#bytes.set(uuid);
    this.#view.setUint32(16, number, true);
    this.#view.setUint32(20, generation, true);
  }

  /** CRC-32 of the place ‖ `bytes`. */
  of(bytes: Uint8Array, epoch: number, offset: number): number {
    this.#view.setUint32(24, epoch, true);
    this.#view.setUint32(28, offset, true);
    return this.#codecs.crc32(bytes, this.#codecs.crc32(this.#bytes));
  }
}

export type FrameFields = Omit<
  FrameHeader,
  "length" | "bodyChecksum" | "checksum" | "stateDigest"
> & {
  readonly stateDigest?: Uint8Array | undefined;
};

/**
 * Writes header and body into `room`, which is exactly as long as the frame.
 * @returns the header checksum, which the next frame names.
 */
export function writeFrame(
  room: Uint8Array,
  fields: FrameFields,
  body: Uint8Array,
  place: PlaceChecksum,
  offset: number,
): number {
  const view = new DataView(room.buffer, room.byteOffset, frameHeaderSize);
  view.setUint32(at.magic, frameMagic, true);
  view.setUint32(at.length, room.length, true);
  view.setUint8(at.kind, fields.kind);
  view.setUint8(at.flags, fields.flags | (fields.stateDigest ? FrameFlag.stateDigest : 0));
  view.setUint16(at.era, fields.era, true);
  view.setUint32(at.epoch, fields.epoch, true);
  view.setUint32(at.tick, fields.tick % 2 ** 32, true);
  view.setUint32(at.tick + 4, Math.floor(fields.tick / 2 ** 32), true);
  view.setFloat64(at.simTime, fields.simTime, true);
  view.setFloat64(at.wallTime, fields.wallTime, true);
  view.setUint32(at.baseDistance, fields.baseDistance, true);
  view.setUint32(at.durableOffset, fields.durableOffset, true);
  view.setUint32(at.changedElements, Math.min(fields.changedElements, 2 ** 32 - 1), true);
  view.setUint32(at.previousChecksum, fields.previousChecksum, true);
  room.set(fields.historyDigest, at.historyDigest);
  room.fill(0, at.stateDigest, at.bodyChecksum);
  if (fields.stateDigest) room.set(fields.stateDigest, at.stateDigest);
  room.set(body, frameHeaderSize);
  view.setUint32(at.bodyChecksum, place.of(body, fields.epoch, offset), true);
  const checksum = place.of(room.subarray(0, at.checksum), fields.epoch, offset);
  view.setUint32(at.checksum, checksum, true);
  return checksum;
}

/** Reads a header without judging it; `undefined` if there is no magic or not enough bytes. */
export function readFrameHeader(bytes: Uint8Array, start = 0): FrameHeader | undefined {
  if (bytes.length - start < frameHeaderSize) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, frameHeaderSize);
  if (view.getUint32(at.magic, true) !== frameMagic) return undefined;
  return {
    length: view.getUint32(at.length, true),
    kind: view.getUint8(at.kind),
    flags: view.getUint8(at.flags),
    era: view.getUint16(at.era, true),
    epoch: view.getUint32(at.epoch, true),
    tick: view.getUint32(at.tick, true) + 2 ** 32 * view.getUint32(at.tick + 4, true),
    simTime: view.getFloat64(at.simTime, true),
    wallTime: view.getFloat64(at.wallTime, true),
    baseDistance: view.getUint32(at.baseDistance, true),
    durableOffset: view.getUint32(at.durableOffset, true),
    changedElements: view.getUint32(at.changedElements, true),
    previousChecksum: view.getUint32(at.previousChecksum, true),
    historyDigest: bytes.slice(start + at.historyDigest, start + at.stateDigest),
    stateDigest: bytes.slice(start + at.stateDigest, start + at.bodyChecksum),
    bodyChecksum: view.getUint32(at.bodyChecksum, true),
    checksum: view.getUint32(at.checksum, true),
  };
}

/** Whether the header's own checksum is right at this place; `bytes` begin with the header. */
export function isHeaderIntact(
  bytes: Uint8Array,
  start: number,
  header: FrameHeader,
  place: PlaceChecksum,
  offset: number,
): boolean {
  const covered = bytes.subarray(start, start + at.checksum);
  return place.of(covered, header.epoch, offset) === header.checksum;
}
