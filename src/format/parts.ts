import { limits } from "../limits.ts";
import type { ColumnChanges, StoreChanges } from "./changes.ts";
import type { Chunks, Place } from "./chunks.ts";
import { isGrowing, type StoreLayout } from "./layout.ts";
import { gatherRows, rowsNotZero, scatterRows } from "./row-bytes.ts";
import { tableParts } from "./table-parts.ts";

/** A self-contained piece of a body: rows of one store, or of one chunk of it, with the columns that share them. */
export interface Part {
  readonly store: StoreLayout;
  /** `undefined`: the rows count within the whole store. */
  readonly chunk: number | undefined;
  readonly rowCount: number;
  /** `undefined`: all rows. */
  readonly rows: Uint32Array | undefined;
  readonly columns: readonly ColumnChanges[];
}

/** Cuts the changes of a store into parts: large ones by chunk, so that a region can be read alone. */
export function* partsOf(changes: StoreChanges): Generator<Part> {
  const { store, columns } = changes;
  if (isGrowing(store)) {
    yield* tableParts(changes);
    return;
  }
  if (store.rows === 1) {
    yield* recordParts(store, columns);
    return;
  }
  for (const column of columns) {
    const { chunks } = store;
    if (chunks !== undefined && chunks.count > 1 && column.index.length > limits.partRows) {
      yield* chunkParts(store, chunks, column);
    } else {
      yield densePart(store, undefined, store.rows, column);
    }
  }
}

/** The columns of a record share a part, unless their values are too large for one frame together. */
function* recordParts(store: StoreLayout, columns: readonly ColumnChanges[]): Generator<Part> {
  let together: ColumnChanges[] = [];
  let bytes = 0;
  for (const column of columns) {
    together.push(column);
    for (const value of [...column.oldValues, ...column.newValues]) bytes += value.length;
    if (bytes < limits.bodyBytes) continue;
    yield { store, chunk: undefined, rowCount: 1, rows: undefined, columns: together };
    together = [];
    bytes = 0;
  }
  if (together.length === 0) return;
  yield { store, chunk: undefined, rowCount: 1, rows: undefined, columns: together };
}

/** Drops the row numbers where most rows changed anyway. */
function densePart(
  store: StoreLayout,
  chunk: number | undefined,
  rowCount: number,
  column: ColumnChanges,
): Part {
  const { index, xor } = column;
  const width = store.columns[column.column]?.width as number;
  if (2 * index.length <= rowCount) {
    return { store, chunk, rowCount: index.length, rows: index, columns: [column] };
  }
  // Rows that did not change are nothing on both sides, which makes any difference of them zero, too.
  const [all, bits] = [xor, column.bits].map(
    (bytes) => bytes && scattered(bytes, index, width, rowCount),
  );
  const whole = { ...column, xor: all as Uint8Array, ...(bits && { bits }) };
  return { store, chunk, rowCount, rows: undefined, columns: [whole] };
}

function scattered(
  bytes: Uint8Array,
  index: Uint32Array,
  width: number,
  rowCount: number,
): Uint8Array {
  const out = new Uint8Array(rowCount * width);
  scatterRows(out, index, bytes, width);
  return out;
}

function* chunkParts(store: StoreLayout, chunks: Chunks, column: ColumnChanges): Generator<Part> {
  const width = store.columns[column.column]?.width as number;
  const { begins, index, xor, bits } = sortByChunk(chunks, column, width);
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    const [begin, end] = [begins[chunk] as number, begins[chunk + 1] as number];
    if (begin === end) continue;
    const { starts, length } = chunks.runs(chunk);
    yield densePart(store, chunk, starts.length * length, {
      ...column,
      index: index.subarray(begin, end),
      xor: xor.subarray(begin * width, end * width),
      ...(bits && { bits: bits.subarray(begin * width, end * width) }),
    });
  }
}

/** A counting sort: the rows of a chunk stay in order, since both numberings are row-major. */
function sortByChunk(
  chunks: Chunks,
  { index, xor, bits }: ColumnChanges,
  width: number,
): { begins: Uint32Array; index: Uint32Array; xor: Uint8Array; bits: Uint8Array | undefined } {
  const begins = new Uint32Array(chunks.count + 1);
  forEachPlace(chunks, index, (_, place) => {
    begins[place.chunk + 1] = (begins[place.chunk + 1] as number) + 1;
  });
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    begins[chunk + 1] = (begins[chunk + 1] as number) + (begins[chunk] as number);
  }
  const next = begins.slice();
  const sortedIndex = new Uint32Array(index.length);
  const sortedXor = new Uint8Array(xor.length);
  const sortedBits = bits && new Uint8Array(bits.length);
  forEachPlace(chunks, index, (i, place) => {
    const to = next[place.chunk] as number;
    next[place.chunk] = to + 1;
    sortedIndex[to] = place.local + (index[i] as number) - place.begin;
    for (let byte = 0; byte < width; byte++) {
      sortedXor[to * width + byte] = xor[i * width + byte] as number;
      if (sortedBits) sortedBits[to * width + byte] = bits?.[i * width + byte] as number;
    }
  });
  return { begins, index: sortedIndex, xor: sortedXor, bits: sortedBits };
}

function forEachPlace(
  chunks: Chunks,
  index: Uint32Array,
  visit: (i: number, place: Place) => void,
): void {
  const place: Place = { chunk: 0, begin: 0, end: 0, local: 0 };
  for (let i = 0; i < index.length; i++) {
    const row = index[i] as number;
    if (row >= place.end) chunks.locate(row, place);
    visit(i, place);
  }
}

/**
 * The rows of a part as rows of its store; the caller's own.
 * @param rows within the part, or `undefined` for all `count`.
 */
export function storeRows(
  store: StoreLayout,
  chunk: number | undefined,
  rows: Uint32Array | undefined,
  count: number,
): Uint32Array {
  const index = rows?.slice() ?? allRows(count);
  if (chunk !== undefined) toStoreRows(index, store.chunks as Chunks, chunk);
  return index;
}

function allRows(count: number): Uint32Array {
  const index = new Uint32Array(count);
  for (let row = 0; row < count; row++) index[row] = row;
  return index;
}

/**
 * The inverse of `partsOf` for one column of a part: without the rows whose XOR is zero.
 * @param rows in the whole store.
 */
export function columnOfPart(
  column: number,
  width: number,
  rows: Uint32Array,
  xor: Uint8Array,
): ColumnChanges {
  const kept = rowsNotZero(xor, width);
  const none = { oldValues: [], newValues: [] };
  if (kept === undefined) return { column, index: rows, xor, ...none };
  const index = kept.map((at) => rows[at] as number);
  return { column, index, xor: gatherRows(xor, kept, width), ...none };
}

function toStoreRows(index: Uint32Array, chunks: Chunks, chunk: number): void {
  const { starts, length } = chunks.runs(chunk);
  for (let i = 0; i < index.length; i++) {
    const local = index[i] as number;
    const run = Math.floor(local / length);
    index[i] = (starts[run] as number) + local - run * length;
  }
}
