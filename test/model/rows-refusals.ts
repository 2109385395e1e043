/** Calls that are refused. Whoever makes them sees to it that nothing has changed. */
import type { ChangesOf, ErrorCode, LiveRun, StateDefinition } from "everytick";
import { refusal } from "../runs/memory-runs.ts";
import type { Choices } from "./choices.ts";
import { bytesOf } from "./naive-state.ts";
import { changesGiven, objectOf, valuesOf, type RowChanges } from "./rows-changes.ts";
import type { AnyRow } from "./rows-doors.ts";
import type { RowsEditor } from "./rows-edits.ts";
import { keyOf, spareKey, type Key, type Row } from "./rows-model.ts";
import { keyTypesOf, valuesFor, type RowsPlan, type Values } from "./rows-plans.ts";
import { isVariable, keyElement, widthOf, wrongElement } from "./rows-values.ts";

type Wrong = readonly [ErrorCode, () => unknown];

/** What a live table, not fixed yet, refuses. */
export async function refuseCalls(editor: RowsEditor, choices: Choices): Promise<void> {
  const { plan, model, table } = editor;
  const row = model.size === 0 ? undefined : choices.pick(model.rows);
  const spare = spareKey(plan, (key) => model.slotOf(key) !== -1);
  if (spare === undefined) return;
  const wrong: Wrong[] = [...wrongOfAny(editor, spare, choices)];
  if (row !== undefined) wrong.push(...wrongOfRow(editor, row, spare, choices));
  for (const [code, call] of choices.shuffled(wrong).slice(0, 3)) await refusal(call, code);
  const born = row === undefined ? undefined : table.get(keyOf(plan, row));
  if (born !== undefined && choices.chance(0.2))
    await refuseDead(editor, row as Row, born, choices);
}

function wrongOfAny({ plan, table }: RowsEditor, spare: Key, choices: Choices): Wrong[] {
  const values = valuesFor(plan, choices);
  const [part] = plan.key as [number];
  const keyName = plan.columns[part]?.[0] as string;
  const [name, type] = choices.pick(plan.columns);
  return [
    ["WORLD_KEY", () => table.delete(spare)],
    ["WORLD_KEY", () => table.update(spare, {})],
    ["WORLD_KEY", () => table.insert(without(values, keyName))],
    ["WORLD_VALUE", () => table.insert({ ...objectOf(newValues(plan, values, spare)), other: 1 })],
    [
      "WORLD_VALUE",
      () => table.upsert(defined(objectOf(values), name, wrongElement(type, choices))),
    ],
    ["WORLD_VALUE", () => table.has(wrongKey(plan, choices))],
    ["WORLD_VALUE", () => table.delete(wrongKey(plan, choices))],
  ];
}

function wrongOfRow({ plan, table }: RowsEditor, row: Row, spare: Key, choices: Choices): Wrong[] {
  const key = keyOf(plan, row);
  const values = valuesOf(plan, row);
  const others = plan.columns.filter((_, column) => !plan.key.includes(column));
  const wrong: Wrong[] = [
    ["WORLD_KEY", () => table.insert(objectOf(values))],
    ["WORLD_KEY", () => table.update(key, objectOf(newValues(plan, values, spare)))],
    ["WORLD_VALUE", () => table.update(key, { other: 1 })],
    ["WORLD_KEY", () => table.assign([objectOf(twinOf(plan, row, choices)), objectOf(values)])],
  ];
  if (others.length === 0) return wrong;
  const [name, type] = choices.pick(others);
  const bad = (): object => defined(objectOf(values), name, wrongElement(type, choices));
  const fresh = (): object => objectOf(newValues(plan, values, spare));
  return [
    ...wrong,
    ["WORLD_VALUE", () => table.update(key, bad())],
    ["WORLD_VALUE", () => table.upsert(bad())],
    ["WORLD_VALUE", () => table.assign([fresh(), bad()])],
    ["WORLD_VALUE", () => table.assign([bad()])],
    ["WORLD_VALUE", () => ((table.get(key) as AnyRow)[name] = wrongElement(type, choices))],
  ];
}

/** Another row of the same key. */
function twinOf(plan: RowsPlan, row: Row, choices: Choices): Values {
  return new Map([...valuesFor(plan, choices), ...valuesOf(plan, row, () => false)]);
}

function newValues({ columns, key }: RowsPlan, values: Values, other: Key): Values {
  const parts = [other].flat() as unknown[];
  const names = key.map((column) => columns[column]?.[0] as string);
  return new Map([...values, ...names.map((name, i) => [name, parts[i]] as const)]);
}

function without(values: Values, name: string): object {
  return Object.fromEntries([...values].filter(([other]) => other !== name));
}

/** A property like any other, also if it is named `__proto__`. */
function defined(object: object, name: string, value: unknown): object {
  return Object.fromEntries([...Object.entries(object), [name, value]]);
}

function wrongKey(plan: RowsPlan, choices: Choices): unknown {
  const types = keyTypesOf(plan);
  const at = choices.below(types.length);
  const parts = types.map((type, i) =>
    i === at ? wrongElement(type, choices) : keyElement(type, choices.below(9)),
  );
  if (parts.length === 1) return parts[0];
  return choices.chance(0.7) ? parts : choices.pick([[], parts[0], parts.slice(1), undefined]);
}

/** A row object outlives its row, not even where another takes its slot. */
async function refuseDead(
  editor: RowsEditor,
  row: Row,
  held: AnyRow,
  choices: Choices,
): Promise<void> {
  const [name] = choices.pick(editor.plan.columns);
  editor.delete(keyOf(editor.plan, row), choices);
  await refusal(() => held[name], "WORLD_KEY");
  editor.upsert(valuesOf(editor.plan, row), choices);
  await refusal(() => held[name], "WORLD_KEY");
}

/** What tables and edges refuse once their first tick is recorded. */
export async function refuseStatic(editor: RowsEditor, choices: Choices): Promise<void> {
  const { plan, model, table } = editor;
  const values = valuesFor(plan, choices);
  const calls: (() => unknown)[] = [
    () => table.upsert(objectOf(values)),
    () => table.insert(objectOf(values)),
    () => table.assign([]),
    () => table.clear(),
  ];
  const [row] = choices.shuffled(model.rows);
  if (row !== undefined) {
    const key = keyOf(plan, row);
    const column = plan.columns.findIndex((_, number) => !plan.key.includes(number));
    calls.push(
      () => table.delete(key),
      () => table.update(key, {}),
    );
    if (column !== -1) {
      const name = plan.columns[column]?.[0] as string;
      calls.push(() => ((table.get(key) as AnyRow)[name] = row[column]?.element));
    }
  }
  for (const call of choices.shuffled(calls).slice(0, 2)) await refusal(call, "WORLD_STATIC");
}

/** What the live run refuses as a tick. */
export async function refuseChanges(
  run: LiveRun,
  good: readonly RowChanges[],
  editor: RowsEditor,
  choices: Choices,
): Promise<void> {
  const { plan, model } = editor;
  const spare = spareKey(plan, (key) => model.slotOf(key) !== -1);
  if (spare === undefined) return;
  const others = changesGiven(
    good.filter((changes) => changes.plan !== plan),
    choices,
  );
  for (const [code, changes] of choices
    .shuffled(wrongChanges(plan, model.rows, spare, choices))
    .slice(0, 2)) {
    const all = Object.fromEntries(
      choices.shuffled([...Object.entries(others), [plan.name, changes]]),
    );
    await refusal(async () => run.commit({ changes: all as ChangesOf<StateDefinition> }), code);
  }
  const unknown = {
    ...others,
    [choices.pick(["nowhere", "census", "$random"])]: {},
  } as ChangesOf<StateDefinition>;
  await refusal(async () => run.commit({ changes: unknown }), "RECORDER_CHANGES");
}

function wrongChanges(
  plan: RowsPlan,
  rows: readonly Row[],
  spare: Key,
  choices: Choices,
): (readonly [ErrorCode, object])[] {
  const values = valuesFor(plan, choices);
  const fresh = objectOf(newValues(plan, values, spare));
  const [name, type] = choices.pick(plan.columns);
  const bad = defined(fresh, name, wrongElement(type, choices));
  const wrong: (readonly [ErrorCode, object])[] = [
    ["WORLD_KEY", { delete: [spare] }],
    ["WORLD_KEY", { update: [fresh] }],
    ["WORLD_KEY", { insert: [fresh, { ...fresh }] }],
    ["WORLD_VALUE", { insert: [bad] }],
    ["WORLD_VALUE", { insert: [fresh, null] }],
    ["WORLD_VALUE", { insert: [{ ...fresh, other: 1 }] }],
    ["RECORDER_CHANGES", { insert: [fresh], put: [] }],
    ["RECORDER_CHANGES", { insert: fresh }],
  ];
  const [row] = choices.shuffled(rows);
  if (row === undefined) return wrong;
  const [key, whole] = [keyOf(plan, row), objectOf(valuesOf(plan, row))];
  return [
    ...wrong,
    ["WORLD_KEY", { insert: [fresh, whole] }],
    // A row that dies in a tick is not born in it again.
    ["WORLD_KEY", { delete: [key], insert: [whole] }],
    ["RECORDER_CHANGES", { delete: [key, key], insert: [fresh] }],
    ["RECORDER_CHANGES", { delete: [key], update: [whole] }],
    ["RECORDER_CHANGES", { update: [whole, whole] }],
  ];
}

/** What is written past the table is found at the commit, and can be undone. */
export async function refuseScribbles(
  run: LiveRun,
  editor: RowsEditor,
  choices: Choices,
): Promise<void> {
  const { plan, model, table } = editor;
  const commit = async (): Promise<unknown> => run.commit();
  const fixed = plan.key.filter((column) => !isVariable(plan.columns[column]![1]));
  if (model.size > 0 && fixed.length > 0) {
    const [name, type] = plan.columns[choices.pick(fixed)] as RowsPlan["columns"][number];
    const width = widthOf(type);
    const slot = model.slotOf(keyOf(plan, choices.pick(model.rows)));
    const at = slot * width + choices.below(width);
    const bytes = bytesOf(table.columns[name]);
    bytes[at]! ^= 1 << choices.below(8);
    await refusal(commit, "WORLD_KEY", { where: new RegExp(`slot ${slot}$`) });
    const again = bytesOf(table.columns[name]);
    again.set(
      (model.at(slot) as Row)[plan.columns.findIndex(([one]) => one === name)]!.bits,
      slot * width,
    );
  }
  if (table.slotCount > 0 && choices.chance(0.5)) {
    const slot = choices.below(table.slotCount);
    const { live } = table;
    live[slot]! ^= 1;
    await refusal(commit, "WORLD_ARRAY", { where: /live$/ });
    live[slot]! ^= 1;
  }
}

/** Writes into an array from before the table grew, if it grows. */
export async function refuseStale(
  run: LiveRun,
  editor: RowsEditor,
  choices: Choices,
): Promise<void> {
  const { plan, table } = editor;
  const [column] = choices.shuffled(plan.columns.filter(([, type]) => !isVariable(type)));
  if (column === undefined) return;
  const view = (): ArrayBufferView => table.columns[column[0]] as ArrayBufferView;
  const stale = view();
  editor.grow(() => view() !== stale, choices);
  if (view() === stale || stale.byteLength === 0) return;
  bytesOf(stale)[choices.below(stale.byteLength)] = choices.below(255);
  await refusal(async () => run.commit(), "WORLD_ARRAY", { where: new RegExp(`^${plan.name}\\.`) });
}
