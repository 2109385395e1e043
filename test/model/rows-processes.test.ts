/** Sequences of rows that one process begins over real files, and another ends after its death. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openRuns } from "everytick";
import { memoryPorts } from "everytick/testing";
import { Choices } from "./choices.ts";
import { RowsMachine } from "./rows-machine.ts";
import { kinds, type Operation, type Scenario, type Storage } from "./rows-scenario.ts";

const program = fileURLToPath(new URL("./rows-process.ts", import.meta.url));
const seeds = [1, 2, 3, 4, 5];

function operationsOf(choices: Choices): Operation[] {
  // Here a process dies for good.
  const others = kinds.filter((kind) => kind !== "crash");
  const length = 5 + choices.below(20);
  return Array.from({ length }, () => ({ kind: choices.pick(others), seed: choices.next() }));
}

function scenarioOf(choices: Choices): Scenario {
  const count = 2 + choices.below(4);
  const stores = Array.from({ length: count }, () => {
    return { kind: choices.pick(["table", "edges", "log"] as const), seed: choices.next() };
  });
  return {
    stores,
    isDerived: choices.chance(0.5),
    operations: operationsOf(choices),
    seed: choices.next(),
    views: choices.chance(0.5),
    window: 0,
    durability: "fsync",
  };
}

const crash = async (): Promise<void> => Promise.reject(new Error("nobody dies here"));

async function memory(sizes: object): Promise<Storage> {
  const ports = await memoryPorts();
  return { open: async () => openRuns("runs", { ...ports, ...sizes }), crash };
}

async function playAndDie(folder: string, scenario: Scenario, sizes: object): Promise<void> {
  const args = [program, folder, JSON.stringify(scenario), JSON.stringify(sizes)];
  const child = spawn(process.execPath, ["--conditions=source", ...args]);
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  assert.equal(child.signalCode, "SIGKILL", output);
}

for (const seed of seeds) {
  test(`R2, J1, W6, W8: what a killed process committed of rows, another finds and continues, seed ${seed}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "everytick-rows-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const choices = new Choices(seed);
    const scenario = scenarioOf(choices);
    const sizes = {
      segmentBytesMin: choices.pick([1, 3000]),
      bodyBytesMax: choices.pick([1, 500]),
    };
    await playAndDie(folder, scenario, sizes);
    // The same in memory: what it knows then must be what the other process left.
    const machine = new RowsMachine(scenario, await memory(sizes));
    await machine.begin();
    try {
      for (const operation of scenario.operations) await machine.apply(operation);
      await machine.moveTo({ open: async () => openRuns(folder, sizes), crash }, choices);
      for (const operation of operationsOf(choices)) await machine.apply(operation);
      await machine.end();
    } finally {
      await machine.close();
    }
  });
}
