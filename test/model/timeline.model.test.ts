/** Random worlds, random changes, random order of calls: whatever is read is what a naive model kept. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRuns, type Runs, type RunsOptions } from "everytick";
import { memoryPorts } from "everytick/testing";
import fc from "fast-check";
import { Machine, kinds, type Scenario } from "./machine.ts";
import { largeSchema, smallSchema, type SchemaPlan } from "./schemas.ts";

/** Seeds that once failed; they stay for ever. */
const failedSeeds: readonly number[] = [];
const seeds = [1, 2, 3, 4];

interface Case {
  readonly scenario: Scenario;
  readonly sizes: { readonly segmentBytesMin: number; readonly bodyBytesMax: number };
  /** Node's codecs, or the plain ones of `everytick/testing`. */
  readonly codecs: "node" | "plain";
}

function caseOf(schema: fc.Arbitrary<SchemaPlan>, maxLength: number): fc.Arbitrary<Case> {
  const operation = fc.record({
    kind: fc.constantFrom(...kinds),
    seed: fc.integer(),
    density: fc.constantFrom("empty", "sparse", "sparse", "sparse", "dense"),
  });
  return fc.record({
    scenario: fc.record({
      schema,
      operations: fc.array(operation, { maxLength, size: "max" }),
      seed: fc.integer(),
      window: fc.constantFrom(0, 0, 1, 3, 64),
      durability: fc.constantFrom("fsync", "os", "memory"),
      sparse: fc.boolean(),
    }),
    sizes: fc.record({
      segmentBytesMin: fc.constantFrom(1, 800, 3000, 20_000, 2 ** 24),
      bodyBytesMax: fc.constantFrom(1, 100, 400, 5000, 2 ** 26),
    }),
    codecs: fc.constantFrom("node", "plain"),
  });
}

/** The same files for each process that the machine pretends to be. */
async function memory({ sizes, codecs }: Case): Promise<() => Promise<Runs>> {
  const { codecs: plain, ...ports } = await memoryPorts();
  const options: RunsOptions = {
    ...ports,
    ...sizes,
    ...(codecs === "plain" ? { codecs: plain } : {}),
  };
  return async () => openRuns("/runs", options);
}

async function inMemory(drawn: Case): Promise<void> {
  await Machine.play(drawn.scenario, await memory(drawn));
}

async function onDisk({ scenario, sizes }: Case): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "everytick-model-"));
  try {
    await Machine.play(scenario, async () => openRuns(folder, sizes));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function hold(
  cases: fc.Arbitrary<Case>,
  play: (drawn: Case) => Promise<void>,
  parameters: fc.Parameters<[Case]>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, play), { ...parameters });
}

for (const seed of [...failedSeeds, ...seeds]) {
  test(`T1, T2: any tick of any run is what the model kept, forwards and backwards, seed ${seed}`, async () => {
    await hold(caseOf(smallSchema, 40), inMemory, { seed, numRuns: 60 });
  });
}

test("T1, F2: ticks so large that they are cut by chunk are what the model kept, seed 1", async () => {
  await hold(caseOf(largeSchema, 6), inMemory, { seed: 1, numRuns: 12 });
});

test("T1, T2: the same over real files, seed 1", async () => {
  await hold(caseOf(smallSchema, 25), onDisk, { seed: 1, numRuns: 8 });
});

test("canary: a model that remembers one element wrongly fails", async () => {
  const property = fc.asyncProperty(caseOf(smallSchema, 40), async (drawn) => {
    await Machine.play(drawn.scenario, await memory(drawn), 1);
  });
  const { failed } = await fc.check(property, { seed: 1, numRuns: 20, endOnFailure: true });
  assert(failed, "nobody noticed");
});
