import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  defineWorld,
  grid,
  openRuns,
  value,
  type RecordCommonOptions,
  type StateOf,
} from "everytick";
import { layoutOf } from "../../src/format/layout.ts";
import { LiveState } from "../../src/world/state/live-state.ts";
import { RandomStreams } from "../../src/world/random.ts";
import { schemaOf } from "../../src/world/schema.ts";
import { advance, initialise } from "../../src/world/stepper.ts";
import { bitsOf, memoryRuns } from "../runs/memory-runs.ts";

const ticks = 120;
const state = {
  cells: grid("u8", [40, 30]),
  heat: grid("f64", [40, 30]),
  seen: grid("u32", [1], { role: "observed" }),
  weather: value({ rain: "f64", notes: "json", name: "utf8" }),
};
const world = defineWorld({
  name: "busy",
  version: 1,
  params: { wind: 0.5 },
  streams: ["weather"],
  state,
  init: ({ state: { cells }, random }) => {
    for (let i = 0; i < cells.length; i++) cells[i] = random.int(256);
  },
  step: ({ state: { cells, heat, seen, weather }, tick, random, params }) => {
    for (let event = 0; event < 50; event++) {
      const at = random.int(cells.length);
      cells[at]! ^= random.uint32();
      heat[at]! += random.normal() * params.wind;
    }
    seen[0] = tick;
    weather.rain = random.stream("weather").float();
    weather.notes = { tick, last: [weather.rain] };
    weather.name = `day ${tick}`;
  },
});

/** Everything that the simulation has at its end. */
function summary(
  live: StateOf<typeof state>,
  random: { uint32(): number; stream(name: string): { uint32(): number } },
): unknown {
  const { cells, heat, seen, weather } = live;
  const draws = [random.uint32(), random.stream("weather").uint32()];
  return { arrays: [cells, heat, seen].map(bitsOf), weather: { ...weather }, draws };
}

function withoutRecording(seed: number): unknown {
  const random = new RandomStreams(["main", "weather"]);
  random.seed(seed);
  const schema = schemaOf({ ...world, state });
  const live = new LiveState(state, schema, layoutOf(schema), random);
  initialise(world, live.state, random.main, world.params);
  for (let tick = 1; tick <= ticks; tick++) {
    advance(world, live.state, tick, random.main, world.params);
  }
  return summary(live.state as StateOf<typeof state>, random.main);
}

const ways: readonly RecordCommonOptions[] = [
  { durability: "memory" },
  { durability: "os" },
  { durability: "fsync" },
  { durability: "fsync", window: 64 },
];

test("C2: the final state and the random streams are equal with recording off, in memory, os and fsync", async () => {
  const expected = withoutRecording(3);
  const digests = new Set<string>();
  for (const way of ways) {
    const { runs } = await memoryRuns({ segmentBytesMin: 5000, bodyBytesMax: 400 });
    await using run = await runs.record("run", { world, seed: 3, ...way });
    for (let tick = 1; tick <= ticks; tick += 10) {
      await run.step(10);
      // Looking at the past and at facts disturbs nothing either.
      await run.at(tick);
      await run.facts();
    }
    digests.add((await run.at(ticks)).historyDigest);
    assert.deepEqual(summary(run.state, run.random), expected, JSON.stringify(way));
  }
  assert.equal(digests.size, 1);
  assert.notDeepEqual(withoutRecording(4), expected);
});

test("C2: the same over real files, stepped tick by tick", async () => {
  const folder = mkdtempSync(join(tmpdir(), "everytick-bystander-"));
  try {
    await using runs = await openRuns(folder);
    await using run = await runs.record("run", { world, seed: 3, window: 8 });
    for (let tick = 1; tick <= ticks; tick++) await run.step();
    assert.deepEqual(summary(run.state, run.random), withoutRecording(3));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("C2: a run that is resumed many times ends like one that was never recorded", async () => {
  const { others } = await memoryRuns();
  for (let done = 0; done < ticks; done += 15) {
    await using runs = await others();
    await using run = await runs.record("run", { world, seed: 3, resume: "auto" });
    await run.step(15);
    if (run.tick === ticks) assert.deepEqual(summary(run.state, run.random), withoutRecording(3));
  }
});
