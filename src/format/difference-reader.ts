import { EverytickError } from "../errors.ts";
import { add, subtract, unzigzag } from "./differences.ts";
import type { Image } from "./image.ts";
import { LastDifferences, PartKeys } from "./last-differences.ts";
import type { ColumnLayout, StoreLayout } from "./layout.ts";
import { gatherRows, xorInto } from "./row-bytes.ts";
import { NumberEncoding } from "./number-blocks.ts";

/** The part of a column that a block belongs to. */
export interface BlockPlace {
  readonly store: StoreLayout;
  readonly chunk: number | undefined;
  readonly column: number;
  /** As they are listed; `undefined`: all rows. */
  readonly listed: Uint32Array | undefined;
  /** The same in the whole store. */
  readonly rows: Uint32Array;
}

/**
 * Turns the differences of one tick's blocks into old XOR new, which needs a state at one of its sides: `before` the tick to
 * go forward, `after` it to go back. Beside them it finds the differences of the tick on the other side, which the next
 * block may need.
 */
export class DifferenceReader {
  readonly #image: Image;
  readonly #side: "before" | "after";
  /** Of the tick at the side of the image; `undefined` if they are not known. */
  readonly #known: LastDifferences | undefined;
  /** The differences of the tick on the other side of the one that is read. */
  readonly found: LastDifferences;
  readonly #keys = new PartKeys();

  constructor(image: Image, side: "before" | "after", known: LastDifferences | undefined) {
    this.#image = image;
    this.#side = side;
    this.#known = known;
    this.found = new LastDifferences(side === "before");
  }

  /** Each block of numbers must be met, in order, also one that holds none. */
  keyOf({ store, chunk, column }: BlockPlace): string {
    return this.#keys.next(store.number, chunk, column);
  }

  /**
   * @param words zigzag of differences, or of second differences.
   * @throws MissingDifferences
   */
  xor(place: BlockPlace, key: string, encoding: NumberEncoding, words: Uint8Array): Uint8Array {
    const column = place.store.columns[place.column] as ColumnLayout;
    const { unit, width } = column;
    unzigzag(words, unit, words);
    const differences =
      encoding === NumberEncoding.secondDifferences
        ? this.#fromSecond(key, place.listed, words, unit)
        : this.#fromFirst(key, place.listed, words);
    const here = gatherRows(
      this.#image.column(place.store.number, place.column).bytes,
      place.rows,
      width,
    );
    const there = new Uint8Array(here.length);
    if (this.#side === "before") add(here, differences, unit, there);
    else subtract(here, differences, unit, there);
    xorInto(there, here);
    return there;
  }

  #fromFirst(key: string, rows: Uint32Array | undefined, differences: Uint8Array): Uint8Array {
    // What the tick before differed by does not stand here.
    if (this.#side === "before") this.found.set(key, { rows, differences });
    return differences;
  }

  #fromSecond(
    key: string,
    rows: Uint32Array | undefined,
    words: Uint8Array,
    unit: number,
  ): Uint8Array {
    const known = this.#known?.get(key, rows, words.length);
    if (known === undefined) throw this.#missing();
    if (this.#side === "after") {
      const earlier = new Uint8Array(words.length);
      subtract(known.differences, words, unit, earlier);
      this.found.set(key, { rows, differences: earlier });
      return known.differences;
    }
    add(known.differences, words, unit, words);
    this.found.set(key, { rows, differences: words });
    return words;
  }

  #missing(): Error {
    if (this.#known?.isComplete !== true) return new MissingDifferences();
    return new EverytickError("FORMAT_DAMAGED", {
      where: "a column block",
      expected: "the differences of the same rows in the tick before",
      found: "none",
    });
  }
}

/** Second differences were met by a reader that does not know what they build on: it comes again from an earlier keyframe. */
export class MissingDifferences extends Error {
  constructor() {
    super("second differences without those of the tick before");
  }
}
