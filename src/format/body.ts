import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Codecs } from "../types.ts";
import type { BlockPlace, DifferenceReader } from "./difference-reader.ts";
import { hasDifferences } from "./differences.ts";
import { readIndex, writeIndex } from "./index-blocks.ts";
import {
  NumberEncoding,
  planeNumbersMin,
  readNumbers,
  writePlanes,
  writeWords,
} from "./number-blocks.ts";
import { NumberEncoder } from "./number-encoder.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { ColumnChanges, StoreChanges } from "./changes.ts";
import type { StoreDigest } from "./digest.ts";
import { isGrowing, type ColumnLayout, type Layout, type StoreLayout } from "./layout.ts";
import { columnOfPart, partsOf, storeRows, type Part } from "./parts.ts";
import { readValues, writeValues } from "./value-blocks.ts";

/**
 * Builds the bodies of one delta or keyframe (`docs/format.md`, section 5): usually one. When one is full it is given
 * away, to be continued by the next.
 */
export class BodyWriter {
  readonly #codecs: Codecs;
  readonly #encoder: NumberEncoder;
  readonly #giveFull: (body: Uint8Array) => void;
  readonly #bodyBytes: number;
  readonly #head = new ByteWriter();
  readonly #data = new ByteWriter(16 * 1024);
  readonly #column = new ByteWriter();
  readonly #body = new ByteWriter(16 * 1024);
  #digests: StoreDigest[] = [];
  #partCount = 0;

  /**
   * @param giveFull takes a body that is continued; a view, valid until it returns.
   * @param bodyBytes a body is full from this size on.
   */
  constructor(
    codecs: Codecs,
    giveFull: (body: Uint8Array) => void,
    bodyBytes: number = limits.bodyBytes,
  ) {
    this.#codecs = codecs;
    this.#encoder = new NumberEncoder(codecs);
    this.#giveFull = giveFull;
    this.#bodyBytes = bodyBytes;
  }

  /**
   * Stores are added in order, each in one or more pieces.
   * @param isWhole the changes are from nothing: of a keyframe, or a log.
   */
  add(changes: StoreChanges, isWhole: boolean): void {
    for (const part of partsOf(changes)) {
      this.#writePart(part, isWhole);
      if (this.#head.length + this.#data.length < this.#bodyBytes) continue;
      this.#giveFull(this.#assemble());
    }
  }

  /** The digest of a store whose changes were all added. */
  addDigest(digest: StoreDigest): void {
    this.#digests.push(digest);
  }

  /** The last body of a delta; a view, valid until the next `add`. */
  finishDelta(): Uint8Array {
    this.#encoder.endTick();
    return this.#assemble();
  }

  /** The same of a keyframe. A reader may begin there, so the next delta builds on nothing before it. */
  finishKeyframe(): Uint8Array {
    this.#encoder.restart();
    return this.#assemble();
  }

  /** The next delta stands in another segment, which is readable alone. */
  restart(): void {
    this.#encoder.restart();
  }

  #writePart(part: Part, isWhole: boolean): void {
    const { store, chunk, rowCount, rows, columns } = part;
    const begin = this.#data.length;
    if (rows !== undefined) writeIndex(this.#data, rows, this.#codecs);
    this.#head.varint(store.number);
    this.#head.varint(chunk === undefined ? 0 : chunk + 1);
    this.#head.varint(rowCount);
    this.#head.varint(this.#data.length - begin);
    this.#head.varint(columns.length);
    for (const column of columns) {
      this.#column.clear();
      const layout = store.columns[column.column] as ColumnLayout;
      if (layout.width === 0) writeValues(this.#column, column, this.#codecs);
      else if (isWhole) writeWhole(this.#column, column.xor, layout.unit, this.#codecs);
      else this.#encoder.write(this.#column, part, column, layout);
      this.#head.varint(column.column);
      this.#head.varint(this.#column.length);
      this.#data.bytes(this.#column.borrow());
    }
    this.#partCount += 1;
  }

  #assemble(): Uint8Array {
    const body = this.#body;
    body.clear();
    body.varint(this.#digests.length);
    for (const { number, digest } of this.#digests) {
      body.varint(number);
      body.bytes(digest);
    }
    body.varint(this.#partCount);
    body.bytes(this.#head.borrow());
    body.bytes(this.#data.borrow());
    this.#head.clear();
    this.#data.clear();
    this.#digests = [];
    this.#partCount = 0;
    return body.borrow();
  }
}

/** Numbers as changes from nothing, which no difference makes smaller. */
function writeWhole(out: ByteWriter, bits: Uint8Array, unit: number, codecs: Codecs): void {
  if (bits.length / unit < planeNumbersMin && unit > 1) writeWords(out, bits);
  else writePlanes(out, NumberEncoding.planes, bits, unit, codecs);
}

export interface Body {
  readonly digests: readonly StoreDigest[];
  /** One entry for each part; several may belong to one column, with rows of their own. */
  readonly parts: readonly StoreChanges[];
}

interface PartHead {
  readonly store: StoreLayout;
  readonly chunk: number | undefined;
  readonly rowCount: number;
  readonly rowsEnd: number;
  readonly indexLength: number;
  readonly columns: readonly { readonly column: number; readonly length: number }[];
}

/** How a body is read. */
export interface ReadBodyOptions {
  /** Which stores are decoded; the others are stepped over. Default: all. */
  readonly isWanted?: (store: StoreLayout) => boolean;
  /** Of the tick whose delta it is. Keyframes and logs need none: no block of theirs holds differences. */
  readonly differences?: DifferenceReader;
}

/** @throws FORMAT_DAMAGED, FORMAT_UNKNOWN */
export function readBody(
  bytes: Uint8Array,
  layout: Layout,
  codecs: Codecs,
  { isWanted = () => true, differences }: ReadBodyOptions = {},
): Body {
  const reader = new ByteReader(bytes, "a frame's body");
  const digests = Array.from({ length: reader.count(17) }, () => ({
    number: reader.varint(),
    digest: reader.borrow(16).slice(),
  }));
  expectRising(reader, "digests", [-1, ...digests.map(({ number }) => number)], 1);
  const lastDigest = digests.at(-1)?.number ?? -1;
  if (lastDigest >= layout.stores.length) throw reader.damaged("a store", `store ${lastDigest}`);
  const heads = Array.from({ length: reader.count(5) }, () => readHead(reader, layout));
  expectRising(
    reader,
    "stores",
    heads.map(({ store }) => store.number),
    0,
  );
  checkRows(reader, heads);
  const parts: StoreChanges[] = [];
  for (const head of heads) {
    if (isWanted(head.store)) parts.push(readPart(reader, head, codecs, differences));
    else reader.borrow(head.columns.reduce((sum, { length }) => sum + length, head.indexLength));
  }
  reader.end();
  return { digests, parts };
}

function expectRising(
  reader: ByteReader,
  what: string,
  numbers: readonly number[],
  leastStep: number,
): void {
  for (let i = 1; i < numbers.length; i++) {
    if ((numbers[i] as number) - (numbers[i - 1] as number) >= leastStep) continue;
    throw reader.damaged(`${what} that rise`, numbers.slice(i - 1, i + 1).join(", "));
  }
}

/** No element stands in two parts, so the parts of a column never list more rows than its store has. */
function checkRows(reader: ByteReader, heads: readonly PartHead[]): void {
  const listed = new Map<string, number>();
  for (const { store, rowCount, columns } of heads) {
    for (const { column } of columns) {
      const key = `${store.number} ${column}`;
      const rows = (listed.get(key) ?? 0) + rowCount;
      if (rows > store.rows)
        throw reader.damaged(`${store.rows} rows of ${store.name}`, String(rows));
      listed.set(key, rows);
    }
  }
}

function readHead(reader: ByteReader, layout: Layout): PartHead {
  const store = layout.stores[reader.varint()];
  if (store === undefined) throw reader.damaged(`one of ${layout.stores.length} stores`, "another");
  const chunkCode = reader.varint();
  const chunk = chunkCode === 0 ? undefined : chunkCode - 1;
  if (chunk !== undefined && chunk >= (store.chunks?.count ?? 0)) {
    throw reader.damaged(`a chunk of store ${store.name}`, `chunk ${chunk}`);
  }
  const rowsEnd = chunk === undefined ? store.rows : chunkRows(store, chunk);
  const rowCount = reader.varint();
  const indexLength = reader.varint();
  const [rowsMin, rowsMax] = isGrowing(store) ? [1, limits.partRows] : [0, rowsEnd];
  if (rowCount < rowsMin || rowCount > rowsMax || (indexLength === 0 && rowCount !== rowsEnd)) {
    throw reader.damaged(`${rowsMin} to ${rowsMax} rows of store ${store.name}`, String(rowCount));
  }
  const columns = Array.from({ length: reader.count(2) }, () => {
    const column = reader.varint();
    if (column >= store.columns.length) {
      throw reader.damaged(
        `one of ${store.columns.length} columns of ${store.name}`,
        String(column),
      );
    }
    return { column, length: reader.varint() };
  });
  expectRising(
    reader,
    "columns",
    columns.map(({ column }) => column),
    1,
  );
  return { store, chunk, rowCount, rowsEnd, indexLength, columns };
}

function chunkRows(store: StoreLayout, chunk: number): number {
  const { starts, length } = store.chunks?.runs(chunk) ?? { starts: [], length: 0 };
  return starts.length * length;
}

function readPart(
  reader: ByteReader,
  head: PartHead,
  codecs: Codecs,
  differences: DifferenceReader | undefined,
): StoreChanges {
  const { store, chunk, rowCount, rowsEnd, indexLength } = head;
  const indexBlock = new ByteReader(reader.borrow(indexLength), `the rows of ${store.name}`);
  const listed = indexLength === 0 ? undefined : readIndex(indexBlock, rowCount, rowsEnd, codecs);
  const rows = storeRows(store, chunk, listed, rowCount);
  const columns = head.columns.map(({ column, length }) => {
    const block = new ByteReader(reader.borrow(length), `column ${column} of ${store.name}`);
    const place = { store, chunk, column, listed, rows };
    return readColumn(block, place, codecs, differences);
  });
  return { store, columns };
}

function readColumn(
  block: ByteReader,
  place: BlockPlace,
  codecs: Codecs,
  differences: DifferenceReader | undefined,
): ColumnChanges {
  const { store, column, rows } = place;
  const { width, unit } = store.columns[column] as ColumnLayout;
  if (width === 0) {
    const values = readValues(block, rows.length, limits.frameBodyBytes, codecs);
    return { column, index: rows, xor: new Uint8Array(0), ...values };
  }
  if (rows.length * width > limits.frameBodyBytes && isGrowing(store)) {
    throw block.damaged(`at most ${limits.frameBodyBytes} bytes`, `${rows.length * width}`);
  }
  const key = differences?.keyOf(place);
  const { encoding, words } = readNumbers(block, (rows.length * width) / unit, unit, codecs);
  if (encoding === NumberEncoding.words || encoding === NumberEncoding.planes) {
    return columnOfPart(column, width, rows, words);
  }
  const isLog = store.lifetime.rows === "tick";
  if (differences === undefined || key === undefined || !hasDifferences(unit) || isLog) {
    throw block.damaged("old XOR new", "differences");
  }
  return columnOfPart(column, width, rows, differences.xor(place, key, encoding, words));
}

/** Joins parts into the changes of each store, rows rising: the form that digests and people read. @throws FORMAT_DAMAGED */
export function joinParts(parts: readonly StoreChanges[]): StoreChanges[] {
  const byStore = new Map<StoreLayout, Map<number, ColumnChanges[]>>();
  for (const { store, columns } of parts) {
    const byColumn = byStore.get(store) ?? new Map<number, ColumnChanges[]>();
    byStore.set(store, byColumn);
    for (const column of columns) {
      byColumn.set(column.column, [...(byColumn.get(column.column) ?? []), column]);
    }
  }
  const stores = [...byStore].sort(([a], [b]) => a.number - b.number);
  return stores
    .map(([store, byColumn]) => {
      const columns = [...byColumn.values()]
        .map((pieces) => joinColumn(store, pieces))
        .filter(({ index }) => index.length > 0)
        .sort((a, b) => a.column - b.column);
      return { store, columns };
    })
    .filter(({ columns }) => columns.length > 0);
}

function joinColumn(store: StoreLayout, pieces: readonly ColumnChanges[]): ColumnChanges {
  const first = pieces[0] as ColumnChanges;
  if (pieces.length === 1) return first;
  const width = store.columns[first.column]?.width as number;
  const count = pieces.reduce((sum, { index }) => sum + index.length, 0);
  const unordered = new Uint32Array(count);
  const bits = new Uint8Array(count * width);
  let at = 0;
  for (const { index, xor } of pieces) {
    unordered.set(index, at);
    bits.set(xor, at * width);
    at += index.length;
  }
  const [olds, news] = [pieces.flatMap((p) => p.oldValues), pieces.flatMap((p) => p.newValues)];
  const joined = {
    column: first.column,
    index: unordered,
    xor: bits,
    oldValues: olds,
    newValues: news,
  };
  if (isRising(unordered)) return joined;
  const ordered = inOrder(joined, width);
  // Twice there and twice back lead to different states where differences are added.
  if (!isRising(ordered.index)) throw elementTwice(store, first.column);
  return ordered;
}

function elementTwice(store: StoreLayout, column: number): EverytickError {
  return new EverytickError("FORMAT_DAMAGED", {
    where: `column ${column} of ${store.name}`,
    expected: "each element in one part of a tick",
    found: "one in two",
  });
}

function isRising(index: Uint32Array): boolean {
  for (let i = 1; i < index.length; i++) {
    if ((index[i] as number) <= (index[i - 1] as number)) return false;
  }
  return true;
}

function inOrder(changes: ColumnChanges, width: number): ColumnChanges {
  const { column, index, xor, oldValues, newValues } = changes;
  const order = Uint32Array.from({ length: index.length }, (_, i) => i);
  order.sort((a, b) => (index[a] as number) - (index[b] as number));
  const [sorted, bits] = [new Uint32Array(index.length), new Uint8Array(xor.length)];
  order.forEach((from, to) => {
    sorted[to] = index[from] as number;
    bits.set(xor.subarray(from * width, (from + 1) * width), to * width);
  });
  const pick = (values: readonly Uint8Array[]): Uint8Array[] =>
    values.length === 0 ? [] : Array.from(order, (from) => values[from] as Uint8Array);
  return {
    column,
    index: sorted,
    xor: bits,
    oldValues: pick(oldValues),
    newValues: pick(newValues),
  };
}
