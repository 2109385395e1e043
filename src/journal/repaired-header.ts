import {
  frameHeaderSize,
  isHeaderIntact,
  readFrameHeader,
  type FrameHeader,
  type PlaceChecksum,
} from "../format/frame.ts";

/**
 * The header as it was before one of its bits was flipped, if that explains its checksum: CRC-32 tells single bits of so few
 * bytes apart. Whoever asks must hold the result against something else, too.
 */
export function repairedHeader(
  bytes: Uint8Array,
  place: PlaceChecksum,
  offset: number,
): FrameHeader | undefined {
  if (bytes.length < frameHeaderSize) return undefined;
  const copy = bytes.slice(0, frameHeaderSize);
  for (let bit = 0; bit < 8 * frameHeaderSize; bit++) {
    const mask = 1 << (bit & 7);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ mask;
    const header = readFrameHeader(copy);
    if (header !== undefined && isHeaderIntact(copy, 0, header, place, offset)) return header;
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ mask;
  }
  return undefined;
}
