import { assert } from "../assert.ts";

/** Growing lists of changed rows, of their old XOR new bits and of their new bits, kept from tick to tick. */
export class ChangedRows {
  #index = new Uint32Array(64);
  #xor = new Uint8Array(8 * 64);
  #bits = new Uint8Array(8 * 64);
  #count = 0;
  #width = 1;

  /** Forgets the rows; from here on elements are so many bytes wide. */
  start(width: number): void {
    this.#width = width;
    this.#count = 0;
  }

  get count(): number {
    return this.#count;
  }

  index(): Uint32Array {
    return this.#index.subarray(0, this.#count);
  }

  xor(): Uint8Array {
    return this.#xor.subarray(0, this.#count * this.#width);
  }

  /** The new bits of the rows. */
  bits(): Uint8Array {
    return this.#bits.subarray(0, this.#count * this.#width);
  }

  /** Gathers the rows of a page that differ; both sides are equally long. */
  addPage(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const width = this.#width;
    this.#reserve(to.length / width);
    const isAligned = (from.byteOffset | to.byteOffset) % 4 === 0;
    if (width === 1 && isAligned && to.length % 4 === 0) this.#addBytes(from, to, firstRow);
    else if (width === 2 && isAligned) this.#addShorts(from, to, firstRow);
    else if (width === 4 && isAligned) this.#addIntegers(from, to, firstRow);
    else if (width === 8 && isAligned) this.#addPairs(from, to, firstRow);
    else if (width % 4 === 0 && isAligned) this.#addWords(from, to, firstRow);
    else this.#addAny(from, to, firstRow);
  }

  /** Bytes, four at a time: most words of a changed page are equal. */
  #addBytes(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = new Uint32Array(from.buffer, from.byteOffset, from.length >> 2);
    const b = new Uint32Array(to.buffer, to.byteOffset, to.length >> 2);
    const [xor, bits, index] = [this.#xor, this.#bits, this.#index];
    let count = this.#count;
    for (let word = 0; word < b.length; word++) {
      let difference = (a[word] as number) ^ (b[word] as number);
      for (let row = firstRow + 4 * word; difference !== 0; row++, difference >>>= 8) {
        const flip = difference & 0xff;
        if (flip === 0) continue;
        xor[count] = flip;
        bits[count] = to[row - firstRow] as number;
        index[count++] = row;
      }
    }
    this.#count = count;
  }

  #addShorts(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const [a, b] = [shorts(from), shorts(to)];
    const [xor, bits] = [shorts(this.#xor), shorts(this.#bits)];
    const index = this.#index;
    let count = this.#count;
    for (let row = 0; row < b.length; row++) {
      const difference = (a[row] as number) ^ (b[row] as number);
      if (difference === 0) continue;
      xor[count] = difference;
      bits[count] = b[row] as number;
      index[count++] = firstRow + row;
    }
    this.#count = count;
  }

  /** The same loop: one that meets several kinds of arrays takes more than twice the time. */
  #addIntegers(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const [a, b] = [integers(from), integers(to)];
    const [xor, bits] = [integers(this.#xor), integers(this.#bits)];
    const index = this.#index;
    let count = this.#count;
    for (let row = 0; row < b.length; row++) {
      const difference = (a[row] as number) ^ (b[row] as number);
      if (difference === 0) continue;
      xor[count] = difference;
      bits[count] = b[row] as number;
      index[count++] = firstRow + row;
    }
    this.#count = count;
  }

  #addPairs(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = integers(from);
    const b = integers(to);
    const xor = integers(this.#xor);
    const bits = integers(this.#bits);
    const index = this.#index;
    let count = this.#count;
    for (let at = 0, row = firstRow; at < b.length; at += 2, row++) {
      const low = b[at] as number;
      const high = b[at + 1] as number;
      const lowFlips = low ^ (a[at] as number);
      const highFlips = high ^ (a[at + 1] as number);
      if ((lowFlips | highFlips) === 0) continue;
      const out = 2 * count;
      xor[out] = lowFlips;
      xor[out + 1] = highFlips;
      bits[out] = low;
      bits[out + 1] = high;
      index[count++] = row;
    }
    this.#count = count;
  }

  /** Elements of several words of four bytes: most rows of a changed page are equal, and told apart by a look at each. */
  #addWords(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = integers(from);
    const b = integers(to);
    const xor = integers(this.#xor);
    const bits = integers(this.#bits);
    const index = this.#index;
    const words = this.#width >> 2;
    let count = this.#count;
    for (let at = 0, row = firstRow; at < b.length; at += words, row++) {
      let word = 0;
      while (word < words && a[at + word] === b[at + word]) word++;
      if (word === words) continue;
      for (let each = 0, out = count * words; each < words; each++, out++) {
        const now = b[at + each] as number;
        xor[out] = (a[at + each] as number) ^ now;
        bits[out] = now;
      }
      index[count++] = row;
    }
    this.#count = count;
  }

  #addAny(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const width = this.#width;
    for (let at = 0, row = firstRow; at < to.length; at += width, row++) {
      let difference = 0;
      for (let byte = 0, out = this.#count * width; byte < width; byte++, out++) {
        const flip = (from[at + byte] as number) ^ (to[at + byte] as number);
        this.#xor[out] = flip;
        this.#bits[out] = to[at + byte] as number;
        difference |= flip;
      }
      if (difference !== 0) this.#index[this.#count++] = row;
    }
  }

  #reserve(more: number): void {
    const rows = this.#count + more;
    if (rows > this.#index.length) {
      const index = new Uint32Array(Math.max(rows, 2 * this.#index.length));
      index.set(this.#index.subarray(0, this.#count));
      this.#index = index;
    }
    if (rows * this.#width > this.#xor.length) {
      const length = 8 * Math.ceil(Math.max(rows * this.#width, 2 * this.#xor.length) / 8);
      this.#xor = grown(this.xor(), length);
      this.#bits = grown(this.bits(), length);
    }
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/**
 * Bytes as words of 1, 2 or 4 bytes; the offset must be a multiple of the width. Words of 4 bytes are signed: unsigned ones
 * above 2^31 would each become an object.
 */
export function wordsOf(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Int32Array {
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
  assert(width === 4, "words are 1, 2 or 4 bytes wide");
  return integers(bytes);
}

function shorts(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
}

function integers(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
}
