/** The tiers of the Babylon document's hexes: what is recorded, and what is composed when it is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineWorld, type LiveRun, type StateDefinition, type World } from "everytick";
import { hexOf, memoryRuns, refusal, type Memory } from "../runs/memory-runs.ts";
import { babylonHexes, hexesWithEvents, type Ground, type HexLatest } from "./babylon-hexes.ts";
import { ancestorOf, resolutionOf } from "./h3-cells.ts";

type Hexes = typeof babylonHexes extends World<infer _, infer D> ? D : never;
type Row = { readonly [column: string]: unknown };

/** What a tick was given, kept beside the recording. */
interface Given {
  readonly territory: ReadonlyMap<string, Row>;
  readonly activity: ReadonlyMap<string, Row>;
}

function copyOf(rows: Iterable<object>, key: string): Map<string, Row> {
  const list = JSON.parse(JSON.stringify([...rows])) as Row[];
  return new Map(list.map((row) => [row[key] as string, row]));
}

function givenTo({ state }: LiveRun<Hexes>): Given {
  return {
    territory: copyOf(state.territory, "county_fips"),
    activity: copyOf(state.hex_activity, "h3_index"),
  };
}

/** hex_latest as one would write it down: every hex on its own, from what was given. */
function naiveLatest(
  { territory, activity }: Given,
  map: readonly (readonly [hex: string, county: string])[],
  ground: ReadonlyMap<string, readonly Ground[]>,
): HexLatest[] {
  return map.map(([hex, county]) => {
    const at = territory.get(county) as HexLatest;
    const rows = ground.get(hex) as readonly Ground[];
    const types = rows.map((row) => row.terrain_type).sort();
    const times = (type: string): number => types.filter((other) => other === type).length;
    const quiet = { heat: 0, heat_delta: 0, org_count: 0, org_presence: null, actions_taken: null };
    return {
      profit_rate: at.profit_rate,
      exploitation_rate: at.exploitation_rate,
      occ: at.occ,
      imperial_rent: at.imperial_rent,
      pop_total: at.pop_total,
      mobilizable_pop: at.mobilizable_pop,
      dominant_class: at.dominant_class,
      faction_id: at.faction_id,
      faction_influence: at.faction_influence,
      terrain_type: types.reduce((best, type) => (times(type) > times(best) ? type : best)),
      water_coverage: rows.reduce((sum, row) => sum + row.water_coverage, 0) / rows.length,
      internet_access: Math.max(...rows.map((row) => row.broadband)),
      ...quiet,
      ...activity.get(hex),
      h3_index: hex,
    };
  });
}

const columnsOfViews: { readonly [view: string]: readonly string[] } = {
  v_hex_economic: ["profit_rate", "exploitation_rate", "occ", "imperial_rent", "pop_total", "heat"],
  v_hex_mobilize: ["mobilizable_pop", "org_presence", "hex_heat", "dominant_class"],
  v_hex_heat: ["heat", "heat_delta", "org_count"],
  v_hex_aid: ["internet_access", "terrain_type", "water_coverage"],
  v_hex_intel: ["faction_id", "faction_influence", "dominant_class", "org_count", "actions_taken"],
};

function naiveView(name: string, latest: readonly HexLatest[]): Row[] {
  const shown = name === "v_hex_heat" ? latest.filter(({ heat }) => heat > 0) : latest;
  return shown.map((hex) => {
    const columns = (columnsOfViews[name] ?? []).map((column) => {
      return [column, column === "hex_heat" ? hex.heat : hex[column as keyof HexLatest]] as const;
    });
    return { h3_index: hex.h3_index, ...Object.fromEntries(columns) };
  });
}

function byHex(rows: Iterable<object>): Row[] {
  return [...rows].map((row) => ({ ...row })).sort(order);
}

function order(a: Row, b: Row): number {
  return (a["h3_index"] as string) < (b["h3_index"] as string) ? -1 : 1;
}

/** Row by row: of thousands nobody wants to see the whole difference. */
function assertSameRows(found: readonly Row[], expected: readonly Row[], message: string): void {
  assert.equal(found.length, expected.length, message);
  for (const [i, row] of expected.entries()) assert.deepEqual(found[i], row, message);
}

/** 2401 hexes, their ground and what each tick was given. */
async function recordHexes(memory: Memory, ticks: number) {
  const run = await memory.runs.record("hexes", { world: babylonHexes, seed: 37 });
  const map = [...run.state.hex_map].map((row) => [row.h3_index, row.county_fips] as const);
  const rows = JSON.parse(JSON.stringify([...run.state.hex_substrate])) as Ground[];
  const ground = Map.groupBy(rows, ({ h3_index }) => ancestorOf(h3_index, 7));
  const given = [givenTo(run)];
  for (let tick = 1; tick <= ticks; tick++) {
    await run.step();
    given.push(givenTo(run));
  }
  return { run, map, ground, given };
}

test("BAB-78, BAB-79, BAB-80, BAB-81, BAB-82, W9: hex_latest and its views at any tick are what was given to that tick, hex by hex, seed 37", async () => {
  const memory = await memoryRuns();
  const { run, map, ground, given } = await recordHexes(memory, 30);
  assert.deepEqual([map.length, ground.size], [2401, 2401]);
  assert(map.every(([hex]) => resolutionOf(hex) === 7 && ground.get(hex)?.length === 7));
  const live = naiveLatest(given[30] as Given, map, ground).sort(order);
  assertSameRows(byHex(run.state.hex_latest), live, "live");
  await run.close();
  await using past = await memory.runs.open<Hexes>("hexes", { world: babylonHexes });
  for (const tick of [30, 0, 17, 1, 29]) {
    const { state } = await past.at(tick);
    const latest = naiveLatest(given[tick] as Given, map, ground).sort(order);
    assertSameRows(byHex(state.hex_latest), latest, `tick ${tick}`);
    for (const name of Object.keys(columnsOfViews)) {
      const rows = byHex(state[name as "v_hex_heat"]);
      assertSameRows(rows, naiveView(name, latest), `${name} at tick ${tick}`);
    }
  }
});

test("all hexes of a county show the county's values, only active ones an overlay, only hot ones heat, seed 37", async () => {
  const memory = await memoryRuns();
  const { run } = await recordHexes(memory, 25);
  for await (const { tick, state } of run.play({ from: 25, to: 19 })) {
    const counties = Map.groupBy(state.hex_latest, ({ h3_index }) => ancestorOf(h3_index, 5));
    assert.equal(counties.size, 49);
    for (const hexes of counties.values()) {
      const values = hexes.map((hex) => {
        return [hex.profit_rate, hex.imperial_rent, hex.pop_total, hex.dominant_class].join();
      });
      assert.deepEqual([hexes.length, new Set(values).size], [49, 1], `tick ${tick}`);
    }
    const active = [...state.hex_latest].filter(({ actions_taken }) => actions_taken !== null);
    const keys = active.map(({ h3_index }) => h3_index).sort();
    assert.deepEqual(keys, [...state.hex_activity.keys()].sort());
    const hot = active.filter(({ heat }) => heat > 0).length;
    assert(hot > 20 && hot < active.length, "some are active without heat");
    assert.equal(state.v_hex_heat.size, hot);
  }
});

test("BAB-68: hex_activity has a row for hexes with events only, and none when the run is idle", async () => {
  const { runs } = await memoryRuns();
  const params = { hexesPerCounty: hexesWithEvents, eventsPerTick: 0 };
  const idle = await runs.record("idle", { world: babylonHexes, params });
  await idle.step(10);
  for await (const { state } of idle.play()) assert.equal(state.hex_activity.size, 0);
  const busy = await runs.record("busy", {
    world: babylonHexes,
    params: { ...params, eventsPerTick: 1 },
  });
  await busy.step(10);
  for await (const { tick, state } of busy.play()) {
    assert(state.hex_activity.size <= tick && state.hex_activity.size >= Math.min(tick, 1));
  }
});

/** Bytes of history that each of ten ticks added. */
async function bytesPerTick(world: typeof babylonHexes, hexesPerCounty: number): Promise<number[]> {
  const { runs } = await memoryRuns();
  const params = { hexesPerCounty };
  const run = await runs.record("hexes", { world, params, seed: 2 });
  const bytes: number[] = [];
  for (let tick = 1; tick <= 10; tick++) {
    const before = run.bytesWritten;
    await run.step();
    bytes.push(run.bytesWritten - before);
  }
  await run.close();
  return bytes;
}

test("W9: a tick weighs the same with 343 hexes and with 2401, and with derived stores and without, seed 2", async () => {
  const many = await bytesPerTick(babylonHexes, 49);
  assert.deepEqual(await bytesPerTick(babylonHexes, hexesWithEvents), many);
  const stored = Object.entries(babylonHexes.state as StateDefinition).filter(([, { kind }]) => {
    return kind !== "derived";
  });
  assert.equal(stored.length, 5);
  const bare = defineWorld({
    ...babylonHexes,
    state: Object.fromEntries(stored) as unknown as Hexes,
  });
  assert.deepEqual(await bytesPerTick(bare, 49), many);
  // And no tick comes near what the hexes alone would weigh, at a byte each.
  assert(Math.max(...many) < 2401 * 8, `${Math.max(...many)} bytes`);
});

test("W9, J6: what is static stands once in the journal, in however many segments", async () => {
  const { runs, ports } = await memoryRuns({ segmentBytesMin: 40_000 });
  // Few hexes: a segment weighs ten keyframes, and the first one holds the ground.
  const params = { hexesPerCounty: 1, eventsPerTick: 0 };
  const run = await runs.record("hexes", { world: babylonHexes, params, seed: 6 });
  const cells = [...run.state.hex_cell].map((row) => [row.h3_index, hexOf(row.geometry)] as const);
  await run.step(220);
  await run.close();
  const names = ports.vfs.list("/runs/hexes/journal") ?? [];
  assert(names.length > 3, `${names.length} segments`);
  const segments = names.map((name) => hexOf(ports.vfs.read(`/runs/hexes/journal/${name}`)));
  for (const [hex, geometry] of cells) {
    const times = segments.map((text) => text.split(geometry).length - 1);
    assert.deepEqual(times, [1, ...names.slice(1).map(() => 0)], hex);
  }
  // It is there at every tick all the same.
  await using past = await runs.open<Hexes>("hexes");
  const { state } = await past.at(220, { verify: true });
  const found = [...state.hex_cell].map((row) => [row.h3_index, hexOf(row.geometry)] as const);
  assert.deepEqual(found, cells);
  assert.deepEqual((await past.verify()).damage, []);
});

test("W9: a derived store cannot be read without the world, and with another world nothing can", async () => {
  const { runs } = await memoryRuns();
  const params = { hexesPerCounty: hexesWithEvents };
  const run = await runs.record("hexes", { world: babylonHexes, params });
  await run.step(3);
  await run.close();
  await using bare = await runs.open<Hexes>("hexes");
  const { state } = await bare.at(2);
  assert.equal(state.territory.size, 49, "what is recorded can be read");
  for (const name of ["hex_latest", ...Object.keys(columnsOfViews)]) {
    await refusal(() => state[name as "hex_latest"].size, "WORLD_DERIVED", {
      where: new RegExp(name),
      next: /runs\.open\(id, \{ world \}\)/,
    });
  }
  await using whole = await runs.open<Hexes>("hexes", { world: babylonHexes });
  assert.equal((await whole.at(2)).state.hex_latest.size, 343);
  const other = defineWorld({ ...babylonHexes, version: 2 });
  await refusal(() => runs.open("hexes", { world: other }), "RUNS_WORLD");
});
