/** Explicit changes: drawn, made in the model, and given in any order. */
import type { ChangesOf, StateDefinition } from "everytick";
import type { Choices } from "./choices.ts";
import { spelledKey } from "./rows-checks.ts";
import {
  compareKeys,
  isSameCell,
  isSameSlots,
  keyOf,
  keyOfValues,
  rowOf,
  RowsModel,
  type Key,
  type Row,
  type Slots,
} from "./rows-model.ts";
import { valuesFor, type RowsPlan, type Values } from "./rows-plans.ts";
import { isPlain, spelled, type Cell } from "./rows-values.ts";

/** Of one store; a log is only appended to. */
export interface RowChanges {
  readonly plan: RowsPlan;
  readonly delete: readonly Key[];
  readonly insert: readonly Values[];
  readonly update: readonly Values[];
  readonly append: readonly Values[];
}
const none = { delete: [], insert: [], update: [], append: [] } as const;

export function drawChanges(plan: RowsPlan, model: RowsModel, choices: Choices): RowChanges {
  if (plan.kind === "log") return { plan, ...none, append: rowsFor(plan, choices) };
  const deleted: Key[] = [];
  const update: Values[] = [];
  const share = choices.pick([0.1, 0.3, 0.9]);
  for (const row of model.rows) {
    const [dies, changes] = [choices.chance(share), choices.chance(share)];
    if (dies) deleted.push(keyOf(plan, row));
    else if (changes) update.push(updateOf(plan, row, choices));
  }
  const born = new RowsModel(plan);
  const insert = rowsFor(plan, choices).filter((values) => {
    const key = keyOfValues(plan, values);
    const isNew = model.slotOf(key) === -1 && born.slotOf(key) === -1;
    if (isNew) born.insert(values);
    return isNew;
  });
  return { plan, ...none, delete: deleted, insert, update };
}

function rowsFor(plan: RowsPlan, choices: Choices): Values[] {
  return Array.from({ length: choices.below(5) }, () => valuesFor(plan, choices));
}

function updateOf(plan: RowsPlan, row: Row, choices: Choices): Values {
  const others = valuesFor(plan, choices);
  const values = plan.columns.flatMap(([name, type], column): [string, unknown][] => {
    const cell = row[column] as Cell;
    if (plan.key.includes(column)) return [[name, cell.element]];
    if (!others.has(name)) return [];
    // A write of the same bits is no change.
    const isSame = choices.chance(0.2) && isPlain(type, cell);
    return [[name, isSame ? cell.element : others.get(name)]];
  });
  return new Map(values);
}

/** What is deleted, then what is inserted in order of keys, then what is updated. */
export function makeChanges(model: RowsModel, changes: RowChanges): void {
  const { plan } = changes;
  for (const key of changes.delete) model.delete(key);
  const inserted = changes.insert.map((values) => ({ key: keyOfValues(plan, values), values }));
  inserted.sort((a, b) => compareKeys(a.key, b.key));
  for (const { values } of inserted) model.insert(values);
  for (const values of changes.update) model.update(values);
}

export function appended({ plan, append }: RowChanges): Row[] {
  return append.map((values) => rowOf(plan, values));
}

/** As a caller gives them: stores, lists (but a log's) and columns in any order, keys in any spelling. */
export function changesGiven(
  all: readonly RowChanges[],
  choices: Choices,
): ChangesOf<StateDefinition> {
  const stores = choices.shuffled(all).map((changes) => {
    const { plan } = changes;
    if (plan.kind === "log") return [plan.name, { append: changes.append.map(objectOf) }];
    const rows = (list: readonly Values[]): object[] =>
      choices.shuffled(list).map((values) => objectOf(respelled(plan, values, choices)));
    const lists: [string, unknown[]][] = [
      ["delete", choices.shuffled(changes.delete).map((key) => spelledKey(key, choices))],
      ["insert", rows(changes.insert)],
      ["update", rows(changes.update)],
    ];
    const given = lists.filter(([, list]) => list.length > 0 || choices.chance(0.5));
    return [plan.name, Object.fromEntries(choices.shuffled(given))] as const;
  });
  return Object.fromEntries(stores) as ChangesOf<StateDefinition>;
}

export function objectOf(values: Values): { [column: string]: unknown } {
  return Object.fromEntries(values);
}

export function respelled({ columns, key }: RowsPlan, values: Values, choices: Choices): Values {
  const keys = key.map((column) => columns[column]?.[0]);
  const entries = [...values].map(([name, given]): [string, unknown] => [
    name,
    keys.includes(name) ? spelled(given, choices) : given,
  ]);
  return new Map(choices.shuffled(entries));
}

/** The explicit changes that lead from some slots to others, if there are any. */
export function changesTo(plan: RowsPlan, before: Slots, after: Slots): RowChanges | undefined {
  const [from, to] = [new RowsModel(plan, before), new RowsModel(plan, after)];
  const deleted = from.rows.map((row) => keyOf(plan, row)).filter((key) => to.slotOf(key) === -1);
  const insert: Values[] = [];
  const update: Values[] = [];
  for (const row of to.rows) {
    const key = keyOf(plan, row);
    const old = from.at(from.slotOf(key));
    const isChanged = (column: number): boolean =>
      old === undefined || !isSameCell(old[column] as Cell, row[column] as Cell);
    const isPossible = plan.columns.every(
      ([, type], column) => !isChanged(column) || isPlain(type, row[column] as Cell),
    );
    if (!isPossible) return undefined;
    const values = valuesOf(plan, row, (column) => isChanged(column));
    if (old === undefined) insert.push(values);
    else if (values.size > plan.key.length) update.push(values);
  }
  const changes = { plan, ...none, delete: deleted, insert, update };
  makeChanges(from, changes);
  return isSameSlots(from.slots, after) ? changes : undefined;
}

/** A row's key and some of its columns, as they can be given. */
export function valuesOf(
  { columns, key }: RowsPlan,
  row: Row,
  isWanted: (column: number) => boolean = () => true,
): Values {
  const wanted = columns.flatMap(([name], column): [string, unknown][] =>
    isWanted(column) || key.includes(column) ? [[name, (row[column] as Cell).element]] : [],
  );
  return new Map(wanted);
}
