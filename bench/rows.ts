/**
 * What rows cost, beside the same churn on bare arrays in the same run: `npm run bench:rows`. Figures are medians of
 * interleaved repetitions; only ratios mean anything on another machine.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRuns, table, type Durability, type LiveRun } from "everytick";
import { BareTable } from "./bare-table.ts";

const rows = 100_000;
const churn = rows / 10;
const ticks = 60;
const repetitions = 7;

const columns = { id: "u32", x: "f32", y: "f32", energy: "f32" } as const;
const folder = mkdtempSync(join(tmpdir(), "everytick-bench-"));
const runs = await openRuns(folder);

/** A cheap generator, the same for both sides. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Keys that die and that are born in each tick: the same for both sides, made before anything is timed. */
function plan(): { dying: Uint32Array; born: Float32Array }[] {
  const draw = generator(42);
  const alive = Array.from({ length: rows }, (_, id) => id);
  return Array.from({ length: ticks }, (_, tick) => {
    const dying = Uint32Array.from({ length: churn }, () => {
      const at = Math.floor(draw() * alive.length);
      const id = alive[at] as number;
      alive[at] = alive.at(-1) as number;
      alive.pop();
      return id;
    });
    for (let i = 0; i < churn; i++) alive.push(rows + tick * churn + i);
    return { dying, born: Float32Array.from({ length: 3 * churn }, draw) };
  });
}

const planned = plan();

function bare(): number {
  const bodies = new BareTable(rows);
  const draw = generator(1);
  for (let id = 0; id < rows; id++) bodies.insert(id, draw(), draw(), draw());
  const start = performance.now();
  planned.forEach(({ dying, born }, tick) => {
    for (let i = 0; i < churn; i++) bodies.delete(dying[i] as number);
    for (let i = 0, at = 0; i < churn; i++, at += 3) {
      const id = rows + tick * churn + i;
      bodies.insert(id, born[at] as number, born[at + 1] as number, born[at + 2] as number);
    }
  });
  return (performance.now() - start) / ticks;
}

async function recorded(durability: Durability, id: string): Promise<number> {
  const state = { bodies: table(columns, { key: "id", capacity: rows }) };
  await using run = await runs.record(id, { state, durability });
  const draw = generator(1);
  for (let row = 0; row < rows; row++) {
    run.state.bodies.insert({ id: row, x: draw(), y: draw(), energy: draw() });
  }
  await run.commit();
  const start = performance.now();
  for (const [tick, { dying, born }] of planned.entries()) {
    const { bodies } = run.state;
    for (let i = 0; i < churn; i++) bodies.delete(dying[i] as number);
    for (let i = 0, at = 0; i < churn; i++, at += 3) {
      const [x, y, energy] = [born[at] as number, born[at + 1] as number, born[at + 2] as number];
      bodies.insert({ id: rows + tick * churn + i, x, y, energy });
    }
    await run.commit();
  }
  return (performance.now() - start) / ticks;
}

/** Microseconds of a warm lookup by key in a past state. */
async function lookup(): Promise<number> {
  await using run = await runs.open("memory-0");
  const { bodies } = (await run.at(1)).state as unknown as LiveRun<{
    bodies: ReturnType<typeof table<typeof columns, "id">>;
  }>["state"];
  const draw = generator(7);
  const keys = Uint32Array.from({ length: 200_000 }, () => draw() * rows);
  let found = 0;
  const look = (): void => {
    for (const key of keys) if (bodies.get(key)?.id === key) found += 1;
  };
  look();
  const start = performance.now();
  look();
  const each = ((performance.now() - start) / keys.length) * 1000;
  if (found !== 2 * keys.length) throw new Error(`${found} rows found`);
  return each;
}

/** Bytes per tick in the first and in the last tenth of many ticks of churn. */
async function growth(count: number): Promise<[number, number]> {
  const state = { bodies: table(columns, { key: "id" }) };
  await using run = await runs.record("growth", { state, durability: "memory" });
  const draw = generator(3);
  const alive: number[] = [];
  let next = 0;
  const marks: number[] = [];
  for (let tick = 0; tick < count; tick++) {
    for (let i = 0; i < 50; i++) {
      if (alive.length >= 500) {
        const at = Math.floor(draw() * alive.length);
        run.state.bodies.delete(alive[at] as number);
        alive[at] = alive.at(-1) as number;
        alive.pop();
      }
      run.state.bodies.insert({ id: next, x: draw(), y: draw(), energy: draw() });
      alive.push(next++);
    }
    await run.commit();
    if (tick % (count / 10) === 0) marks.push(run.bytesWritten);
  }
  marks.push(run.bytesWritten);
  if (run.state.bodies.slotCount > 501) throw new Error("freed slots were not taken again");
  const tenth = count / 10;
  const per = (at: number): number => ((marks[at + 1] as number) - (marks[at] as number)) / tenth;
  return [per(1), per(9)];
}

/** Milliseconds of an explicit commit of 100,000 row changes, in a table of so many rows. */
async function explicit(size: number, changes: number): Promise<number> {
  const state = { bodies: table(columns, { key: "id", capacity: size }) };
  await using run = await runs.record(`explicit-${size}`, { state, durability: "memory" });
  const insert = Array.from({ length: size }, (_, id) => ({ id, x: id, y: 0, energy: 0 }));
  await run.commit({ changes: { bodies: { insert } } });
  const times: number[] = [];
  for (let round = 1; round <= 5; round++) {
    const update = Array.from({ length: changes }, (_, i) => {
      return { id: (i * 7) % size, x: i + round, energy: round };
    });
    const start = performance.now();
    await run.commit({ changes: { bodies: { update } } });
    times.push(performance.now() - start);
  }
  return median(times);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(64)} ${figure}`);
}

async function main(): Promise<void> {
  const times: Record<"bare" | "memory" | "fsync", number[]> = { bare: [], memory: [], fsync: [] };
  for (let repetition = 0; repetition < repetitions; repetition++) {
    times.bare.push(bare());
    times.memory.push(await recorded("memory", `memory-${repetition}`));
    times.fsync.push(await recorded("fsync", `fsync-${repetition}`));
  }
  const base = median(times.bare);
  say(`${churn} deaths and births among ${rows} rows, bare arrays`, `${base.toFixed(2)} ms`);
  for (const durability of ["memory", "fsync"] as const) {
    const time = median(times[durability]);
    const ratio = (time / base).toFixed(2);
    say(`  the same, recorded, durability ${durability}`, `${time.toFixed(2)} ms  ${ratio}x`);
  }
  say("lookup by key in a past state, warm", `${(await lookup()).toFixed(2)} µs`);
  const [early, late] = await growth(10_000);
  say("10,000 ticks of churn, bytes per tick, second and last tenth", `${early} ${late}`);
  for (const size of [100_000, 1_000_000]) {
    const time = await explicit(size, 100_000);
    say(`explicit commit of 100,000 updates in ${size} rows`, `${time.toFixed(1)} ms`);
  }
}

try {
  await main();
} finally {
  await runs.close();
  rmSync(folder, { recursive: true, force: true });
}
