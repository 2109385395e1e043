/**
 * Records four worlds in memory and prints the history digest of each: the automaton; wolves and sheep; a world of f64
 * that calls every function of `everytick/math` on 100,000 seeded arguments; and the same on `Math`.
 */
import { defineWorld, grid, openRuns, type AnyWorld, type Params } from "everytick";
import { ManualClock, MemoryVfs, seededRandom } from "everytick/testing";
import { automaton } from "everytick/worlds/automaton";
import { wolfSheep } from "everytick/worlds/wolf-sheep";
import { argumentsOf, libraries, names } from "../world/math-digest.ts";

const argumentsPerTick = 10_000;
const ticks = 10;

function mathematics(library: "portable" | "native"): AnyWorld {
  const functions = libraries[library];
  const samples = names.map((name) => argumentsOf(name, ticks * argumentsPerTick));
  return defineWorld({
    name: "mathematics",
    version: 1,
    state: { results: grid("f64", [names.length, argumentsPerTick]) },
    step: ({ state, tick }) => {
      names.forEach((name, row) => {
        const { x, y } = samples[row] as (typeof samples)[number];
        const first = (tick - 1) * argumentsPerTick;
        for (let i = 0; i < argumentsPerTick; i++) {
          const result = functions[name](x[first + i] as number, y[first + i] as number);
          // The sign of a NaN that was computed differs between processors, whatever the library.
          state.results[row * argumentsPerTick + i] = Number.isNaN(result) ? -1 : result;
        }
      });
    },
  });
}

async function historyDigest(world: AnyWorld, count: number, params: Params): Promise<string> {
  const ports = { vfs: new MemoryVfs(), clock: new ManualClock(), random: seededRandom(1) };
  await using runs = await openRuns("/runs", ports);
  await using run = await runs.record("golden", { world, params, seed: 42, durability: "memory" });
  await run.step(count);
  return (await run.facts()).historyDigest;
}

const cells = { rule: "B6/S6-10", size: "32x32x32", density: 0.25 };
console.log(`automaton ${await historyDigest(automaton, 100, cells)}`);
console.log(`wolf-sheep ${await historyDigest(wolfSheep, 100, {})}`);
console.log(`portable ${await historyDigest(mathematics("portable"), ticks, {})}`);
console.log(`native ${await historyDigest(mathematics("native"), ticks, {})}`);
