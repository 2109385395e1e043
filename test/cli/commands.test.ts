import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { RunCard } from "../../src/types.ts";
import {
  counterWorld,
  everytick,
  shapeOf,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

const worldShape = { name: "string", version: "number" };
const runShape = {
  id: "string",
  folder: "string",
  world: worldShape,
  seed: "number",
  params: { by: "number", loud: "boolean", name: "string" },
  durability: "string",
  recovery: { resumed: "boolean", tick: "number", tornBytes: "number", warnings: [] },
  fromTick: "number",
  tick: "number",
  lastTick: "number",
  interrupted: "boolean",
  seconds: "number",
  ticksPerSecond: "number",
  bytes: "number",
  rawBytes: "number",
  bytesPerTick: "number",
  historyDigest: "string",
};

/** A folder with a world and a run of it, called `one`, at tick 20. */
async function recorded(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const args = ["run", "counter.ts", "--ticks", "20", "--id", "one", "--seed", "7"];
  const { code, stderr } = await everytick(args, { cwd });
  assert.equal(code, 0, stderr);
  return cwd;
}

async function json(args: readonly string[], cwd: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await everytick([...args, "--json"], { cwd });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("run records a world of the user's own and says what came out", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const args = ["run", "./counter.ts", "--ticks", "1_000", "--id", "one"];
  const { code, stdout, stderr } = await everytick(args, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /run +one · world counter · seed 0/);
  assert.match(stdout, /✓ 1,000 ticks recorded/);
  assert.match(stdout, /per tick/);
  assert.match(stdout, /show one/);
  assert.equal(stderr, "", "nothing is animated without a terminal");
  assert(existsSync(join(cwd, "runs/one/run.json")));
});

test("L2: run --json prints one document of a stable shape, whatever the world prints", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const params = ["--param", "by=3", "--param", "loud=true", "--param", "name=a=b"];
  const args = ["run", "counter.ts", "--steps", "5", "--id", "one", "--seed=-3", ...params];
  const document = await json(args, cwd);
  assert.deepEqual(shapeOf(document), runShape);
  assert.deepEqual(document["params"], { by: 3, loud: true, name: "a=b" });
  const { seed, tick, interrupted } = document;
  assert.deepEqual({ seed, tick, interrupted }, { seed: -3, tick: 5, interrupted: false });
});

test("run without an id names the run after the moment", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const { id } = await json(["run", "counter.ts", "--ticks", "1"], cwd);
  assert.match(String(id), /^\d{8}_\d{6}/);
});

test("runs that start in the same second get names of their own", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const start = () => json(["run", "counter.ts", "--ticks", "1"], cwd);
  const documents = await Promise.all([start(), start(), start()]);
  assert.equal(new Set(documents.map(({ id }) => id)).size, 3);
});

test("run takes the built-in automaton, a pattern and parameters over it", async (t) => {
  const cwd = await temporaryFolder(t);
  const pattern = ["--pattern", "gosper-glider-gun", "--param", "edge=dead"];
  await json(["run", "automaton", "--ticks", "30", "--id", "gun", ...pattern], cwd);
  const { card } = await json(["show", "gun"], cwd);
  const { params, labels, codeDigest } = card as RunCard;
  assert.equal(params["edge"], "dead");
  assert.equal(params["rule"], "B3/S23");
  assert.equal(labels["everytick.world"], "automaton");
  assert.match(codeDigest ?? "", /^[0-9a-f]{64}$/);
});

test("run --resume continues an existing run, and starts one that is not there", async (t) => {
  const cwd = await recorded(t);
  const again = ["run", "counter.ts", "--ticks", "30", "--id", "one", "--resume"];
  const { fromTick, tick, seed } = await json(again, cwd);
  assert.deepEqual({ fromTick, tick, seed }, { fromTick: 20, tick: 30, seed: 7 });
  const fresh = ["run", "counter.ts", "--ticks", "3", "--id", "two", "--resume"];
  assert.equal((await json(fresh, cwd))["fromTick"], 0);
});

test("R2: resume finds the world by itself and goes on exactly", async (t) => {
  const cwd = await recorded(t);
  const whole = ["run", "counter.ts", "--ticks", "50", "--id", "whole", "--seed", "7"];
  const unbroken = await json(whole, cwd);
  const resumed = await json(["resume", "one", "--steps", "30"], cwd);
  assert.deepEqual(shapeOf(resumed), runShape);
  assert.equal(resumed["historyDigest"], unbroken["historyDigest"]);
  const { code, stdout } = await everytick(["resume", "one", "--ticks", "50"], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /recovered +everything up to tick 50/);
  assert.match(stdout, /nothing to do/);
});

test("resume --world finds a world that moved", async (t) => {
  const cwd = await recorded(t);
  const { rename } = await import("node:fs/promises");
  await rename(join(cwd, "counter.ts"), join(cwd, "moved.ts"));
  const lost = await everytick(["resume", "one", "--steps", "1"], { cwd });
  assert.equal(lost.code, 1);
  assert.match(lost.stderr, /WORLD_MODULE/);
  assert.match(lost.stderr, /next .*resume one --world/);
  const found = await json(["resume", "one", "--steps", "1", "--world", "moved.ts"], cwd);
  assert.equal(found["tick"], 21);
});

test("ls lists runs for people and machines, and nothing where there is nothing", async (t) => {
  const cwd = await recorded(t);
  const { stdout } = await everytick(["ls"], { cwd });
  assert.match(stdout, /^RUN +WORLD +TICKS +SIZE +STATE +SEED +CREATED\none +counter +20 /);
  assert.match(stdout, /closed +7 +\d{4}-\d\d-\d\d \d\d:\d\d/);
  const document = await json(["ls"], cwd);
  assert.deepEqual(shapeOf(document), {
    folder: "string",
    runs: [
      {
        id: "string",
        world: worldShape,
        seed: "number",
        createdAt: "string",
        labels: { "everytick.goal": "string", "everytick.world": "string" },
        state: "string",
        error: "null",
        firstTick: "number",
        tick: "number",
        bytes: "number",
        bytesPerTick: "number",
      },
    ],
  });
  const elsewhere = await everytick(["ls", "--dir", "nowhere"], { cwd });
  assert.equal(elsewhere.code, 0);
  assert.match(elsewhere.stdout, /No runs in nowhere yet/);
  assert.equal(existsSync(join(cwd, "nowhere")), false, "looking creates nothing");
});

test("show tells everything about a run", async (t) => {
  const cwd = await recorded(t);
  const { code, stdout, stderr } = await everytick(["show", "one"], { cwd });
  assert.equal(code, 0, stderr);
  for (const part of [/cells: grid of u32, 64/, /by = 1/, /ticks +0 to 20/, /per tick/, /cache/]) {
    assert.match(stdout, part);
  }
  assert.match(stdout, /verify one/);
  const { card, ...facts } = await json(["show", "one"], cwd);
  assert.equal((card as { id: string }).id, "one");
  assert.deepEqual(shapeOf(facts), {
    state: "string",
    firstTick: "number",
    tick: "number",
    historyDigest: "string",
    segments: "number",
    cacheBytes: "number",
    stateBytes: "number",
    bytes: "number",
    rawBytes: "number",
    bytesPerTick: "number",
  });
});

test("verify checks a run and prints one summary", async (t) => {
  const cwd = await recorded(t);
  const { code, stdout, stderr } = await everytick(["verify", "one"], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /✓ run one: every checksum and digest holds/);
  assert.match(stdout, /ticks +0 to 20 · 21 sound/);
  assert.deepEqual(shapeOf(await json(["verify", "one"], cwd)), {
    id: "string",
    ok: "boolean",
    seconds: "number",
    firstTick: "number",
    lastTick: "number",
    ticks: "number",
    keyframes: "number",
    segments: "number",
    bytes: "number",
    tailBytes: "number",
    historyDigest: "string",
    damage: [],
    strays: [],
  });
});

test("--help has examples everywhere, and --version is the package's", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const command of [
    [],
    ["demo"],
    ["run"],
    ["ls"],
    ["show"],
    ["resume"],
    ["verify"],
    ["recover"],
    ["doctor"],
    ["record"],
    ["export"],
  ]) {
    const { code, stdout } = await everytick([...command, "--help"], { cwd });
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n {2}\$ .*everytick/);
  }
  const { stdout } = await everytick(["--version"], { cwd });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
