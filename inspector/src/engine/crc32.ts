/** Tables for 16 bytes at a time: sixteen times fewer dependent steps than byte by byte. */
const tables = makeTables();

/** CRC-32 (IEEE 802.3, reflected 0xEDB88320) of `bytes`, continuing from `start`; slicing by 16 after Kounavis and Berry. */
export function crc32(bytes: Uint8Array, start = 0): number {
  const table = tables;
  let crc = ~start;
  let at = 0;
  for (const end = bytes.length - 15; at < end; at += 16) {
    const first =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (table[3840 + (first & 255)] as number) ^
      (table[3584 + ((first >>> 8) & 255)] as number) ^
      (table[3328 + ((first >>> 16) & 255)] as number) ^
      (table[3072 + (first >>> 24)] as number) ^
      (table[2816 + (bytes[at + 4] as number)] as number) ^
      (table[2560 + (bytes[at + 5] as number)] as number) ^
      (table[2304 + (bytes[at + 6] as number)] as number) ^
      (table[2048 + (bytes[at + 7] as number)] as number) ^
      (table[1792 + (bytes[at + 8] as number)] as number) ^
      (table[1536 + (bytes[at + 9] as number)] as number) ^
      (table[1280 + (bytes[at + 10] as number)] as number) ^
      (table[1024 + (bytes[at + 11] as number)] as number) ^
      (table[768 + (bytes[at + 12] as number)] as number) ^
      (table[512 + (bytes[at + 13] as number)] as number) ^
      (table[256 + (bytes[at + 14] as number)] as number) ^
      (table[bytes[at + 15] as number] as number);
  }
  for (; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 255] as number);
  }
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const table = new Int32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    table[byte] = crc;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] as number;
    table[at] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}
