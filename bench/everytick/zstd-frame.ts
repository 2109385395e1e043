/** Where the zstd frame that begins at `start` ends (RFC 8878, 3.1.1); undefined if it leaves the bytes. */
export function zstdFrameEnd(bytes: Buffer, start: number): number | undefined {
  const descriptor = bytes[start + 4];
  if (descriptor === undefined) return undefined;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  for (let isLast = false; !isLast;) {
    if (at + 3 > bytes.length) return undefined;
    const block = bytes.readUIntLE(at, 3);
    isLast = (block & 1) === 1;
    const isRepeatedByte = ((block >> 1) & 3) === 1;
    at += 3 + (isRepeatedByte ? 1 : block >> 3);
  }
  if ((descriptor & 4) !== 0) at += 4;
  return at > bytes.length ? undefined : at;
}
