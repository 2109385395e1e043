/** A small recorded run over several segments, with keyframes, gaps and a copy of each state. */
import { grid, value, type StateOf, type Tick } from "everytick";
import { bitsOf, memoryRuns, type Memory } from "../runs/memory-runs.ts";

export function definition() {
  return {
    cells: grid("u16", [5, 7]),
    seen: grid("f32", [3], { role: "observed" }),
    weather: value({ rain: "f64", season: "utf8", notes: "json" }),
  };
}
export type Definition = ReturnType<typeof definition>;

export interface Recorded extends Memory {
  /** What was recorded at each tick, as text. */
  readonly states: ReadonlyMap<Tick, string>;
  readonly ticks: readonly Tick[];
}

export function textOf({ cells, seen, weather }: StateOf<Definition>): string {
  return JSON.stringify([bitsOf(cells), bitsOf(seen), { ...weather }]);
}

/** Ticks 0 to 39, with gaps at 10 to 12 and 30. */
export async function recordedRun(): Promise<Recorded> {
  const memory = await memoryRuns({ segmentBytesMin: 2500, bodyBytesMax: 300 });
  await using run = await memory.runs.record("run", { state: definition(), window: 5 });
  const states = new Map([[0, textOf(run.state)]]);
  while (run.tick < 39) {
    if (run.tick === 9) await run.gap({ until: 12, reason: "asleep" });
    if (run.tick === 29) await run.gap({ until: 30, reason: "a nap" });
    change(run.state, run.tick + 1, (bits) => run.random.int(bits));
    const { tick } = await run.commit();
    states.set(tick, textOf(run.state));
  }
  return { ...memory, states, ticks: [...states.keys()] };
}

function change(
  { cells, seen, weather }: StateOf<Definition>,
  tick: Tick,
  below: (end: number) => number,
): void {
  // Some ticks change nothing, some everything.
  if (tick % 7 === 0) return;
  const count = tick % 5 === 0 ? cells.length : 1 + below(4);
  for (let i = 0; i < count; i++) {
    cells[count === cells.length ? i : below(cells.length)] = below(65_536);
  }
  seen.fill(tick);
  if (tick % 3 === 0) weather.season = "spring ".repeat(below(20));
  weather.notes = { rain: weather.rain, tick };
  weather.rain = tick / 3;
}
