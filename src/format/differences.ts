import { assert } from "../assert.ts";

/**
 * Integer differences of words of 1, 2, 4 or 8 bytes, little-endian, modulo 2^(8 × unit); floats are taken as the integers
 * that their bits are, whose differences are small where the floats lie close. Words of 8 bytes are seen as pairs of 4, and
 * those as signed: unsigned ones above 2^31 would each become an object. Narrower words are widened, so that each loop
 * meets one kind of array: with several it takes more than twice the time.
 */
type Words = Int32Array;

/** Whether words of this size have differences. */
export function hasDifferences(unit: number): boolean {
  return unit === 1 || unit === 2 || unit === 4 || unit === 8;
}

/** new − old, from old XOR new and new. */
export function differencesOf(xor: Uint8Array, bits: Uint8Array, unit: number): Uint8Array {
  const out = new Uint8Array(xor.length);
  const z = roomOf(out, unit);
  const [flips, news] = [wordsOf(xor, unit), wordsOf(bits, unit)];
  if (unit < 8) differWords(flips, news, z);
  else differPairs(flips, news, z);
  put(z, unit, out);
  return out;
}

function differWords(flips: Words, news: Words, z: Words): void {
  for (let i = 0; i < z.length; i++) {
    const now = news[i] as number;
    z[i] = now - (now ^ (flips[i] as number));
  }
}

function differPairs(flips: Words, news: Words, z: Words): void {
  for (let i = 0; i < z.length; i += 2) {
    const low = news[i] as number;
    const high = news[i + 1] as number;
    const oldLow = low ^ (flips[i] as number);
    const borrow = isBelow(low, oldLow) ? 1 : 0;
    z[i] = (low - oldLow) | 0;
    z[i + 1] = (high - (high ^ (flips[i + 1] as number)) - borrow) | 0;
  }
}

/** out = a − b; `out` may be one of them. */
export function subtract(a: Uint8Array, b: Uint8Array, unit: number, out: Uint8Array): void {
  const z = roomOf(out, unit);
  if (unit < 8) subtractWords(wordsOf(a, unit), wordsOf(b, unit), z);
  else subtractPairs(wordsOf(a, unit), wordsOf(b, unit), z);
  put(z, unit, out);
}

function subtractWords(x: Words, y: Words, z: Words): void {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) - (y[i] as number);
}

function subtractPairs(x: Words, y: Words, z: Words): void {
  for (let i = 0; i < z.length; i += 2) {
    const low = x[i] as number;
    const other = y[i] as number;
    const borrow = isBelow(low, other) ? 1 : 0;
    z[i + 1] = ((x[i + 1] as number) - (y[i + 1] as number) - borrow) | 0;
    z[i] = (low - other) | 0;
  }
}

/** out = a + b; `out` may be one of them. */
export function add(a: Uint8Array, b: Uint8Array, unit: number, out: Uint8Array): void {
  const z = roomOf(out, unit);
  if (unit < 8) addWords(wordsOf(a, unit), wordsOf(b, unit), z);
  else addPairs(wordsOf(a, unit), wordsOf(b, unit), z);
  put(z, unit, out);
}

function addWords(x: Words, y: Words, z: Words): void {
  for (let i = 0; i < z.length; i++) z[i] = (x[i] as number) + (y[i] as number);
}

function addPairs(x: Words, y: Words, z: Words): void {
  for (let i = 0; i < z.length; i += 2) {
    const low = x[i] as number;
    const sum = (low + (y[i] as number)) | 0;
    const carry = isBelow(sum, low) ? 1 : 0;
    z[i + 1] = ((x[i + 1] as number) + (y[i + 1] as number) + carry) | 0;
    z[i] = sum;
  }
}

/** Whether a < b as unsigned integers of 32 bits. */
function isBelow(a: number, b: number): boolean {
  return (a ^ -0x80000000) < (b ^ -0x80000000);
}

/**
 * Maps 0, −1, 1, −2, … to 0, 1, 2, 3, …: the high bytes of small differences of either sign are zero. `out` may be
 * `words`.
 */
export function zigzag(words: Uint8Array, unit: number, out: Uint8Array): void {
  const z = roomOf(out, unit);
  if (unit < 8) zigzagWords(wordsOf(words, unit), 8 * unit - 1, z);
  else zigzagPairs(wordsOf(words, unit), z);
  put(z, unit, out);
}

function zigzagWords(x: Words, top: number, z: Words): void {
  for (let i = 0; i < z.length; i++) {
    const word = x[i] as number;
    z[i] = (word << 1) ^ -(word >>> top);
  }
}

function zigzagPairs(x: Words, z: Words): void {
  for (let i = 0; i < z.length; i += 2) {
    const low = x[i] as number;
    const high = x[i + 1] as number;
    const sign = high >> 31;
    z[i] = (low << 1) ^ sign;
    z[i + 1] = ((high << 1) | (low >>> 31)) ^ sign;
  }
}

/** The inverse of `zigzag`. */
export function unzigzag(words: Uint8Array, unit: number, out: Uint8Array): void {
  const z = roomOf(out, unit);
  if (unit < 8) unzigzagWords(wordsOf(words, unit), z);
  else unzigzagPairs(wordsOf(words, unit), z);
  put(z, unit, out);
}

function unzigzagWords(x: Words, z: Words): void {
  for (let i = 0; i < z.length; i++) {
    const word = x[i] as number;
    z[i] = (word >>> 1) ^ -(word & 1);
  }
}

function unzigzagPairs(x: Words, z: Words): void {
  for (let i = 0; i < z.length; i += 2) {
    const low = x[i] as number;
    const high = x[i + 1] as number;
    const sign = -(low & 1);
    z[i] = ((low >>> 1) | (high << 31)) ^ sign;
    z[i + 1] = (high >>> 1) ^ sign;
  }
}

/** Words to read: of 1 and 2 bytes widened, of 4 and 8 a view where the bytes lie well. */
function wordsOf(bytes: Uint8Array, unit: number): Words {
  assert(hasDifferences(unit), "words are 1, 2, 4 or 8 bytes wide");
  if (unit === 1) return new Int32Array(bytes);
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  if (unit === 2) return new Int32Array(new Uint16Array(buffer, byteOffset, byteLength >> 1));
  return new Int32Array(buffer, byteOffset, byteLength >> 2);
}

/** Words to write: those of `out` itself, or others that `put` brings there. */
function roomOf(out: Uint8Array, unit: number): Words {
  if (unit < 4) return new Int32Array(out.length / unit);
  assert(out.byteOffset % 4 === 0, "words are written to where words may lie");
  return new Int32Array(out.buffer, out.byteOffset, out.length >> 2);
}

/** Narrows words of 1 and 2 bytes again. */
function put(words: Words, unit: number, out: Uint8Array): void {
  if (unit === 1) out.set(words);
  if (unit === 2) new Uint16Array(out.buffer, out.byteOffset, out.length >> 1).set(words);
}
