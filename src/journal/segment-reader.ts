import { EverytickError, isEverytickError } from "../errors.ts";
import { hexOf } from "../format/bytes.ts";
import {
  frameHeaderSize,
  FrameKind,
  isHeaderIntact,
  PlaceChecksum,
  readFrameHeader,
  type FrameHeader,
} from "../format/frame.ts";
import { readFrameIndex, readTrailer, trailerSize } from "../format/frame-index.ts";
import { FrameTable } from "../format/frame-table.ts";
import { readSegmentHeader, segmentHeaderLength, type SegmentHeader } from "../format/segment.ts";
import type { ByteSource, Codecs } from "../types.ts";
import {
  FrameChecker,
  isKnownKind,
  isProblem,
  type ChainState,
  type FrameProblem,
} from "./frame-checker.ts";
import { readIndexBlocks } from "./index-cache.ts";
import type { SegmentName } from "./segment-name.ts";

/** How a segment ends. */
export type SegmentEnd =
  /** A seal: nothing follows. */
  | { readonly kind: "sealed" }
  /** The frames end; `tailBytes` follow that are no history. */
  | { readonly kind: "open"; readonly tailBytes: number }
  /** Bytes that had been acknowledged are not what they were. */
  | { readonly kind: "damaged"; readonly offset: number; readonly problem: FrameProblem };

/** A segment whose frames are known. */
export interface Segment {
  readonly name: string;
  readonly header: SegmentHeader;
  readonly table: FrameTable;
  readonly source: ByteSource;
  readonly checksum: PlaceChecksum;
  end: SegmentEnd;
  /** Judges frames that are appended later; absent when the segment is sealed. */
  readonly checker: FrameChecker | undefined;
}

/** Where the order of ticks stands before a segment. */
export interface OrderBefore {
  readonly lastTick: number;
  readonly lastGapTick: number;
}

const scanBytes = 1 << 20;

/**
 * Opens a segment: by its footer, else by its index cache, else by a scan.
 * @param before asked for only if the segment has no footer: others would be opened for it, down to the first.
 * @throws FORMAT_DAMAGED, FORMAT_NEWER for its header.
 */
export async function openSegment(
  { name }: SegmentName,
  source: ByteSource,
  before: () => Promise<OrderBefore>,
  cache: Uint8Array | undefined,
  codecs: Codecs,
): Promise<Segment> {
  const header = await readHeader(name, source, codecs);
  const checksum = new PlaceChecksum(codecs, header);
  const sealed = await readFooter(name, header, source, checksum, codecs);
  const base = { name, header, source, checksum };
  if (sealed !== undefined) {
    return { ...base, table: sealed, end: { kind: "sealed" }, checker: undefined };
  }
  const order = await before();
  const state: ChainState = {
    epoch: header.epoch,
    previousChecksum: 0,
    ...order,
    continued: undefined,
  };
  const cached = await readCached(cache, header, source, checksum, codecs);
  if (cached !== undefined && cached.state.lastTick === -1) Object.assign(cached.state, order);
  const checker = new FrameChecker(codecs, header, cached?.state ?? state);
  const table = cached?.table ?? new FrameTable(header.length);
  const segment: Segment = { ...base, table, end: { kind: "open", tailBytes: 0 }, checker };
  await scanTail(segment);
  return segment;
}

async function readHeader(
  name: string,
  source: ByteSource,
  codecs: Codecs,
): Promise<SegmentHeader> {
  const start = await source.read(0, 4096);
  const length = segmentHeaderLength(start);
  const bytes = length <= start.length ? start : await source.read(0, length);
  return readSegmentHeader(bytes, name, codecs);
}

export async function readFooter(
  name: string,
  header: SegmentHeader,
  source: ByteSource,
  checksum: PlaceChecksum,
  codecs: Codecs,
): Promise<FrameTable | undefined> {
  const size = await source.size();
  const sealOffset = readTrailer(await source.read(Math.max(0, size - trailerSize), trailerSize));
  if (sealOffset === undefined || sealOffset > size - frameHeaderSize - trailerSize)
    return undefined;
  const bytes = await source.read(sealOffset, size - sealOffset);
  const frame = readFrameHeader(bytes);
  if (frame?.kind !== FrameKind.seal || frame.length !== bytes.length) return undefined;
  if (!isFrameIntact(bytes, frame, checksum, sealOffset)) return undefined;
  const table = new FrameTable(header.length);
  const index = bytes.subarray(frameHeaderSize, bytes.length - trailerSize);
  readFrameIndex(index, header.firstTick, table, codecs);
  if (table.end !== sealOffset) return undefined;
  for (let position = 0; position < table.count; position++) {
    const kind = table.kind(position);
    if (!isKnownKind(kind)) throw unknownKind(name, table.offset(position), kind);
  }
  return table;
}

export function unknownKind(name: string, offset: number, kind: number): EverytickError {
  return new EverytickError("FORMAT_UNKNOWN", {
    where: `${name}, byte ${offset}`,
    expected: "a frame that this version knows",
    found: `kind ${kind}`,
    next: "Read it with the version of everytick that wrote it.",
  });
}

/** Whether both checksums of a frame are right at its place. */
export function isFrameIntact(
  bytes: Uint8Array,
  frame: FrameHeader,
  checksum: PlaceChecksum,
  offset: number,
): boolean {
  const body = bytes.subarray(frameHeaderSize, frame.length);
  return (
    isHeaderIntact(bytes, 0, frame, checksum, offset) &&
    checksum.of(body, frame.epoch, offset) === frame.bodyChecksum
  );
}

/** Whether a file ends with an intact seal: it is then as it will ever be. */
export async function isSealed(name: string, source: ByteSource, codecs: Codecs): Promise<boolean> {
  try {
    const header = await readHeader(name, source, codecs);
    const checksum = new PlaceChecksum(codecs, header);
    return (await readFooter(name, header, source, checksum, codecs)) !== undefined;
  } catch (error) {
    if (isEverytickError(error, "JOURNAL_READ") || !isEverytickError(error)) throw error;
    return false;
  }
}

/** The frames that a cache vouches for, if its last one is really there. */
async function readCached(
  cache: Uint8Array | undefined,
  header: SegmentHeader,
  source: ByteSource,
  checksum: PlaceChecksum,
  codecs: Codecs,
): Promise<{ table: FrameTable; state: ChainState } | undefined> {
  if (cache === undefined) return undefined;
  let table: FrameTable;
  try {
    table = readIndexBlocks(cache, header, header.length, codecs);
  } catch {
    return undefined;
  }
  if (table.count === 0 || table.isContinued(table.count - 1)) return undefined;
  const last = table.count - 1;
  const bytes = await source.read(table.offset(last), table.length(last));
  const frame = readFrameHeader(bytes);
  if (frame === undefined || frame.length !== table.length(last)) return undefined;
  if (frame.length !== bytes.length) return undefined;
  if (
    frame.tick !== table.tick(last) ||
    !isFrameIntact(bytes, frame, checksum, table.offset(last))
  ) {
    return undefined;
  }
  return { table, state: chainStateAt(table, frame) };
}

function chainStateAt(table: FrameTable, last: FrameHeader): ChainState {
  const step = table.stepCount - 1;
  const lastTick = step === -1 ? -1 : table.tick(table.step(step));
  return {
    epoch: last.epoch,
    previousChecksum: last.checksum,
    lastTick,
    lastGapTick: Math.max(lastTick, table.lastGapTick()),
    continued: undefined,
  };
}

/**
 * Reads on behind the last known frame and judges how the segment ends now. A group comes into the table when its last
 * frame was read, so that nobody who reads meanwhile sees half a tick. Only one scan of a segment may run at a time.
 */
export async function scanTail(segment: Segment): Promise<void> {
  const { source, table, checker } = segment;
  if (checker === undefined || segment.end.kind === "damaged") return;
  let size = await source.size();
  let window = new Uint8Array(0);
  let windowOffset = table.end;
  let offset = table.end;
  let group: FrameHeader[] = [];
  let groupState = checker.state;
  let lookedTwice = -1;
  for (;;) {
    const start = offset - windowOffset;
    const wanted = FrameChecker.lengthAt(window, start);
    if (start + wanted > window.length && windowOffset + window.length < size) {
      window = new Uint8Array(await source.read(offset, Math.max(wanted, scanBytes)));
      windowOffset = offset;
      if (window.length < wanted) size = await sizeAgain(segment, offset + window.length, size);
      continue;
    }
    const result = checker.next(window, start, offset);
    if (isProblem(result)) {
      // A group without its last frame belongs to the tail.
      group = [];
      checker.state = groupState;
      segment.end = await judgeTail(segment, checker, size, result);
      if (segment.end.kind === "open" || lookedTwice === offset) return;
      // Another process may have completed the frame between the two reads.
      lookedTwice = offset;
      window = new Uint8Array(0);
      windowOffset = offset = table.end;
      continue;
    }
    group.push(result);
    offset += result.length;
    if (checker.state.continued !== undefined) continue;
    for (const frame of group) table.push(frame);
    group = [];
    groupState = checker.state;
    if (result.kind === FrameKind.seal) {
      segment.end = { kind: "sealed" };
      return;
    }
  }
}

/**
 * A writer may have cut the file since its size was asked for. A read that comes short of a file that is as long as it was is
 * no end of history: what was acknowledged behind it must not be cut.
 */
async function sizeAgain({ name, source }: Segment, end: number, before: number): Promise<number> {
  const size = await source.size();
  if (size !== before || size === end) return size;
  const expected = `bytes up to ${size}`;
  throw new EverytickError("JOURNAL_READ", { where: name, expected, found: `bytes up to ${end}` });
}

/** Torn tail, or damage that a later frame proves (`docs/format.md`, section 6). */
async function judgeTail(
  { source, table }: Segment,
  checker: FrameChecker,
  size: number,
  problem: FrameProblem,
): Promise<SegmentEnd> {
  const end = table.end;
  if (problem.refused !== undefined) return { kind: "damaged", offset: end, problem };
  const proves = (bytes: Uint8Array, start: number, offset: number): boolean =>
    offset > end && checker.provesDurable(bytes, start, offset, end);
  if (await someMagic(source, end, size, proves)) return { kind: "damaged", offset: end, problem };
  return { kind: "open", tailBytes: size - end };
}

/** Whether `test` holds at some place of [from, size) where the magic of a frame stands. */
async function someMagic(
  source: ByteSource,
  from: number,
  size: number,
  test: (bytes: Uint8Array, start: number, offset: number) => boolean,
): Promise<boolean> {
  for (let offset = from; offset < size; offset += scanBytes) {
    const bytes = await source.read(offset, scanBytes + frameHeaderSize);
    const searchEnd = Math.min(scanBytes, bytes.length);
    for (let start = nextMagic(bytes, 0); start < searchEnd; start = nextMagic(bytes, start + 1)) {
      if (test(bytes, start, offset + start)) return true;
    }
  }
  return false;
}

/** Where the magic of a frame begins at or after `from`; the length if nowhere. */
function nextMagic(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0x54, from);
  while (at !== -1) {
    if (bytes[at + 1] === 0x49 && bytes[at + 2] === 0x43 && bytes[at + 3] === 0x4b) return at;
    at = bytes.indexOf(0x54, at + 1);
  }
  return bytes.length;
}

/** Checks that a segment belongs where it lies. @throws JOURNAL_MISSING */
export function checkIdentity(
  segment: Segment,
  { firstTick, generation }: SegmentName,
  uuid: Uint8Array,
): void {
  const { header, name } = segment;
  if (!uuid.every((byte, i) => header.uuid[i] === byte)) {
    throw new EverytickError("JOURNAL_MISSING", {
      where: name,
      expected: `a segment of run ${hexOf(uuid)}`,
      found: `one of run ${hexOf(header.uuid)}`,
      next: "Put the run's own file back.",
    });
  }
  if (header.firstTick !== firstTick || header.generation !== generation) {
    throw new EverytickError("JOURNAL_MISSING", {
      where: name,
      expected: `first tick ${firstTick}, generation ${generation}`,
      found: `first tick ${header.firstTick}, generation ${header.generation}`,
      next: "Give the file its own name back.",
    });
  }
}
