/**
 * Rows of bytes by their numbers. Rows of whole words are handled word by word, in loops of their own: one that meets several
 * kinds of arrays takes more than twice the time, and a call for each row ten times.
 */

/**
 * The bytes of the given rows, one after the other; the caller's own. Behind the end lies nothing.
 * @param width bytes of a row.
 */
export function gatherRows(bytes: Uint8Array, rows: Uint32Array, width: number): Uint8Array {
  const out = new Uint8Array(rows.length * width);
  if (isOfWords(bytes, width)) gatherWords(wordsOf(bytes), rows, width >> 2, wordsOf(out));
  else gatherBytes(bytes, rows, width, out);
  return out;
}

/** Puts rows that stand one after the other where they belong. @param width bytes of a row. */
export function scatterRows(
  target: Uint8Array,
  rows: Uint32Array,
  bytes: Uint8Array,
  width: number,
): void {
  const areWords = isOfWords(target, width) && isOfWords(bytes, width);
  if (areWords) scatterWords(wordsOf(target), rows, wordsOf(bytes), width >> 2);
  else scatterBytes(target, rows, bytes, width);
}

/** b becomes a XOR b. */
export function xorInto(b: Uint8Array, a: Uint8Array): void {
  const areWords = isOfWords(b, 4) && isOfWords(a, 4);
  const [x, z] = areWords ? [wordsOf(a), wordsOf(b)] : [noWords, noWords];
  for (let i = 0; i < z.length; i++) z[i] = (z[i] as number) ^ (x[i] as number);
  for (let i = 4 * z.length; i < b.length; i++) b[i] = (b[i] as number) ^ (a[i] as number);
}

/** The numbers of the rows that are not all zero; `undefined` if they are all of them. */
export function rowsNotZero(bytes: Uint8Array, width: number): Uint32Array | undefined {
  const areWords = isOfWords(bytes, width);
  const found = new Uint32Array(bytes.length / width);
  const count = areWords
    ? findWords(wordsOf(bytes), width >> 2, found)
    : findBytes(bytes, width, found);
  return count === found.length ? undefined : found.subarray(0, count);
}

/** Whether two lists of rows are the same; `undefined` stands for all rows. */
export function areSameRows(a: Uint32Array | undefined, b: Uint32Array | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const noWords = new Int32Array(0);

function findWords(words: Int32Array, step: number, found: Uint32Array): number {
  let count = 0;
  for (let row = 0, at = 0; row < found.length; row++) {
    let some = 0;
    for (let each = 0; each < step; each++) some |= words[at++] as number;
    if (some !== 0) found[count++] = row;
  }
  return count;
}

function findBytes(bytes: Uint8Array, step: number, found: Uint32Array): number {
  let count = 0;
  for (let row = 0, at = 0; row < found.length; row++) {
    let some = 0;
    for (let each = 0; each < step; each++) some |= bytes[at++] as number;
    if (some !== 0) found[count++] = row;
  }
  return count;
}

function gatherWords(from: Int32Array, rows: Uint32Array, step: number, to: Int32Array): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const begin = (rows[i] as number) * step;
    for (let each = 0; each < step; each++) to[at++] = from[begin + each] ?? 0;
  }
}

function gatherBytes(from: Uint8Array, rows: Uint32Array, step: number, to: Uint8Array): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const begin = (rows[i] as number) * step;
    for (let each = 0; each < step; each++) to[at++] = from[begin + each] ?? 0;
  }
}

function scatterWords(to: Int32Array, rows: Uint32Array, from: Int32Array, step: number): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const begin = (rows[i] as number) * step;
    for (let each = 0; each < step; each++) to[begin + each] = from[at++] as number;
  }
}

function scatterBytes(to: Uint8Array, rows: Uint32Array, from: Uint8Array, step: number): void {
  for (let i = 0, at = 0; i < rows.length; i++) {
    const begin = (rows[i] as number) * step;
    for (let each = 0; each < step; each++) to[begin + each] = from[at++] as number;
  }
}

function isOfWords(bytes: Uint8Array, width: number): boolean {
  return width % 4 === 0 && bytes.byteOffset % 4 === 0;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}
