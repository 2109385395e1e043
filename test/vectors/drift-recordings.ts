/** The recordings behind the vectors of numbers that drift: differences, second differences, and planes of mostly zeros. */
import { grid, table, type LiveRun, type StateDefinition } from "everytick";
import { seededRandom, type MemoryVfs } from "../../src/testing/index.ts";
import { commits, record, type Style } from "./recording.ts";
import { cell, uuid } from "./row-values.ts";

type Noise = () => number;

/** Numbers in [0, 256), always the same. */
function noiseOf(seed: number): Noise {
  const random = seededRandom(seed);
  return () => random.bytes(1)[0]!;
}

/** Records ticks, closes, and gives what is on disk. */
async function driftOf<D extends StateDefinition>(
  state: D,
  ticks: number,
  step: (run: LiveRun<D>, tick: number) => void,
  style: Style = {},
): Promise<MemoryVfs> {
  const simulate = async (run: LiveRun<D>): Promise<void> => {
    await commits(run, ticks, (tick) => step(run, tick));
    await run.close();
  };
  return record(state, simulate, style);
}

/**
 * Every width that has differences, over the ends of their ranges, in several segments of several keyframes each; ticks in
 * which a grid pauses, and ticks in which it changes in part.
 */
async function driftVector(): Promise<MemoryVfs> {
  const state = {
    heat: grid("f64", [30]),
    warmth: grid("f32", [5, 8]),
    counts: grid("u32", [40]),
    ledger: grid("i64", [24]),
    heights: grid("i16", [33]),
    shades: grid("u8", [50]),
  };
  const noise = noiseOf(11);
  const step = ({ state: live }: LiveRun<typeof state>, tick: number): void => {
    if (tick === 1) {
      live.counts.fill(2 ** 32 - 1000);
      live.ledger.fill(-5000n);
      live.heights.fill(32_000);
    }
    // All of them pause once, each by itself now and then.
    if (tick === 31) return;
    const { heat, warmth, counts, ledger, heights, shades } = live;
    for (let i = 0; i < heat.length && tick % 9 > 0; i++) heat[i]! += 100 + i + noise() / 1e4;
    for (let i = 0; i < warmth.length; i++) warmth[i]! -= 1 + (i + noise()) / 1e3;
    const count = tick % 13 === 0 ? 20 : counts.length;
    for (let i = 0; i < count; i++) counts[i]! += 70 + i + (noise() >> 6);
    for (let i = 0; i < ledger.length; i++) ledger[i]! += BigInt(300 + (i % 5) + (noise() >> 7));
    for (let i = 0; i < heights.length && tick % 4 > 0; i++) heights[i]! += 50 + i;
    for (let i = 0; i < shades.length; i++) shades[i]! += i % 3 === 0 ? 7 : noise() >> 7;
  };
  return driftOf(state, 70, step, { segmentBytesMin: 12_000 });
}

/** The tick before is the last recorded one, also where a gap lies between. */
async function driftGapVector(): Promise<MemoryVfs> {
  const state = { counts: grid("u16", [30]) };
  return record(state, async (run) => {
    const go = async (ticks: number): Promise<void> =>
      commits(run, ticks, () => run.state.counts.forEach((n, i) => (run.state.counts[i] = n + i)));
    await go(5);
    await run.gap({ until: 9, reason: "asleep" });
    await go(4);
    await run.close();
  });
}

/** Columns that drift while rows are born and die now and then, so that the list of rows is another. */
async function driftRowsVector(): Promise<MemoryVfs> {
  const columns = {
    id: "u32",
    age: "u16",
    mass: "f64",
    place: "f32[3]",
    seen: "h3",
    mark: "uuid",
    name: "utf8",
  } as const;
  const state = { herd: table(columns, { key: "id" }), idle: grid("u8", [4]) };
  const noise = noiseOf(12);
  const step = ({ state: { herd, idle } }: LiveRun<typeof state>, tick: number): void => {
    if (tick === 1)
      for (let id = 0; id < 40; id++) herd.insert({ id, mass: 100 + id, name: "lamb" });
    idle[tick % 4] = tick;
    if (tick % 10 === 0) return;
    if (tick % 7 === 0) herd.insert({ id: 100 + tick, name: `born at ${tick}` });
    if (herd.has(tick) && tick % 11 === 0) herd.delete(tick);
    const { live, age, mass, place } = { live: herd.live, ...herd.columns };
    live.forEach((isLive, slot) => {
      // The young ones rest every fifth tick: their rows are listed with others that changed.
      if (isLive === 0 || (tick % 5 === 0 && slot < 6)) return;
      age[slot]! += 3;
      mass[slot]! += 2 + noise() / 1e3;
      for (let axis = 0; axis < 3; axis++) place[3 * slot + axis]! += axis + 1;
    });
    if (tick % 6 < 3) {
      for (const row of herd) {
        row.seen = cell(row.id + tick);
        row.mark = uuid(row.id + tick);
      }
    }
  };
  return driftOf(state, 45, step, { segmentBytesMin: 9000 });
}

/** Planes in which most bytes are zero: few that are not, many, of few kinds and of many. */
async function skewedVector(): Promise<MemoryVfs> {
  const state = { few: grid("u32", [500]), many: grid("u32", [4000]), bytes: grid("u8", [3000]) };
  const noise = noiseOf(13);
  const step = ({ state: { few, many, bytes } }: LiveRun<typeof state>, tick: number): void => {
    for (let i = 0; i < few.length; i++) few[i]! += noise() < 30 ? noise() * 257 : 1;
    for (let i = 0; i < many.length; i++) many[i]! += noise() < 12 ? 1000 * (1 + (i & 3)) : 1;
    for (let i = 0; i < bytes.length; i++)
      if (noise() < 20 || tick % 4 === 0) bytes[i]! ^= 1 << (i & 1);
  };
  return driftOf(state, 6, step);
}

/** More than 65,536 elements: parts by chunk, and one of the rest, each in a frame of its own. */
async function driftChunksVector(): Promise<MemoryVfs> {
  const state = { plane: grid("u16", [300, 310], { chunk: [128, 100] }) };
  const step = ({ state: { plane } }: LiveRun<typeof state>, tick: number): void => {
    // At some ticks a few chunks only, so that their neighbours pause.
    const end = tick % 4 === 3 ? 220 * 310 : plane.length;
    for (let row = 0; row < end; row++) plane[row]! += 300 + ((row % 310) >> 5);
  };
  return driftOf(state, 9, step, { bodyBytesMax: 24 });
}

/** More than 65,536 rows: two parts of one column, each with rows of its own, in frames of their own. */
async function driftPartsVector(): Promise<MemoryVfs> {
  const count = 66_000;
  const state = { rows: table({ id: "u32", age: "u32" }, { key: "id", capacity: count }) };
  const step = ({ state: { rows } }: LiveRun<typeof state>, tick: number): void => {
    if (tick === 1) for (let id = 0; id < count; id++) rows.insert({ id });
    const { age } = rows.columns;
    for (let slot = 0; slot < count; slot++) age[slot]! += 260 + (slot & 1);
  };
  return driftOf(state, 5, step, { bodyBytesMax: 24 });
}

/** The vectors by name; each is made anew. */
export const driftRecordings: Readonly<Record<string, () => Promise<MemoryVfs>>> = {
  drift: driftVector,
  "drift-gap": driftGapVector,
  "drift-rows": driftRowsVector,
  skewed: skewedVector,
  "drift-chunks": driftChunksVector,
  "drift-parts": driftPartsVector,
};
