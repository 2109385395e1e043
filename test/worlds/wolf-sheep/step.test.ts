import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { wolfSheep, type WolfSheepParams } from "../../../worlds/wolf-sheep/index.ts";
import { wrapped } from "../../../worlds/wolf-sheep/field.ts";
import { RandomStreams } from "../../../src/world/random.ts";
import { memoryRuns } from "../../runs/memory-runs.ts";
import { type Animal, NaiveMeadow } from "./naive.ts";

function naiveMeadow(params: WolfSheepParams, seed: number): NaiveMeadow {
  const streams = new RandomStreams(["main"]);
  streams.seed(seed);
  return new NaiveMeadow(params, streams.main);
}

interface Rows {
  rowAt(slot: number): Animal | undefined;
}

function animalAt(table: Rows, slot: number): Animal | null {
  const row = table.rowAt(slot);
  if (row === undefined) return null;
  const { id, x, y, heading, energy } = row;
  return { id, x, y, heading, energy };
}

const paramsOf: fc.Arbitrary<WolfSheepParams> = fc.record({
  size: fc
    .tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 4, max: 12 }))
    .map((lengths) => lengths.join("x")),
  sheep: fc.integer({ min: 0, max: 40 }),
  wolves: fc.integer({ min: 0, max: 20 }),
  sheepGain: fc.double({ min: 0, max: 8, noNaN: true }),
  wolfGain: fc.double({ min: 0, max: 40, noNaN: true }),
  sheepBirthRate: fc.double({ min: 0, max: 0.2, noNaN: true }),
  wolfBirthRate: fc.double({ min: 0, max: 0.2, noNaN: true }),
  regrowth: fc.integer({ min: 1, max: 40 }),
});

test("W6: every tick equals the naive one, slot by slot, for any parameters, seed 1", async () => {
  const { runs } = await memoryRuns();
  let number = 0;
  const property = fc.asyncProperty(paramsOf, fc.nat(), async (params, seed) => {
    const naive = naiveMeadow(params, seed);
    const options = { world: wolfSheep, params, seed, durability: "memory" } as const;
    await using run = await runs.record(`run-${++number}`, options);
    for (let tick = 0; tick <= 25; tick++) {
      if (tick > 0) {
        await run.step(1);
        naive.step(tick);
      }
      const { sheep, wolves, grass, counters } = run.state;
      for (const [table, slots] of [
        [sheep, naive.sheep],
        [wolves, naive.wolves],
      ] as const) {
        assert.deepEqual(
          slots.map((_, slot) => animalAt(table, slot)),
          slots,
        );
        assert.equal(table.size, slots.filter((animal) => animal !== null).length);
      }
      assert.deepEqual([...grass], naive.grass);
      assert.deepEqual({ ...counters }, { tick, nextId: naive.nextId });
    }
  });
  await fc.assert(property, { seed: 1, numRuns: 60 });
});

test("a step from any place leads to a place on the field, also where it rounds to the edge, seed 2", () => {
  const edges = (length: number) => {
    const below = Math.fround(length - length * 2 ** -24);
    return fc.constantFrom(0, 2 ** -149, 2 ** -30, below);
  };
  const lengthOf = fc.integer({ min: 4, max: 4096 });
  const steps = fc.oneof(
    fc.constantFrom(-1, 1, -(2 ** -60), 2 ** -60, -0),
    fc.double({ min: -1, max: 1, noNaN: true }),
  );
  const property = fc.property(
    lengthOf.chain((length) => fc.tuple(fc.constant(length), edges(length), steps)),
    ([length, place, by]) => {
      const next = wrapped(place + by, length);
      assert(next >= 0 && next < length, `${place} + ${by} gives ${next} of ${length}`);
      assert.equal(next, Math.fround(next));
      const distance = Math.abs(next - place);
      assert(Math.min(distance, length - distance) <= 1 + 2 ** -10);
    },
  );
  fc.assert(property, { seed: 2, numRuns: 3000 });
});
