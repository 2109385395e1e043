import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { FrameKind, readFrameHeader } from "everytick/format";
import { zstdFrameEnd } from "./zstd-frame.ts";

/** Where a segment's header says how long it is, and how long the header of a frame is: `docs/format.md`, 3 and 4. */
const headerLengthAt = 12;
const frameHeaderBytes = 96;
const zstdMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Bytes of all deltas in a journal, headers of frames included; the delta of the first tick is its keyframe. */
export function deltaBytes(journal: string): number {
  return deltasOf(journal).reduce((sum, delta) => sum + delta.length, 0);
}

/** The deltas of a journal in order, each the bytes of its frame. */
export function deltasOf(journal: string): Buffer[] {
  const deltas: Buffer[] = [];
  for (const name of readdirSync(journal).sort()) {
    if (!name.endsWith(".seg")) continue;
    const segment = readFileSync(join(journal, name));
    let at = segment.readUInt32LE(headerLengthAt);
    for (let head = readFrameHeader(segment, at); head; head = readFrameHeader(segment, at)) {
      if (head.kind === FrameKind.delta) deltas.push(segment.subarray(at, at + head.length));
      at += head.length;
    }
  }
  return deltas;
}

/**
 * The body of a delta with the content of each zstd frame in its place: what the encodings made before zstd saw it. Needs
 * no knowledge of the encodings.
 */
export function unpackedBody(delta: Buffer): Buffer {
  const body = delta.subarray(frameHeaderBytes);
  const pieces: Buffer[] = [];
  let done = 0;
  for (let at = body.indexOf(zstdMagic); at >= 0;) {
    const end = zstdFrameEnd(body, at);
    const content = end === undefined ? undefined : unpacked(body.subarray(at, end));
    if (content !== undefined) {
      pieces.push(body.subarray(done, at), content);
      done = end!;
    }
    at = body.indexOf(zstdMagic, Math.max(done, at + 1));
  }
  return Buffer.concat([...pieces, body.subarray(done)]);
}

/** Nothing if these bytes only look like a zstd frame. */
function unpacked(frame: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(frame);
  } catch {
    return undefined;
  }
}
