import { isEverytickError } from "../errors.ts";
import { utf8 } from "../format/bytes.ts";
import { readFrameIndex, readTrailer, trailerSize } from "../format/frame-index.ts";
import { FrameKind, type FrameHeader } from "../format/frame.ts";
import { FrameTable } from "../format/frame-table.ts";
import { canonicalJson } from "../format/json.ts";
import type { FrameProblem } from "../journal/frame-checker.ts";
import type { Segment } from "../journal/segment-reader.ts";
import type { Codecs } from "../types.ts";
import { isEntry, sidesOf } from "./damage-facts.ts";
import { noteOf } from "./notes.ts";

/** What is wrong with the body of a frame that holds no changes: a gap, a mark, an epoch or a seal. */
export function noteProblem(
  segment: Segment,
  { kind }: FrameHeader,
  offset: number,
  body: Uint8Array,
  codecs: Codecs,
): FrameProblem | undefined {
  try {
    if (kind === FrameKind.seal) return sealProblem(segment, body, offset, codecs);
    if (kind === FrameKind.gap) return textProblem(body, "reason", segment);
    if (kind === FrameKind.mark) return textProblem(body, "name", segment);
    const isRight = kind !== FrameKind.epoch || body.length === 0;
    return isRight ? undefined : { expected: "no body", found: `one of ${body.length} bytes` };
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    return sidesOf(error);
  }
}

/** A gap says its reason and nothing else, a mark its name. */
function textProblem(
  body: Uint8Array,
  member: "reason" | "name",
  { name }: Segment,
): FrameProblem | undefined {
  const note = noteOf(body, name);
  if (typeof note[member] !== "string" || (member === "reason" && Object.keys(note).length > 1)) {
    return { expected: `a text as \`${member}\``, found: utf8.decoder.decode(body) };
  }
  const canonical = canonicalJson(note, "a note");
  const found = utf8.decoder.decode(body);
  return found === canonical ? undefined : { expected: canonical, found };
}

/**
 * What is wrong with the body of a seal (`docs/format.md`, section 7). A segment whose seal is no help is read without it, so
 * that nobody else finds out.
 */
function sealProblem(
  { header, table }: Segment,
  body: Uint8Array,
  offset: number,
  codecs: Codecs,
): FrameProblem | undefined {
  if (table.keyframes().next().done === true) {
    return { expected: "a keyframe in a sealed segment", found: "none" };
  }
  const trailer = readTrailer(body.subarray(-trailerSize));
  if (trailer !== offset) {
    const found = trailer === undefined ? "other bytes" : `one of ${trailer}`;
    return { expected: `a trailer of offset ${offset}`, found };
  }
  const index = new FrameTable(header.length);
  readFrameIndex(body.subarray(0, -trailerSize), header.firstTick, index, codecs);
  for (let position = 0; position < index.count; position++) {
    const isThere = position < table.count;
    if (!isThere || !isEntry(index.entry(position), table.entry(position))) {
      return { expected: "an index of the frames", found: `another frame ${position}` };
    }
  }
  if (index.end === offset) return undefined;
  return { expected: `an index up to offset ${offset}`, found: `one up to ${index.end}` };
}
