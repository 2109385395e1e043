/** Changes of a live table, made in the engine and in the model alike. */
import assert from "node:assert/strict";
import type { Choices } from "./choices.ts";
import { bytesOf } from "./naive-state.ts";
import { objectOf, respelled, valuesOf } from "./rows-changes.ts";
import { spelledKey } from "./rows-checks.ts";
import type { AnyTable } from "./rows-doors.ts";
import {
  isSameCell,
  keyOf,
  keyOfValues,
  spareKey,
  updated,
  type Key,
  type Row,
  type RowsModel,
  type Slots,
} from "./rows-model.ts";
import { keyTypesOf, valuesFor, type RowsPlan, type Values } from "./rows-plans.ts";
import {
  bitsFor,
  cellOf,
  cellOfBits,
  elementFor,
  isPlain,
  isVariable,
  keyElement,
  widthOf,
  type Cell,
} from "./rows-values.ts";

/** A live table and its model. */
export class RowsEditor {
  readonly plan: RowsPlan;
  readonly model: RowsModel;
  readonly #table: () => AnyTable;

  /** @param table as `state` gives it. */
  constructor(model: RowsModel, table: () => AnyTable) {
    this.plan = model.plan;
    this.model = model;
    this.#table = table;
  }

  get table(): AnyTable {
    return this.#table();
  }

  /** One random change. @param mayView whether the arrays behind the columns may be asked for. */
  edit(choices: Choices, mayView: boolean): void {
    const kind = choices.below(mayView ? 12 : 9);
    const values = valuesFor(this.plan, choices);
    const row = this.model.size === 0 ? undefined : choices.pick(this.model.rows);
    if (kind < 3 || row === undefined) this.upsert(values, choices);
    else if (kind < 5) this.delete(keyOf(this.plan, row), choices);
    else if (kind === 5) this.#rebirth(row, choices);
    else if (kind === 6) this.#update(row, choices);
    else if (kind === 7) this.#writeRow(row, choices);
    else if (kind === 8 && choices.chance(0.4)) this.#assignOrClear(choices);
    else if (kind === 9) this.#writeView(row, choices);
    else if (kind === 10) this.#sweepView(choices);
    else this.#reserve(choices);
  }

  upsert(values: Values, choices: Choices): void {
    const isThere = this.model.slotOf(keyOfValues(this.plan, values)) !== -1;
    const lent = objectOf(respelled(this.plan, values, choices));
    if (isThere) {
      assert.equal(this.table.upsert(lent), this.model.update(values));
    } else {
      const put = choices.chance(0.5) ? "insert" : "upsert";
      assert.equal(this.table[put](lent), this.model.insert(values));
    }
  }

  delete(key: Key, choices: Choices): void {
    this.table.delete(spelledKey(key, choices));
    this.model.delete(key);
  }

  /** A row dies and another of its key is born, perhaps in another slot. */
  #rebirth(row: Row, choices: Choices): void {
    this.delete(keyOf(this.plan, row), choices);
    this.upsert(valuesFor(this.plan, choices), choices);
    const values = new Map([...valuesFor(this.plan, choices), ...this.#keyValues(row)]);
    this.upsert(values, choices);
  }

  #keyValues(row: Row): Values {
    return valuesOf(this.plan, row, () => false);
  }

  #update(row: Row, choices: Choices): void {
    const all = new Map([...valuesFor(this.plan, choices), ...this.#keyValues(row)]);
    const names = this.plan.key.map((column) => this.plan.columns[column]?.[0]);
    // The key may be given again, as it is.
    const isNamed = choices.chance(0.5);
    const given = [...all].filter(([name]) => isNamed || !names.includes(name));
    const key = spelledKey(keyOf(this.plan, row), choices);
    assert.equal(this.table.update(key, Object.fromEntries(given)), this.model.update(all));
  }

  /** The columns that can be written in place, by position. */
  #writable(isWanted: (column: number) => boolean = () => true): number[] {
    const columns = this.plan.columns.map((_, column) => column);
    return columns.filter((column) => !this.plan.key.includes(column) && isWanted(column));
  }

  #writeRow(row: Row, choices: Choices): void {
    const [column] = choices.shuffled(this.#writable());
    if (column === undefined) return;
    const [name, type] = this.plan.columns[column] as RowsPlan["columns"][number];
    const slot = this.model.slotOf(keyOf(this.plan, row));
    const found = choices.chance(0.5)
      ? this.table.get(keyOf(this.plan, row))
      : [...this.table].at(this.model.rows.indexOf(row));
    const given = elementFor(type, choices);
    (found as Record<string, unknown>)[name] = given;
    this.model.replace(slot, updated(this.plan, row, new Map([[name, given]])));
  }

  #assignOrClear(choices: Choices): void {
    if (choices.chance(0.3)) {
      this.table.clear();
      this.model.clear();
      return;
    }
    const kept = this.model.rows.filter(() => choices.chance(0.7));
    const born = Array.from({ length: choices.below(3) }, () => valuesFor(this.plan, choices));
    const whole = kept.map(
      (row) => new Map([...valuesFor(this.plan, choices), ...this.#keyValues(row)]),
    );
    const texts = new Set<string>();
    const rows = choices.shuffled([...whole, ...born]).filter((values) => {
      const text = [keyOfValues(this.plan, values)].flat().map(String).join("\n");
      return !texts.has(text) && texts.add(text);
    });
    this.table.assign(rows.map((values) => objectOf(respelled(this.plan, values, choices))));
    this.model.assign(rows);
  }

  #fixed(): number[] {
    return this.#writable((column) => !isVariable(this.plan.columns[column]![1]));
  }

  /** Any bits, through the array behind a column. */
  #writeView(row: Row, choices: Choices): void {
    const [column] = choices.shuffled(this.#fixed());
    if (column === undefined) return;
    const slot = this.model.slotOf(keyOf(this.plan, row));
    this.#writeBits(slot, column, this.#bitsFor(column, choices));
  }

  #bitsFor(column: number, choices: Choices): Cell {
    const [, type] = this.plan.columns[column] as RowsPlan["columns"][number];
    if (type === "uuid" || type === "h3") return cellOf(type, elementFor(type, choices));
    return cellOfBits(type, bitsFor(type, choices));
  }

  #writeBits(slot: number, column: number, cell: Cell): void {
    const [name, type] = this.plan.columns[column] as RowsPlan["columns"][number];
    bytesOf(this.table.columns[name]).set(cell.bits, slot * widthOf(type));
    const row = this.model.at(slot) as Row;
    this.model.replace(
      slot,
      row.map((old, i) => (i === column ? cell : old)),
    );
  }

  /** A loop over a column that does not ask which slots live. */
  #sweepView(choices: Choices): void {
    const [column] = choices.shuffled(this.#fixed());
    if (column === undefined) return;
    const cell = this.#bitsFor(column, choices);
    const [name, type] = this.plan.columns[column] as RowsPlan["columns"][number];
    const bytes = bytesOf(this.table.columns[name]);
    const width = widthOf(type);
    for (let slot = 0; slot < this.table.slotCount; slot++) {
      if (this.model.at(slot) === undefined) bytes.set(cell.bits, slot * width);
      else this.#writeBits(slot, column, cell);
    }
  }

  #reserve(choices: Choices): void {
    this.table.reserve(choices.pick([0, 1, 64, 65, 130]));
  }

  /** Across the first doublings, as far as there are keys. */
  grow(until: () => boolean, choices: Choices): void {
    const types = keyTypesOf(this.plan);
    for (let number = 255; number >= 0 && !until(); number--) {
      const parts = types.map((type) => keyElement(type, number));
      const key = (parts.length === 1 ? parts[0] : parts) as Key;
      if (this.model.slotOf(key) === -1) this.upsert(this.#valuesOfKey(key, choices), choices);
    }
  }

  #valuesOfKey(key: Key, choices: Choices): Values {
    const parts = [key].flat() as unknown[];
    const names = this.plan.key.map((column) => this.plan.columns[column]?.[0] as string);
    return new Map([
      ...valuesFor(this.plan, choices),
      ...names.map((name, i) => [name, parts[i]] as const),
    ]);
  }

  /** Brings the live table to any other content, slot by slot. */
  become(target: Slots, choices: Choices): void {
    const wanted = new Map(target.map((row, slot) => [slot, row]));
    this.model.slots.forEach((row, slot) => {
      if (row === undefined) return;
      const next = wanted.get(slot);
      const isSame = next !== undefined && this.#isSameKey(row, next);
      if (!isSame) this.delete(keyOf(this.plan, row), choices);
    });
    const fillers: Key[] = [];
    const keys = new Set(target.flatMap((row) => (row === undefined ? [] : [this.#text(row)])));
    target.forEach((row, slot) => {
      if (this.model.at(slot) !== undefined) return;
      if (row !== undefined) {
        this.upsert(valuesOf(this.plan, row), choices);
        return;
      }
      const isTaken = (key: Key): boolean =>
        this.model.slotOf(key) !== -1 || keys.has([key].flat().map(String).join("\n"));
      const filler = spareKey(this.plan, isTaken) as Key;
      this.upsert(this.#valuesOfKey(filler, choices), choices);
      fillers.push(filler);
    });
    target.forEach((row, slot) => {
      if (row !== undefined) this.#becomeRow(slot, row);
    });
    for (const filler of fillers) this.delete(filler, choices);
  }

  #becomeRow(slot: number, row: Row): void {
    const now = this.model.at(slot) as Row;
    const isChanged = (column: number): boolean =>
      !isSameCell(now[column] as Cell, row[column] as Cell);
    const changed = this.#writable(isChanged);
    if (changed.length === 0) return;
    const values = valuesOf(this.plan, row, isChanged);
    assert.equal(this.table.update(keyOf(this.plan, row), objectOf(values)), slot);
    this.model.update(values);
    for (const column of changed) {
      const [, type] = this.plan.columns[column] as RowsPlan["columns"][number];
      const cell = row[column] as Cell;
      if (!isPlain(type, cell)) this.#writeBits(slot, column, cell);
    }
  }

  #text(row: Row): string {
    return [keyOf(this.plan, row)].flat().map(String).join("\n");
  }

  #isSameKey(a: Row, b: Row): boolean {
    return this.plan.key.every((column) => isSameCell(a[column] as Cell, b[column] as Cell));
  }
}
