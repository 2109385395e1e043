import type { LiveRun } from "../runs/live-run.ts";
import { Chance } from "../testing/index.ts";
import type { Element, NumericType, StateDefinition } from "../types.ts";
import { grid, table, value } from "../world/index.ts";
import type { Workload } from "./workload.ts";

const numbers: readonly NumericType[] = [
  "u8",
  "i8",
  "u16",
  "i16",
  "f16",
  "u32",
  "i32",
  "f32",
  "u64",
  "i64",
  "f64",
];
type Kind = "grid" | "value" | "table";

interface StorePlan {
  readonly kind: Kind;
  readonly name: string;
  readonly type: NumericType;
  readonly shape: readonly number[];
  readonly isObserved: boolean;
}

/** A simulation of random stores, whose ticks change anything from one element to everything. */
export function randomWorkload(seed: number): Workload {
  const chance = new Chance(seed);
  const plans = Array.from({ length: 1 + chance.below(4) }, (_, i) => planOf(chance, `store ${i}`));
  const state = Object.fromEntries(plans.map((plan) => [plan.name, storeOf(plan)]));
  return {
    state,
    advance(run) {
      const own = new Chance(run.random.uint32());
      for (const plan of plans) if (own.chance(0.7)) change(run, plan, own);
    },
    shown: (given) =>
      JSON.stringify(
        plans.map((plan) => shownStore(given, plan)),
        spelled,
      ),
  };
}

function planOf(chance: Chance, name: string): StorePlan {
  const rank = 1 + chance.below(3);
  return {
    kind: chance.pick(["grid", "value", "table"]),
    name,
    type: chance.pick(numbers),
    shape: Array.from({ length: rank }, () => 1 + chance.below(7)),
    isObserved: chance.chance(0.2),
  };
}

function storeOf({ kind, type, shape, isObserved }: StorePlan): StateDefinition[string] {
  const role = isObserved ? "observed" : "causal";
  if (kind === "grid") return grid(type, shape, { role });
  if (kind === "value") return value({ one: type, text: "utf8", bits: "bytes" }, { role });
  return table({ key: "u32", one: type, text: "utf8" }, { key: "key", role });
}

type Row = Record<string, Element>;
interface Rows extends Iterable<Row> {
  upsert(row: object): number;
  has(key: number): boolean;
  delete(key: number): void;
}

function change({ state }: LiveRun, { kind, name, type, shape }: StorePlan, chance: Chance): void {
  const store: unknown = (state as Record<string, unknown>)[name];
  if (kind === "grid") {
    const cells = store as Record<number, number | bigint>;
    const length = shape.reduce((product, side) => product * side, 1);
    const count = chance.chance(0.2) ? length : 1 + chance.below(3);
    for (let i = 0; i < count; i++) cells[chance.below(length)] = elementOf(type, chance);
  } else if (kind === "value") {
    const record = store as Row;
    record["one"] = elementOf(type, chance);
    if (chance.chance(0.5)) record["text"] = textOf(chance);
    if (chance.chance(0.3)) record["bits"] = new Uint8Array(chance.below(300)).fill(chance.next());
  } else {
    const rows = store as Rows;
    for (let i = 0; i < 1 + chance.below(4); i++) {
      const key = chance.below(12);
      if (rows.has(key) && chance.chance(0.4)) rows.delete(key);
      else rows.upsert({ key, one: elementOf(type, chance), text: textOf(chance) });
    }
  }
}

function elementOf(type: NumericType, chance: Chance): number | bigint {
  if (type === "u64" || type === "i64") return BigInt(chance.next()) << BigInt(chance.below(31));
  const isWhole = !type.startsWith("f");
  const special = chance.pick([0, -0, Number.POSITIVE_INFINITY, 0.1, 1e-7]);
  if (!isWhole) return chance.chance(0.3) ? special : chance.next() / 2 ** chance.below(40);
  return chance.below(127);
}

function textOf(chance: Chance): string {
  const length = chance.chance(0.1) ? 400 : chance.below(4);
  return Array.from({ length }, () => chance.next().toString(36)).join("𝄞");
}

function shownStore(state: unknown, { kind, name, shape }: StorePlan): unknown {
  const store: unknown = (state as Record<string, unknown>)[name];
  if (kind === "grid") {
    const cells = store as Record<number, number | bigint>;
    const length = shape.reduce((product, side) => product * side, 1);
    return Array.from({ length }, (_, i) => cells[i]);
  }
  const shownRow = ({ key, one, text, bits }: Row): unknown => [key, one, text, bits];
  return kind === "value" ? shownRow(store as Row) : [...(store as Rows)].map(shownRow);
}

/** JSON has no large whole numbers, no infinities and no −0. */
function spelled(_: string, given: unknown): unknown {
  if (typeof given === "bigint") return `${given}n`;
  if (typeof given === "number" && !Number.isFinite(given)) return String(given);
  return Object.is(given, -0) ? "-0" : given;
}
