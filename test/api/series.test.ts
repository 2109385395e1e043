import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, limits } from "everytick";
import { memoryRuns, refusal } from "../runs/memory-runs.ts";
import { problemIn, served } from "./served.ts";

interface SeriesJson {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly count: readonly number[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly sum: readonly (number | null)[];
  readonly damage: readonly unknown[];
}

/** A run of several segments whose tick t changes t % 7 cells; some ticks are left out. */
async function recorded() {
  const memory = await memoryRuns({ segmentBytesMin: 3000 });
  const run = await memory.runs.record("life", { state: { cells: grid("u8", [8]) }, sparse: true });
  for (let tick = 0; tick < 300; tick++) {
    if (tick % 50 > 40) continue;
    for (let cell = 0; cell < tick % 7; cell++) run.state.cells[cell]! += 1;
    await run.commit({ tick });
  }
  await run.close();
  return memory;
}

const changesOf = (tick: number): number | undefined =>
  tick % 50 > 40 || tick > 290 ? undefined : tick % 7;

test("S13: a series is exact in every bucket, at every zoom; nothing is sampled", async (t) => {
  const { runs } = await recorded();
  const { json } = await served(t, runs);
  for (const points of [1, 2, 7, 100, 291, 5000]) {
    for (const [from, to] of [
      [0, 290],
      [0, 0],
      [41, 49],
      [3, 260],
      [0, 100_000],
    ] as const) {
      const path = `/v1/runs/life/series?name=changes&from=${from}&to=${to}&points=${points}`;
      const series = await json<SeriesJson>(path);
      assert(series.count.length <= points && series.count.length >= 1);
      assert.deepEqual([series.from, series.to, series.damage], [from, to, []]);
      assert(series.count.length * series.width >= to - from + 1, path);
      for (const [bucket, count] of series.count.entries()) {
        const values: number[] = [];
        const begin = from + bucket * series.width;
        for (let tick = begin; tick < Math.min(begin + series.width, to + 1, 300); tick++) {
          const changes = changesOf(tick);
          if (changes !== undefined) values.push(changes);
        }
        assert.equal(count, values.length, `${path} bucket ${bucket}`);
        const found = [series.min[bucket], series.max[bucket], series.sum[bucket]];
        const sum = values.reduce((a, b) => a + b, 0);
        const expected = [Math.min(...values), Math.max(...values), sum];
        assert.deepEqual(found, values.length === 0 ? [null, null, null] : expected, path);
      }
    }
  }
});

test("S13: the bytes of a series are those that the frames of the ticks weigh", async (t) => {
  const { runs } = await recorded();
  const { json } = await served(t, runs);
  const { sum, count } = await json<SeriesJson>("/v1/runs/life/series?name=bytes&points=1");
  await using run = await runs.open("life");
  const { deltaBytes, ticks } = await run.sizes();
  const first = await json<SeriesJson>("/v1/runs/life/series?name=bytes&from=0&to=0");
  // The first tick is no delta but a keyframe that records it.
  assert.equal((sum[0] ?? 0) - (first.sum[0] ?? 0), deltaBytes);
  assert.deepEqual(count, [ticks]);
});

test("S13: a series that cannot be is refused", async (t) => {
  const { runs } = await recorded();
  const { get } = await served(t, runs);
  const cases: readonly (readonly [string, number, string])[] = [
    ["name=changes&from=5&to=4", 404, "TIMELINE_TICK"],
    ["name=nothing", 400, "API_REQUEST"],
    ["", 400, "API_REQUEST"],
    ["name=changes&points=0", 400, "API_REQUEST"],
    [`name=changes&points=${limits.seriesPoints + 1}`, 400, "API_REQUEST"],
  ];
  for (const [query, status, code] of cases) {
    const answer = await get(`/v1/runs/life/series?${query}`);
    assert.equal(answer.status, status, query);
    assert.equal(problemIn(answer).code, code);
  }
  await using run = await runs.open("life");
  await refusal(async () => run.activity({ measure: "changes", points: 0 }), "RECORDER_OPTION");
  await refusal(
    async () => run.activity({ measure: "changes", from: -1, points: 1 }),
    "TIMELINE_TICK",
  );
});
