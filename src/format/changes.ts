import { assert } from "../assert.ts";
import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";
import type { ColumnImage, Image } from "./image.ts";
import type { ColumnLayout, StoreLayout } from "./layout.ts";

/**
 * What a tick changed in one column. `index` holds the rows whose bits changed, rising. For a fixed width, `xor` holds
 * old XOR new of those rows; for variable lengths `oldValues` and `newValues` hold both.
 */
export interface ColumnChanges {
  readonly column: number;
  readonly index: Uint32Array;
  readonly xor: Uint8Array;
  readonly oldValues: readonly Uint8Array[];
  readonly newValues: readonly Uint8Array[];
}

/** Only columns with changes, in order. */
export interface StoreChanges {
  readonly store: StoreLayout;
  readonly columns: readonly ColumnChanges[];
}

const noBytes = new Uint8Array(0);
const pageBytes = 4096;

/** Finds and gathers changes. Its buffers are reused: what it returns is valid until its next call. */
export class ChangeFinder {
  readonly #codecs: Codecs;
  readonly #buffers: Buffers[] = [];

  constructor(codecs: Codecs) {
    this.#codecs = codecs;
  }

  /**
   * The changes that lead from one image of a store to another.
   * @param from `undefined` stands for nothing.
   */
  between(
    store: StoreLayout,
    from: readonly ColumnImage[] | undefined,
    to: readonly ColumnImage[],
  ): StoreChanges {
    const columns: ColumnChanges[] = [];
    store.columns.forEach((column, number) => {
      const found = this.#columnChanges(column, number, from?.[number], to[number] as ColumnImage);
      if (found.index.length > 0) columns.push(found);
    });
    return { store, columns };
  }

  /**
   * The same in pieces with rows of their own, rising: a piece ends where a slab of chunks ends once it has many rows, so
   * that memory depends on the slab and not on the state. Each piece is valid until the next is asked for.
   */
  *pieces(
    store: StoreLayout,
    from: readonly ColumnImage[] | undefined,
    to: readonly ColumnImage[],
  ): Generator<StoreChanges, void, undefined> {
    if (store.chunks === undefined) {
      const changes = this.between(store, from, to);
      if (changes.columns.length > 0) yield changes;
      return;
    }
    const { width } = store.columns[0] as ColumnLayout;
    const slabBytes = store.chunks.slabRows * width;
    const [base, bits] = [from?.[0]?.bytes, (to[0] as ColumnImage).bytes];
    const buffers = this.#start(0, width);
    for (let start = 0; start < bits.length; start += slabBytes) {
      const end = Math.min(start + slabBytes, bits.length);
      this.#addRange(buffers, base, bits, start, end, width);
      const isLast = end === bits.length;
      if (buffers.count === 0 || (buffers.count <= limits.partRows && !isLast)) continue;
      yield { store, columns: [columnOf(0, buffers)] };
      buffers.start(width);
    }
  }

  #columnChanges(
    { width }: ColumnLayout,
    column: number,
    from: ColumnImage | undefined,
    to: ColumnImage,
  ): ColumnChanges {
    if (width === 0) return variableChanges(column, from?.values, to.values, this.#codecs);
    const buffers = this.#start(column, width);
    this.#addRange(buffers, from?.bytes, to.bytes, 0, to.bytes.length, width);
    return columnOf(column, buffers);
  }

  #start(column: number, width: number): Buffers {
    const buffers = (this.#buffers[column] ??= new Buffers());
    buffers.start(width);
    return buffers;
  }

  /** Gathers the changed rows of the bytes [start, end). */
  #addRange(
    buffers: Buffers,
    from: Uint8Array | undefined,
    to: Uint8Array,
    start: number,
    end: number,
    width: number,
  ): void {
    for (let at = start; at < end; at += pageBytes) {
      const pageEnd = Math.min(at + pageBytes, end);
      const page = to.subarray(at, pageEnd);
      const base = from?.subarray(at, pageEnd) ?? zeroPage.subarray(0, pageEnd - at);
      if (!this.#codecs.equal(base, page)) buffers.addPage(base, page, at / width);
    }
  }
}

function columnOf(column: number, buffers: Buffers): ColumnChanges {
  return { column, index: buffers.index(), xor: buffers.xor(), oldValues: [], newValues: [] };
}

const zeroPage = new Uint8Array(pageBytes);

/** Growing lists of changed rows and their XOR, kept from tick to tick. */
class Buffers {
  #index = new Uint32Array(1024);
  #xor = new Uint8Array(8 * 1024);
  #count = 0;
  #width = 1;

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

  addPage(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    this.#reserve(to.length / this.#width);
    const isWhole = (from.byteOffset | to.byteOffset | to.length) % 4 === 0;
    if (this.#width === 8) this.#addWide(from, to, firstRow);
    else if (this.#width === 1 && isWhole) this.#addBytes(from, to, firstRow);
    else this.#addNarrow(from, to, firstRow);
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

  #addWide(from: Uint8Array, to: Uint8Array, firstRow: number): void {
    const a = unsigned(from, 4);
    const b = unsigned(to, 4);
    const xor = unsigned(this.#xor, 4);
    const index = this.#index;
    let count = this.#count;
    for (let word = 0; word < b.length; word += 2) {
      const low = (a[word] as number) ^ (b[word] as number);
      const high = (a[word + 1] as number) ^ (b[word + 1] as number);
      if ((low | high) === 0) continue;
      xor[2 * count] = low;
      xor[2 * count + 1] = high;
      index[count++] = firstRow + word / 2;
    }
    this.#count = count;
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
function unsigned(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength >> 1);
  assert(width === 4, "words are 1, 2 or 4 bytes wide");
  return new Uint32Array(buffer, byteOffset, byteLength >> 2);
}

function variableChanges(
  column: number,
  from: readonly Uint8Array[] | undefined,
  to: readonly Uint8Array[],
  codecs: Codecs,
): ColumnChanges {
  const rows: number[] = [];
  to.forEach((value, row) => {
    const old = from?.[row] ?? noBytes;
    if (old.length !== value.length || !codecs.equal(old, value)) rows.push(row);
  });
  return {
    column,
    index: Uint32Array.from(rows),
    xor: noBytes,
    oldValues: rows.map((row) => from?.[row] ?? noBytes),
    newValues: rows.map((row) => to[row] as Uint8Array),
  };
}

/** Applies changes of a store to an image: XOR leads either way, values lead to the `direction`. */
export function applyChanges(
  image: Image,
  changes: StoreChanges,
  direction: "forward" | "back",
): void {
  for (const { column, index, xor, oldValues, newValues } of changes.columns) {
    const { bytes, values } = image.column(changes.store.number, column);
    const { width } = changes.store.columns[column] as ColumnLayout;
    if (width === 0) {
      const give = direction === "forward" ? newValues : oldValues;
      index.forEach((row, i) => (values[row] = give[i] as Uint8Array));
    } else {
      applyXor(bytes, index, xor, width);
    }
  }
}

function applyXor(bytes: Uint8Array, index: Uint32Array, xor: Uint8Array, width: number): void {
  if (width === 8) {
    const words = unsigned(bytes, 4);
    const flips = unsigned(aligned(xor), 4);
    for (let i = 0; i < index.length; i++) {
      const word = 2 * (index[i] as number);
      words[word] = (words[word] as number) ^ (flips[2 * i] as number);
      words[word + 1] = (words[word + 1] as number) ^ (flips[2 * i + 1] as number);
    }
    return;
  }
  const words = unsigned(bytes, width);
  const flips = unsigned(width === 1 ? xor : aligned(xor), width);
  for (let i = 0; i < index.length; i++) {
    const row = index[i] as number;
    words[row] = (words[row] as number) ^ (flips[i] as number);
  }
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

/** The number of elements that changed. */
export function changedElements(changes: StoreChanges): number {
  return changes.columns.reduce((sum, { index }) => sum + index.length, 0);
}
