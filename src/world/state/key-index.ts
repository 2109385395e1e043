import { numbersOf } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout } from "../../format/layout.ts";
import { decodeValue, readElement, refused, writeElement } from "../elements.ts";
import type { NumericArray } from "../../types.ts";

/** Finds the slot of a key. A key is the value of the one key column, or a list of values. */
export interface KeyIndex {
  /** The slot of a key, or −1. @throws WORLD_VALUE for what is no key of these columns */
  find(key: unknown): number;
  /** Puts a key that is not there into a slot. */
  add(key: unknown, slot: number): void;
  /** Takes a key away. @returns its slot, or −1 if it is not there. @throws WORLD_VALUE */
  remove(key: unknown): number;
  /** Starts anew with the rows of an image, whose key columns are given. */
  build(columns: readonly ColumnImage[], live: Uint8Array): void;
}

/** @param where names the table, for error messages. */
export function makeKeyIndex(columns: readonly ColumnLayout[], where: string): KeyIndex {
  const isText = columns.some(({ width }) => width === 0);
  return isText ? new TextIndex(columns, where) : new WordIndex(columns, where);
}

/** The values of a key, one for each column. @throws WORLD_VALUE */
function partsOf(
  key: unknown,
  columns: readonly ColumnLayout[],
  where: string,
): readonly unknown[] {
  if (columns.length === 1) return [key];
  if (Array.isArray(key) && key.length === columns.length) return key as unknown[];
  throw refused(where, `a list of ${columns.map(({ name }) => name).join(", ")}`, key);
}

/**
 * Keys of fixed width in a hash table with open addressing and linear probing (Knuth, The Art of Computer Programming,
 * volume 3, section 6.4): no object for any key.
 */
class WordIndex implements KeyIndex {
  readonly #columns: readonly ColumnLayout[];
  readonly #where: string;
  /** Words of four bytes in a key. */
  readonly #width: number;
  readonly #isPlain: boolean;
  /** One element of each column, and where its words stand in a key. */
  readonly #cells: readonly { numbers: NumericArray; words: Uint32Array; at: number }[];
  /** The key that is looked for. */
  readonly #sought: Uint32Array;
  /** The words of each slot's key. */
  #keys: Uint32Array;
  /** Slots + 1 by hash; 0 is free. */
  #table = new Int32Array(128);
  #count = 0;

  constructor(columns: readonly ColumnLayout[], where: string) {
    this.#columns = columns;
    this.#where = where;
    let at = 0;
    this.#cells = columns.map(({ base, width }) => {
      const words = new Uint32Array(Math.max(2, Math.ceil(width / 4)));
      const numbers = numbersOf(base, new Uint8Array(words.buffer));
      const cell = { numbers, words: words.subarray(0, Math.ceil(width / 4)), at };
      at += cell.words.length;
      return cell;
    });
    this.#width = at;
    this.#sought = new Uint32Array(at);
    this.#keys = new Uint32Array(64 * at);
    this.#isPlain = columns.length === 1 && columns[0]?.type === "u32";
  }

  find(key: unknown): number {
    this.#seek(key);
    return (this.#table[this.#place()] as number) - 1;
  }

  /** Where in the table the sought key stands, or the free place where the search for it ends. */
  #place(): number {
    const table = this.#table;
    const keys = this.#keys;
    const sought = this.#sought;
    const width = this.#width;
    const mask = table.length - 1;
    for (let at = hashOf(sought, 0, width) & mask; ; at = (at + 1) & mask) {
      const entry = table[at] as number;
      if (entry === 0) return at;
      let word = 0;
      for (let key = (entry - 1) * width; word < width && keys[key] === sought[word]; word++) key++;
      if (word === width) return at;
    }
  }

  add(key: unknown, slot: number): void {
    this.#seek(key);
    this.#reserve(slot);
    if (this.#width === 1) this.#keys[slot] = this.#sought[0] as number;
    else this.#keys.set(this.#sought, slot * this.#width);
    this.#insert(slot);
  }

  remove(key: unknown): number {
    this.#seek(key);
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#place();
    const slot = (table[hole] as number) - 1;
    if (slot === -1) return -1;
    // Later entries of the same run move up, so that no search ends early.
    for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const other = (table[at] as number) - 1;
      const home = hashOf(this.#keys, other * this.#width, this.#width) & mask;
      const isBehindHome = ((at - home) & mask) >= ((at - hole) & mask);
      if (!isBehindHome) continue;
      table[hole] = other + 1;
      hole = at;
    }
    table[hole] = 0;
    this.#count -= 1;
    return slot;
  }

  build(columns: readonly ColumnImage[], live: Uint8Array): void {
    this.#table = new Int32Array(128);
    this.#count = 0;
    this.#reserve(Math.max(live.length - 1, 0));
    for (let slot = 0; slot < live.length; slot++) {
      if (live[slot] === 0) continue;
      this.#read(columns, slot);
      this.#keys.set(this.#sought, slot * this.#width);
      this.#insert(slot);
    }
  }

  /** Brings a key into the form that is looked for. */
  #seek(key: unknown): void {
    if (this.#isPlain && typeof key === "number" && key >>> 0 === key) {
      this.#sought[0] = key;
      return;
    }
    const parts = partsOf(key, this.#columns, this.#where);
    this.#cells.forEach(({ numbers, words, at }, i) => {
      const column = this.#columns[i] as ColumnLayout;
      writeElement(column, numbers, 0, parts[i], `${this.#where}.${column.name}`);
      this.#sought.set(words, at);
    });
  }

  #read(columns: readonly ColumnImage[], slot: number): void {
    this.#cells.forEach(({ numbers, words, at }, i) => {
      const { width } = this.#columns[i] as ColumnLayout;
      const bytes = (columns[i] as ColumnImage).bytes.subarray(slot * width, (slot + 1) * width);
      new Uint8Array(numbers.buffer).set(bytes);
      this.#sought.set(words, at);
    });
  }

  #insert(slot: number): void {
    if (2 * (this.#count + 1) > this.#table.length) this.#rehash();
    this.#count += 1;
    this.#enter(slot);
  }

  #enter(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let at = hashOf(this.#keys, slot * this.#width, this.#width) & mask;
    while (table[at] !== 0) at = (at + 1) & mask;
    table[at] = slot + 1;
  }

  #rehash(): void {
    const old = this.#table;
    this.#table = new Int32Array(2 * old.length);
    for (const entry of old) if (entry !== 0) this.#enter(entry - 1);
  }

  #reserve(slot: number): void {
    const needed = (slot + 1) * this.#width;
    if (needed <= this.#keys.length) return;
    const grown = new Uint32Array(Math.max(needed, 2 * this.#keys.length));
    grown.set(this.#keys);
    this.#keys = grown;
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain), word by word. */
function hashOf(words: Uint32Array, at: number, width: number): number {
  let hash = 0;
  for (let word = 0; word < width; word++) {
    hash ^= words[at + word] as number;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Keys with a text in them. */
class TextIndex implements KeyIndex {
  readonly #columns: readonly ColumnLayout[];
  readonly #where: string;
  /** One element of each column of fixed width: identifiers have several spellings. */
  readonly #cells: readonly NumericArray[];
  readonly #slots = new Map<string, number>();

  constructor(columns: readonly ColumnLayout[], where: string) {
    this.#columns = columns;
    this.#where = where;
    this.#cells = columns.map(({ base, width }) => numbersOf(base, new Uint8Array(width)));
  }

  find(key: unknown): number {
    return this.#slots.get(this.#textOf(key)) ?? -1;
  }

  add(key: unknown, slot: number): void {
    this.#slots.set(this.#textOf(key), slot);
  }

  remove(key: unknown): number {
    const text = this.#textOf(key);
    const slot = this.#slots.get(text) ?? -1;
    this.#slots.delete(text);
    return slot;
  }

  build(columns: readonly ColumnImage[], live: Uint8Array): void {
    this.#slots.clear();
    for (let slot = 0; slot < live.length; slot++) {
      if (live[slot] === 0) continue;
      const parts = this.#columns.map((column, i) => {
        const { bytes, values } = columns[i] as ColumnImage;
        if (column.width === 0) return decodeValue("utf8", values[slot] as Uint8Array);
        return readElement(column, numbersOf(column.base, bytes), slot);
      });
      this.add(parts.length === 1 ? parts[0] : parts, slot);
    }
  }

  #textOf(key: unknown): string {
    const parts = partsOf(key, this.#columns, this.#where);
    if (parts.length === 1) return this.#part(0, key);
    return JSON.stringify(parts.map((part, i) => this.#part(i, part)));
  }

  #part(i: number, value: unknown): string {
    const column = this.#columns[i] as ColumnLayout;
    const where = `${this.#where}.${column.name}`;
    if (column.width === 0) {
      if (typeof value === "string" && value.isWellFormed()) return value;
      throw refused(where, "well-formed text", value);
    }
    const cell = this.#cells[i] as NumericArray;
    writeElement(column, cell, 0, value, where);
    const element = readElement(column, cell, 0) as string | number | bigint;
    return String(element);
  }
}
