import { bytesOf } from "../../format/bytes.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { RandomStreams } from "../random.ts";
import type { LiveStore, RowBits } from "./live-store.ts";

/** The words of the random streams, which no user code sees. */
export class LiveRandom implements LiveStore {
  readonly isBound = false;
  readonly #words: Uint32Array;

  constructor({ words }: RandomStreams) {
    this.#words = words;
  }

  present(): undefined {
    return undefined;
  }

  capture(): readonly ColumnImage[] {
    return Array.from(this.#words, (_, i) => {
      return { bytes: bytesOf(this.#words.subarray(i, i + 1)), values: [] };
    });
  }

  load(columns: readonly ColumnImage[]): void {
    columns.forEach(({ bytes }, i) => bytesOf(this.#words.subarray(i, i + 1)).set(bytes));
  }

  write({ column, bytes }: RowBits): void {
    bytesOf(this.#words.subarray(column, column + 1)).set(bytes);
  }
}
