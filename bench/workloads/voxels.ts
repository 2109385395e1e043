import { draws } from "./draws.ts";
import type { TickChanges, Workload } from "./workload.ts";

const edge = 64;
const plane = edge ** 2;
const warmUp = 100;

/** Whether a cell lives on, by its state and its living neighbours: born of 6, survives with 6 to 10. */
const rule = Uint8Array.from({ length: 2 * 32 }, (_, at) => {
  const [wasAlive, neighbours] = [at >= 32, at % 32];
  return neighbours === 6 || (wasAlive && neighbours > 6 && neighbours <= 10) ? 1 : 0;
});

/**
 * A cellular automaton of 64³ cells on a torus, B6/S6-10: about 6 % of them change in each tick, scattered, for ever. Its
 * neighbour B6/S567 dies out and would flatter every recorder of changes.
 */
export function voxels(ticks: number): Workload {
  const draw = draws(12345);
  let cells = Uint8Array.from({ length: edge ** 3 }, () => (draw() < 0.25 ? 1 : 0));
  let next = new Uint8Array(edge ** 3);
  const step = (): Uint32Array => {
    const changed = advance(cells, next);
    [cells, next] = [next, cells];
    return changed;
  };
  for (let tick = 0; tick < warmUp; tick++) step();
  const initial = cells.slice();
  const changes = Array.from({ length: ticks }, (): TickChanges => {
    const rows = step();
    const values = Uint8Array.from(rows, (row) => cells[row] as number);
    return { deaths: [], columns: [{ column: 0, rows, values }] };
  });
  return {
    name: "voxels",
    stores: [{ kind: "grid", name: "cells", shape: [edge, edge, edge] }],
    columns: [{ store: "cells", name: "cells", type: "u8" }],
    initial: [initial],
    ticks: changes,
  };
}

const rowSums = new Uint8Array(edge ** 3);
const planeSums = new Uint8Array(edge ** 3);
const found = new Uint32Array(edge ** 3);

/** Neighbours are counted axis by axis. @returns the cells that changed, rising. */
function advance(cells: Uint8Array, next: Uint8Array): Uint32Array {
  sumAlong(cells, rowSums, 1);
  sumAlong(rowSums, planeSums, edge);
  let count = 0;
  for (let z = 0; z < edge; z++) {
    const [here, above, below] = [z, (z + 1) % edge, (z + edge - 1) % edge].map((at) => at * plane);
    for (let i = 0; i < plane; i++) {
      const cell = here! + i;
      const before = cells[cell]!;
      const around = planeSums[cell]! + planeSums[above! + i]! + planeSums[below! + i]! - before;
      const after = rule[32 * before + around]!;
      next[cell] = after;
      if (after !== before) found[count++] = cell;
    }
  }
  return found.slice(0, count);
}

/** Each sum is of a cell and both its neighbours on the axis whose cells lie `stride` apart. */
function sumAlong(cells: Uint8Array, sums: Uint8Array, stride: number): void {
  const line = edge * stride;
  for (let start = 0; start < cells.length; start += line) {
    for (let at = 0; at < line; at++) {
      const after = start + ((at + stride) % line);
      const before = start + ((at + line - stride) % line);
      sums[start + at] = cells[start + at]! + cells[after]! + cells[before]!;
    }
  }
}
