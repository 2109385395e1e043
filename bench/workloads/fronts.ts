import { draws } from "./draws.ts";
import type { TickChanges, Workload } from "./workload.ts";

const edge = 512;
const warmUp = 300;
const spread = 0.6;
const regrowth = 120;
const ticksPerSpark = 4;

const grass = 0;
const burning = 1;
const ash = 2;

/**
 * Grass fires on a torus of 512² cells: sparks light fronts that run outwards, leave ash and, once the grass has grown
 * again behind them, may be followed by others. What changes lies in lines, and the lines move.
 */
export function fronts(ticks: number): Workload {
  const meadow = new Fires();
  for (let tick = 0; tick < warmUp; tick++) meadow.step();
  const initial = meadow.cells.slice();
  return {
    name: "fronts",
    stores: [{ kind: "grid", name: "cells", shape: [edge, edge] }],
    columns: [{ store: "cells", name: "cells", type: "u8" }],
    initial: [initial],
    ticks: Array.from({ length: ticks }, (): TickChanges => {
      const rows = meadow.step();
      const values = Uint8Array.from(rows, (row) => meadow.cells[row]!);
      return { deaths: [], columns: [{ column: 0, rows, values }] };
    }),
  };
}

class Fires {
  readonly cells = new Uint8Array(edge ** 2);
  readonly #draw = draws(99);
  #tick = 0;
  #burning: number[] = [];
  /** The ashes of the last ticks, the oldest first. */
  readonly #ashes: number[][] = [];

  /** @returns the cells that changed, rising. */
  step(): Uint32Array {
    const { cells } = this;
    const lit = this.#light();
    for (const cell of this.#burning) cells[cell] = ash;
    const grown = this.#ashes.length < regrowth ? [] : (this.#ashes.shift() as number[]);
    for (const cell of grown) cells[cell] = grass;
    this.#ashes.push(this.#burning);
    const changed = Uint32Array.from([...lit, ...this.#burning, ...grown]).sort();
    this.#burning = lit;
    return changed;
  }

  #light(): number[] {
    const lit: number[] = [];
    const light = (cell: number): void => {
      if (this.cells[cell] !== grass) return;
      this.cells[cell] = burning;
      lit.push(cell);
    };
    for (const cell of this.#burning) {
      for (const neighbour of neighboursOf(cell)) if (this.#draw() < spread) light(neighbour);
    }
    if (this.#tick++ % ticksPerSpark === 0) light(Math.floor(this.#draw() * edge ** 2));
    return lit;
  }
}

function neighboursOf(cell: number): number[] {
  const [row, column] = [Math.floor(cell / edge), cell % edge];
  return [
    ((row + edge - 1) % edge) * edge + column,
    ((row + 1) % edge) * edge + column,
    row * edge + ((column + edge - 1) % edge),
    row * edge + ((column + 1) % edge),
  ];
}
