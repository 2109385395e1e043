import { bytesOf } from "../../format/bytes.ts";
import { isNumericType, isVariable, numbersOf } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout } from "../../format/layout.ts";
import type { Element, NumericArray, VariableType } from "../../types.ts";
import { checkNumber, decodeValue, encodeValue, readElement, writeElement } from "../elements.ts";

/** The elements of one column of a live table or log, by slot. */
export interface LiveColumn {
  readonly layout: ColumnLayout;
  /** The array behind a column of fixed width. */
  readonly numbers: NumericArray | undefined;
  grow(capacity: number): void;
  get(slot: number): Element;
  /** A value in the form that `put` takes, valid until the next call. @throws WORLD_VALUE */
  prepare(value: unknown): unknown;
  put(slot: number, prepared: unknown): void;
  clear(slot: number): void;
  /** The bits of the slots [0, slots), lent until the next change; values behind them are nothing. */
  image(slots: number): ColumnImage;
  load(image: ColumnImage): void;
}

/** @param where names the column, for error messages. */
export function makeLiveColumn(layout: ColumnLayout, where: string): LiveColumn {
  if (isVariable(layout.type)) return new VariableColumn(layout, where);
  return new FixedColumn(layout, where);
}

export class FixedColumn implements LiveColumn {
  readonly layout: ColumnLayout;
  readonly prepare: (value: unknown) => unknown;
  /** Numbers in an element. */
  readonly #length: number;
  #numbers: NumericArray;
  /** What stood here before it grew, filled with ones: whoever still writes there is found. */
  #outgrown: Uint8Array[] = [];

  constructor(layout: ColumnLayout, where: string) {
    this.layout = layout;
    this.#numbers = numbersOf(layout.base, new Uint8Array(0));
    this.#length = layout.width / this.#numbers.BYTES_PER_ELEMENT;
    this.prepare = preparation(layout, where);
  }

  get numbers(): NumericArray {
    return this.#numbers;
  }

  grow(capacity: number): void {
    const old = bytesOf(this.#numbers);
    const bytes = new Uint8Array(capacity * this.layout.width);
    bytes.set(old);
    this.#numbers = numbersOf(this.layout.base, bytes);
    if (old.length === 0) return;
    old.fill(0xff);
    this.#outgrown.push(old);
  }

  /** Whether a view from before the last growth was written to, since this was last asked. */
  wasWrittenElsewhere(): boolean {
    const outgrown = this.#outgrown;
    this.#outgrown = [];
    return outgrown.some((bytes) => bytes.some((byte) => byte !== 0xff));
  }

  get(slot: number): Element {
    return readElement(this.layout, this.#numbers, slot);
  }

  put(slot: number, prepared: unknown): void {
    if (this.#length === 1) this.#numbers[slot] = prepared as never;
    else this.#numbers.set(prepared as never, slot * this.#length);
  }

  clear(slot: number): void {
    const { base } = this.layout;
    const zero = (base === "u64" || base === "i64" ? 0n : 0) as never;
    if (this.#length === 1) this.#numbers[slot] = zero;
    else this.#numbers.fill(zero, slot * this.#length, (slot + 1) * this.#length);
  }

  /** Takes over the element of another column of this form. */
  copyFrom(other: LiveColumn, slot: number): void {
    const from = other.numbers as NumericArray;
    for (let i = slot * this.#length; i < (slot + 1) * this.#length; i++) {
      this.#numbers[i] = from[i] as never;
    }
  }

  image(slots: number): ColumnImage {
    const bytes = bytesOf(this.#numbers).subarray(0, slots * this.layout.width);
    return { bytes, values: noValues };
  }

  load({ bytes }: ColumnImage): void {
    const own = bytesOf(this.#numbers);
    own.set(bytes);
    own.fill(0, bytes.length);
  }
}

/** Numbers are checked by looking at what becomes of them, which costs less than looking at their range. */
function preparation(layout: ColumnLayout, where: string): (value: unknown) => unknown {
  const { type, base, width } = layout;
  const cell = numbersOf(base, new Uint8Array(width));
  if (!isNumericType(type)) {
    return (value) => {
      writeElement(layout, cell, 0, value, where);
      return cell.length === 1 ? cell[0] : cell;
    };
  }
  if (base === "f64" || base === "f32" || base === "f16") {
    return (value) => (typeof value === "number" ? value : checkNumber(type, value, where));
  }
  const kind = base === "u64" || base === "i64" ? "bigint" : "number";
  return (value) => {
    if (typeof value !== kind) return checkNumber(type, value, where);
    cell[0] = value as never;
    return cell[0] === value ? value : checkNumber(type, value, where);
  };
}

const noValues: readonly Uint8Array[] = [];
const noBytes = new Uint8Array(0);
/** Texts whose bytes are remembered, so that equal ones share them. */
const knownTextsMax = 4096;

class VariableColumn implements LiveColumn {
  readonly layout: ColumnLayout;
  readonly numbers = undefined;
  readonly #where: string;
  readonly #type: VariableType;
  #values: Uint8Array[] = [];
  readonly #known = new Map<string, Uint8Array>();

  constructor(layout: ColumnLayout, where: string) {
    this.layout = layout;
    this.#where = where;
    this.#type = layout.type as VariableType;
  }

  grow(capacity: number): void {
    while (this.#values.length < capacity) this.#values.push(noBytes);
  }

  get(slot: number): Element {
    const value = decodeValue(this.#type, this.#values[slot] as Uint8Array);
    // A change of what was read would be lost: it must fail instead.
    return this.#type === "json" ? frozen(value) : value;
  }

  prepare(value: unknown): Uint8Array {
    if (this.#type !== "utf8" || typeof value !== "string") {
      return encodeValue(this.#type, value, this.#where);
    }
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const bytes = encodeValue(this.#type, value, this.#where);
    if (this.#known.size >= knownTextsMax) this.#known.clear();
    this.#known.set(value, bytes);
    return bytes;
  }

  put(slot: number, prepared: unknown): void {
    const bytes = prepared as Uint8Array;
    // The same bytes stay the same object, so that nobody need compare them.
    if (!isSame(this.#values[slot] as Uint8Array, bytes)) this.#values[slot] = bytes;
  }

  clear(slot: number): void {
    this.#values[slot] = noBytes;
  }

  image(): ColumnImage {
    return { bytes: noBytes, values: this.#values };
  }

  load({ values }: ColumnImage): void {
    values.forEach((value, slot) => (this.#values[slot] = value));
    this.#values.fill(noBytes, values.length);
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function frozen(value: Element): Element {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) frozen(item as Element);
  return Object.freeze(value);
}
