import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, log, type LogOptions } from "everytick";
import { memoryRuns, refusal } from "../runs/memory-runs.ts";

const stores = {
  cells: grid("u16", [64]),
  births: log({ id: "u32", name: "utf8", at: "f32[2]" }),
  quiet: log({ text: "utf8" }),
};

interface Entry {
  readonly tick: number;
  readonly id: number;
}

/** Ticks 0 to 40 over several segments, a gap at 20 to 22, and 0 to 3 rows in each. */
async function recorded() {
  const { runs } = await memoryRuns({ segmentBytesMin: 1200, bodyBytesMax: 200 });
  const run = await runs.record("births", { state: stores });
  const entries: Entry[] = [];
  while (run.tick < 40) {
    if (run.tick === 19) await run.gap({ until: 22, reason: "asleep" });
    const tick = run.tick === 19 ? 23 : run.tick + 1;
    run.state.cells.fill(tick, 0, tick);
    for (let i = 0; i < tick % 4; i++) {
      const id = 10 * tick + i;
      run.state.births.append({ id, name: `n${id}`, at: [tick, i] });
      entries.push({ tick, id });
    }
    await run.commit();
  }
  await run.close();
  const whole = await runs.open<typeof stores>("births");
  assert((await whole.facts()).segments > 3);
  return { run: whole, entries };
}
const { run, entries } = await recorded();

async function read(options: LogOptions): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const { tick, row } of run.log("births", options)) {
    assert.deepEqual(row, {
      id: row.id,
      name: `n${row.id}`,
      at: Float32Array.of(tick, row.id % 10),
    });
    found.push({ tick, id: row.id });
  }
  return found;
}

/** Backwards the ticks come backwards; the rows of one stay in their order. */
function expected(from: number, to: number): Entry[] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const kept = entries.filter(({ tick }) => tick >= low && tick <= high);
  return from <= to ? kept : kept.sort((a, b) => b.tick - a.tick || a.id - b.id);
}

test("T8, T9: the rows of a log are read for every range, in either direction", async () => {
  assert.deepEqual(await read({}), entries);
  for (let from = 0; from <= 40; from += 3) {
    for (const to of [0, 1, 19, 20, 21, 23, 39, 40, from]) {
      assert.deepEqual(await read({ from, to }), expected(from, to), `${from} to ${to}`);
    }
  }
  for await (const entry of run.log("quiet")) assert.fail(String(entry.tick));
});

test("T8: a past state holds the rows of its own tick, whatever the way to it", async () => {
  const check = (tick: number, births: Iterable<{ readonly id: number }>): void =>
    assert.deepEqual(
      Array.from(births, ({ id }) => id),
      expected(tick, tick).map(({ id }) => id),
    );
  for (const range of [
    { from: 0, to: 40 },
    { from: 40, to: 0 },
  ]) {
    for await (const { tick, state } of run.play(range)) check(tick, state.births);
  }
  for (const tick of [40, 3, 23, 19, 39, 0, 1]) check(tick, (await run.at(tick)).state.births);
});

test("T9: series measures each tick of a range, or each n-th", async () => {
  const measured = async (
    options: Parameters<typeof run.series>[1],
  ): Promise<[number, number][]> => {
    const points: [number, number][] = [];
    for await (const { tick, value } of run.series(({ cells }) => cells[0]!, options))
      points.push([tick, value]);
    return points;
  };
  const all = await measured({});
  const ticks = Array.from({ length: 41 }, (_, tick) => tick).filter(
    (tick) => tick < 20 || tick > 22,
  );
  assert.deepEqual(
    all,
    ticks.map((tick) => [tick, tick]),
  );
  assert.deepEqual(
    await measured({ every: 7 }),
    all.filter((_, i) => i % 7 === 0),
  );
  assert.deepEqual(
    await measured({ from: 30, to: 10 }),
    all.filter(([tick]) => tick >= 10 && tick <= 30).reverse(),
  );
  for (const every of [0, -1, 0.5])
    await refusal(async () => measured({ every }), "RECORDER_OPTION", { where: /every/ });
});

test("what is no log is refused with the names of those there are", async () => {
  for (const name of ["cells", "nothing"]) {
    const look = async (): Promise<unknown> => run.log(name as never).next();
    await refusal(look, "RUNS_STORE", { expected: /births, quiet/, found: new RegExp(name) });
  }
});
