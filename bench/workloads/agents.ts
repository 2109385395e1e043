import { draws } from "./draws.ts";
import type { TickChanges, Workload } from "./workload.ts";

const count = 100_000;
const stateCount = 6;

/** 100,000 agents on a random walk; each tenth spends energy in a tick, each hundredth changes its state. */
export function agents(ticks: number): Workload {
  const draw = draws(4242);
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const energy = new Float32Array(count);
  const state = new Uint8Array(count);
  for (let agent = 0; agent < count; agent++) {
    x[agent] = draw() * 1000;
    y[agent] = draw() * 1000;
    energy[agent] = 100 * draw();
    state[agent] = Math.floor(draw() * stateCount);
  }
  const initial = [x, y, energy, state].map((values) => values.slice());

  const step = (): TickChanges => {
    for (let agent = 0; agent < count; agent++) {
      x[agent]! += (draw() - 0.5) * 2;
      y[agent]! += (draw() - 0.5) * 2;
    }
    const tired: number[] = [];
    const turned: number[] = [];
    for (let agent = 0; agent < count; agent++) {
      const chance = draw();
      if (chance < 0.1) tired.push(agent);
      else if (chance > 0.99) turned.push(agent);
    }
    for (const agent of tired) energy[agent]! -= draw() * 0.5;
    for (const agent of turned) state[agent] = (state[agent]! + 1) % stateCount;
    return {
      deaths: [],
      columns: [
        { column: 0, values: x.slice() },
        { column: 1, values: y.slice() },
        {
          column: 2,
          rows: Uint32Array.from(tired),
          values: Float32Array.from(tired, (agent) => energy[agent]!),
        },
        {
          column: 3,
          rows: Uint32Array.from(turned),
          values: Uint8Array.from(turned, (agent) => state[agent]!),
        },
      ],
    };
  };
  return {
    name: "agents",
    stores: [{ kind: "table", name: "agents" }],
    columns: [
      { store: "agents", name: "x", type: "f32" },
      { store: "agents", name: "y", type: "f32" },
      { store: "agents", name: "energy", type: "f32" },
      { store: "agents", name: "state", type: "u8" },
    ],
    initial,
    ticks: Array.from({ length: ticks }, step),
  };
}
