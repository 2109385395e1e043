import { draws } from "./draws.ts";
import type { Column, ColumnChange, TickChanges, Workload } from "./workload.ts";

const hexCount = 243_000;
const countyCount = 3_100;
const indicators = 20;
const activeHexes = 5_000;

/**
 * A map: 3,100 counties with 20 smooth series of f64 that all move in each tick, and 243,000 hexes of which 5,000 anywhere
 * on it change.
 */
export function hexes(ticks: number): Workload {
  const draw = draws(777);
  const bell = (): number => draw() + draw() + draw() - 1.5;
  const series: Float64Array[] = [];
  const drifts: Float64Array[] = [];
  for (let k = 0; k < indicators; k++) {
    const values = new Float64Array(countyCount);
    const drift = new Float64Array(countyCount);
    for (let county = 0; county < countyCount; county++) {
      values[county] = 10 ** (1 + (k % 6)) * (0.5 + draw());
      drift[county] = bell() * 0.001;
    }
    series.push(values);
    drifts.push(drift);
  }
  const initial = [...series.map((values) => values.slice()), ...emptyHexes()];
  const [heat, organisation, action] = emptyHexes();

  const moveCounties = (): ColumnChange[] =>
    series.map((values, column) => {
      const drift = drifts[column]!;
      for (let county = 0; county < countyCount; county++) {
        drift[county] = drift[county]! * 0.98 + bell() * 0.0002;
        values[county] = values[county]! * (1 + drift[county]!);
      }
      return { column, values: values.slice() };
    });
  const changeHexes = (): ColumnChange[] => {
    const rows = someHexes(draw);
    for (const row of rows) {
      heat[row] = heat[row]! * 0.9 + draw();
      if (draw() < 0.3) organisation[row] = 1 + Math.floor(draw() * 400);
      action[row] = Math.floor(draw() * 24);
    }
    return [
      { column: indicators, rows, values: Float64Array.from(rows, (row) => heat[row]!) },
      { column: indicators + 1, rows, values: Int32Array.from(rows, (row) => organisation[row]!) },
      { column: indicators + 2, rows, values: Int32Array.from(rows, (row) => action[row]!) },
    ];
  };
  return {
    name: "hexes",
    stores: [
      { kind: "table", name: "counties" },
      { kind: "table", name: "hexes" },
    ],
    columns,
    initial,
    ticks: Array.from({ length: ticks }, (): TickChanges => {
      return { deaths: [], columns: [...moveCounties(), ...changeHexes()] };
    }),
  };
}

const columns: Column[] = [
  ...Array.from({ length: indicators }, (_, k) => {
    return { store: "counties", name: `e${k}`, type: "f64" } as const;
  }),
  { store: "hexes", name: "heat", type: "f64" },
  { store: "hexes", name: "organisation", type: "i32" },
  { store: "hexes", name: "action", type: "i32" },
];

function emptyHexes(): [Float64Array, Int32Array, Int32Array] {
  return [new Float64Array(hexCount), new Int32Array(hexCount), new Int32Array(hexCount)];
}

function someHexes(draw: () => number): Uint32Array {
  const chosen = new Set<number>();
  while (chosen.size < activeHexes) chosen.add(Math.floor(draw() * hexCount));
  return Uint32Array.from(chosen).sort();
}
