import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, table, value, type StateOf } from "everytick";
import { bitsOf, memoryRuns, refusal } from "./memory-runs.ts";

interface Body {
  id: number;
  x: number;
  name: string;
}
interface Simulation {
  bodies: Map<number, Body>;
  heights: Float32Array;
  rain: number;
}
const stores = () => ({
  bodies: table({ id: "u32", x: "f64", name: "utf8" }, { key: "id" }),
  heights: grid("f32", [8]),
  weather: value({ rain: "f64" }),
});

function empty(): Simulation {
  return { bodies: new Map(), heights: new Float32Array(8), rain: 0 };
}

function captureOf(simulation: Simulation) {
  return (state: StateOf<ReturnType<typeof stores>>): void => {
    state.bodies.assign(simulation.bodies.values());
    state.heights.set(simulation.heights);
    state.weather.rain = simulation.rain;
  };
}

/** Three ticks of a simulation that keeps its state in a heap of its own. */
async function recorded() {
  const memory = await memoryRuns();
  const simulation = empty();
  const run = await memory.runs.record("heap", { state: stores(), capture: captureOf(simulation) });
  for (let tick = 1; tick <= 3; tick++) {
    simulation.bodies.set(tick, { id: tick, x: tick / 4, name: `b${tick}` });
    simulation.heights[tick] = tick;
    simulation.rain = -tick;
    await run.commit();
  }
  await run.close();
  const files = (): string => {
    const { vfs } = memory.ports;
    const names = vfs.list("/runs/heap/journal") ?? [];
    return names.map((name) => bitsOf(vfs.read(`/runs/heap/journal/${name}`))).join();
  };
  return { ...memory, files };
}

type State = StateOf<ReturnType<typeof stores>>;
const restoring: Readonly<Record<string, (state: State, to: Simulation) => void>> = {
  bodies: ({ bodies }, to) => {
    to.bodies = new Map(Array.from(bodies, (body) => [body.id, body.toJSON()]));
  },
  heights: ({ heights }, to) => to.heights.set(heights),
  weather: ({ weather }, to) => (to.rain = weather.rain),
};

test("R7: after restore the simulation is in the recorded state, and goes on from there", async () => {
  const { others } = await recorded();
  const simulation = empty();
  await using runs = await others();
  const run = await runs.record("heap", {
    state: stores(),
    resume: "only",
    capture: captureOf(simulation),
    restore: (state) => Object.values(restoring).forEach((part) => part(state, simulation)),
  });
  assert.deepEqual([...simulation.bodies.keys(), simulation.rain], [1, 2, 3, -3]);
  simulation.bodies.get(2)!.x = 9;
  await run.commit();
  assert.equal((await run.at(4)).state.bodies.get(2)?.x, 9);
});

for (const missing of Object.keys(restoring)) {
  test(`R7: a restore that leaves out the ${missing} is refused with the first difference, and nothing is changed`, async () => {
    const { others, files } = await recorded();
    const before = files();
    const simulation = empty();
    await using runs = await others();
    const kept = Object.entries(restoring).filter(([part]) => part !== missing);
    const resume = async (): Promise<unknown> =>
      runs.record("heap", {
        state: stores(),
        resume: "only",
        capture: captureOf(simulation),
        restore: (state) => kept.forEach(([, part]) => part(state, simulation)),
      });
    await refusal(resume, "RUNS_RESTORE", { where: new RegExp(missing), next: /restore/ });
    assert.equal(files(), before);
    assert.equal((await runs.open("heap")).tick, 3);
  });
}
