/**
 * The tiers of the Babylon document's hexes, as a world: what a county is worth changes for the county, what happens in a
 * hex changes for the hex, the ground is written once, and what a hex shows of all of it is composed when it is read.
 */
import {
  defineWorld,
  derived,
  table,
  type Columns,
  type PastStateOf,
  type RandomStream,
  type RowOf,
  type StateOf,
} from "everytick";
import { ancestorOf, cellOf, descendantsOf } from "./h3-cells.ts";

/** All hexes lie in one cell of resolution 3; the counties are its 49 cells of resolution 5. */
const region = cellOf(20, [0, 6, 0]);
const resolutions = { county: 5, hex: 7, ground: 8 } as const;

const economy = {
  profit_rate: "f64",
  exploitation_rate: "f64",
  occ: "f64",
  imperial_rent: "f64",
  pop_total: "u32",
  mobilizable_pop: "u32",
  dominant_class: "utf8",
  faction_id: "utf8",
  faction_influence: "f32",
} as const;
const activity = {
  heat: "f32",
  heat_delta: "f32",
  org_count: "u16",
  org_presence: "json",
  actions_taken: "json",
} as const;
const ground = { terrain_type: "utf8", water_coverage: "f64", internet_access: "u8" } as const;

const tiers = {
  territory: table(
    { county_fips: "utf8", value_tensor: "f64[12]", class_distribution: "f32[5]", ...economy },
    { key: "county_fips" },
  ),
  /** The last that happened in a hex, while it is felt; a hex without events has no row. */
  hex_activity: table({ h3_index: "h3", ...activity }, { key: "h3_index" }),
  hex_substrate: table(
    {
      h3_index: "h3",
      terrain_type: "utf8",
      water_coverage: "f64",
      broadband: "u8",
      surveillance: "f32",
    },
    { key: "h3_index", role: "static" },
  ),
  hex_map: table({ h3_index: "h3", county_fips: "utf8" }, { key: "h3_index", role: "static" }),
  hex_cell: table({ h3_index: "h3", geometry: "bytes" }, { key: "h3_index", role: "static" }),
};
type Tiers = PastStateOf<typeof tiers>;
export type Ground = RowOf<typeof tiers.hex_substrate.columns>;

const latest = table({ h3_index: "h3", ...economy, ...ground, ...activity }, { key: "h3_index" });
type Latest = PastStateOf<{ readonly hex_latest: typeof latest }>;
export type HexLatest = RowOf<typeof latest.columns>;

const hexLatest = derived(latest, (state: Tiers, into) => {
  const grounds = groundsByHex(state.hex_substrate);
  for (const { h3_index, county_fips } of state.hex_map) {
    const county = state.territory.get(county_fips);
    if (county === undefined) continue;
    into.insert({ h3_index, ...valuesFor(economy, county), ...grounds.get(h3_index) });
  }
  for (const event of state.hex_activity) into.update(event.h3_index, valuesFor(activity, event));
});

/** What a hex shows of the ground in it: the commonest terrain, the mean water, whether anybody has broadband. */
function groundsByHex(substrate: Iterable<Ground>): Map<string, RowOf<typeof ground>> {
  const byHex = new Map<string, Ground[]>();
  for (const row of substrate) {
    const hex = ancestorOf(row.h3_index, resolutions.hex);
    const rows = byHex.get(hex) ?? [];
    rows.push(row);
    byHex.set(hex, rows);
  }
  return new Map(byHex.entries().map(([hex, rows]) => [hex, groundOf(rows)]));
}

function groundOf(rows: readonly Ground[]): RowOf<typeof ground> {
  const counts = new Map<string, number>();
  for (const { terrain_type } of rows)
    counts.set(terrain_type, (counts.get(terrain_type) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const commonest = [...counts].filter(([, count]) => count === most).map(([type]) => type);
  return {
    terrain_type: commonest.sort()[0] as string,
    water_coverage: rows.reduce((sum, row) => sum + row.water_coverage, 0) / rows.length,
    internet_access: rows.some(({ broadband }) => broadband === 1) ? 1 : 0,
  };
}

/** The values of a row for some columns. */
function valuesFor<C extends Columns>(columns: C, row: RowOf<C>): RowOf<C> {
  const names = Object.keys(columns) as (keyof C)[];
  return Object.fromEntries(names.map((name) => [name, row[name]])) as RowOf<C>;
}

type ViewColumn = keyof HexLatest | "hex_heat";

/** Columns of `hex_latest`, of the hexes where a condition holds. */
function view(names: readonly ViewColumn[], isShown: (hex: HexLatest) => boolean = () => true) {
  const sources = names.map((name) => [name, name === "hex_heat" ? "heat" : name] as const);
  const types = sources.map(([name, source]) => [name, latest.columns[source]]);
  const columns = { h3_index: "h3", ...(Object.fromEntries(types) as Columns) } as const;
  return derived(table(columns, { key: "h3_index" }), ({ hex_latest }: Latest, into) => {
    for (const hex of hex_latest) {
      if (!isShown(hex)) continue;
      const values = sources.map(([name, source]) => [name, hex[source]]);
      into.insert({ h3_index: hex.h3_index, ...(Object.fromEntries(values) as object) });
    }
  });
}

export const views = {
  v_hex_economic: view([
    "profit_rate",
    "exploitation_rate",
    "occ",
    "imperial_rent",
    "pop_total",
    "heat",
  ]),
  v_hex_mobilize: view(["mobilizable_pop", "org_presence", "hex_heat", "dominant_class"]),
  v_hex_heat: view(["heat", "heat_delta", "org_count"], ({ heat }) => heat > 0),
  v_hex_aid: view(["internet_access", "terrain_type", "water_coverage"]),
  v_hex_intel: view([
    "faction_id",
    "faction_influence",
    "dominant_class",
    "org_count",
    "actions_taken",
  ]),
};

const terrains = ["city", "forest", "river"];
const classes = ["labour", "capital", "none"];
const fipsOf = (county: number): string => String(6001 + 2 * county).padStart(5, "0");
/** Every county has so many hexes at least, so that events fall on the same ones however many there are. */
export const hexesWithEvents = 7;

function hexesOf(county: number, count: number): string[] {
  const cell = descendantsOf(region, resolutions.county)[county] as string;
  return descendantsOf(cell, resolutions.hex).slice(0, count);
}

/** A polygon of six corners, as well-known binary: byte order 1, type 3, one ring, 7 points of 16 bytes. */
function geometryOf(random: RandomStream): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(125));
  bytes.setUint8(0, 1);
  [3, 1, 7].forEach((number, i) => bytes.setUint32(1 + 4 * i, number, true));
  for (let at = 13; at < 125; at += 8) bytes.setFloat64(at, 180 * random.float() - 90, true);
  return new Uint8Array(bytes.buffer);
}

function fillHex(
  state: StateOf<typeof tiers>,
  hex: string,
  county: number,
  random: RandomStream,
): void {
  state.hex_map.insert({ h3_index: hex, county_fips: fipsOf(county) });
  state.hex_cell.insert({ h3_index: hex, geometry: geometryOf(random) });
  for (const h3_index of descendantsOf(hex, resolutions.ground)) {
    state.hex_substrate.insert({
      h3_index,
      terrain_type: terrains[random.int(3)] as string,
      water_coverage: random.float(),
      broadband: random.chance(0.1) ? 1 : 0,
      surveillance: random.float(),
    });
  }
}

function changeCounty(state: StateOf<typeof tiers>, county: number, random: RandomStream): void {
  state.territory.upsert({
    county_fips: fipsOf(county),
    value_tensor: Float64Array.from({ length: 12 }, () => random.float()),
    class_distribution: Float32Array.from({ length: 5 }, () => random.float()),
    profit_rate: random.normal() / 10,
    exploitation_rate: random.float(),
    occ: 1 + random.float(),
    imperial_rent: 100 * random.float(),
    pop_total: 1000 + random.int(9000),
    mobilizable_pop: random.int(1000),
    dominant_class: classes[random.int(3)] as string,
    faction_id: `faction ${random.int(4)}`,
    faction_influence: random.float(),
  });
}

/** What was felt cools down and is forgotten; an event without heat leaves its organisations only. */
function coolDown({ hex_activity }: StateOf<typeof tiers>): void {
  for (const hex of hex_activity) {
    if (hex.heat < 0.2) hex_activity.delete(hex.h3_index);
    else hex.heat -= 0.25;
  }
}

function happen(state: StateOf<typeof tiers>, random: RandomStream): void {
  const hex = hexesOf(random.int(49), hexesWithEvents)[random.int(hexesWithEvents)] as string;
  const heat = random.int(4);
  const before = state.hex_activity.get(hex)?.heat ?? 0;
  state.hex_activity.upsert({
    h3_index: hex,
    heat,
    heat_delta: heat - before,
    org_count: random.int(5),
    org_presence: random.chance(0.5) ? null : { union: random.int(100) },
    actions_taken: [["strike", "aid"][random.int(2)] as string],
  });
}

export const babylonHexes = defineWorld({
  name: "babylon-hexes",
  version: 1,
  params: { hexesPerCounty: 49, eventsPerTick: 20 },
  streams: ["ground"],
  state: { ...tiers, hex_latest: hexLatest, ...views },
  init({ state, random, params }) {
    for (let county = 0; county < 49; county++) {
      changeCounty(state, county, random);
      for (const hex of hexesOf(county, params.hexesPerCounty)) {
        fillHex(state, hex, county, random.stream("ground"));
      }
    }
  },
  step({ state, random, params }) {
    for (let county = 0; county < 49; county++) {
      if (random.chance(0.3)) changeCounty(state, county, random);
    }
    coolDown(state);
    for (let event = 0; event < params.eventsPerTick; event++) happen(state, random);
  },
});
