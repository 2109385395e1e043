/** A recorded run of rows over several segments: born and dying, appended, and standing once. Each state is kept as text. */
import {
  defineWorld,
  edges,
  grid,
  log,
  table,
  value,
  type PastStateOf,
  type Run,
  type StateOf,
  type Tick,
} from "everytick";
import { bitsOf, memoryRuns, type Memory } from "../runs/memory-runs.ts";

/** Bytes that no packing makes smaller, and that stand nowhere else. */
export const land = Uint8Array.from({ length: 300 }, (_, i) => ((i * i * 31) >> 3) ^ (i * 7));

const stores = {
  land: grid("u8", [300], { role: "static" }),
  rules: value({ name: "utf8", size: "u32" }, { role: "static" }),
  places: table({ id: "u8", name: "utf8" }, { key: "id", role: "static" }),
  ways: edges({ from: "places", to: "places", length: "f32" }, { role: "static" }),
  herd: table({ id: "u32", at: "f32[2]", name: "utf8" }, { key: "id" }),
  trust: edges({ from: "herd", to: "herd", much: "f64" }),
  births: log({ id: "u32", name: "utf8" }),
  sighted: log({ place: "u8", what: "json" }, { role: "observed" }),
  cells: grid("u16", [20]),
};
export type Stores = typeof stores;

/** @param onFirst is shown the first state, with its logs. */
export function worldOfRows(onFirst: (state: StateOf<Stores>) => void = () => undefined) {
  return defineWorld({
    name: "rows",
    version: 1,
    state: stores,
    init({ state }) {
      state.land.set(land);
      Object.assign(state.rules, { name: "the rules of the land", size: 300 });
      for (const id of [3, 1, 2]) state.places.insert({ id, name: `place number ${id}` });
      state.ways.insert({ from: 1, to: 2, length: 5 });
      for (const id of [0, 1, 2]) state.herd.insert({ id, at: [id, 0] });
      state.births.append({ id: 0, name: "the first" });
      state.births.append({ id: 1 });
      onFirst(state);
    },
  });
}

/** Some ticks change nothing, some leave every log empty. */
function change(state: StateOf<Stores>, tick: Tick, below: (end: number) => number): void {
  const { herd, trust, births, sighted, cells } = state;
  if (tick % 7 === 0) return;
  cells[below(20)] = below(65_536);
  for (const row of herd) if (below(3) === 0) row.at = Float32Array.of(tick, row.at[0]!);
  for (let i = below(3); i > 0; i--) {
    const id = 10 * tick + i;
    herd.insert({ id, name: `born ${tick}` });
    births.append({ id, name: `of tick ${tick}` });
    if (herd.has(1)) trust.upsert({ from: id, to: 1, much: 1 / tick });
  }
  const ids = [...herd.keys()];
  if (ids.length > 12) for (const id of ids.slice(below(8), 10)) herd.delete(id);
  if (tick % 5 === 0) trust.clear();
  if (tick % 3 === 0) sighted.append({ place: below(4), what: { tick, herd: herd.size } });
}

/** The bits of everything that a state shows. */
export function textOf(state: StateOf<Stores> | PastStateOf<Stores>): string {
  const { land: ground, rules, places, ways, herd, trust, births, sighted, cells } = state;
  const slots = herd.live.subarray(0, herd.slotCount);
  const rows = [places, ways, herd, trust, births, sighted].map((each) => [...each]);
  return JSON.stringify([bitsOf(ground), { ...rules }, rows, [...slots], bitsOf(cells)]);
}

export interface RecordedRows extends Memory {
  /** What was recorded at each tick, as text. */
  readonly states: ReadonlyMap<Tick, string>;
  readonly ticks: readonly Tick[];
}

/** Ticks 0 to 60, with a gap at 20 to 22. */
export async function recordedRows(): Promise<RecordedRows> {
  const memory = await memoryRuns({ segmentBytesMin: 4000, bodyBytesMax: 120 });
  const states = new Map<Tick, string>();
  const world = worldOfRows((state) => states.set(0, textOf(state)));
  await using run = await memory.runs.record("run", { world, seed: 3, window: 5 });
  while (run.tick < 60) {
    if (run.tick === 19) await run.gap({ until: 22, reason: "asleep" });
    const tick = run.tick === 19 ? 23 : run.tick + 1;
    change(run.state, tick, (end) => run.random.int(end));
    states.set(tick, textOf(run.state));
    await run.commit();
  }
  return { ...memory, states, ticks: [...states.keys()] };
}

/** The run, open for reading. */
export async function openRows({ others }: Pick<Memory, "others">): Promise<Run<Stores>> {
  return (await others()).open<Stores>("run");
}
