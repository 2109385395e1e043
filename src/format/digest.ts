import type { Codecs, StreamingDigest, WorldSchema } from "../types.ts";
import type { ColumnChanges, StoreChanges } from "./changes.ts";
import type { Image } from "./image.ts";
import { isDigested, type ColumnLayout, type StoreLayout } from "./layout.ts";
import { canonicalJson } from "./json.ts";
import { sha256 } from "./sha256.ts";
import { assert } from "../assert.ts";

/** Rows of one span of canonical changes. On disk through every digest: never change it. */
const spanRows = 65_536;
/** Bits of so many bytes are hashed at once, whatever the width of an element. */
const batchBytes = 1024 * 1024;

/** `d(t, s)` of one store (`docs/format.md`, section 8). */
export interface StoreDigest {
  readonly number: number;
  readonly digest: Uint8Array;
}

/** Computes the digests of `docs/format.md`, section 8. */
export class Digester {
  readonly #hash: StreamingDigest;
  #scratch = new Uint8Array(1024);
  /** Rows of a span that may go on in the next piece, and the column they belong to. */
  #open = new Uint32Array(256);
  #openCount = 0;
  #openColumn = 0;

  constructor(codecs: Codecs) {
    this.#hash = codecs.xxh3();
  }

  /** `d(t, s)` of changes in one piece: `begin`, `add`, `end`. */
  changes(changes: StoreChanges, image: Image): StoreDigest {
    this.begin();
    this.add(changes, image);
    return this.end(changes.store, image);
  }

  /** Starts `d(t, s)` of a store whose changes come in pieces. */
  begin(): void {
    this.#hash.reset();
    this.#openCount = 0;
  }

  /** `image` holds the new bits, that is, the changes are applied already. */
  add({ store, columns }: StoreChanges, image: Image): void {
    assert(store.digestNumber >= 0, "observed stores have no digest");
    for (const column of columns) {
      const { width } = store.columns[column.column] as ColumnLayout;
      if (width === 0) this.#variable(store, column, image);
      else this.#fixed(store, column, image);
    }
  }

  end(store: StoreLayout, image: Image): StoreDigest {
    this.#closeSpan(store, image);
    return { number: store.digestNumber, digest: this.#hash.digest() };
  }

  /** `h(t)` from `h(t′)`, for the stores that changed, in order. */
  history(previous: Uint8Array, tick: number, stores: readonly StoreDigest[]): Uint8Array {
    const bytes = new Uint8Array(24 + 20 * stores.length);
    const view = new DataView(bytes.buffer);
    bytes.set(previous);
    view.setUint32(16, tick % 2 ** 32, true);
    view.setUint32(20, Math.floor(tick / 2 ** 32), true);
    writeStores(bytes, view, 24, stores);
    return this.#whole(bytes);
  }

  /** The digest of a whole state, from the digests of its stores as changes from nothing. */
  state(schemaHash: Uint8Array, stores: readonly StoreDigest[]): Uint8Array {
    const bytes = new Uint8Array(16 + 20 * stores.length);
    bytes.set(schemaHash);
    writeStores(bytes, new DataView(bytes.buffer), 16, stores);
    return this.#whole(bytes);
  }

  #whole(bytes: Uint8Array): Uint8Array {
    this.#hash.reset();
    this.#hash.update(bytes);
    return this.#hash.digest();
  }

  #fixed(store: StoreLayout, { column, index, bits }: ColumnChanges, image: Image): void {
    if (column !== this.#openColumn) this.#closeSpan(store, image);
    this.#openColumn = column;
    if (bits !== undefined && store.chunks === undefined) {
      this.#gathered(store.columns[column] as ColumnLayout, column, index, bits);
      return;
    }
    for (const { number, rows } of spansOf(index)) {
      const isSame = this.#openCount > 0 && spanOf(this.#open[0] as number) === number;
      if (!isSame) this.#closeSpan(store, image);
      this.#openRows(rows);
    }
  }

  #openRows(rows: Uint32Array): void {
    const count = this.#openCount + rows.length;
    if (count > this.#open.length) {
      const grown = new Uint32Array(Math.max(count, Math.min(2 * count, spanRows)));
      grown.set(this.#open.subarray(0, this.#openCount));
      this.#open = grown;
    }
    this.#open.set(rows, this.#openCount);
    this.#openCount = count;
  }

  /** Hashes changes that come in one piece, with their new bits beside them. */
  #gathered({ width }: ColumnLayout, column: number, index: Uint32Array, bits: Uint8Array): void {
    for (const { number, begin, rows } of spansOf(index)) {
      const length = this.#head(column, number, rows);
      this.#hash.update(this.#scratch.subarray(0, length));
      this.#hash.update(bits.subarray(begin * width, (begin + rows.length) * width));
    }
  }

  /** Hashes the rows of the open span, which is complete now, with their bits. */
  #closeSpan(store: StoreLayout, image: Image): void {
    if (this.#openCount === 0) return;
    const rows = this.#open.subarray(0, this.#openCount);
    const column = this.#openColumn;
    const { width } = store.columns[column] as ColumnLayout;
    const { bytes } = image.column(store.number, column);
    const batch = Math.max(1, Math.floor(batchBytes / width));
    let length = this.#head(column, spanOf(rows[0] as number), rows);
    for (let begin = 0; begin < rows.length; begin += batch) {
      const some = rows.subarray(begin, begin + batch);
      this.#reserve(length + some.length * width);
      gather(bytes, some, width, this.#scratch.subarray(length));
      this.#hash.update(this.#scratch.subarray(0, length + some.length * width));
      length = 0;
    }
    this.#openCount = 0;
  }

  #variable(store: StoreLayout, { column, index, newValues }: ColumnChanges, image: Image): void {
    this.#closeSpan(store, image);
    for (const { number, begin, rows } of spansOf(index)) {
      let length = this.#head(column, number, rows);
      for (let i = begin; i < begin + rows.length; i++) {
        const value = newValues[i] as Uint8Array;
        this.#reserve(length + 4 + value.length);
        new DataView(this.#scratch.buffer).setUint32(length, value.length, true);
        this.#scratch.set(value, length + 4);
        length += 4 + value.length;
        if (length < batchBytes) continue;
        this.#hash.update(this.#scratch.subarray(0, length));
        length = 0;
      }
      if (length > 0) this.#hash.update(this.#scratch.subarray(0, length));
    }
  }

  /** Writes the head of a span into the scratch buffer. @returns its length. */
  #head(column: number, span: number, rows: Uint32Array): number {
    const length = 12 + 2 * rows.length;
    this.#reserve(length);
    new Uint32Array(this.#scratch.buffer, 0, 3).set([column, span, rows.length]);
    const offsets = new Uint16Array(this.#scratch.buffer, 12, rows.length);
    for (let i = 0; i < rows.length; i++) offsets[i] = (rows[i] as number) - span * spanRows;
    return length;
  }

  #reserve(length: number): void {
    if (length <= this.#scratch.length) return;
    const grown = new Uint8Array(2 * length);
    grown.set(this.#scratch);
    this.#scratch = grown;
  }
}

/** The first 16 bytes of SHA-256 of the stores that digests cover. */
export function schemaHashOf(world: WorldSchema): Uint8Array {
  const stores = world.stores.filter(isDigested);
  return sha256(canonicalJson(stores, "world.stores")).slice(0, 16);
}

function spanOf(row: number): number {
  return Math.floor(row / spanRows);
}

interface Span {
  readonly number: number;
  /** Position of its first row in the index. */
  readonly begin: number;
  readonly rows: Uint32Array;
}

function* spansOf(index: Uint32Array): Generator<Span> {
  let begin = 0;
  while (begin < index.length) {
    const number = spanOf(index[begin] as number);
    const end = lowerBound(index, (number + 1) * spanRows, begin);
    yield { number, begin, rows: index.subarray(begin, end) };
    begin = end;
  }
}

/** The first position at or after `from` whose value is at least `value`. */
function lowerBound(index: Uint32Array, value: number, from: number): number {
  let [low, high] = [from, index.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function gather(bits: Uint8Array, rows: Uint32Array, width: number, out: Uint8Array): void {
  if (width === 1) {
    for (let i = 0; i < rows.length; i++) out[i] = bits[rows[i] as number] as number;
    return;
  }
  if (width > 16) {
    for (let i = 0; i < rows.length; i++) {
      const from = (rows[i] as number) * width;
      out.set(bits.subarray(from, from + width), i * width);
    }
    return;
  }
  for (let i = 0, at = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * width;
    for (let byte = 0; byte < width; byte++) out[at++] = bits[from + byte] as number;
  }
}

function writeStores(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  stores: readonly StoreDigest[],
): void {
  stores.forEach(({ number, digest }, i) => {
    view.setUint32(offset + 20 * i, number, true);
    bytes.set(digest, offset + 20 * i + 4);
  });
}
