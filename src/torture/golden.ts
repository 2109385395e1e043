import type { LiveRun } from "../runs/live-run.ts";
import { openRuns } from "../runs/runs.ts";
import { MemoryVfs } from "../testing/index.ts";
import type { AnyWorld, Codecs, ColumnType, NumericType, StateDefinition } from "../types.ts";
import { edges, grid, log, table, value } from "../world/index.ts";
import { atan2, cbrt, cos, exp, log as logarithm, pow, sin, tanh } from "../world/math.ts";
import { herdWorkload } from "./herd.ts";
import { portsOn, runId, runsFolder } from "./workload.ts";

/** A recording whose history is the same on every machine. */
interface GoldenRun {
  readonly name: string;
  readonly record: (codecs: Codecs) => Promise<string>;
}

const seed = 42;
/** A state that is advanced in place. */
interface Simulation {
  readonly state: StateDefinition;
  advance(run: LiveRun): void;
}

const numericTypes: readonly NumericType[] = [
  "u8",
  "i8",
  "u16",
  "i16",
  "u32",
  "i32",
  "u64",
  "i64",
  "f16",
  "f32",
  "f64",
];

/** Drawn numbers, whole and not, and their squares through the mathematics that is portable. */
function gridOf(type: NumericType): Simulation {
  return {
    state: { cells: grid(type, [13, 11], { chunk: [5, 4] }) },
    advance({ state, random }) {
      const { cells } = state as unknown as { cells: Record<number, number | bigint> };
      for (let draws = 20; draws > 0; draws--) {
        const [at, whole] = [random.int(143), random.int(127)];
        const isBig = type === "u64" || type === "i64";
        cells[at] = isBig ? BigInt(whole) ** 8n : type.startsWith("f") ? random.normal() : whole;
      }
    },
  };
}

/** Every function of `everytick/math` that a ulp could tell machines apart by, fed with its own results. */
const mathematics: Simulation = {
  state: { orbit: grid("f64", [64]) },
  advance({ state, random }) {
    const { orbit } = state as unknown as { orbit: Float64Array };
    for (let i = 0; i < orbit.length; i++) {
      const x = (orbit[i] as number) + random.float();
      const turned = sin(x) * cos(3 * x) + atan2(x, 2) + cbrt(x);
      orbit[i] = tanh(turned) * exp(-x * x) + logarithm(1 + x * x) - pow(1.5, sin(x));
    }
  },
};

const rowColumns = {
  id: "u32",
  at: "f32[3]",
  cells: "u16[2]",
  half: "f16",
  count: "i64",
  name: "utf8",
  note: "json",
  blob: "bytes",
} as const satisfies Record<string, ColumnType>;

/** Rows, edges, logs and values of every kind of column; stores of every role. */
const stores: Simulation = {
  state: {
    herd: table(rowColumns, { key: "id" }),
    follows: edges({ from: "herd", to: "herd", trust: "f64" }),
    deaths: log({ id: "u32", cause: "utf8" }),
    weather: value({ sky: "utf8", heat: "f64" }),
    seen: grid("u8", [9], { role: "observed" }),
    ground: grid(Uint16Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5), [9], { role: "static" }),
  },
  advance({ state, random, tick }) {
    const { herd, follows, deaths, weather, seen } = state as never as StoresState;
    const id = random.int(12);
    const [x, y] = [random.float(), random.normal()];
    const name = ["wolf", "sheep 🐑", "", "ü"][random.int(4)];
    const [count, cells] = [BigInt(random.int(1e6)) - 500_000n, [random.int(9), tick % 65_536]];
    const blob = Uint8Array.from({ length: random.int(5) }, () => random.int(256));
    herd.upsert({ id, at: [x, y, 0], cells, half: y, count, name, note: { id, name }, blob });
    const other = (id + 1) % 12;
    if (herd.has(other)) follows.upsert({ from: id, to: other, trust: x });
    const gone = random.int(12);
    if (gone !== id && herd.has(gone)) {
      herd.delete(gone);
      deaths.append({ id: gone, cause: "chance" });
    }
    weather.sky = random.chance(0.5) ? "clear" : "grey";
    weather.heat = 20 * y;
    seen[tick % 9] = tick % 200;
  },
};
interface Rows {
  upsert(row: object): void;
  has(key: number): boolean;
  delete(key: number): void;
}
interface StoresState {
  readonly herd: Rows;
  readonly follows: Rows;
  readonly deaths: { append(row: object): void };
  readonly weather: { sky: string; heat: number };
  readonly seen: Uint8Array;
}

const simulations: Readonly<Record<string, Simulation>> = {
  herd: herdWorkload,
  mathematics,
  "every kind of store": stores,
  ...Object.fromEntries(numericTypes.map((type) => [`grid of ${type}`, gridOf(type)])),
};

const worlds: Readonly<Record<string, readonly [exported: string, params: object]>> = {
  automaton: ["automaton", { size: "48x48" }],
  "wolf-sheep": ["wolfSheep", { size: "48x48", sheep: 90, wolves: 40 }],
};

const simulatedTicks = 200;
const worldTicks = 100;

async function recordSimulation(simulation: Simulation, codecs: Codecs): Promise<string> {
  const runs = await openRuns(runsFolder, portsOn(new MemoryVfs(), codecs));
  const run: LiveRun = await runs.record(runId, { state: simulation.state, seed });
  while (run.tick < simulatedTicks) {
    simulation.advance(run);
    await run.commit();
  }
  return finished(run);
}

async function recordWorld(name: string, codecs: Codecs): Promise<string> {
  const [exported, params] = worlds[name] as (typeof worlds)[string];
  const module = (await import(`everytick/worlds/${name}`)) as Record<string, AnyWorld>;
  const world = module[exported] as AnyWorld;
  const runs = await openRuns(runsFolder, portsOn(new MemoryVfs(), codecs));
  const run = await runs.record(runId, { world, params: { ...params }, seed });
  await run.step(worldTicks);
  return finished(run);
}

async function finished(run: LiveRun): Promise<string> {
  await run.close();
  return (await run.facts()).historyDigest;
}

export const goldenRuns: readonly GoldenRun[] = [
  ...Object.entries(simulations).map(([name, simulation]) => ({
    name,
    record: async (codecs: Codecs) => recordSimulation(simulation, codecs),
  })),
  ...Object.keys(worlds).map((name) => ({
    name,
    record: async (codecs: Codecs) => recordWorld(name, codecs),
  })),
];
