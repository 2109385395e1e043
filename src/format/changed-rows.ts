import { assert } from "../assert.ts";

/** Growing lists of changed rows and of their old XOR new bits, kept from tick to tick. */
export class ChangedRows {
  #index = new Uint32Array(1024);
  #xor = new Uint8Array(8 * 1024);
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

  /** Gathers the rows of a page that differ; both sides are equally long. */
  addPage(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const width = this.#width;
    this.#reserve(to.length / width);
    const isAligned = (from.byteOffset | to.byteOffset) % 4 === 0;
    if (width === 1 && isAligned && to.length % 4 === 0) this.#addBytes(from, to, firstRow);
    else if (width <= 4 && width !== 3) this.#addNarrow(from, to, firstRow);
    else if (width % 4 === 0 && isAligned) this.#addWords(from, to, firstRow);
    else this.#addAny(from, to, firstRow);
  }

  /** Bytes, four at a time: most words of a changed page are equal. */
  #addBytes(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = new Uint32Array(from.buffer, from.byteOffset, from.length >> 2);
    const b = new Uint32Array(to.buffer, to.byteOffset, to.length >> 2);
    const xor = this.#xor;
    const index = this.#index;
    let count = this.#count;
    for (let word = 0; word < b.length; word++) {
      let difference = (a[word] as number) ^ (b[word] as number);
      for (let row = firstRow + 4 * word; difference !== 0; row++, difference >>>= 8) {
        const flip = difference & 0xff;
        if (flip === 0) continue;
        xor[count] = flip;
        index[count++] = row;
      }
    }
    this.#count = count;
  }

  #addNarrow(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = unsigned(from, this.#width);
    const b = unsigned(to, this.#width);
    const xor = unsigned(this.#xor, this.#width);
    const index = this.#index;
    let count = this.#count;
    for (let row = 0; row < b.length; row++) {
      const difference = (a[row] as number) ^ (b[row] as number);
      if (difference === 0) continue;
      xor[count] = difference;
      index[count++] = firstRow + row;
    }
    this.#count = count;
  }

  /** Elements of several words of four bytes. */
  #addWords(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = unsigned(from, 4);
    const b = unsigned(to, 4);
    const xor = unsigned(this.#xor, 4);
    const index = this.#index;
    const words = this.#width >> 2;
    let count = this.#count;
    for (let at = 0, row = firstRow; at < b.length; at += words, row++) {
      let difference = 0;
      for (let word = 0, out = count * words; word < words; word++, out++) {
        const flips = (a[at + word] as number) ^ (b[at + word] as number);
        xor[out] = flips;
        difference |= flips;
      }
      if (difference !== 0) index[count++] = row;
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
        difference |= flip;
      }
      if (difference !== 0) this.#index[this.#count++] = row;
    }
  }

  #reserve(more: number): void {
    const rows = this.#count + more;
    if (rows > this.#index.length) {
      const grown = new Uint32Array(Math.max(rows, 2 * this.#index.length));
      grown.set(this.#index.subarray(0, this.#count));
      this.#index = grown;
    }
    if (rows * this.#width > this.#xor.length) {
      const grown = new Uint8Array(
        8 * Math.ceil(Math.max(rows * this.#width, 2 * this.#xor.length) / 8),
      );
      grown.set(this.#xor.subarray(0, this.#count * this.#width));
      this.#xor = grown;
    }
  }
}

/** Bytes as unsigned words of 1, 2 or 4 bytes; the offset must be a multiple of the width. */
export function unsigned(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength >> 1);
  assert(width === 4, "words are 1, 2 or 4 bytes wide");
  return new Uint32Array(buffer, byteOffset, byteLength >> 2);
}
