import { bytesOf } from "../../format/bytes.ts";
import { isNumericType, isVariable, numbersOf } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout } from "../../format/layout.ts";
import type { Element, NumericArray, VariableType } from "../../types.ts";
import {
  checkNumber,
  decodeValue,
  encodeValue,
  integerRanges,
  readElement,
  writeElement,
} from "../elements.ts";

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
  /** Makes nothing of the slots [begin, end). */
  clear(begin: number, end: number): void;
  /** The bits of the slots [0, slots), lent until the next change; values behind them are nothing. */
  image(slots: number): ColumnImage;
  load(image: ColumnImage): void;
}

/** @param where names the column, for error messages. */
export function makeLiveColumn(layout: ColumnLayout, where: string): LiveColumn {
  if (isVariable(layout.type)) return new VariableColumn(layout, where);
  return new FixedColumn(layout, where);
}

/** How the elements of a column are checked: as a float, a whole number of up to 32 bits, a wider one, or otherwise. */
const Check = { float: 0, whole: 1, wide: 2, element: 3 } as const;
type Check = (typeof Check)[keyof typeof Check];

function checkOf({ type, base, width }: ColumnLayout): Check {
  if (!isNumericType(type)) return Check.element;
  if (base.startsWith("f")) return Check.float;
  return width === 8 ? Check.wide : Check.whole;
}

function rangeOf({ type }: ColumnLayout): readonly [number, number] {
  return integerRanges[type] as readonly [number, number];
}

export class FixedColumn implements LiveColumn {
  readonly layout: ColumnLayout;
  readonly #where: string;
  readonly #check: Check;
  /** Of whole numbers of up to 32 bits: both ends included. */
  readonly #low: number;
  readonly #high: number;
  /** One element, for what is more than a number. */
  readonly #cell: NumericArray;
  /** Numbers in an element. */
  readonly #length: number;
  readonly #zero: never;
  #numbers: NumericArray;
  /** What stood here before it grew, filled with ones: whoever still holds it and writes there is found. */
  #outgrown: WeakRef<ArrayBufferLike>[] = [];

  constructor(layout: ColumnLayout, where: string) {
    this.layout = layout;
    this.#numbers = numbersOf(layout.base, new Uint8Array(0));
    this.#length = layout.width / this.#numbers.BYTES_PER_ELEMENT;
    this.#zero = (layout.base === "u64" || layout.base === "i64" ? 0n : 0) as never;
    this.#where = where;
    this.#cell = numbersOf(layout.base, new Uint8Array(layout.width));
    this.#check = checkOf(layout);
    [this.#low, this.#high] = this.#check === Check.whole ? rangeOf(layout) : [0, 0];
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
    this.#outgrown.push(new WeakRef(old.buffer));
  }

  /** Whether a view from before a growth was written to, since this was last asked. */
  wasWrittenElsewhere(): boolean {
    let wasWritten = false;
    this.#outgrown = this.#outgrown.filter((reference) => {
      const buffer = reference.deref();
      if (buffer === undefined) return false;
      const bytes = new Uint8Array(buffer);
      const isWritten = bytes.some((byte) => byte !== 0xff);
      if (isWritten) bytes.fill(0xff);
      wasWritten ||= isWritten;
      return true;
    });
    return wasWritten;
  }

  get(slot: number): Element {
    return readElement(this.layout, this.#numbers, slot);
  }

  prepare(value: unknown): unknown {
    const check = this.#check;
    if (typeof value === "number") {
      if (check === Check.float) return value;
      const isWithin = value >= this.#low && value <= this.#high && Math.trunc(value) === value;
      if (check === Check.whole && isWithin) return value;
    }
    if (check !== Check.element) {
      return checkNumber(this.layout.base, value, this.#where);
    }
    writeElement(this.layout, this.#cell, 0, value, this.#where);
    return this.#length === 1 ? this.#cell[0] : this.#cell;
  }

  put(slot: number, prepared: unknown): void {
    if (this.#length === 1) this.#numbers[slot] = prepared as never;
    else this.#numbers.set(prepared as never, slot * this.#length);
  }

  clear(begin: number, end: number): void {
    if (this.#length === 1 && end === begin + 1) this.#numbers[begin] = this.#zero;
    else this.#numbers.fill(this.#zero, begin * this.#length, end * this.#length);
  }

  /** Takes over the element of another column of this form. */
  copyFrom(other: FixedColumn, slot: number): void {
    const from = other.#numbers;
    if (this.#length === 1) {
      this.#numbers[slot] = from[slot] as never;
      return;
    }
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

  clear(begin: number, end: number): void {
    this.#values.fill(noBytes, begin, end);
  }

  image(): ColumnImage {
    return { bytes: noBytes, values: this.#values };
  }

  load({ values }: ColumnImage): void {
    for (let slot = 0; slot < values.length; slot++)
      this.#values[slot] = values[slot] as Uint8Array;
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
