/** Which encodings the bodies of a segment use, down to the planes: read past the decoder. */
import { ByteReader } from "../../src/format/bytes.ts";
import { FrameKind, frameHeaderSize, readFrameHeader } from "../../src/format/frame.ts";
import { layoutOf, type Layout } from "../../src/format/layout.ts";
import { readSegmentHeader } from "../../src/format/segment.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";

const codecs = await nodeCodecs();
const blocksOfPlanes: readonly number[] = [1, 6, 7];

/** `docs/format.md`, section 5: each thing that was met, as text. */
export function encodingsIn(segment: Uint8Array): Set<string> {
  const header = readSegmentHeader(segment, "a segment", codecs);
  const layout = layoutOf(header.world);
  const met = new Set<string>();
  let at = header.length;
  for (;;) {
    const frame = readFrameHeader(segment, at);
    if (frame === undefined || at + frame.length > segment.length) return met;
    const body = segment.subarray(at + frameHeaderSize, at + frame.length);
    if (frame.kind === FrameKind.delta) readBody(body, layout, "delta", met);
    if (frame.kind === FrameKind.keyframe) readBody(body, layout, "keyframe", met);
    at += frame.length;
  }
}

function readBody(body: Uint8Array, layout: Layout, kind: string, met: Set<string>): void {
  const reader = new ByteReader(body, "a body");
  for (let digests = reader.varint(); digests > 0; digests--) {
    reader.varint();
    reader.borrow(16);
  }
  const heads = Array.from({ length: reader.varint() }, () => {
    const store = layout.stores[reader.varint()]!;
    const [chunk, rows, indexBytes] = [reader.varint(), reader.varint(), reader.varint()];
    const columns = Array.from({ length: reader.varint() }, () => {
      return { column: reader.varint(), bytes: reader.varint() };
    });
    return { store, chunk, rows, indexBytes, columns };
  });
  for (const { store, chunk, rows, indexBytes, columns } of heads) {
    const index = reader.borrow(indexBytes);
    if (indexBytes > 0) met.add(`index ${index[0]}`);
    for (const { column, bytes } of columns) {
      const block = new ByteReader(reader.borrow(bytes), "a block");
      const encoding = block.u8();
      met.add(`${kind} column ${encoding}`);
      if (chunk > 0) met.add(`chunk column ${encoding}`);
      const { unit, width } = store.columns[column]!;
      if (blocksOfPlanes.includes(encoding)) readPlanes(block, unit, (rows * width) / unit, met);
    }
  }
}

function readPlanes(block: ByteReader, unit: number, count: number, met: Set<string>): void {
  for (let byte = 0; byte < unit; byte++) {
    const encoding = block.u8();
    met.add(`plane ${encoding}`);
    if (encoding === 0) block.borrow(count);
    if (encoding === 1) block.u8();
    if (encoding === 2) block.borrow(block.varint());
    if (encoding !== 3) continue;
    const map = readHalf(block, Math.ceil(count / 8), "map", met);
    let set = 0;
    for (const byte of map) for (let rest = byte; rest > 0; rest >>= 1) set += rest & 1;
    readHalf(block, set, "rest", met);
  }
  block.end();
}

function readHalf(block: ByteReader, length: number, half: string, met: Set<string>): Uint8Array {
  const stored = block.varint();
  met.add(`${half} ${stored === 0 ? "raw" : "packed"}`);
  if (stored === 0) return block.borrow(length);
  return codecs.zstdDecompress(block.borrow(stored), length);
}
