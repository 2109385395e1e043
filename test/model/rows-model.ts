/** The model: rows in a list of slots. Nothing of the engine is in it. */
import type { Change, Element } from "everytick";
import { keyTypesOf, type RowsPlan, type Values } from "./rows-plans.ts";
import { cellOf, keyElement, nothingIn, type Cell } from "./rows-values.ts";

/** A cell for each column; a row is never changed, another takes its place. */
export type Row = readonly Cell[];
/** Free ones are undefined; nothing lies behind the last. */
export type Slots = readonly (Row | undefined)[];
/** One element, or a list of them. */
export type Key = Element | readonly Element[];

export class RowsModel {
  readonly plan: RowsPlan;
  readonly #slots: (Row | undefined)[] = [];
  readonly #places = new Map<string, number>();
  #slotCount = 0;

  constructor(plan: RowsPlan, slots: Slots = []) {
    this.plan = plan;
    slots.forEach((row, slot) => {
      if (row !== undefined) this.#put(slot, row);
    });
  }

  /** One more than the highest slot that was ever in use. */
  get slotCount(): number {
    return this.#slotCount;
  }

  get size(): number {
    return this.#places.size;
  }

  /** A copy. */
  get slots(): Slots {
    const end = this.#slots.findLastIndex((row) => row !== undefined) + 1;
    return this.#slots.slice(0, end);
  }

  /** In order of their slots. */
  get rows(): Row[] {
    return this.#slots.filter((row) => row !== undefined);
  }

  at(slot: number): Row | undefined {
    return this.#slots[slot];
  }

  slotOf(key: Key): number {
    return this.#places.get(textOf(key)) ?? -1;
  }

  insert(values: Values): number {
    return this.insertRow(rowOf(this.plan, values));
  }

  insertRow(row: Row): number {
    const free = this.#slots.indexOf(undefined);
    const slot = free === -1 ? this.#slots.length : free;
    this.#put(slot, row);
    return slot;
  }

  /** Changes the columns that are given. */
  update(values: Values): number {
    const slot = this.slotOf(keyOfValues(this.plan, values));
    this.replace(slot, updated(this.plan, this.#slots[slot] as Row, values));
    return slot;
  }

  /** Another row of the same key. */
  replace(slot: number, row: Row): void {
    this.#slots[slot] = row;
  }

  upsert(values: Values): number {
    const isThere = this.slotOf(keyOfValues(this.plan, values)) !== -1;
    return isThere ? this.update(values) : this.insert(values);
  }

  delete(key: Key): number {
    const slot = this.slotOf(key);
    this.#slots[slot] = undefined;
    this.#places.delete(textOf(key));
    return slot;
  }

  clear(): void {
    this.#slots.fill(undefined);
    this.#places.clear();
  }

  /** Rows that are there are made anew where they are, the others go, then what is missing comes, sorted. */
  assign(rows: readonly Values[]): void {
    const wanted = new Map(
      rows.map((values) => [textOf(keyOfValues(this.plan, values)), rowOf(this.plan, values)]),
    );
    for (const row of this.rows) {
      const key = keyOf(this.plan, row);
      const next = wanted.get(textOf(key));
      if (next === undefined) this.delete(key);
      else this.replace(this.slotOf(key), next);
    }
    const born = [...wanted.values()].filter((row) => this.slotOf(keyOf(this.plan, row)) === -1);
    born.sort((a, b) => compareKeys(keyOf(this.plan, a), keyOf(this.plan, b)));
    for (const row of born) this.insertRow(row);
  }

  #put(slot: number, row: Row): void {
    while (this.#slots.length < slot) this.#slots.push(undefined);
    this.#slots[slot] = row;
    this.#places.set(textOf(keyOf(this.plan, row)), slot);
    this.#slotCount = Math.max(this.#slotCount, slot + 1);
  }
}

function textOf(key: Key): string {
  return typeof key === "string" ? key : JSON.stringify([key].flat().map(String));
}

/** Columns that are left out are nothing. */
export function rowOf({ columns }: RowsPlan, values: Values): Row {
  return columns.map(([name, type]) =>
    values.has(name) ? cellOf(type, values.get(name)) : nothingIn(type),
  );
}

export function updated({ columns, key }: RowsPlan, row: Row, values: Values): Row {
  return columns.map(([name, type], column) => {
    const isGiven = values.has(name) && !key.includes(column);
    return isGiven ? cellOf(type, values.get(name)) : (row[column] as Cell);
  });
}

export function keyOf({ key }: RowsPlan, row: Row): Key {
  const parts = key.map((column) => (row[column] as Cell).element);
  return parts.length === 1 ? (parts[0] as Element) : parts;
}

export function keyOfValues({ columns, key }: RowsPlan, values: Values): Key {
  const parts = key.map((column) => values.get(columns[column]?.[0] as string) as Element);
  return parts.length === 1 ? (parts[0] as Element) : parts;
}

/** A key that no row has, drawn from the last ones there are; undefined if all are taken. */
export function spareKey(plan: RowsPlan, isTaken: (key: Key) => boolean): Key | undefined {
  const types = keyTypesOf(plan);
  for (let number = 255; number >= 0; number--) {
    const parts = types.map((type) => keyElement(type, number));
    const key = (parts.length === 1 ? parts[0] : parts) as Key;
    if (!isTaken(key)) return key;
  }
  return undefined;
}

/** By the size of numbers and the code units of texts, part by part. */
export function compareKeys(a: Key, b: Key): number {
  const [parts, others] = [[a].flat() as number[], [b].flat() as number[]];
  for (let i = 0; i < parts.length; i++) {
    const [one, other] = [parts[i] as number, others[i] as number];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

export function isSameRow(a: Row | undefined, b: Row | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || a.every((cell, column) => isSameCell(cell, b[column] as Cell));
}

export function isSameSlots(a: Slots, b: Slots): boolean {
  return a.length === b.length && a.every((row, slot) => isSameRow(row, b[slot]));
}

export function isSameCell(a: Cell, b: Cell): boolean {
  return a === b || Buffer.compare(a.bits, b.bits) === 0;
}

/** What leads from some slots to others, in order of column and slot. */
export function changesBetween(plan: RowsPlan, before: Slots, after: Slots): Change[] {
  const end = Math.max(before.length, after.length);
  const slots = Array.from({ length: end }, (_, slot) => slot);
  const place = (slot: number): Pick<Change, "store" | "index" | "key"> => {
    const row = (after[slot] ?? before[slot]) as Row;
    const named = plan.key.length === 0 ? {} : { key: keyOf(plan, row) };
    return { store: plan.name, index: slot, ...named };
  };
  const births = slots
    .filter((slot) => (before[slot] === undefined) !== (after[slot] === undefined))
    .map((slot) => {
      const [old, born] = [before, after].map((list) => (list[slot] === undefined ? 0 : 1));
      return { ...place(slot), column: "$live", old: old as number, new: born as number };
    });
  const others = plan.columns.flatMap(([name, type], column) => {
    const nothing = nothingIn(type);
    return slots.flatMap((slot) => {
      const [from, to] = [before, after].map((list) => list[slot]?.[column] ?? nothing);
      if (isSameCell(from as Cell, to as Cell)) return [];
      return { ...place(slot), column: name, old: from!.element, new: to!.element };
    });
  });
  return [...births, ...others];
}
