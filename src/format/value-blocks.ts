import type { Codecs } from "../types.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { packedIfSmaller, unknownEncoding, unpacked } from "./packing.ts";

/**
 * The blocks of columns of variable length (`docs/format.md`, section 5): old and new value of each row. The ids are on
 * disk: never change one, add another.
 */
const ColumnEncoding = { heap: 2, heapZstd: 3, dictionary: 4, dictionaryZstd: 5 } as const;

/** Longer values hardly repeat, and looking them up costs more than it saves. */
const dictionaryValueBytes = 256;

const scratch = new ByteWriter(64 * 1024);

/** Old and new values of the rows of a block. */
export interface ValuePairs {
  readonly oldValues: readonly Uint8Array[];
  readonly newValues: readonly Uint8Array[];
}

/** Writes values of variable length, old and new of each row: one by one, or as numbers of the distinct ones if that is smaller. */
export function writeValues(out: ByteWriter, pairs: ValuePairs, codecs: Codecs): void {
  const heap = packedBlock(ColumnEncoding.heap, heapOf(pairs), codecs);
  const dictionary = dictionaryOf(pairs);
  const other =
    dictionary === undefined ? heap : packedBlock(ColumnEncoding.dictionary, dictionary, codecs);
  out.bytes(other.length < heap.length ? other : heap);
}

function heapOf({ oldValues, newValues }: ValuePairs): Uint8Array {
  scratch.clear();
  newValues.forEach((value, i) => {
    writeValue(scratch, oldValues[i] as Uint8Array);
    writeValue(scratch, value);
  });
  return scratch.borrow();
}

function writeValue(out: ByteWriter, value: Uint8Array): void {
  out.varint(value.length);
  out.bytes(value);
}

/** `undefined` where most values are different, or long. */
function dictionaryOf({ oldValues, newValues }: ValuePairs): Uint8Array | undefined {
  const distinct = new Dictionary();
  const codes = new Uint32Array(2 * newValues.length);
  for (const [half, values] of [oldValues, newValues].entries()) {
    for (let i = 0; i < values.length; i++) {
      const code = distinct.codeOf(values[i] as Uint8Array);
      if (code === undefined || code > newValues.length) return undefined;
      codes[half * newValues.length + i] = code;
    }
  }
  scratch.clear();
  scratch.varint(distinct.values.length);
  for (const value of distinct.values) writeValue(scratch, value);
  for (const code of codes) scratch.varint(code);
  return scratch.borrow();
}

/** Numbers values in the order in which they are first met. */
class Dictionary {
  readonly values: Uint8Array[] = [];
  readonly #byIdentity = new Map<Uint8Array, number>();
  readonly #byContent = new Map<string, number>();

  /** `undefined` for a long value. */
  codeOf(value: Uint8Array): number | undefined {
    const known = this.#byIdentity.get(value);
    if (known !== undefined) return known;
    if (value.length > dictionaryValueBytes) return undefined;
    const content = bytewise.decode(value);
    const code = this.#byContent.get(content) ?? this.values.push(value) - 1;
    this.#byContent.set(content, code);
    this.#byIdentity.set(value, code);
    return code;
  }
}

/** One character for each byte. */
const bytewise = new TextDecoder("latin1");

/** The block with its payload packed, the next encoding, where that is smaller. */
function packedBlock(encoding: number, payload: Uint8Array, codecs: Codecs): Uint8Array {
  const packed = packedIfSmaller(payload, codecs);
  const block = new ByteWriter((packed ?? payload).length + 9);
  block.u8(packed === undefined ? encoding : encoding + 1);
  if (packed !== undefined) block.varint(payload.length);
  block.bytes(packed ?? payload);
  return block.borrow();
}

/** @returns old and new values of each row, the caller's own; equal ones may be the same. */
export function readValues(
  block: ByteReader,
  rows: number,
  rawLengthMax: number,
  codecs: Codecs,
): { oldValues: Uint8Array[]; newValues: Uint8Array[] } {
  const encoding = block.u8();
  const isHeap = encoding === ColumnEncoding.heap || encoding === ColumnEncoding.heapZstd;
  const isDictionary =
    encoding === ColumnEncoding.dictionary || encoding === ColumnEncoding.dictionaryZstd;
  if (!isHeap && !isDictionary) throw unknownEncoding("column encoding", encoding);
  const isPacked =
    encoding === ColumnEncoding.heapZstd || encoding === ColumnEncoding.dictionaryZstd;
  const payload = isPacked ? unpackedPayload(block, rawLengthMax, codecs) : block;
  const pairs = isHeap ? readHeap(payload, rows) : readDictionary(payload, rows);
  payload.end();
  return pairs;
}

function unpackedPayload(block: ByteReader, rawLengthMax: number, codecs: Codecs): ByteReader {
  const rawLength = block.varint();
  if (rawLength > rawLengthMax) {
    throw block.damaged(`at most ${rawLengthMax} bytes`, String(rawLength));
  }
  return new ByteReader(unpacked(block, block.remaining, rawLength, codecs), "a heap of values");
}

function readHeap(
  payload: ByteReader,
  rows: number,
): { oldValues: Uint8Array[]; newValues: Uint8Array[] } {
  const oldValues: Uint8Array[] = [];
  const newValues: Uint8Array[] = [];
  for (let row = 0; row < rows; row++) {
    oldValues.push(readValue(payload));
    newValues.push(readValue(payload));
  }
  return { oldValues, newValues };
}

function readValue(payload: ByteReader): Uint8Array {
  return payload.borrow(payload.varint()).slice();
}

function readDictionary(
  payload: ByteReader,
  rows: number,
): { oldValues: Uint8Array[]; newValues: Uint8Array[] } {
  const count = payload.varint();
  if (count > payload.remaining) {
    throw payload.damaged(`at most ${payload.remaining} values`, String(count));
  }
  const distinct = Array.from({ length: count }, () => readValue(payload));
  const read = (): Uint8Array => {
    const value = distinct[payload.varint()];
    if (value === undefined) throw payload.damaged(`a code below ${count}`, "a higher one");
    return value;
  };
  const oldValues = Array.from({ length: rows }, read);
  return { oldValues, newValues: Array.from({ length: rows }, read) };
}
