/** The recordings behind the vectors of edges, logs, static and derived stores, and of other ways to commit rows. */
import {
  defineWorld,
  derived,
  edges,
  grid,
  log,
  table,
  value,
  type LiveRun,
} from "everytick";
import type { MemoryVfs } from "../../src/testing/index.ts";
import { commits, record, recordWorld } from "./recording.ts";
import { cell, uuid, words } from "./row-values.ts";

/** Ends that name tables, and ends that name types; one kind of link is only looked at. */
async function edgesVector(): Promise<MemoryVfs> {
  const state = {
    sheep: table({ id: "u16" }, { key: "id" }),
    places: table({ name: "utf8", size: "f32" }, { key: "name" }),
    trust: edges({ from: "sheep", to: "sheep", trust: "f32" }),
    visits: edges({ from: "sheep", to: "places", when: "u64[2]", why: "json" }),
    roads: edges({ from: "h3", to: "uuid" }),
    seen: edges({ from: "i64", to: "utf8", count: "u8" }, { role: "observed" }),
  };
  return record(state, async (run) => {
    const { sheep, places, trust, visits, roads, seen } = run.state;
    await commits(run, 12, (tick) => {
      sheep.insert({ id: tick * 5 });
      places.upsert({ name: `place ${tick % 3}`, size: tick });
      for (let other = 1; other < tick; other += 2) {
        trust.insert({ from: tick * 5, to: other * 5, trust: tick / other });
      }
      if (tick > 3) for (const { from, to } of trust.outgoing(5 * (tick - 2))) trust.delete([from, to]);
      const when = BigUint64Array.of(BigInt(tick), 2n ** 63n);
      visits.upsert({ from: 5, to: `place ${tick % 3}`, when, why: { tick } });
      roads.insert({ from: cell(tick), to: uuid(tick) });
      if (tick % 4 === 0) roads.clear();
      seen.upsert({ from: -BigInt(tick % 2), to: "", count: tick });
    });
    await run.close();
  });
}

const logs = {
  herd: value({ size: "u32" }),
  deaths: log({ sheep: "u32", cause: "utf8", place: "f32[2]" }),
  looks: log({ at: "h3", facts: "json" }, { role: "observed" }),
};

/** Ticks that append many rows, one or none, from the first tick on, over several segments and a gap. */
async function logsVector(): Promise<MemoryVfs> {
  const world = defineWorld({
    name: "logs",
    version: 1,
    state: logs,
    init: ({ state: { deaths, looks } }) => {
      deaths.append({ sheep: 1, cause: "born dead" });
      looks.append({ at: cell(1) });
    },
    step: ({ state: { herd, deaths, looks }, tick }) => {
      herd.size += 1;
      const count = tick % 5 === 3 ? 40 : tick % 3;
      for (let n = 0; n < count; n++) {
        const place = Float32Array.of(n, -tick);
        deaths.append({ sheep: tick * 100 + n, cause: words[n % 4]!, place });
      }
      if (tick % 4 === 1) looks.append({ at: cell(tick), facts: [tick] });
      if (tick % 4 === 2) looks.append({});
    },
  });
  const sizes = { segmentBytesMin: 1, bodyBytesMax: 400 };
  return recordWorld(
    world,
    async (run) => {
      await run.step(24);
      await run.gap({ until: 30, reason: "nobody looked" });
      await run.step(8);
      await run.close();
    },
    sizes,
  );
}

/** Static stores of every kind, which the keyframes of later segments name without holding them; one derived store. */
async function staticStoresVector(): Promise<MemoryVfs> {
  const role = "static";
  const world = defineWorld({
    name: "static-stores",
    version: 1,
    state: {
      soil: grid("u8", [30, 20], { chunk: [8, 8], role }),
      rules: value({ name: "utf8", limits: "f64[2]", note: "json" }, { role }),
      species: table({ id: "uuid", name: "utf8" }, { key: "id", role }),
      links: edges({ from: "species", to: "species", weight: "i8" }, { role }),
      empty: value({ nothing: "bytes" }, { role }),
      sum: derived(value({ sum: "f64" }), ({ heights }: { heights: Float64Array }, into) => {
        into.sum = heights.reduce((sum, height) => sum + height, 0);
      }),
      heights: grid("f64", [10]),
    },
    init: ({ state: { soil, rules, species, links }, random }) => {
      for (let i = 0; i < soil.length; i++) soil[i] = random.int(4);
      rules.name = "rules of “ü”";
      rules.limits = Float64Array.of(-0, Infinity);
      rules.note = { fixed: true };
      const ids = [1, 2, 3].map(uuid);
      for (const [n, id] of ids.entries()) species.insert({ id, name: words[n]! });
      links.insert({ from: ids[0]!, to: ids[2]!, weight: -1 });
    },
    step: ({ state: { heights }, random }) => {
      heights[random.int(10)]! += random.float();
    },
  });
  const sizes = { segmentBytesMin: 1, bodyBytesMax: 400 };
  return recordWorld(
    world,
    async (run) => {
      await run.step(60);
      await run.close();
    },
    sizes,
  );
}

const meadow = {
  soil: grid("u8", [4, 4]),
  weather: value({ rain: "f64", season: "utf8" }),
  sheep: table({ id: "u32", age: "u8", name: "utf8" }, { key: "id" }),
  trust: edges({ from: "sheep", to: "sheep", trust: "f32" }),
  deaths: log({ sheep: "u32", cause: "utf8" }),
};

/** Ticks that were committed as changes, not as states. */
async function explicitChangesVector(): Promise<MemoryVfs> {
  return record(meadow, async (run) => {
    for (let tick = 1; tick <= 10; tick++) {
      const born = [tick + 20, tick].map((id) => ({ id, age: tick, name: words[id % 4]! }));
      const changes = {
        soil: { index: [tick, 0], value: [tick, 7] },
        weather: tick % 2 === 0 ? { rain: tick / 3 } : { season: words[tick % 4]! },
        sheep: {
          insert: born,
          delete: tick > 2 ? [tick - 2] : [],
          update: tick > 2 ? [{ id: tick - 1, age: 200 }] : [],
        },
        trust: { insert: [{ from: tick, to: tick + 20, trust: 1 }] },
        deaths: { append: tick > 2 ? [{ sheep: tick - 2, cause: "old" }] : [] },
      };
      await run.commit({ changes });
    }
    await run.close();
  });
}

function grazeOn({ state }: LiveRun<typeof meadow>, tick: number): void {
  const { soil, weather, sheep, trust, deaths } = state;
  soil[tick % 16]! += tick;
  weather.season = words[tick % 4]!;
  for (let n = 0; n < 4; n++) sheep.insert({ id: tick * 4 + n, age: n, name: words[n]! });
  trust.insert({ from: tick * 4, to: tick * 4 + 1, trust: tick });
  for (const { id } of [...sheep].filter(({ age }) => age === 7)) {
    sheep.delete(id);
    deaths.append({ sheep: id, cause: `at tick ${tick}` });
  }
  for (const row of sheep) row.age += 1;
}

/** Each part in a frame of its own, in deltas and keyframes. */
async function continuedRowsVector(): Promise<MemoryVfs> {
  return record(
    meadow,
    async (run) => {
      await commits(run, 14, (tick) => grazeOn(run, tick));
      await run.close();
    },
    { bodyBytesMax: 24, segmentBytesMin: 1 },
  );
}

/** The vectors by name; each is made anew. */
export const storeRecordings: Readonly<Record<string, () => Promise<MemoryVfs>>> = {
  edges: edgesVector,
  logs: logsVector,
  "static-stores": staticStoresVector,
  "explicit-changes": explicitChangesVector,
  "continued-rows": continuedRowsVector,
};
