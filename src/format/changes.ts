import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";
import { ChangedRows, wordsOf } from "./changed-rows.ts";
import type { ColumnImage, Image } from "./image.ts";
import { isGrowing, type ColumnLayout, type StoreLayout } from "./layout.ts";

/**
 * What a tick changed in one column. `index` holds the rows whose bits changed, rising. For a fixed width, `xor` holds
 * old XOR new of those rows, and `bits` the new bits where they were not read from a frame; for variable lengths
 * `oldValues` and `newValues` hold both.
 */
export interface ColumnChanges {
  readonly column: number;
  readonly index: Uint32Array;
  readonly xor: Uint8Array;
  readonly bits?: Uint8Array;
  readonly oldValues: readonly Uint8Array[];
  readonly newValues: readonly Uint8Array[];
}

/** Only columns with changes, in order. */
export interface StoreChanges {
  readonly store: StoreLayout;
  readonly columns: readonly ColumnChanges[];
}

const noBytes = new Uint8Array(0);
const nothing: ColumnImage = { bytes: noBytes, values: [] };
const pageBytes = 4096;

/** Finds and gathers changes. Its buffers are reused: what it returns is valid until its next call. */
export class ChangeFinder {
  readonly #codecs: Codecs;
  readonly #buffers: ChangedRows[] = [];
  /** Whole pages of sides that end within a page, or before it. */
  readonly #padded = [noBytes, noBytes];

  constructor(codecs: Codecs) {
    this.#codecs = codecs;
  }

  /**
   * The changes that lead from one image of a store to another. Behind the end of either lies nothing.
   * @param from `undefined` stands for nothing.
   * @param takesOver `from` becomes `to` while its changes are found; it must have room for `to`.
   */
  between(
    store: StoreLayout,
    from: readonly ColumnImage[] | undefined,
    to: readonly ColumnImage[],
    takesOver = false,
  ): StoreChanges {
    const columns: ColumnChanges[] = [];
    store.columns.forEach((column, number) => {
      const sides = [from?.[number], to[number] ?? nothing] as const;
      const found = this.#columnChanges(column, number, ...sides, takesOver);
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
    takesOver = false,
  ): Generator<StoreChanges, void, undefined> {
    if (store.chunks === undefined) {
      const changes = this.between(store, from, to, takesOver);
      if (changes.columns.length > 0) yield changes;
      return;
    }
    const { width } = store.columns[0] as ColumnLayout;
    const slabBytes = store.chunks.slabRows * width;
    const [base, bits] = [from?.[0]?.bytes, (to[0] ?? nothing).bytes];
    const buffers = this.#start(0, width);
    for (let start = 0; start < bits.length; start += slabBytes) {
      const end = Math.min(start + slabBytes, bits.length);
      this.#addRange(buffers, base, bits, start, end, width, takesOver);
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
    takesOver: boolean,
  ): ColumnChanges {
    if (width === 0) {
      const changes = variableChanges(column, from?.values, to.values, this.#codecs);
      if (takesOver) takeValues(from?.values as Uint8Array[], changes);
      return changes;
    }
    const buffers = this.#start(column, width);
    const end = Math.max(from?.bytes.length ?? 0, to.bytes.length);
    this.#addRange(buffers, from?.bytes, to.bytes, 0, end, width, takesOver);
    return columnOf(column, buffers);
  }

  #start(column: number, width: number): ChangedRows {
    const buffers = (this.#buffers[column] ??= new ChangedRows());
    buffers.start(width);
    return buffers;
  }

  /** Gathers the changed rows of the bytes [start, end); a page at a time, which is the cheapest to take over, too. */
  #addRange(
    buffers: ChangedRows,
    from: Uint8Array | undefined,
    to: Uint8Array,
    start: number,
    end: number,
    width: number,
    takesOver: boolean,
  ): void {
    const step = Math.max(width, pageBytes - (pageBytes % width));
    for (let at = start; at < end; at += step) {
      const pageEnd = Math.min(at + step, end);
      const base = this.#page(0, from, at, pageEnd);
      const page = this.#page(1, to, at, pageEnd);
      if (this.#codecs.equal(base, page)) continue;
      buffers.addPage(base, page, at / width);
      if (takesOver) (from as Uint8Array).set(page, at);
    }
  }

  /** The bytes [start, end) of one of the two sides; zeros behind its end. */
  #page(side: 0 | 1, bytes: Uint8Array | undefined, start: number, end: number): Uint8Array {
    if (bytes !== undefined && end <= bytes.length) return bytes.subarray(start, end);
    let padded = this.#padded[side] as Uint8Array;
    if (padded.length < end - start) padded = this.#padded[side] = new Uint8Array(end - start);
    const there = bytes?.subarray(start, Math.min(end, bytes.length)) ?? noBytes;
    padded.set(there);
    padded.fill(0, there.length, end - start);
    return padded.subarray(0, end - start);
  }
}

function columnOf(column: number, buffers: ChangedRows): ColumnChanges {
  const [index, xor, bits] = [buffers.index(), buffers.xor(), buffers.bits()];
  return { column, index, xor, bits, oldValues: [], newValues: [] };
}

function variableChanges(
  column: number,
  from: readonly Uint8Array[] | undefined,
  to: readonly Uint8Array[],
  codecs: Codecs,
): ColumnChanges {
  const rows: number[] = [];
  const end = Math.max(from?.length ?? 0, to.length);
  for (let row = 0; row < end; row++) {
    const [old, value] = [from?.[row] ?? noBytes, to[row] ?? noBytes];
    // Images share values, so most that are equal are the very same.
    if (old === value) continue;
    if (old.length !== value.length || !codecs.equal(old, value)) rows.push(row);
  }
  return {
    column,
    index: Uint32Array.from(rows),
    xor: noBytes,
    oldValues: rows.map((row) => from?.[row] ?? noBytes),
    newValues: rows.map((row) => to[row] ?? noBytes),
  };
}

/** Applies changes of a store to an image: XOR leads either way, values lead to the `direction`. */
export function applyChanges(
  image: Image,
  changes: StoreChanges,
  direction: "forward" | "back",
): void {
  const { store, columns } = changes;
  if (isGrowing(store)) image.reserve(store, rowsEnd(columns));
  for (const { column, index, xor, oldValues, newValues } of columns) {
    const { bytes, values } = image.column(store.number, column);
    const { width } = store.columns[column] as ColumnLayout;
    if (width === 0) {
      const give = direction === "forward" ? newValues : oldValues;
      takeValues(values, { index, newValues: give });
    } else {
      applyXor(bytes, index, xor, width);
    }
  }
}

function takeValues(
  values: Uint8Array[],
  { index, newValues }: Pick<ColumnChanges, "index" | "newValues">,
): void {
  index.forEach((row, i) => (values[row] = newValues[i] as Uint8Array));
}

/** One more than the highest row that changes. */
function rowsEnd(columns: readonly ColumnChanges[]): number {
  return columns.reduce((end, { index }) => Math.max(end, (index.at(-1) ?? -1) + 1), 0);
}

function applyXor(bytes: Uint8Array, index: Uint32Array, xor: Uint8Array, width: number): void {
  const unit = width % 4 === 0 ? 4 : width === 2 ? 2 : 1;
  const count = width / unit;
  const words = wordsOf(bytes, unit);
  const flips = wordsOf(unit === 1 ? xor : aligned(xor), unit);
  if (count === 1) {
    for (let i = 0; i < index.length; i++) {
      const row = index[i] as number;
      words[row] = (words[row] as number) ^ (flips[i] as number);
    }
    return;
  }
  for (let i = 0, from = 0; i < index.length; i++) {
    const row = (index[i] as number) * count;
    for (let word = 0; word < count; word++, from++) {
      words[row + word] = (words[row + word] as number) ^ (flips[from] as number);
    }
  }
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

/** The number of elements that changed. */
export function changedElements(changes: StoreChanges): number {
  return changes.columns.reduce((sum, { index }) => sum + index.length, 0);
}
