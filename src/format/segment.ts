import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Codecs, WorldSchema } from "../types.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { canonicalJson, parseJson } from "./json.ts";

/** The version of `docs/format.md`. */
export const formatVersion = 0;

const segmentMagic = Uint8Array.of(0x89, 0x45, 0x56, 0x54, 0x0d, 0x0a, 0x1a, 0x0a);
const fixedSize = 112;

/** Byte offsets of the header's fields (`docs/format.md`, section 3). */
const at = {
  version: 8,
  layout: 10,
  length: 12,
  uuid: 16,
  number: 32,
  generation: 36,
  firstTick: 40,
  plannedSize: 48,
  epoch: 56,
  worldLength: 60,
  historyDigest: 64,
  worldHash: 80,
} as const;

export interface SegmentHeader {
  /** Bytes of the header, checksum included. */
  readonly length: number;
  readonly uuid: Uint8Array;
  readonly number: number;
  readonly generation: number;
  readonly firstTick: number;
  readonly plannedSize: number;
  readonly epoch: number;
  readonly historyDigest: Uint8Array;
  readonly worldHash: Uint8Array;
  readonly world: WorldSchema;
}

/** Bytes of the header of any segment that records this world. */
export function segmentHeaderBytes(world: WorldSchema): number {
  return fixedSize + encodedWorld(world).length + 4;
}

function encodedWorld(world: WorldSchema): Uint8Array {
  return utf8.encoder.encode(canonicalJson(world, "world"));
}

export function writeSegmentHeader(
  header: Omit<SegmentHeader, "length">,
  codecs: Codecs,
): Uint8Array {
  const world = encodedWorld(header.world);
  const bytes = new Uint8Array(fixedSize + world.length + 4);
  const view = new DataView(bytes.buffer);
  bytes.set(segmentMagic);
  view.setUint16(at.version, formatVersion, true);
  view.setUint32(at.length, bytes.length, true);
  bytes.set(header.uuid, at.uuid);
  view.setUint32(at.number, header.number, true);
  view.setUint32(at.generation, header.generation, true);
  view.setUint32(at.firstTick, header.firstTick % 2 ** 32, true);
  view.setUint32(at.firstTick + 4, Math.floor(header.firstTick / 2 ** 32), true);
  view.setUint32(at.plannedSize, header.plannedSize % 2 ** 32, true);
  view.setUint32(at.plannedSize + 4, Math.floor(header.plannedSize / 2 ** 32), true);
  view.setUint32(at.epoch, header.epoch, true);
  view.setUint32(at.worldLength, world.length, true);
  bytes.set(header.historyDigest, at.historyDigest);
  bytes.set(header.worldHash, at.worldHash);
  bytes.set(world, fixedSize);
  view.setUint32(bytes.length - 4, codecs.crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

/** How many bytes the header takes, from its first 16 bytes; at least 16, at most the limit. */
export function segmentHeaderLength(start: Uint8Array): number {
  if (start.length < 16) return 16;
  const length = new DataView(start.buffer, start.byteOffset).getUint32(at.length, true);
  return Math.min(Math.max(length, 16), limits.segmentHeaderBytes);
}

/** @throws FORMAT_DAMAGED, FORMAT_NEWER */
export function readSegmentHeader(bytes: Uint8Array, file: string, codecs: Codecs): SegmentHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16 || !segmentMagic.every((byte, i) => bytes[i] === byte)) {
    const found = `bytes ${hexOf(bytes.subarray(0, 8))}`;
    throw damaged(file, "the magic of a segment", found);
  }
  const version = view.getUint16(at.version, true);
  if (version > formatVersion) throw newer(file, version);
  const length = view.getUint32(at.length, true);
  if (length < fixedSize + 4 || length > bytes.length) {
    throw damaged(
      file,
      `a header of ${fixedSize + 4} bytes and more`,
      `${length} of ${bytes.length}`,
    );
  }
  const checksum = codecs.crc32(bytes.subarray(0, length - 4));
  const stored = view.getUint32(length - 4, true);
  if (stored !== checksum) {
    throw damaged(file, `header checksum ${stored.toString(16)}`, checksum.toString(16));
  }
  const layout = view.getUint16(at.layout, true);
  if (layout !== 0) {
    const details = { where: `${file}, byte ${at.layout}`, expected: "layout 0" };
    throw new EverytickError("FORMAT_UNKNOWN", { ...details, found: `layout ${layout}` });
  }
  if (view.getUint32(at.worldLength, true) !== length - fixedSize - 4) {
    throw damaged(file, "a world that fills the header", "another length");
  }
  const u64 = (offset: number): number =>
    view.getUint32(offset, true) + 2 ** 32 * view.getUint32(offset + 4, true);
  return {
    length,
    uuid: bytes.slice(at.uuid, at.number),
    number: view.getUint32(at.number, true),
    generation: view.getUint32(at.generation, true),
    firstTick: u64(at.firstTick),
    plannedSize: u64(at.plannedSize),
    epoch: view.getUint32(at.epoch, true),
    historyDigest: bytes.slice(at.historyDigest, at.worldHash),
    worldHash: bytes.slice(at.worldHash, fixedSize),
    world: parseWorld(bytes.subarray(fixedSize, length - 4), file),
  };
}

function parseWorld(bytes: Uint8Array, file: string): WorldSchema {
  try {
    return parseJson(utf8.decoder.decode(bytes)) as unknown as WorldSchema;
  } catch {
    throw damaged(file, "the JSON of a world", "other bytes");
  }
}

function damaged(file: string, expected: string, found: string): EverytickError {
  return new EverytickError("FORMAT_DAMAGED", { where: `${file}, byte 0`, expected, found });
}

export function newer(where: string, version: number): EverytickError {
  const next = "Update everytick, or read it with the version that wrote it.";
  const found = `format ${version}`;
  return new EverytickError("FORMAT_NEWER", {
    where,
    expected: `format ${formatVersion}`,
    found,
    next,
  });
}
