/** Compares what stands in a state, live or past, with what the model holds. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { Choices } from "./choices.ts";
import { bytesOf } from "./naive-state.ts";
import type { AnyLog, AnyRow, AnyRows } from "./rows-doors.ts";
import { keyOf, type Key, type Row, type Slots } from "./rows-model.ts";
import { keyTypesOf, type RowsPlan } from "./rows-plans.ts";
import { isElement, isVariable, keyElement, spelled, widthOf, type Cell } from "./rows-values.ts";

/** What is looked at beside the rows themselves. */
export interface Looks {
  /** The arrays behind the columns, too; asking a live table for them makes it look at every slot from then on. */
  readonly views: boolean;
  /** Slots without a row are nothing: true of the past, and of the live state once it is committed. */
  readonly isPast: boolean;
}

export function checkRows(
  rows: AnyRows,
  plan: RowsPlan,
  slots: Slots,
  choices: Choices,
  what: string,
  looks: Looks,
): void {
  const where = `${what}: ${plan.name}`;
  const living = slots.flatMap((row, slot) => (row === undefined ? [] : [{ row, slot }]));
  assert.equal(rows.size, living.length, `${where} has another size`);
  if (looks.isPast) assert.equal(rows.slotCount, slots.length, `${where}: slotCount`);
  let position = 0;
  for (const found of rows) checkRow(found, plan, living[position++]?.row, where);
  assert.equal(position, living.length, `${where} gives fewer rows than its size`);
  const keys = [...rows.keys()];
  living.forEach(({ row }, i) => assert.deepStrictEqual(keys[i], keyOf(plan, row), where));
  assert.equal(keys.length, living.length, where);
  for (let i = Math.min(3, living.length); i > 0; i--) {
    const { row, slot } = choices.pick(living);
    checkFound(rows, plan, row, slot, choices, where);
  }
  checkAbsent(rows, plan, slots, choices, where);
  if (looks.views) checkViews(rows, plan, slots, where, looks.isPast);
  if (plan.kind === "edges") checkNeighbours(rows, plan, living, choices, where);
}

function checkRow(found: AnyRow, plan: RowsPlan, row: Row | undefined, where: string): void {
  assert(row !== undefined, `${where} gives more rows than its size`);
  plan.columns.forEach(([name], column) => {
    const cell = row[column] as Cell;
    if (isElement(found[name], cell)) return;
    const [one, other] = [inspect(found[name]), inspect(cell.element)];
    assert.fail(`${where}, row ${inspect(keyOf(plan, row))}, ${name}: ${one} instead of ${other}`);
  });
}

function checkSlot(rows: AnyRows, key: unknown, slot: number, where: string): void {
  const found = rows.slotOf(key);
  if (found !== slot) assert.fail(`${where}: ${inspect(key)} is in slot ${found}, not ${slot}`);
}

/** A key as a caller may write it. */
export function spelledKey(key: Key, choices: Choices): unknown {
  return Array.isArray(key)
    ? key.map((part: unknown) => spelled(part, choices))
    : spelled(key, choices);
}

function checkFound(
  rows: AnyRows,
  plan: RowsPlan,
  row: Row,
  slot: number,
  choices: Choices,
  where: string,
): void {
  const key = spelledKey(keyOf(plan, row), choices);
  checkSlot(rows, key, slot, where);
  assert.equal(rows.has(key), true, where);
  checkRow(rows.get(key) as AnyRow, plan, row, where);
  checkRow(rows.rowAt(slot) as AnyRow, plan, row, where);
}

/** Keys that were there once, or never. */
function checkAbsent(
  rows: AnyRows,
  plan: RowsPlan,
  slots: Slots,
  choices: Choices,
  where: string,
): void {
  const parts = keyTypesOf(plan).map((type) => keyElement(type, choices.below(30)));
  const key = (parts.length === 1 ? parts[0] : parts) as Key;
  const slot = slots.findIndex(
    (row) => row !== undefined && [keyOf(plan, row)].flat().every((part, i) => part === parts[i]),
  );
  checkSlot(rows, key, slot, where);
  assert.equal(rows.has(key), slot !== -1, where);
  assert.equal(rows.get(key) === undefined, slot === -1, where);
  const free = slots.indexOf(undefined);
  for (const none of [-1, slots.length, free, 0.5]) {
    if (slots[none] === undefined) assert.equal(rows.rowAt(none), undefined, where);
  }
}

function checkViews(
  rows: AnyRows,
  { columns }: RowsPlan,
  slots: Slots,
  where: string,
  isPast: boolean,
): void {
  const { live } = rows;
  live.forEach((lives, slot) => {
    assert.equal(lives, slots[slot] === undefined ? 0 : 1, `${where}: live[${slot}]`);
  });
  assert(live.length >= slots.length, where);
  const names = columns.filter(([, type]) => !isVariable(type)).map(([name]) => name);
  assert.deepEqual(Object.keys(rows.columns).sort(), names.sort(), where);
  columns.forEach(([name, type], column) => {
    if (isVariable(type)) return;
    const width = widthOf(type);
    const bytes = bytesOf(rows.columns[name]);
    const expected = isPast ? new Uint8Array(bytes.length) : bytes.slice();
    slots.forEach((row, slot) => {
      if (row !== undefined) expected.set((row[column] as Cell).bits, slot * width);
    });
    if (Buffer.compare(bytes, expected) === 0) return;
    const at = expected.findIndex((byte, i) => byte !== bytes[i]);
    const place = `${name}[${Math.floor(at / width)}]`;
    assert.fail(`${where}.${place}, byte ${at % width}: ${bytes[at]} instead of ${expected[at]}`);
  });
}

function checkNeighbours(
  rows: AnyRows,
  plan: RowsPlan,
  living: readonly { readonly row: Row }[],
  choices: Choices,
  where: string,
): void {
  for (const end of [0, 1] as const) {
    const type = keyTypesOf(plan)[end] as "u8";
    const isKnown = living.length > 0 && choices.chance(0.8);
    const node = isKnown
      ? (choices.pick(living).row[end] as Cell).element
      : keyElement(type, choices.below(8));
    const given = spelled(node, choices);
    const found = end === 0 ? rows.outgoing(given) : rows.incoming(given);
    const expected = living.filter(({ row }) => (row[end] as Cell).element === node);
    assert.equal(found.length, expected.length, `${where}: edges at ${String(given)}`);
    expected.forEach(({ row }, i) => checkRow(found[i] as AnyRow, plan, row, where));
  }
}

export function checkLog(log: AnyLog, plan: RowsPlan, rows: readonly Row[], what: string): void {
  const where = `${what}: ${plan.name}`;
  assert.equal(log.size, rows.length, `${where} has another size`);
  const found = [...log];
  assert.equal(found.length, rows.length, where);
  rows.forEach((row, position) => {
    checkRow(found[position] as AnyRow, plan, row, where);
    checkRow(log.at(position) as AnyRow, plan, row, where);
  });
  const last = log.at(-1);
  assert.equal(last === undefined, rows.length === 0, where);
  if (last !== undefined) checkRow(last, plan, rows.at(-1), where);
  assert.equal(log.at(rows.length), undefined, where);
}

/** One row that was read. */
export function checkEntry(found: AnyRow, plan: RowsPlan, row: Row, what: string): void {
  checkRow(found, plan, row, `${what}: ${plan.name}`);
}

/** What the derived stores give: how many rows there are, and where. */
export function checkDerived(state: object, plan: RowsPlan, slots: Slots, what: string): void {
  const { census, places } = state as unknown as {
    readonly census: { readonly rows: number };
    readonly places: AnyRows;
  };
  const living = slots.flatMap((row, slot) => (row === undefined ? [] : [{ row, slot }]));
  assert.equal(census.rows, living.length, `${what}: census`);
  assert.equal(places.size, living.length, `${what}: places`);
  const found = [...places];
  living.forEach(({ row, slot }, i) => {
    const place = found[i] as AnyRow;
    assert.equal(place["slot"], slot, `${what}: places`);
    plan.key.forEach((column) => {
      const name = plan.columns[column]?.[0] as string;
      assert.equal(place[name], (row[column] as Cell).element, `${what}: places`);
    });
  });
}
