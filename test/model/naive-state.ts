/** The model: a state that is copied whole at each tick, and compared value by value. Nothing of the engine is in it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Change, Element, Json, NumericType, VariableType } from "everytick";
import { arrayClasses, widths } from "./choices.ts";
import {
  rowsOf,
  type GridPlan,
  type SchemaPlan,
  type StorePlan,
  type ValuePlan,
} from "./schemas.ts";

type Stores = ReadonlyMap<string, Uint8Array | ReadonlyMap<string, Element>>;

export class NaiveState {
  readonly plan: SchemaPlan;
  /** Bytes of each grid, values by column of each value store. */
  readonly stores: Stores;

  private constructor(plan: SchemaPlan, stores: Stores) {
    this.plan = plan;
    this.stores = stores;
  }

  static nothing(plan: SchemaPlan): NaiveState {
    const stores = plan.stores.map((store) => [store.name, nothingOf(store)] as const);
    return new NaiveState(plan, new Map(stores));
  }

  /** A deep copy of what the simulation holds. */
  static of(plan: SchemaPlan, state: object): NaiveState {
    const stores = plan.stores.map((store) => {
      const content = (state as Record<string, unknown>)[store.name];
      const copy = store.kind === "grid" ? bytesOf(content).slice() : valuesOf(store, content);
      return [store.name, copy] as const;
    });
    return new NaiveState(plan, new Map(stores));
  }

  grid(name: string): Uint8Array {
    return this.stores.get(name) as Uint8Array;
  }

  values(name: string): ReadonlyMap<string, Element> {
    return this.stores.get(name) as ReadonlyMap<string, Element>;
  }

  /** Every store of `state`, bit by bit. */
  check(state: object, what: string): void {
    assert.deepEqual(
      Object.keys(state),
      this.plan.stores.map((store) => store.name),
      what,
    );
    for (const store of this.plan.stores) {
      const content = (state as Record<string, unknown>)[store.name];
      if (store.kind === "grid") this.#checkGrid(store, content, what);
      else this.#checkValues(store, content, what);
    }
  }

  #checkGrid({ name, type }: GridPlan, content: unknown, what: string): void {
    assert(content instanceof arrayClasses[type], `${what}: ${name} is an array of ${type}`);
    const [found, expected] = [bytesOf(content), this.grid(name)];
    if (Buffer.compare(found, expected) === 0) return;
    const at = expected.findIndex((byte, i) => byte !== found[i]);
    const row = Math.floor(at / widths[type]);
    assert.fail(`${what}: ${name}[${row}], byte ${at}: ${found[at]} instead of ${expected[at]}`);
  }

  #checkValues(store: ValuePlan, content: unknown, what: string): void {
    const names = store.columns.map(([column]) => column);
    assert.deepEqual(Object.keys(content as object), names, what);
    for (const [column, found] of valuesOf(store, content)) {
      assert.deepStrictEqual(found, this.values(store.name).get(column), `${what}: ${column}`);
    }
  }

  /** What changed from `before`, in order of store, column and index. */
  changesFrom(before: NaiveState): Change[] {
    return this.plan.stores.flatMap((store) => {
      return store.kind === "grid"
        ? gridChanges(store, before.grid(store.name), this.grid(store.name))
        : valueChanges(store, before.values(store.name), this.values(store.name));
    });
  }

  /** Equal exactly for states of equal bits, observed stores left out. */
  key(): string {
    const hash = createHash("sha256");
    for (const store of this.plan.stores.filter(({ role }) => role === "causal")) {
      hash.update(`${store.name}\n`);
      if (store.kind === "grid") hash.update(this.grid(store.name));
      else {
        for (const [column, type] of store.columns) {
          const bits = bitsOfValue(type, this.values(store.name).get(column) as Element);
          hash.update(`${column} ${bits.length}\n`).update(bits);
        }
      }
    }
    return hash.digest("hex");
  }

  /** The same state with one bit or value wrong: what a test of the test needs. */
  spoilt(): NaiveState {
    const [first] = this.plan.stores as readonly [StorePlan];
    const stores = new Map(this.stores);
    if (first.kind === "grid") {
      stores.set(
        first.name,
        this.grid(first.name).map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      );
    } else {
      const column = first.columns[0]?.[0] as string;
      stores.set(first.name, new Map(this.values(first.name)).set(column, "spoilt"));
    }
    return new NaiveState(this.plan, stores);
  }
}

function nothingOf(store: StorePlan): Uint8Array | Map<string, Element> {
  if (store.kind === "grid") return new Uint8Array(rowsOf(store) * widths[store.type]);
  return new Map(store.columns.map(([column, type]) => [column, nothingOfType(type)]));
}

export function nothingOfType(type: NumericType | VariableType): Element {
  if (type === "utf8") return "";
  if (type === "json") return null;
  if (type === "bytes") return new Uint8Array(0);
  return type === "u64" || type === "i64" ? 0n : 0;
}

export function bytesOf(array: unknown): Uint8Array {
  assert(ArrayBuffer.isView(array));
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function valuesOf(store: ValuePlan, record: unknown): Map<string, Element> {
  const values = record as Record<string, Element>;
  return new Map(store.columns.map(([column]) => [column, copyOf(values[column] as Element)]));
}

/** `structuredClone` makes `__proto__` a prototype; this keeps it a key. */
export function copyOf(element: Element): Element {
  if (element instanceof Uint8Array) return Uint8Array.from(element);
  if (Array.isArray(element)) return element.map((item: Json) => copyOf(item)) as Json;
  if (typeof element !== "object" || element === null) return element;
  return Object.fromEntries(
    Object.entries(element).map(([key, item]: [string, Json]) => [key, copyOf(item)]),
  ) as Json;
}

export function bitsOfValue(type: NumericType | VariableType, element: Element): Uint8Array {
  if (type === "utf8") return Buffer.from(element as string);
  if (type === "json") return Buffer.from(printed(element as Json));
  if (type === "bytes") return element as Uint8Array;
  const array = new arrayClasses[type](1);
  array[0] = element as never;
  return bytesOf(array);
}

function printed(json: Json): string {
  if (Object.is(json, -0)) return "-0";
  if (Array.isArray(json)) return `[${json.map(printed).join()}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]: [string, Json]) => `${JSON.stringify(key)}:${printed(item)}`).join()}}`;
}

function gridChanges({ name, type }: GridPlan, before: Uint8Array, after: Uint8Array): Change[] {
  const width = widths[type];
  const [olds, news] = [numbersOf(type, before), numbersOf(type, after)];
  const changes: Change[] = [];
  for (let index = 0; index < news.length; index++) {
    const [from, to] = [index * width, (index + 1) * width];
    if (Buffer.compare(before.subarray(from, to), after.subarray(from, to)) === 0) continue;
    changes.push({ store: name, index, old: olds[index] as number, new: news[index] as number });
  }
  return changes;
}

function valueChanges(
  { name, columns }: ValuePlan,
  before: ReadonlyMap<string, Element>,
  after: ReadonlyMap<string, Element>,
): Change[] {
  return columns.flatMap(([column, type]) => {
    const [from, to] = [before.get(column) as Element, after.get(column) as Element];
    const isSame = Buffer.compare(bitsOfValue(type, from), bitsOfValue(type, to)) === 0;
    return isSame ? [] : [{ store: name, column, index: 0, old: from, new: to }];
  });
}

function numbersOf(type: NumericType, bytes: Uint8Array): ArrayLike<number | bigint> {
  return new arrayClasses[type](bytes.slice().buffer);
}
