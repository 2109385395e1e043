/** Takes segments apart and puts them together again, with every checksum right. */
import {
  PlaceChecksum,
  frameHeaderSize,
  readFrameHeader,
  writeFrame,
  type FrameFields,
  type FrameHeader,
} from "../../src/format/frame.ts";
import {
  readSegmentHeader,
  writeSegmentHeader,
  type SegmentHeader,
} from "../../src/format/segment.ts";
import { codecs } from "./small-run.ts";

export interface ReadFrame {
  readonly offset: number;
  readonly header: FrameHeader;
  readonly body: Uint8Array;
}

/** The frames of an intact segment, without judging them. */
export function framesOf(bytes: Uint8Array): ReadFrame[] {
  const frames: ReadFrame[] = [];
  let offset = headerOf(bytes).length;
  for (;;) {
    const header = readFrameHeader(bytes, offset);
    if (header === undefined) return frames;
    frames.push({
      offset,
      header,
      body: bytes.slice(offset + frameHeaderSize, offset + header.length),
    });
    offset += header.length;
  }
}

export function headerOf(bytes: Uint8Array): SegmentHeader {
  return readSegmentHeader(bytes, "a segment", codecs);
}

export interface FrameToForge {
  readonly fields: FrameFields;
  readonly body: Uint8Array;
}

/** A frame as it was, with some fields changed. */
export function like(
  { header, body }: ReadFrame,
  changes: Partial<FrameFields> = {},
  newBody = body,
): FrameToForge {
  const { length: _, bodyChecksum: __, checksum: ___, stateDigest, flags, ...rest } = header;
  const digest = (flags & 2) === 0 ? {} : { stateDigest };
  return { fields: { ...rest, flags, ...digest, ...changes }, body: newBody };
}

/** A segment of these frames, each naming the one before it. */
export function segmentOf(
  header: Omit<SegmentHeader, "length">,
  frames: readonly FrameToForge[],
): Uint8Array {
  const pieces = [writeSegmentHeader(header, codecs)];
  let offset = pieces[0]!.length;
  let previousChecksum = 0;
  for (const { fields, body } of frames) {
    const room = new Uint8Array(frameHeaderSize + body.length);
    const place = new PlaceChecksum(codecs, header);
    previousChecksum = writeFrame(room, { ...fields, previousChecksum }, body, place, offset);
    offset += room.length;
    pieces.push(room);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** A segment with one more frame at its end. */
export function withFrame(bytes: Uint8Array, frame: (last: ReadFrame) => FrameToForge): Uint8Array {
  const frames = framesOf(bytes);
  const forged = frames.map((one) => like(one));
  return segmentOf(headerOf(bytes), [...forged, frame(frames.at(-1)!)]);
}
