/** Bytes [begin, end) of a file. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * What a `Range` header asks of a file (RFC 9110, section 14). Several ranges, and what is no range of bytes, are answered
 * with the whole file, as the standard allows.
 * @returns `undefined` for the whole file, and "none" where the file has no such bytes.
 */
export function byteRange(
  header: string | undefined,
  size: number,
): ByteRange | "none" | undefined {
  const match = /^bytes[ \t]*=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "none" : { begin: size - length, end: size };
  }
  const [begin, end] = [Number(first), last === "" ? size : Math.min(Number(last) + 1, size)];
  if (last !== "" && Number(last) < begin) return undefined;
  return begin >= size ? "none" : { begin, end };
}
