import { isEverytickError } from "../errors.ts";
import { hexOf } from "../format/bytes.ts";
import { isHeaderIntact, PlaceChecksum, readFrameHeader } from "../format/frame.ts";
import {
  readSegmentHeader,
  segmentHeaderLength,
  writeSegmentHeader,
  type SegmentHeader,
} from "../format/segment.ts";
import { limits } from "../limits.ts";
import type { ByteSource, Codecs, Tick, WorldSchema } from "../types.ts";
import type { SegmentName } from "./segment-name.ts";

/** Bytes of a segment in which nothing can be trusted. */
export interface Hole {
  readonly file: string;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
  /** The last recorded tick before it that is intact; -1 if there is none. */
  readonly behind: Tick;
}
/** What the card says that every segment repeats. */
export interface SurveyIdentity {
  readonly uuid: Uint8Array;
  readonly world: WorldSchema;
  readonly worldHash: Uint8Array;
}

/** A segment whose place is known. */
export interface Opened {
  readonly name: string;
  readonly header: SegmentHeader;
  readonly source: ByteSource;
  /** What is wrong with its header, if anything. */
  readonly headerHole: Hole | undefined;
}

/** Numbers beyond those of the files that there are, tried for a segment whose header is damaged. */
const numbersTried = 1024;
/** Of the format version in a segment's header; the layout follows it. */
const versionOffset = 8;

/** A segment by its header or, where that is damaged, by its name and its frames. */
export async function openAny(
  name: SegmentName,
  source: ByteSource,
  place: number,
  count: number,
  identity: SurveyIdentity,
  codecs: Codecs,
): Promise<Omit<Opened, "source"> | Hole> {
  try {
    const header = await readHeader(name.name, source, codecs);
    if (!identity.uuid.every((byte, i) => header.uuid[i] === byte)) {
      const expected = `a segment of run ${hexOf(identity.uuid)}`;
      return hole(name.name, 0, expected, `one of run ${hexOf(header.uuid)}`, name.firstTick - 1);
    }
    const isNamed = header.firstTick === name.firstTick && header.generation === name.generation;
    const expected = `first tick ${name.firstTick}, generation ${name.generation}`;
    const found = `first tick ${header.firstTick}, generation ${header.generation}`;
    const headerHole = isNamed
      ? undefined
      : hole(name.name, 0, expected, found, name.firstTick - 1);
    return { name: name.name, header, headerHole };
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    const isNewer = error.code === "FORMAT_NEWER" || error.code === "FORMAT_UNKNOWN";
    if (isNewer && !(await isOldInTruth(name.name, source, codecs))) throw error;
    const { expected = "a segment's header", found = "other bytes" } = error.details;
    const headerHole = hole(name.name, 0, expected, found, name.firstTick - 1);
    const header = await guessHeader(name, source, place, count, identity, codecs);
    return header === undefined ? headerHole : { name: name.name, header, headerHole };
  }
}

async function readHeader(
  name: string,
  source: ByteSource,
  codecs: Codecs,
): Promise<SegmentHeader> {
  const length = segmentHeaderLength(await source.read(0, 16));
  return readSegmentHeader(await source.read(0, length), name, codecs);
}

/** Whether the version alone is damaged: with that of this page in its place the header matches its checksum. */
async function isOldInTruth(name: string, source: ByteSource, codecs: Codecs): Promise<boolean> {
  const bytes = await source.read(0, segmentHeaderLength(await source.read(0, 16)));
  try {
    readSegmentHeader(bytes.fill(0, versionOffset, versionOffset + 4), name, codecs);
    return true;
  } catch {
    return false;
  }
}

/** The number of a segment is part of every checksum in it, so that its frames tell it. */
async function guessHeader(
  { firstTick, generation }: SegmentName,
  source: ByteSource,
  place: number,
  count: number,
  { uuid, world, worldHash }: SurveyIdentity,
  codecs: Codecs,
): Promise<SegmentHeader | undefined> {
  const fields = { uuid, generation, firstTick, plannedSize: 0, epoch: 1, world, worldHash };
  const historyDigest = new Uint8Array(16);
  const { length } = writeSegmentHeader({ ...fields, number: 0, historyDigest }, codecs);
  const bytes = await source.read(0, limits.segmentHeaderBytes);
  const numbers = [place, ...Array.from({ length: count + numbersTried }, (_, i) => i)];
  for (const number of numbers) {
    const checksum = new PlaceChecksum(codecs, { uuid, number, generation });
    if (holdsFrame(bytes, checksum)) return { ...fields, number, historyDigest, length };
  }
  return undefined;
}

function holdsFrame(bytes: Uint8Array, checksum: PlaceChecksum): boolean {
  let tried = 0;
  for (let at = bytes.indexOf(0x54); at !== -1 && tried < 8; at = bytes.indexOf(0x54, at + 1)) {
    const header = readFrameHeader(bytes, at);
    if (header === undefined) continue;
    if (isHeaderIntact(bytes, at, header, checksum, at)) return true;
    tried += 1;
  }
  return false;
}

export function hole(
  file: string,
  offset: number,
  expected: string,
  found: string,
  behind: Tick,
): Hole {
  return { file: `journal/${file}`, offset, expected, found, behind };
}
