import { ByteWriter } from "../format/bytes.ts";
import { readFrameIndex, trailerSize, writeFrameIndex } from "../format/frame-index.ts";
import { type FrameEntry, FrameTable } from "../format/frame-table.ts";
import { FrameFlag, frameHeaderSize, FrameKind, PlaceChecksum } from "../format/frame.ts";
import { readSegmentHeader } from "../format/segment.ts";
import { writeIndexBlock } from "../journal/index-cache.ts";
import type { Chance } from "../testing/index.ts";
import type { Codecs } from "../types.ts";
import type { Damage } from "./damages.ts";
import type { Specimen } from "./examine.ts";
import { joined } from "./fuzz/noise.ts";
import {
  allFixed,
  type Fixes,
  parseSegment,
  type SegmentTree,
  withHeaderChecksum,
  writeSegment,
} from "./fuzz/segment-tree.ts";

/** Bytes that are wrong under checksums that are right. */
export interface Forgery extends Damage {
  /** Whether it must be told; otherwise it may also change nothing of what is read. */
  readonly isTold: boolean;
}

/** Only checksums and their chain are made right again. */
const checksumsFixed: Fixes = { ...allFixed, header: false, lengths: false, seal: false };
const highest = 2 ** 32 - 1;

interface Field {
  readonly name: string;
  readonly at: number;
  readonly size: 1 | 4;
  readonly values: (value: number) => readonly number[];
}

const near = (value: number): readonly number[] => [value - 1, value + 1, highest];
const flipped = (value: number): readonly number[] => [value ^ 1];
const frameFields: readonly Field[] = [
  { name: "length", at: 4, size: 4, values: (value) => [0, 95, ...near(value)] },
  { name: "kind", at: 8, size: 1, values: () => [0, 1, 5, 9] },
  { name: "flags", at: 9, size: 1, values: (value) => [value ^ 1, value | 8] },
  { name: "tick", at: 16, size: 4, values: near },
];
const baseDistance: Field = { name: "base distance", at: 40, size: 4, values: near };
const historyDigest: Field = { name: "history digest", at: 56, size: 1, values: flipped };
const stateDigest: Field = { name: "state digest", at: 72, size: 1, values: flipped };
const epoch: Field = { name: "epoch", at: 12, size: 4, values: () => [0] };
const headerFields: readonly Field[] = [
  { name: "magic", at: 0, size: 1, values: flipped },
  { name: "version", at: 8, size: 1, values: () => [1] },
  { name: "layout", at: 10, size: 1, values: () => [1] },
  { name: "length", at: 12, size: 4, values: (value) => [0, 100, 2 ** 31, ...near(value)] },
  { name: "uuid", at: 16, size: 1, values: flipped },
  { name: "number", at: 32, size: 4, values: near },
  { name: "generation", at: 36, size: 4, values: () => [1] },
  { name: "first tick", at: 40, size: 4, values: near },
  { name: "length of the world", at: 60, size: 4, values: near },
];

/** Each field of each frame and segment header, set to values that it cannot have. */
export function* fieldForgeries({ vfs, segments, codecs }: Specimen): Generator<Forgery> {
  for (const path of segments) {
    const whole = vfs.read(path);
    const tree = parseSegment(whole) as SegmentTree;
    for (const { name, header } of headers(tree, codecs)) {
      yield forgery(path, name, whole, joined(header, ...tree.frames, tree.rest), true);
    }
    for (const [number, frame] of tree.frames.entries()) {
      for (const { name, bytes } of otherFrames(frame)) {
        const frames = tree.frames.with(number, bytes);
        const made = writeSegment({ ...tree, frames }, codecs, checksumsFixed);
        yield forgery(path, `${name} of frame ${number}`, whole, made, true);
      }
      yield forgery(
        path,
        `chain of frame ${number}`,
        whole,
        unchained(whole, tree, number, codecs),
        true,
      );
    }
  }
}

function forgery(
  path: string,
  what: string,
  whole: Uint8Array,
  bytes: Uint8Array,
  isTold: boolean,
): Forgery {
  const at = bytes.findIndex((byte, i) => byte !== whole[i]);
  return { path, what, bytes, at: at < 0 ? whole.length : at, isTold };
}

function* headers(
  { header }: SegmentTree,
  codecs: Codecs,
): Generator<{ name: string; header: Uint8Array }> {
  for (const { name, bytes } of others(header, headerFields)) {
    yield { name: `${name} of the header`, header: withHeaderChecksum(bytes, codecs) };
  }
}

/** Fields that mean nothing in a frame are left alone: the last frame of a group speaks for it, a keyframe for its tick. */
function* otherFrames(frame: Uint8Array): Generator<{ name: string; bytes: Uint8Array }> {
  const [kind, flags] = [frame[8] as number, frame[9] as number];
  const isDelta = kind === FrameKind.delta;
  const isKeyframe = kind === FrameKind.keyframe;
  if (isDelta || kind === FrameKind.gap) yield* others(frame, [epoch, baseDistance]);
  if (isDelta || isKeyframe) yield* others(frame, frameFields);
  if (isKeyframe) yield* others(frame, [stateDigest]);
  if (isDelta && (flags & FrameFlag.continued) === 0) yield* others(frame, [historyDigest]);
}

function* others(
  bytes: Uint8Array,
  fields: readonly Field[],
): Generator<{ name: string; bytes: Uint8Array }> {
  for (const { name, at, size, values } of fields) {
    const value = size === 1 ? (bytes[at] as number) : viewOf(bytes).getUint32(at, true);
    for (const other of values(value)) {
      const copy = bytes.slice();
      if (size === 1) copy[at] = other;
      else viewOf(copy).setUint32(at, other, true);
      if ((size === 1 ? copy[at] : viewOf(copy).getUint32(at, true)) === value) continue;
      yield { name: `${name} ${other}`, bytes: copy };
    }
  }
}

/** A frame that names another one before it. */
function unchained(
  whole: Uint8Array,
  { header, frames }: SegmentTree,
  number: number,
  codecs: Codecs,
): Uint8Array {
  const bytes = whole.slice();
  const at = frames.slice(0, number).reduce((sum, { length }) => sum + length, header.length);
  const view = viewOf(bytes);
  view.setUint32(at + 52, view.getUint32(at + 52, true) ^ 1, true);
  const place = new PlaceChecksum(codecs, readSegmentHeader(whole, "a segment", codecs));
  const sum = place.of(bytes.subarray(at, at + 92), view.getUint32(at + 12, true), at);
  view.setUint32(at + 92, sum, true);
  return bytes;
}

/** The index of each seal and cache, with entries and counts that are not those of the frames. */
export function* indexForgeries(specimen: Specimen): Generator<Forgery> {
  const { vfs, codecs, segments } = specimen;
  for (const path of segments) {
    const whole = vfs.read(path);
    const tree = parseSegment(whole) as SegmentTree;
    const seal = tree.frames.at(-1) as Uint8Array;
    if (seal[8] !== FrameKind.seal) continue;
    const header = readSegmentHeader(whole, path, codecs);
    const index = seal.subarray(frameHeaderSize, seal.length - trailerSize);
    const table = new FrameTable(header.length);
    readFrameIndex(index, header.firstTick, table, codecs);
    for (const { name, bytes } of otherIndexes(table, header.firstTick, index, codecs)) {
      const frame = joined(seal.subarray(0, frameHeaderSize), bytes, seal.subarray(-trailerSize));
      const frames = [...tree.frames.slice(0, -1), frame];
      const made = writeSegment({ ...tree, frames }, codecs, { ...checksumsFixed, lengths: true });
      yield forgery(path, `${name} of the index`, whole, made, false);
    }
    for (const offset of [0, 1, whole.length - 1, whole.length, highest]) {
      const frame = seal.slice();
      viewOf(frame).setUint32(frame.length - trailerSize, offset, true);
      const made = writeSegment(
        { ...tree, frames: [...tree.frames.slice(0, -1), frame] },
        codecs,
        checksumsFixed,
      );
      yield forgery(path, `offset ${offset} of the trailer`, whole, made, false);
    }
  }
  yield* cacheForgeries(specimen);
}

function* otherIndexes(
  table: FrameTable,
  firstTick: number,
  index: Uint8Array,
  codecs: Codecs,
): Generator<{ name: string; bytes: Uint8Array }> {
  for (const [name, other] of otherTables(table)) {
    yield { name, bytes: writeFrameIndex(other, 0, firstTick, codecs) };
  }
  const [count, rawLength, begin] = [index[0] as number, index[1] as number, 2];
  if (count > 0x7f || rawLength > 0x7f) return;
  for (const [name, numbers] of [
    ["a higher count", [count + 1, rawLength]],
    ["a lower count", [count - 1, rawLength]],
    ["a huge count", [2 ** 31, rawLength]],
    ["counts that fit each other and nothing else", [2 ** 31, 6 * 2 ** 31]],
    ["no length", [count, 0]],
    ["a higher length", [count, rawLength + 1]],
    ["a huge length", [count, 2 ** 31]],
  ] as const) {
    const out = new ByteWriter();
    for (const number of numbers) out.varint(number);
    out.bytes(index.subarray(begin));
    yield { name, bytes: out.copy() };
  }
  yield { name: "a byte behind the end", bytes: joined(index, Uint8Array.of(0)) };
}

/** The frames of a table with one of them another one. */
function* otherTables(table: FrameTable): Generator<[name: string, table: FrameTable]> {
  for (let position = 0; position < table.count; position++) {
    const entry = table.entry(position);
    const changes: readonly Partial<FrameEntry>[] = [
      { kind: 1 },
      { kind: 0x87 },
      { kind: entry.kind ^ 1 },
      { flags: entry.flags ^ 1 },
      { flags: entry.flags ^ 4 },
      { tick: entry.tick + 1 },
      { length: entry.length + 1 },
      { baseDistance: entry.baseDistance + 1 },
    ];
    for (const change of changes) {
      const other = new FrameTable(table.begin);
      for (let at = 0; at < table.count; at++) {
        other.push({ ...table.entry(at), ...(at === position ? change : {}) });
      }
      yield [`${JSON.stringify(change)} in entry ${position}`, other];
    }
  }
}

/** A cache is believed only where it says what the frames say. */
function* cacheForgeries({ vfs, codecs, segments }: Specimen): Generator<Forgery> {
  const path = segments.at(-1) as string;
  const cache = `${path.replace("/journal/", "/cache/")}.index`;
  if (vfs.stat(cache) === undefined) return;
  const [whole, segment] = [vfs.read(cache), vfs.read(path)];
  const header = readSegmentHeader(segment, path, codecs);
  const table = new FrameTable(header.length);
  readFrameIndex(whole.subarray(36), 0, table, codecs);
  for (const [name, other] of otherTables(table)) {
    const made = writeIndexBlock(other, 0, header, codecs);
    // What it says of frames beside their ends is believed: it is under a checksum of its own.
    if (other.end !== table.end) {
      yield forgery(cache, name, whole, made, false);
    }
  }
  for (const [name, at] of [
    ["length", 4],
    ["uuid", 8],
    ["number", 24],
    ["generation", 28],
    ["begin", 32],
  ] as const) {
    const bytes = whole.slice();
    bytes[at]! ^= 1;
    viewOf(bytes).setUint32(0, codecs.crc32(bytes.subarray(4)), true);
    yield forgery(cache, `${name} of the block`, whole, bytes, false);
  }
}

/** A byte of a body that is another one, is gone, or is too many. */
export function bodyForgery({ vfs, codecs, segments }: Specimen, chance: Chance): Forgery {
  const path = chance.pick(segments);
  const whole = vfs.read(path);
  const tree = parseSegment(whole) as SegmentTree;
  const bodies = [...tree.frames.keys()].filter((number) =>
    [FrameKind.keyframe, FrameKind.delta].some((kind) => tree.frames[number]?.[8] === kind),
  );
  const number = chance.pick(bodies);
  const frame = tree.frames[number] as Uint8Array;
  const length = frame.length - frameHeaderSize;
  // The counts of a body stand in front.
  const at = frameHeaderSize + chance.below(chance.chance(0.5) ? Math.min(60, length) : length);
  const kind = chance.pick(["other", "gone", "more", "appended"] as const);
  const byte = chance.pick([0, 1, 0x7f, 0x80, 0xff, (frame[at] as number) ^ 1, chance.below(256)]);
  const [before, behind] = [frame.subarray(0, at), frame.subarray(at + 1)];
  const bytes = {
    other: joined(before, Uint8Array.of(byte), behind),
    gone: joined(before, behind),
    more: joined(before, Uint8Array.of(byte), frame.subarray(at)),
    appended: joined(frame, Uint8Array.of(byte)),
  }[kind];
  const frames = tree.frames.with(number, bytes);
  const made = writeSegment({ ...tree, frames }, codecs, { ...allFixed, header: false });
  return forgery(path, `byte ${at} of frame ${number}, ${kind}`, whole, made, kind === "appended");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
