import type { LiveRun } from "../runs/live-run.ts";
import { grid, table, value } from "../world/index.ts";
import type { Workload } from "./workload.ts";

const definition = {
  cells: grid("u8", [4, 6], { chunk: [3, 4] }),
  note: value({ text: "utf8", share: "f64" }),
  herd: table({ id: "u32", energy: "f32" }, { key: "id" }),
};
type Herd = LiveRun<typeof definition>;

/** Every so many ticks are so heavy that a segment is soon full. */
const heavyEvery = 4;
const heavyDraws = 500;

/** The simulation of most rows: a grid, texts of any length, and rows that are born and die. */
export const herdWorkload: Workload = {
  state: definition,
  advance(run) {
    const { state, random, tick: last } = run as unknown as Herd;
    const { cells, note, herd } = state;
    const tick = last + 1;
    cells[(tick * 7) % 24] = (tick * 3) % 251;
    cells[random.int(24)]! += 1;
    const isHeavy = tick % heavyEvery === heavyEvery - 1;
    const draws = Array.from({ length: isHeavy ? heavyDraws : tick % 3 }, () =>
      random.uint32().toString(36),
    );
    note.text = draws.join(" ");
    note.share = 1 / (tick + 1);
    herd.upsert({ id: tick % 5, energy: tick });
    if (herd.has((tick + 2) % 5)) herd.delete((tick + 2) % 5);
  },
  shown(state) {
    const { cells, note, herd } = state as Herd["state"];
    const rows = [...herd].map(({ id, energy }) => [id, energy]);
    return JSON.stringify([[...cells], note.text, note.share, rows]);
  },
};
