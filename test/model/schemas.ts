/** Random worlds: every type, ranks 1 to 4, odd shapes and chunks, observed stores, names that are also names of `Object`. */
import {
  defineWorld,
  grid,
  value,
  type AnyWorld,
  type NumericArray,
  type NumericType,
  type Role,
  type StateDefinition,
  type VariableType,
} from "everytick";
import fc from "fast-check";
import { arrayClasses, widths } from "./choices.ts";

export interface GridPlan {
  readonly kind: "grid";
  readonly name: string;
  readonly role: Role;
  readonly type: NumericType;
  readonly shape: readonly number[];
  readonly chunk: readonly number[] | undefined;
}
export interface ValuePlan {
  readonly kind: "value";
  readonly name: string;
  readonly role: Role;
  readonly columns: readonly (readonly [string, NumericType | VariableType])[];
}
export type StorePlan = GridPlan | ValuePlan;
export interface SchemaPlan {
  readonly stores: readonly StorePlan[];
  readonly eras: readonly string[];
  /** The simulation's own arrays instead of the engine's. */
  readonly bound: boolean;
}

const types = Object.keys(widths) as NumericType[];
const columnTypes: readonly (NumericType | VariableType)[] = [...types, "utf8", "json", "bytes"];
const awkward = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "a b",
  "7",
  "x.y:z-",
];
const name = fc.oneof(fc.constantFrom(...awkward), fc.stringMatching(/^[a-z_][a-z0-9_]{0,5}$/));
const role = fc.constantFrom<Role>("causal", "causal", "observed");

/** Objects hold names that are whole numbers before all others, and so do worlds. */
function inOrder<T>(list: readonly T[], nameOf: (item: T) => string): T[] {
  const isNumber = (item: T): boolean => /^(0|[1-9]\d*)$/.test(nameOf(item));
  return [...list.filter(isNumber), ...list.filter((item) => !isNumber(item))];
}

function gridOf(shapes: fc.Arbitrary<number[]>): fc.Arbitrary<GridPlan> {
  return shapes.chain((shape) =>
    fc.record({
      kind: fc.constant("grid" as const),
      name,
      role,
      type: fc.constantFrom(...types),
      shape: fc.constant(shape),
      // Lengths above the axis are clipped, others leave a shorter chunk at the end.
      chunk: fc.option(
        fc.tuple(...shape.map((length) => fc.integer({ min: 1, max: length + 2 }))),
        { nil: undefined },
      ),
    }),
  );
}

const smallShape = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  .filter((shape) => shape.reduce((product, length) => product * length, 1) <= 1000);

const valueStore: fc.Arbitrary<ValuePlan> = fc.record({
  kind: fc.constant("value" as const),
  name,
  role,
  columns: fc
    .uniqueArray(fc.tuple(name, fc.constantFrom(...columnTypes)), {
      minLength: 1,
      maxLength: 6,
      selector: ([column]) => column,
    })
    .map((columns) => inOrder(columns, ([column]) => column)),
});

function planOf(store: fc.Arbitrary<StorePlan>, maxLength: number): fc.Arbitrary<SchemaPlan> {
  return fc.record({
    stores: fc
      .uniqueArray(store, { minLength: 1, maxLength, selector: (plan) => plan.name })
      .map((stores) => inOrder(stores, (plan) => plan.name)),
    eras: fc.constantFrom([], ["spring", "winter"]),
    bound: fc.boolean(),
  });
}

export const smallSchema = planOf(fc.oneof(gridOf(smallShape), valueStore), 4);

/** So many elements that a dense tick changes more than one part may have, and is cut by chunk. */
export const largeSchema = planOf(
  gridOf(fc.constantFrom([90_001], [3, 30_001], [45, 45, 45], [17, 3, 19, 97])),
  1,
);

/** A world anew: bound arrays are new ones, as in another process. */
export function worldOf(plan: SchemaPlan): AnyWorld {
  const state: StateDefinition = Object.fromEntries(
    plan.stores.map((store) => [store.name, storeOf(store, plan.bound)]),
  );
  return defineWorld({ name: "model", version: 1, state, eras: plan.eras, streams: ["weather"] });
}

function storeOf(plan: StorePlan, bound: boolean): StateDefinition[string] {
  if (plan.kind === "value") return value(Object.fromEntries(plan.columns), { role: plan.role });
  const { type, shape, chunk } = plan;
  const options = { role: plan.role, ...(chunk === undefined ? {} : { chunk }) };
  if (!bound) return grid(type, shape, options);
  const array: NumericArray = new arrayClasses[type](rowsOf(plan));
  const source = plan.name.length % 2 === 0 ? array : () => array;
  return grid(source, shape, options);
}

export function rowsOf({ shape }: GridPlan): number {
  return shape.reduce((product, length) => product * length, 1);
}
