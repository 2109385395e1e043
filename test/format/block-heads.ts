/** Which encodings the deltas of a segment use, read past the decoder. */
import { partHeads } from "../../src/format/block-heads.ts";
import { FrameKind, frameHeaderSize, readFrameHeader } from "../../src/format/frame.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { readSegmentHeader } from "../../src/format/segment.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";

const codecs = await nodeCodecs();

/** The encodings of the column blocks of a store, delta by delta. */
export function encodingsIn(segment: Uint8Array, store: string): number[][] {
  const header = readSegmentHeader(segment, "a segment", codecs);
  const layout = layoutOf(header.world);
  const found: number[][] = [];
  let at = header.length;
  for (;;) {
    const frame = readFrameHeader(segment, at);
    if (frame === undefined) return found;
    const body = segment.subarray(at + frameHeaderSize, at + frame.length);
    if (frame.kind === FrameKind.delta) {
      const heads = partHeads(body, layout).filter((head) => head.store.name === store);
      found.push(heads.flatMap(({ columns }) => columns.map(({ encoding }) => encoding)));
    }
    at += frame.length;
  }
}
