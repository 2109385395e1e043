/** Random worlds of rows, random changes, random order of calls: whatever is shown is what a naive model kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRuns, type RunsOptions } from "everytick";
import { ManualClock, MemoryVfs, seededRandom } from "everytick/testing";
import fc from "fast-check";
import { codecs, crashCopy } from "../journal/small-run.ts";
import { Choices } from "./choices.ts";
import { RowsMachine } from "./rows-machine.ts";
import { kinds, type Scenario, type Storage } from "./rows-scenario.ts";
import { checkTwin } from "./rows-twin.ts";

/** Seeds that once failed; they stay for ever. */
const failedSeeds: readonly number[] = [];
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const sequences = Number(process.env["EVERYTICK_SEQUENCES"] ?? 10_000);

interface Case {
  readonly scenario: Scenario;
  readonly sizes: Required<Pick<RunsOptions, "segmentBytesMin" | "bodyBytesMax">>;
  readonly hasTwin: boolean;
}

const store = fc.record({
  kind: fc.constantFrom("table", "table", "edges", "log"),
  seed: fc.integer(),
});
const call = fc.record({ kind: fc.constantFrom(...kinds), seed: fc.integer() });

/** Most sequences are short, and of few stores: there are the more of them. */
function scenarios(maxStores: number, maxOperations: number): fc.Arbitrary<Scenario> {
  return fc.record({
    stores: fc.array(store, { minLength: 1, maxLength: maxStores, size: "max" }),
    isDerived: fc.constantFrom(false, false, true),
    operations: fc.noBias(fc.array(call, { minLength: 1, maxLength: maxOperations, size: "max" })),
    seed: fc.integer(),
    views: fc.boolean(),
    window: fc.constantFrom(0, 0, 1, 3),
    durability: fc.constantFrom("fsync", "os"),
  });
}

const cases: fc.Arbitrary<Case> = fc.record({
  scenario: fc.oneof(
    { weight: 9, arbitrary: scenarios(2, 5) },
    { weight: 1, arbitrary: scenarios(5, 16) },
  ),
  sizes: fc.record({
    segmentBytesMin: fc.constantFrom(1, 2000, 2000, 2 ** 24),
    bodyBytesMax: fc.constantFrom(1, 300, 300, 2 ** 20),
  }),
  hasTwin: fc.constantFrom(false, false, false, false, true),
});

/** Files that outlive the processes that the machine pretends to be. */
function memory(sizes: Case["sizes"]): Storage {
  const ports = { codecs, clock: new ManualClock(), random: seededRandom(1) };
  let vfs = new MemoryVfs();
  return {
    open: async () => openRuns("runs", { ...ports, ...sizes, vfs }),
    crash: async () => {
      vfs = crashCopy(vfs);
      return Promise.resolve();
    },
  };
}

async function play({ scenario, sizes, hasTwin }: Case, spoiltTick?: number): Promise<void> {
  const machine = new RowsMachine(scenario, memory(sizes), spoiltTick);
  await machine.begin();
  try {
    for (const operation of scenario.operations) await machine.apply(operation);
    const runs = await machine.end();
    const { world, plan, history } = machine;
    if (hasTwin) {
      await checkTwin(runs, world, scenario.seed, plan, history, new Choices(scenario.seed));
    }
  } finally {
    await machine.close();
  }
}

for (const seed of [...failedSeeds, ...seeds]) {
  const numRuns = Math.ceil(sequences / seeds.length);
  test(`W6, W7, W8, W9, T1, T2, T8, C3, C5: ${numRuns} sequences of rows are what the model kept, seed ${seed}`, async () => {
    const property = fc.asyncProperty(cases, async (drawn) => play(drawn));
    await fc.assert(property, { seed, numRuns });
  });
}

test("canary: a model that remembers one row wrongly fails", async () => {
  const property = fc.asyncProperty(cases, async (drawn) => play(drawn, 1));
  const { failed } = await fc.check(property, { seed: 1, numRuns: 20, endOnFailure: true });
  assert(failed, "nobody noticed");
});
