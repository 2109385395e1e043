import { utf8 } from "../../format/bytes.ts";
import { frameHeaderSize } from "../../format/frame.ts";
import { canonicalJson } from "../../format/json.ts";
import { sha256Hex } from "../../format/sha256.ts";
import type { Chance } from "../../testing/index.ts";
import type { Codecs, Json, RunCard } from "../../types.ts";
import { otherBody } from "./body-tree.ts";
import { otherJson } from "./json-noise.ts";
import { rearrange } from "./lists.ts";
import { joined, noisy } from "./noise.ts";
import { changeField } from "./numbers.ts";
import type { Files } from "./recordings.ts";
import { Redigester } from "./redigest.ts";
import {
  allFixed,
  type Fixes,
  headerFixedSize,
  parseSegment,
  type SegmentTree,
  writeSegment,
} from "./segment-tree.ts";

/** Files that are no longer what was recorded. */
export interface Forged {
  readonly files: Files;
  /** Whether checksums were made right: else everything that is served must be what was recorded. */
  readonly isFixed: boolean;
}

/** Fields of a frame's header and of a segment's, as places and widths (`docs/format.md`, sections 3 and 4). */
const frameFields: readonly (readonly [number, number])[] = [
  [0, 4],
  [4, 4],
  [8, 1],
  [9, 1],
  [10, 2],
  [12, 4],
  [16, 8],
  [24, 8],
  [32, 8],
  [40, 4],
  [44, 4],
  [48, 4],
  [56, 16],
  [72, 16],
];
const headerFields: readonly (readonly [number, number])[] = [
  [8, 2],
  [10, 2],
  [16, 16],
  [32, 4],
  [36, 4],
  [40, 8],
  [48, 8],
  [56, 4],
  [64, 16],
  [80, 32],
];

/** Another run than the one that was recorded. @param donor lends frames, bodies and whole files. */
export function forgedRun(files: Files, donor: Files, chance: Chance, codecs: Codecs): Forged {
  const kind = chance.below(20);
  if (kind < 4) return { files: noisyFile(files, donor, chance), isFixed: false };
  if (kind === 4) return { files: otherFiles(files, chance), isFixed: false };
  if (kind < 8)
    return { files: withFile(files, "run.json", forgedCard(files, chance)), isFixed: true };
  return { files: forgedSegments(files, donor, chance, codecs), isFixed: true };
}

function noisyFile(files: Files, donor: Files, chance: Chance): Files {
  const [name, bytes] = chance.pick([...files]);
  const [, other] = chance.pick([...donor]);
  return withFile(files, name, noisy(bytes, chance, chance.pick([bytes, other])));
}

/** Whole files that are gone, or have another name. */
function otherFiles(files: Files, chance: Chance): Files {
  const copy = new Map(files);
  const [name, bytes] = chance.pick([...files]);
  if (chance.chance(0.5)) copy.delete(name);
  const { name: other } = { name: chance.pick([...segmentsOf(files), "journal/x.seg"]) };
  if (chance.chance(0.7)) copy.set(other.replace(/\.seg$/, chance.pick([".seg", "-1.seg"])), bytes);
  return copy;
}

export function segmentsOf(files: Files): string[] {
  return [...files.keys()].filter((name) => name.startsWith("journal/")).sort();
}

function withFile(files: Files, name: string, bytes: Uint8Array): Files {
  return new Map(files).set(name, bytes);
}

/** A card of other members, with the checksum of what it says. */
export function forgedCard(files: Files, chance: Chance): Uint8Array {
  const bytes = files.get("run.json") ?? new Uint8Array(0);
  let card: Json;
  try {
    const { checksum: _, ...members } = JSON.parse(utf8.decoder.decode(bytes)) as Record<
      string,
      Json
    >;
    const isWorld = chance.chance(0.6);
    const before = members["world"] ?? null;
    const world = chance.chance(0.2) ? otherSizes(before, chance) : otherJson(before, chance);
    card = isWorld ? { ...members, world } : otherJson(members, chance);
    return utf8.encoder.encode(withChecksum(card));
  } catch {
    return noisy(bytes, chance);
  }
}

const sizes = [0, 1, 3, 300, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 53 - 1];
const types = ["u8", "f64[3]", "f64[8192]", "f64[8193]", "f64[999999]", "utf8", "uuid"];

/** A world whose grids and columns have other sizes, within the limits or not. */
function otherSizes(world: Json, chance: Chance): Json {
  const replaced: unknown = JSON.parse(JSON.stringify(world), (key, value: Json) => {
    const isSize = typeof value === "number" && /^\d+$/.test(key);
    if (isSize && chance.chance(0.3)) return chance.pick(sizes);
    return key === "type" && chance.chance(0.2) ? chance.pick(types) : value;
  });
  return replaced as Json;
}

function withChecksum(card: Json): string {
  if (typeof card !== "object" || card === null || Array.isArray(card)) return JSON.stringify(card);
  const members = card as Record<string, Json>;
  const worldHash = sha256Hex(canonicalJson(members["world"] ?? null, "a world"));
  const whole = "worldHash" in members ? { ...members, worldHash } : members;
  return canonicalJson({ ...whole, checksum: sha256Hex(canonicalJson(whole, "a card")) }, "a card");
}

function forgedSegments(files: Files, donor: Files, chance: Chance, codecs: Codecs): Files {
  const names = segmentsOf(files);
  const trees = names.map((name) => parseSegment(files.get(name) as Uint8Array));
  if (trees.includes(undefined) || trees.length === 0) return files;
  const segments = trees as SegmentTree[];
  const otherName = chance.pick(segmentsOf(donor));
  const others = parseSegment(donor.get(otherName) ?? new Uint8Array(0))?.frames ?? [];
  for (let left = 1 + chance.below(2); left > 0; left--) {
    changeSegment(chance.pick(segments), others, chance, codecs);
  }
  if (chance.chance(0.5)) redigest(files, segments, codecs);
  const fixes: Fixes = {
    ...allFixed,
    lengths: chance.chance(0.9),
    seal: chance.chance(0.8),
    header: chance.chance(0.98),
  };
  const copy = new Map(files);
  names.forEach((name, i) =>
    copy.set(name, writeSegment(segments[i] as SegmentTree, codecs, fixes)),
  );
  // A cache of what was there before is one more thing to see through; most often none is there.
  for (const name of copy.keys()) {
    if (name.startsWith("cache/") && chance.chance(0.7)) copy.delete(name);
  }
  return copy;
}

function redigest(files: Files, segments: readonly SegmentTree[], codecs: Codecs): void {
  try {
    const { world } = JSON.parse(utf8.decoder.decode(files.get("run.json"))) as RunCard;
    new Redigester(world, codecs).run(segments);
  } catch {
    // From here on digests are those of what was recorded, which is a forgery of its own.
  }
}

/** One change of a segment: of its header, a frame's header, a body, or which frames there are. */
export function changeSegment(
  segment: SegmentTree,
  donors: readonly Uint8Array[],
  chance: Chance,
  codecs: Codecs,
): void {
  const { frames } = segment;
  const kind = chance.below(20);
  if (kind === 0) segment.header = otherHeader(segment.header, chance);
  else if (kind === 1)
    segment.rest = noisy(segment.rest, chance, chance.pick(frames) ?? segment.rest);
  else if (kind < 5) rearrange(frames, chance, donors.length === 0 ? frames : donors);
  else if (frames.length === 0) return;
  else if (kind < 9) {
    const frame = chance.pick(frames);
    const [at, width] = chance.pick(frameFields);
    changeField(frame, at, width, chance);
  } else {
    const place = chance.below(frames.length);
    const frame = frames[place] as Uint8Array;
    const other = chance.pick(chance.chance(0.5) || donors.length === 0 ? frames : donors);
    const donor = other.subarray(frameHeaderSize);
    const body = otherBody(frame.subarray(frameHeaderSize), chance, codecs, donor);
    frames[place] = joined(frame.subarray(0, frameHeaderSize), body);
  }
}

/** A segment's header with another field or world. */
export function otherHeader(header: Uint8Array, chance: Chance): Uint8Array {
  const copy = header.slice();
  if (chance.chance(0.7)) {
    const [at, width] = chance.pick(headerFields);
    changeField(copy, at, width, chance);
    return copy;
  }
  const world = copy.subarray(headerFixedSize, -4);
  let other: Uint8Array;
  try {
    const json = JSON.parse(utf8.decoder.decode(world)) as Json;
    other = utf8.encoder.encode(JSON.stringify(otherJson(json, chance)));
  } catch {
    other = noisy(world, chance);
  }
  return joined(copy.subarray(0, headerFixedSize), other, new Uint8Array(4));
}
