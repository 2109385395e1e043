import { Decompress, decompress } from "fzstd";

/**
 * Unpacks zstd. @throws if the result is not exactly `rawLength` bytes long: the library itself leaves the rest of a given
 * buffer as it is, so the length that a frame states is looked at first, and one that states none is unpacked piece by piece.
 */
export function unpacked(bytes: Uint8Array, rawLength: number): Uint8Array {
  const stated = statedLength(bytes);
  if (stated === undefined) return inPieces(bytes, rawLength);
  if (stated !== rawLength) throw wrongLength(rawLength, stated);
  return decompress(bytes, new Uint8Array(rawLength));
}

function inPieces(bytes: Uint8Array, rawLength: number): Uint8Array {
  const raw = new Uint8Array(rawLength);
  let end = 0;
  const stream = new Decompress((piece) => {
    if (end + piece.length > rawLength) throw wrongLength(rawLength, end + piece.length);
    raw.set(piece, end);
    end += piece.length;
  });
  stream.push(bytes, true);
  if (end !== rawLength) throw wrongLength(rawLength, end);
  return raw;
}

/** The content size of a frame's header, if it has one (RFC 8878, section 3.1.1.1). */
function statedLength(bytes: Uint8Array): number | undefined {
  const descriptor = bytes[4] ?? 0;
  const isSingle = (descriptor & 32) !== 0;
  const size = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const at = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  if (size === 0 || bytes.length < at + size) return undefined;
  let length = 0;
  for (let i = size - 1; i >= 0; i--) length = length * 256 + bytes[at + i]!;
  return size === 2 ? length + 256 : length;
}

function wrongLength(expected: number, found: number): RangeError {
  return new RangeError(`${expected} bytes were expected, ${found} are there`);
}
