import { bytesOf, isNumbers, numbersIn } from "../workloads/state.ts";
import type { ColumnType, NumberArray, Values } from "../workloads/workload.ts";

const alignment = 8;

/** Lists behind each other, each with its length in bytes before it; numbers lie on the boundaries that they need. */
export class PackedWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  count(count: number): void {
    this.#push(bytesOf(Uint32Array.of(count)));
  }

  numbers(numbers: NumberArray): void {
    this.count(numbers.byteLength);
    this.#align(numbers.BYTES_PER_ELEMENT);
    this.#push(bytesOf(numbers));
    this.#align(4);
  }

  /** Texts are their lengths, and then their bytes. */
  values(values: Values): void {
    if (isNumbers(values)) {
      this.numbers(values);
      return;
    }
    const text = Buffer.from(values.join(""));
    const isPlain = text.length === values.reduce((sum, each) => sum + each.length, 0);
    const length = isPlain
      ? (each: string): number => each.length
      : (each: string): number => Buffer.byteLength(each);
    this.numbers(Uint32Array.from(values, length));
    this.numbers(text);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces, this.#length);
  }

  #push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  #align(width: number): void {
    const missing = -this.#length & (width - 1);
    if (missing > 0) this.#push(new Uint8Array(missing));
  }
}

export class PackedReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // Where numbers lie counts from the beginning of the list.
    const isAligned = bytes.byteOffset % alignment === 0;
    const { buffer, byteOffset, byteLength } = isAligned ? bytes : new Uint8Array(bytes);
    this.#bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  }

  count(): number {
    const count = this.#bytes.readUInt32LE(this.#at);
    this.#at += 4;
    return count;
  }

  /** A view where it can be one. */
  numbers(type: Exclude<ColumnType, "utf8">): NumberArray {
    const length = this.count();
    this.#align(widths[type]);
    const numbers = numbersIn(type, this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    this.#align(4);
    return numbers;
  }

  values(type: ColumnType): Values {
    if (type !== "utf8") return this.numbers(type);
    const lengths = this.numbers("u32") as Uint32Array;
    const text = Buffer.from(bytesOf(this.numbers("u8")));
    let at = 0;
    return Array.from(lengths, (length) => text.toString("utf8", at, (at += length)));
  }

  #align(width: number): void {
    this.#at += -this.#at & (width - 1);
  }
}

const widths = { u8: 1, u32: 4, i32: 4, f32: 4, f64: 8 } as const;
