import type { ColumnImage } from "../format/image.ts";

const free = 0;
const removed = -1;

/** Slots of rows by the bits of their keys: open addressing, no object for any key. Slots are kept as slot + 1. */
export class SlotSet {
  /** Of the key, in the state that is looked at. */
  columns: readonly ColumnImage[];
  readonly #widths: readonly number[];
  #table = new Int32Array(64);
  /** Places that are not free, removed ones among them. */
  #used = 0;

  /** @param widths 0 for variable lengths. */
  constructor(columns: readonly ColumnImage[], widths: readonly number[]) {
    this.columns = columns;
    this.#widths = widths;
  }

  /** @returns another slot with the same key, if there is one; then nothing is added. */
  add(slot: number): number | undefined {
    if (2 * this.#used >= this.#table.length) this.#rebuild();
    const mask = this.#table.length - 1;
    let place = this.#hash(slot) & mask;
    for (; this.#table[place] !== free; place = (place + 1) & mask) {
      const other = (this.#table[place] as number) - 1;
      if (other >= 0 && this.#isSame(other, slot)) return other;
    }
    this.#table[place] = slot + 1;
    this.#used += 1;
    return undefined;
  }

  /** Takes a slot away whose key is still what it was. */
  remove(slot: number): void {
    const mask = this.#table.length - 1;
    for (let at = this.#hash(slot) & mask; this.#table[at] !== free; at = (at + 1) & mask) {
      if (this.#table[at] !== slot + 1) continue;
      this.#table[at] = removed;
      return;
    }
  }

  #rebuild(): void {
    const slots = this.#table.filter((entry) => entry > 0);
    let length = 64;
    while (length < 4 * slots.length) length *= 2;
    this.#table = new Int32Array(length);
    this.#used = slots.length;
    for (const entry of slots) {
      let place = this.#hash(entry - 1) & (length - 1);
      while (this.#table[place] !== free) place = (place + 1) & (length - 1);
      this.#table[place] = entry;
    }
  }

  /** FNV-1a over the bytes of the key. */
  #hash(slot: number): number {
    let hash = 0x811c9dc5;
    this.columns.forEach((column, number) => {
      for (const byte of elementOf(column, this.#widths[number] as number, slot)) {
        hash = Math.imul(hash ^ byte, 0x01000193);
      }
    });
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #isSame(a: number, b: number): boolean {
    return this.columns.every((column, number) => {
      const width = this.#widths[number] as number;
      const [left, right] = [elementOf(column, width, a), elementOf(column, width, b)];
      return left.length === right.length && left.every((byte, at) => byte === right[at]);
    });
  }
}

const noBytes = new Uint8Array(0);

function elementOf({ bytes, values }: ColumnImage, width: number, slot: number): Uint8Array {
  if (width === 0) return values[slot] ?? noBytes;
  return bytes.subarray(slot * width, (slot + 1) * width);
}
