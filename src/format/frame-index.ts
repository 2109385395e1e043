import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";
import { ByteReader, ByteWriter, unzigzag, zigzag } from "./bytes.ts";
import type { FrameTable } from "./frame-table.ts";

const trailerMagic = Uint8Array.of(0x53, 0x45, 0x41, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a);
export const trailerSize = 16;

/**
 * Writes the frames [from, end) of a table as an index block (`docs/format.md`, section 7), one field after the other,
 * since like packs well with like.
 */
export function writeFrameIndex(
  table: FrameTable,
  from: number,
  firstTick: number,
  codecs: Codecs,
): Uint8Array {
  const entries = Array.from({ length: table.count - from }, (_, i) => table.entry(from + i));
  const raw = new ByteWriter(8 * entries.length);
  for (const { kind } of entries) raw.u8(kind);
  for (const { flags } of entries) raw.u8(flags);
  let tick = firstTick;
  for (const entry of entries) {
    raw.varint(zigzag(entry.tick - tick));
    tick = entry.tick;
  }
  for (const { length } of entries) raw.varint(length);
  for (const { baseDistance } of entries) raw.varint(baseDistance);
  for (const { changedElements } of entries) raw.varint(changedElements);
  const out = new ByteWriter(raw.length);
  out.varint(entries.length);
  out.varint(raw.length);
  out.bytes(codecs.zstdCompress(raw.borrow()));
  return out.copy();
}

/**
 * Appends the frames of an index block to a table.
 * @param bytes exactly one index block.
 * @throws FORMAT_DAMAGED
 */
export function readFrameIndex(
  bytes: Uint8Array,
  firstTick: number,
  table: FrameTable,
  codecs: Codecs,
): void {
  const reader = new ByteReader(bytes, "an index block");
  const count = reader.varint();
  const rawLength = reader.varint();
  if (count > limits.indexEntries || rawLength < 6 * count || rawLength > 36 * count) {
    throw reader.damaged("an index of its count's size", `${rawLength} bytes for ${count} frames`);
  }
  const raw = new ByteReader(
    unpack(reader.borrow(reader.remaining), rawLength, codecs),
    "an index",
  );
  const kinds = raw.borrow(count);
  const flags = raw.borrow(count);
  const columns = Array.from({ length: 4 }, () => {
    const column = new Float64Array(count);
    for (let i = 0; i < count; i++) column[i] = raw.varint();
    return column;
  });
  raw.end();
  const [ticks, lengths, baseDistances, changed] = columns as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let tick = firstTick;
  for (let i = 0; i < count; i++) {
    tick += unzigzag(ticks[i] as number);
    table.push({
      kind: kinds[i] as number,
      flags: flags[i] as number,
      tick,
      length: lengths[i] as number,
      baseDistance: baseDistances[i] as number,
      changedElements: changed[i] as number,
    });
  }
}

function unpack(packed: Uint8Array, rawLength: number, codecs: Codecs): Uint8Array {
  try {
    return codecs.zstdDecompress(packed, rawLength);
  } catch (cause) {
    const expected = `${rawLength} bytes of index`;
    throw new EverytickError("FORMAT_DAMAGED", { where: "an index block", expected }, { cause });
  }
}

/** The end of a sealed segment: where its seal frame begins. */
export function writeTrailer(sealOffset: number): Uint8Array {
  const trailer = new ByteWriter(trailerSize);
  trailer.u64(sealOffset);
  trailer.bytes(trailerMagic);
  return trailer.copy();
}

/** The offset that a trailer names, or `undefined` if these 16 bytes are none. */
export function readTrailer(bytes: Uint8Array): number | undefined {
  if (bytes.length !== trailerSize) return undefined;
  if (!trailerMagic.every((byte, i) => bytes[8 + i] === byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(0, true) + 2 ** 32 * view.getUint32(4, true);
}
