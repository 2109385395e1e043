import { ByteReader, ByteWriter } from "../../format/bytes.ts";
import type { Chance } from "../../testing/index.ts";
import type { Codecs } from "../../types.ts";
import { joined, noisy } from "./noise.ts";
import { otherNumber } from "./numbers.ts";

/** Encodings of index and column blocks, and some that there are not. */
const encodings: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 255];
const planeBlocks: readonly number[] = [1, 6, 7];

/** A block of a body with another encoding, other bytes, or another content of a zstd frame in it. */
export function otherBlock(block: Uint8Array, chance: Chance, codecs: Codecs): Uint8Array {
  const kind = chance.below(6);
  if (kind === 0 && block.length > 0) {
    const other = block.slice();
    other[0] = chance.pick(encodings);
    return other;
  }
  if (kind === 1) return varintsChanged(block, chance);
  if (kind < 5) {
    const packed = repacked(block, chance, codecs);
    if (packed !== undefined) return packed;
  }
  return noisy(block, chance);
}

/** Takes the bytes behind the encoding for varints, which those of most blocks are, and changes one. */
function varintsChanged(block: Uint8Array, chance: Chance): Uint8Array {
  if (block.length < 2) return noisy(block, chance);
  const at = 1 + chance.below(Math.min(block.length - 1, chance.pick([1, 4, 400])));
  const reader = new ByteReader(block, "a block", at);
  let value: number;
  try {
    value = reader.varint();
  } catch {
    return noisy(block, chance);
  }
  const out = new ByteWriter();
  out.bytes(block.subarray(0, at));
  out.varint(otherNumber(chance, value));
  out.bytes(block.subarray(reader.offset));
  return out.copy();
}

/** Where the magic of a zstd frame stands, from `from` on; -1 if nowhere. */
function zstdAt(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x28, from); at !== -1; at = bytes.indexOf(0x28, at + 1)) {
    if (bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd) return at;
  }
  return -1;
}

/** Unpacks a zstd frame, changes what it held, and packs it again with lengths that are right, mostly. */
function repacked(block: Uint8Array, chance: Chance, codecs: Codecs): Uint8Array | undefined {
  const places: number[] = [];
  for (let at = zstdAt(block, 1); at !== -1; at = zstdAt(block, at + 1)) places.push(at);
  if (places.length === 0) return undefined;
  const at = chance.pick(places);
  const isPlane = planeBlocks.includes(block[0] as number);
  for (let bytes = 1; bytes <= 4 && at - bytes > 0; bytes++) {
    const reader = new ByteReader(block, "a block", at - bytes);
    const stated = reader.varint();
    if (reader.offset !== at) continue;
    const end = isPlane ? at + stated : block.length;
    if (end > block.length || end <= at) continue;
    const frame = otherFrame(block.subarray(at, end), isPlane ? undefined : stated, chance, codecs);
    if (frame === undefined) return undefined;
    const out = new ByteWriter();
    const number = isPlane ? frame.packed.length : frame.rawLength;
    out.varint(chance.chance(0.1) ? otherNumber(chance, number) : number);
    out.bytes(frame.packed);
    return joined(block.subarray(0, at - bytes), out.copy(), block.subarray(end));
  }
  return undefined;
}

function otherFrame(
  frame: Uint8Array,
  rawLength: number | undefined,
  chance: Chance,
  codecs: Codecs,
): { readonly packed: Uint8Array; readonly rawLength: number } | undefined {
  const length = rawLength ?? contentSize(frame);
  if (length === undefined || length > 2 ** 20) return undefined;
  if (chance.chance(0.15)) return { packed: lying(frame, chance), rawLength: length };
  if (chance.chance(0.05)) {
    return { packed: codecs.zstdCompress(new Uint8Array(2 ** 20)), rawLength: length };
  }
  let raw: Uint8Array;
  try {
    raw = codecs.zstdDecompress(frame, length);
  } catch {
    return undefined;
  }
  let other = noisy(raw, chance);
  // Most readers know how long the content has to be.
  if (chance.chance(0.6)) other = joined(other, new Uint8Array(length)).subarray(0, length);
  return { packed: codecs.zstdCompress(other), rawLength: other.length };
}

/** The size that a zstd frame states (RFC 8878, section 3.1.1), if it is one of a single segment. */
function contentSize(frame: Uint8Array): number | undefined {
  const flags = frame[4] ?? 0;
  if ((flags & 0x23) !== 0x20) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const width = 1 << (flags >> 6);
  if (frame.length < 5 + width || width === 8) return undefined;
  if (width === 1) return view.getUint8(5);
  return width === 2 ? 256 + view.getUint16(5, true) : view.getUint32(5, true);
}

/** A zstd frame that states another size, or another window. */
function lying(frame: Uint8Array, chance: Chance): Uint8Array {
  const other = frame.slice();
  const at = 4 + chance.below(Math.max(1, Math.min(9, other.length - 4)));
  other[at] = chance.pick([0, 0x20, 0x60, 0xa0, 0xe0, 0xff, chance.below(256)]);
  return other;
}
