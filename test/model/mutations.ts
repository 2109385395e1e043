/** Random changes of a state: in place, as a simulation makes them, or as the explicit changes of a commit. */
import type { ChangesOf, Element, NumericType, StateDefinition } from "everytick";
import {
  arrayClasses,
  bitsOfElement,
  elementOf,
  valueOf,
  widths,
  type Choices,
} from "./choices.ts";
import { bytesOf, copyOf, NaiveState } from "./naive-state.ts";
import { rowsOf, type GridPlan, type SchemaPlan, type ValuePlan } from "./schemas.ts";

export type Density = "empty" | "sparse" | "dense";

/** Writes new bits into live arrays and records. */
export function mutate(plan: SchemaPlan, state: object, choices: Choices, density: Density): void {
  if (density === "empty") return;
  for (const store of plan.stores) {
    const content = (state as Record<string, unknown>)[store.name];
    if (store.kind === "grid") {
      const bytes = bytesOf(content);
      for (const row of rowsToChange(store, choices, density)) {
        bytes.set(bitsOfElement(store.type, choices), row * widths[store.type]);
      }
    } else {
      for (const [column, type] of columnsToChange(store, choices, density)) {
        (content as Record<string, Element>)[column] = valueOf(type, choices);
      }
    }
  }
}

/** Changes for a commit, and the state that they lead to. */
export function explicitly(
  before: NaiveState,
  choices: Choices,
  density: Density,
): { changes: ChangesOf<StateDefinition>; after: NaiveState } {
  const { plan } = before;
  const changes: Record<string, unknown> = {};
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(changes, name, { value, enumerable: true, configurable: true });
  };
  const state: Record<string, unknown> = Object.fromEntries(
    plan.stores.map((store) => [store.name, copyOfStore(before, store)]),
  );
  // The order of stores in the changes means nothing.
  for (const store of choices.shuffled(plan.stores)) {
    if (density === "empty" && choices.chance(0.5)) continue;
    const content = state[store.name];
    define(
      store.name,
      store.kind === "grid"
        ? gridChanges(store, content as Record<number, number | bigint>, choices, density)
        : valueChanges(store, content as Record<string, Element>, choices, density),
    );
  }
  return { changes: changes as ChangesOf<StateDefinition>, after: NaiveState.of(plan, state) };
}

function copyOfStore(before: NaiveState, store: GridPlan | ValuePlan): unknown {
  if (store.kind === "grid")
    return new arrayClasses[store.type](before.grid(store.name).slice().buffer);
  return Object.fromEntries(
    [...before.values(store.name)].map(([column, element]) => [column, copyOf(element)]),
  );
}

function gridChanges(
  store: GridPlan,
  array: Record<number, number | bigint>,
  choices: Choices,
  density: Density,
): object {
  const rows = rowsToChange(store, choices, density);
  const index = choices.chance(0.5) ? rows : choices.shuffled(rows);
  const value = index.map((row) => {
    const old = array[row] as number | bigint;
    // A write of the same bits is no change; a NaN read out and written back may lose its payload.
    const isSame = choices.chance(0.1) && !Number.isNaN(old);
    return isSame ? old : elementOf(store.type, choices);
  });
  index.forEach((row, i) => (array[row] = value[i] as number | bigint));
  if (choices.chance(0.5)) return { index, value };
  const values = new arrayClasses[store.type](value.length);
  value.forEach((element, i) => (values[i] = element as never));
  return { index: Uint32Array.from(index), value: values };
}

function valueChanges(
  store: ValuePlan,
  record: Record<string, Element>,
  choices: Choices,
  density: Density,
): object {
  const columns = choices.shuffled(columnsToChange(store, choices, density));
  const given = columns.map(([column, type]) => {
    const element = choices.chance(0.1) ? (record[column] as Element) : valueOf(type, choices);
    record[column] = isNumeric(type) ? stored(type, element) : copyOf(element);
    return [column, element] as const;
  });
  return Object.fromEntries(given);
}

function isNumeric(type: string): type is NumericType {
  return Object.hasOwn(widths, type);
}

/** What an array of the type makes of a number. */
function stored(type: NumericType, element: Element): Element {
  const array = new arrayClasses[type](1);
  array[0] = element as never;
  return array[0];
}

function rowsToChange(store: GridPlan, choices: Choices, density: Density): number[] {
  const rows = rowsOf(store);
  if (density === "empty") return [];
  if (density === "sparse") {
    const count = 1 + choices.below(4);
    return [...new Set(Array.from({ length: count }, () => choices.below(rows)))].sort(
      (a, b) => a - b,
    );
  }
  return Array.from({ length: rows }, (_, row) => row).filter(() => choices.chance(0.8));
}

function columnsToChange(
  { columns }: ValuePlan,
  choices: Choices,
  density: Density,
): (typeof columns)[number][] {
  const share = { empty: 0, sparse: 0.2, dense: 0.9 }[density];
  return columns.filter(() => choices.chance(share));
}
