import type { Chance } from "../../testing/index.ts";
import type { ColumnType, Log, NumericArray, StateDefinition, Table } from "../../types.ts";
import { edges, grid, log, table, value } from "../../world/index.ts";

const gridTypes = ["u8", "i8", "u16", "i16", "u32", "f16", "f32", "f64", "u64"] as const;
const columnTypes: readonly ColumnType[] = [
  "u8",
  "i16",
  "u32",
  "i64",
  "f16",
  "f32",
  "f64",
  "f32[3]",
  "u16[2]",
  "uuid",
  "h3",
  "utf8",
  "json",
  "bytes",
];
const words = ["", "a", "wolf", "sheep 🐑", "x".repeat(60), '"', "tick"];
const h3Cells = ["", "8928308280fffff", "85283473fffffff", "8001fffffffffff"];

/** Stores of every kind, chosen and sized by chance. */
export function randomDefinition(chance: Chance): StateDefinition {
  const stores: Record<string, unknown> = { drift: grid("u16", [20 + chance.below(40)]) };
  for (let number = 0; number < 1 + chance.below(4); number++) {
    stores[`s${number}`] = randomStore(chance);
  }
  return stores as StateDefinition;
}

function randomStore(chance: Chance): unknown {
  const role = chance.pick(["causal", "causal", "observed", "static"] as const);
  const columns = Object.fromEntries(
    Array.from({ length: 1 + chance.below(3) }, (_, i) => [`c${i}`, chance.pick(columnTypes)]),
  );
  switch (chance.below(5)) {
    case 0: {
      const shape = chance.pick([[30], [6, 7], [3, 4, 5], [1], [90]]);
      const options = chance.chance(0.5) ? { role, chunk: shape.map(() => 3) } : { role };
      return grid(chance.pick(gridTypes), shape, options);
    }
    case 1:
      return value(columns, { role });
    case 2:
      return table({ id: "u32", ...columns } as never, { key: "id" as never, role });
    case 3:
      return edges({ from: "u8", to: "utf8", ...columns } as never, { role });
    default:
      return log(columns, { role: role === "static" ? "causal" : role });
  }
}

type State = { readonly [store: string]: unknown };

/** Changes some of a state. Static stores take changes of the first tick alone. */
export function changeState(
  definition: StateDefinition,
  state: State,
  tick: number,
  chance: Chance,
): void {
  for (const [name, store] of Object.entries(definition)) {
    const isTaken = "role" in store && store.role === "static" ? tick === 0 : chance.chance(0.7);
    if (name === "drift") driftOn(state[name] as Uint16Array, tick, chance);
    else if (isTaken) changeStore(store, state[name], chance);
  }
}

/** Moves evenly, so that differences of both orders are recorded; now and then it pauses. */
function driftOn(cells: Uint16Array, tick: number, chance: Chance): void {
  if (chance.chance(0.1)) return;
  for (let i = 0; i < cells.length; i++) cells[i]! += 500 + 37 * i + ((tick * i) % 3);
}

function changeStore(store: StateDefinition[string], live: unknown, chance: Chance): void {
  if (store.kind === "grid") {
    const cells = live as NumericArray;
    const isBig = store.type === "u64" || store.type === "i64";
    for (let left = chance.pick([1, 3, cells.length]); left > 0; left--) {
      const number = chance.below(200);
      cells[chance.below(cells.length)] = (isBig ? BigInt(number) : number) as never;
    }
    return;
  }
  if (!("columns" in store)) return;
  const columns = Object.entries(store.columns);
  const row = (): Record<string, unknown> =>
    Object.fromEntries(columns.map(([name, type]) => [name, elementOf(type, chance)]));
  if (store.kind === "value") {
    Object.assign(live as object, row());
  } else if (store.kind === "log") {
    for (let left = chance.below(4); left > 0; left--) (live as Log).append(row() as never);
  } else {
    changeRows(live as Table, store.kind, row, chance);
  }
}

function changeRows(
  rows: Table,
  kind: string,
  row: () => Record<string, unknown>,
  chance: Chance,
): void {
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const id = chance.below(6);
    const key = kind === "edges" ? { from: id, to: chance.pick(["a", "b"]) } : { id };
    const place = (kind === "edges" ? Object.values(key) : id) as never;
    if (rows.has(place) && chance.chance(0.4)) rows.delete(place);
    else rows.upsert({ ...row(), ...key });
  }
}

function elementOf(type: ColumnType, chance: Chance): unknown {
  if (type.endsWith("]"))
    return Array.from({ length: type[4] === "3" ? 3 : 2 }, () => chance.below(99));
  switch (type) {
    case "i64":
      return BigInt(chance.next());
    case "uuid":
      return `0000000${chance.below(9)}-0000-4000-8000-00000000000${chance.below(9)}`;
    case "h3":
      return chance.pick(h3Cells);
    case "utf8":
      return chance.pick(words);
    case "json":
      return chance.pick([null, 1, "x", { a: [1, 2] }, []]);
    case "bytes":
      return Uint8Array.from({ length: chance.below(9) }, () => chance.below(256));
    default:
      return chance.below(200);
  }
}
