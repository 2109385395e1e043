import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  defineWorld,
  derived,
  edges,
  grid,
  log,
  openRuns,
  table,
  value,
  type Runs,
} from "everytick";
import { memoryRuns } from "../runs/memory-runs.ts";
import { problemIn, served, temporaryFolder, type Served } from "./served.ts";

const meadow = defineWorld({
  name: "meadow",
  version: 1,
  state: {
    cells: grid("u8", [3, 4, 5]),
    heat: grid("f64", [4]),
    wide: grid("u64", [2]),
    soil: grid("i16", [2, 2], { role: "static" }),
    sheep: table({ id: "u32", at: "f32[2]", name: "utf8", note: "json" }, { key: "id" }),
    follows: edges({ from: "sheep", to: "sheep", trust: "f32" }),
    weather: value({ rain: "f64", season: "utf8" }),
    deaths: log({ sheep: "u32", cause: "utf8" }),
    size: derived(value({ rows: "u32" }), () => undefined),
  },
  init: ({ state }) => {
    state.soil.set([1, -2, 3, -4]);
  },
  step: ({ state, tick, random }) => {
    for (let i = 0; i < 10; i++) state.cells[random.int(60)] = random.int(256);
    state.heat.set([Number.NaN, -0, Infinity, tick / 3]);
    state.wide.set([2n ** 64n - BigInt(tick), BigInt(tick)]);
    const name = tick % 2 === 0 ? "</script><script>alert(1)</script>" : '\u2028"\\\0';
    state.sheep.insert({ id: tick, at: [tick, -0], name, note: { __proto__: null, tick } });
    if (tick % 3 === 0) state.sheep.delete(tick - 1);
    if (tick > 1 && state.sheep.has(tick - 1)) {
      state.follows.insert({ from: tick, to: tick - 1, trust: Number.NaN });
    }
    Object.assign(state.weather, { rain: -Infinity, season: `season ${tick}` });
    for (let i = 0; i < tick % 3; i++) state.deaths.append({ sheep: i, cause: `of ${tick}` });
  },
});

const ticks = 12;
const openMeadow = async (runs: Runs) => runs.open("meadow", { world: meadow });

async function recorded(
  t: TestContext,
): Promise<Served & { readonly runs: Runs; readonly run: Awaited<ReturnType<typeof openMeadow>> }> {
  const { runs } = await memoryRuns();
  const live = await runs.record("meadow", { world: meadow, seed: 4 });
  await live.step(ticks);
  await live.close();
  const run = await openMeadow(runs);
  return { ...(await served(t, runs)), runs, run };
}

interface GridJson {
  readonly tick: number;
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}
interface RowsJson {
  readonly tick: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly slots: readonly number[];
  readonly rows: readonly (readonly unknown[])[];
  readonly next?: number;
}

const raw = { headers: { accept: "application/octet-stream" } };
const pathOf = (store: string, query: string): string => `/v1/runs/meadow/state/${store}?${query}`;

test("S11, T1, TAK-65, CON-40: the bytes of a grid at any tick are those that were committed", async (t) => {
  const { get, run } = await recorded(t);
  const forwards = Array.from({ length: ticks + 1 }, (_, tick) => tick);
  // Tick by tick in both directions, and to and fro.
  for (const tick of [...forwards, ...forwards.toReversed(), 7, 12, 3, 0, 5]) {
    const { state } = await run.at(tick);
    for (const store of ["cells", "heat", "wide", "soil"] as const) {
      const { status, headers, body } = await get(pathOf(store, `tick=${tick}`), raw);
      assert.equal(status, 200);
      assert.deepEqual(body, Buffer.from(new Uint8Array(state[store].buffer)), `${store} ${tick}`);
      assert.equal(headers["everytick-tick"], String(tick));
      assert.equal(headers["content-type"], "application/octet-stream");
    }
  }
  const { headers } = await get(pathOf("cells", ""), raw);
  const { "everytick-tick": last, "everytick-type": type, "everytick-shape": shape } = headers;
  assert.deepEqual([last, type, shape], ["12", "u8", "3,4,5"]);
});

test("S11: a region of a grid holds its cells and no others", async (t) => {
  const { json, get, run } = await recorded(t);
  const { cells } = (await run.at(9)).state;
  let regions = 0;
  for (const [z0, z1] of [
    [0, 3],
    [1, 2],
  ] as const) {
    for (const [y0, y1] of [
      [0, 4],
      [3, 4],
      [1, 3],
    ] as const) {
      for (const [x0, x1] of [
        [0, 5],
        [4, 5],
        [0, 1],
      ] as const) {
        const expected: number[] = [];
        for (let z = z0; z < z1; z++) {
          for (let y = y0; y < y1; y++) {
            for (let x = x0; x < x1; x++) expected.push(cells[(z * 4 + y) * 5 + x] as number);
          }
        }
        const path = pathOf("cells", `tick=9&region=${z0}:${z1},${y0}:${y1},${x0}:${x1}`);
        assert.deepEqual((await json<GridJson>(path)).values, expected, path);
        const answer = await get(path, raw);
        assert.deepEqual([...answer.body], expected);
        assert.equal(answer.headers["everytick-shape"], `${z1 - z0},${y1 - y0},${x1 - x0}`);
        regions += 1;
      }
    }
  }
  assert.equal(regions, 18);
  const open = await json<GridJson>(pathOf("cells", "tick=9&region=:,2:,:1"));
  assert.equal(open.values.length, 6);
  const refusedRegions = [
    "0:3",
    "0:3,0:4,0:6",
    "0:0,:,:",
    "2:1,:,:",
    "a:b,:,:",
    "-1:2,:,:",
    "0:3,0:4,0:5,0:1",
    "::,:,:",
  ];
  for (const region of refusedRegions) {
    const answer = await get(pathOf("cells", `region=${region}`));
    assert.equal(answer.status, 400, region);
    assert.equal(problemIn(answer).code, "API_REQUEST");
  }
});

test("S11: numbers that JSON does not have come as strings, and none loses a digit", async (t) => {
  const { json } = await recorded(t);
  const heat = await json<GridJson>(pathOf("heat", "tick=6"));
  assert.deepEqual(heat.values, ["NaN", -0, "Infinity", 2]);
  assert(Object.is(heat.values[1], -0));
  const wide = await json<GridJson>(pathOf("wide", "tick=6"));
  assert.deepEqual(wide.values, ["18446744073709551610", 6]);
});

test("S11: rows come with the slots that they stand in, page by page, each once", async (t) => {
  const { json, run } = await recorded(t);
  const { sheep } = (await run.at(ticks)).state;
  for (const limit of [1, 2, 5, 100]) {
    const slots: number[] = [];
    let after: number | undefined;
    do {
      const query = `limit=${limit}${after === undefined ? "" : `&after=${after}`}`;
      const page = await json<RowsJson>(pathOf("sheep", query));
      assert(page.rows.length <= limit);
      for (const [index, slot] of page.slots.entries()) {
        const row = sheep.rowAt(slot);
        assert(row !== undefined);
        assert.deepEqual(page.rows[index], [row.id, [...row.at], row.name, row.note]);
      }
      slots.push(...page.slots);
      after = page.next;
    } while (after !== undefined);
    assert.equal(slots.length, sheep.size);
    assert.deepEqual(
      slots,
      [...new Set(slots)].toSorted((a, b) => a - b),
    );
  }
});

test("S11: edges, a value and the rows of a log are those of the tick", async (t) => {
  const { json, run } = await recorded(t);
  for (const tick of [0, 1, 2, 7, 8]) {
    const { state } = await run.at(tick);
    const follows = await json<RowsJson>(pathOf("follows", `tick=${tick}`));
    assert.deepEqual(
      follows.rows,
      [...state.follows].map(({ from, to }) => [from, to, "NaN"]),
    );
    const deaths = await json<RowsJson>(pathOf("deaths", `tick=${tick}`));
    assert.deepEqual(
      deaths.rows,
      [...state.deaths].map(({ sheep, cause }) => [sheep, cause]),
    );
    const weather = await json<RowsJson>(pathOf("weather", `tick=${tick}`));
    const { rain, season } = state.weather;
    assert.deepEqual(weather.rows, [[tick === 0 ? rain : "-Infinity", season]]);
  }
});

test("S6: what a run does not have is refused by name", async (t) => {
  const { get } = await recorded(t);
  const cases: readonly (readonly [string, number, string])[] = [
    [pathOf("nothing", ""), 404, "RUNS_STORE"],
    [pathOf("$random", ""), 404, "RUNS_STORE"],
    [pathOf("__proto__", ""), 404, "RUNS_STORE"],
    [pathOf("size", ""), 404, "WORLD_DERIVED"],
    [pathOf("cells", "tick=13"), 404, "TIMELINE_TICK"],
    [pathOf("cells", "tick=-1"), 400, "API_REQUEST"],
    [pathOf("cells", "tick=1.5"), 400, "API_REQUEST"],
    [pathOf("cells", "tick=9007199254740993"), 400, "API_REQUEST"],
    [pathOf("sheep", "after=-1"), 400, "API_REQUEST"],
    [pathOf("sheep", "limit=10001"), 400, "API_REQUEST"],
    ["/v1/runs/nobody/state/cells", 404, "RUNS_MISSING"],
  ];
  for (const [path, status, code] of cases) {
    const answer = await get(path);
    assert.equal(answer.status, status, path);
    assert.equal(problemIn(answer).code, code, path);
  }
});

test("S11: many readers at many ticks each get their own", async (t) => {
  const { get, run } = await recorded(t);
  const wanted = Array.from({ length: 60 }, (_, i) => (i * 7) % (ticks + 1));
  const answers = await Promise.all(
    wanted.map(async (tick) => get(pathOf("cells", `tick=${tick}`), raw)),
  );
  for (const [index, tick] of wanted.entries()) {
    const { cells } = (await run.at(tick)).state;
    assert.deepEqual(answers[index]?.body, Buffer.from(cells), `tick ${tick}`);
  }
});

test("S4: an id that is given to another run shows that one", async (t) => {
  const folder = await temporaryFolder(t);
  await using runs = await openRuns(folder);
  const record = async (cell: number): Promise<void> => {
    await using run = await runs.record("life", { state: { cells: grid("u8", [1]) } });
    run.state.cells[0] = cell;
    await run.commit();
  };
  await record(1);
  const { json } = await served(t, runs);
  const path = "/v1/runs/life/state/cells";
  assert.deepEqual((await json<GridJson>(path)).values, [1]);
  await rm(join(folder, "life"), { recursive: true });
  await record(2);
  assert.deepEqual((await json<GridJson>(path)).values, [2]);
});
