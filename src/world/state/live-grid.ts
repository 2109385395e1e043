import { EverytickError } from "../../errors.ts";
import { bytesOf } from "../../format/bytes.ts";
import { numbersOf, typeOfArray } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { StoreLayout } from "../../format/layout.ts";
import { scatterRows } from "../../format/row-bytes.ts";
import type { GridStore, NumericArray, NumericType } from "../../types.ts";
import type { LiveStore, RowBits } from "./live-store.ts";

/** A grid in an array of the engine's own, or in the caller's. */
export class LiveGrid implements LiveStore {
  readonly isBound: boolean;
  readonly #store: StoreLayout;
  readonly #type: NumericType;
  readonly #source: () => NumericArray;

  constructor({ type, source }: GridStore, store: StoreLayout) {
    this.isBound = source !== undefined;
    this.#store = store;
    this.#type = type;
    const { width } = store.columns[0] as { width: number };
    const owned = source ?? numbersOf(type, new Uint8Array(store.rows * width));
    this.#source = typeof owned === "function" ? owned : () => owned;
  }

  present(): NumericArray {
    return this.#source();
  }

  capture(): readonly ColumnImage[] {
    return [{ bytes: bytesOf(this.#checked()), values: [] }];
  }

  load([column]: readonly ColumnImage[]): void {
    bytesOf(this.#checked()).set((column as ColumnImage).bytes);
  }

  write({ index, bytes }: RowBits): void {
    scatterRows(bytesOf(this.#checked()), index, bytes, bytes.length / index.length);
  }

  #checked(): NumericArray {
    const array = this.#source();
    const type = typeOfArray(array);
    if (type !== this.#type || array.length !== this.#store.rows) {
      throw new EverytickError("WORLD_ARRAY", {
        where: `store ${this.#store.name}`,
        expected: `${this.#store.rows} elements of ${this.#type}`,
        found: type === undefined ? typeof array : `${array.length} elements of ${type}`,
        next: "Nothing was recorded. Bind the array with a function if it moves.",
      });
    }
    return array;
  }
}
