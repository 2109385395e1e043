import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { checkPlane, rleText } from "../../../src/cli/export/rle.ts";
import { grid, openRuns, type Run, type Runs, value } from "../../../src/index.ts";
import {
  automaton,
  type AutomatonParams,
  patternParams,
  patterns,
  readRle,
} from "../../../worlds/automaton/index.ts";
import { everytick, temporaryFolder } from "../everytick-process.ts";

async function cellsAt(run: Run, tick: number): Promise<Uint8Array> {
  const { state } = await run.at(tick);
  return (state as unknown as { readonly cells: Uint8Array }).cells;
}

/** Records an automaton in this process. */
async function recorded(
  runs: Runs,
  id: string,
  { steps, ...params }: Partial<AutomatonParams> & { readonly steps: number },
  seed = 0,
): Promise<Run> {
  const run = await runs.record(id, { world: automaton, params, seed, durability: "memory" });
  await run.step(steps);
  await run.close();
  return runs.open(id);
}

for (const [name, text] of Object.entries(patterns)) {
  test(`L6: ${name}, exported as RLE at several ticks, starts a run that goes on as the first did`, async (t) => {
    const cwd = await temporaryFolder(t);
    await using runs = await openRuns(join(cwd, "runs"));
    const params = { ...patternParams(text), pattern: text };
    await using run = await recorded(runs, "first", { ...params, steps: 40 });
    for (const tick of [17, undefined]) {
      const at = tick ?? 40;
      const choice = tick === undefined ? [] : ["--tick", String(tick)];
      const out = ["--out", `${at}.rle`];
      const exported = await everytick(["export", "first", "--rle", ...choice, ...out], { cwd });
      assert.equal(exported.code, 0, exported.stderr);
      const again = ["--pattern", `${at}.rle`, "--ticks", String(40 - at), "--id", `from-${at}`];
      const rerun = await everytick(["run", "automaton", ...again], { cwd });
      assert.equal(rerun.code, 0, rerun.stderr);
      await using second = await runs.open(`from-${at}`);
      for (const each of ["size", "edge", "neighbourhood", "density"]) {
        assert.equal(second.card.params[each], run.card.params[each], each);
      }
      assert.equal(second.card.labels["rule_hash"], run.card.labels["rule_hash"]);
      for (const past of [at, 40]) {
        assert.deepEqual(await cellsAt(second, past - at), await cellsAt(run, past), `${past}`);
      }
    }
  });
}

const boards = fc.record({
  width: fc.integer({ min: 1, max: 90 }),
  height: fc.integer({ min: 1, max: 40 }),
  edge: fc.constantFrom("torus", "dead"),
  neighbourhood: fc.constantFrom("moore", "von-neumann"),
  birth: fc.subarray([1, 2, 3, 4]),
  survival: fc.subarray([0, 1, 2, 3, 4]),
  states: fc.constantFrom(2, 3, 4, 26, 256),
  density: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
  tick: fc.nat({ max: 6 }),
});

test("L6: any board in the plane, exported as RLE, goes on from there as it did, seed 1", async (t) => {
  const folder = await temporaryFolder(t);
  let number = 0;
  const property = fc.asyncProperty(boards, async (board) => {
    await using runs = await openRuns(join(folder, String(number++)));
    const { edge, neighbourhood, density, tick, seed, width, height, states } = board;
    const rule = `B${board.birth.join("")}/S${board.survival.join("")}/${states}`;
    const size = `${width}x${height}`;
    const params = { rule, size, edge, neighbourhood, density };
    await using run = await recorded(runs, "first", { ...params, steps: 8 }, seed);
    const [store] = run.card.world.stores;
    assert(store !== undefined);
    const pattern = await rleText(run, tick, checkPlane(store, undefined));
    const asked = patternParams(pattern);
    assert.equal(asked.size, size);
    assert.equal(asked.edge, edge);
    await using second = await recorded(runs, "second", { ...asked, pattern, steps: 8 - tick });
    for (const past of [tick, 8]) {
      assert.deepEqual(await cellsAt(second, past - tick), await cellsAt(run, past));
    }
    assert.equal(second.card.labels["rule_hash"], run.card.labels["rule_hash"]);
  });
  await fc.assert(property, { seed: 1, numRuns: 60 });
});

test("a plane of a grid in space, and cells of any run, are patterns without a rule", async (t) => {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  await using space = await recorded(runs, "space", { size: "7x6x5", rule: "B4/S4", steps: 3 }, 5);
  const cells = await cellsAt(space, 2);
  for (let slice = 0; slice < 5; slice++) {
    const [store] = space.card.world.stores;
    assert(store !== undefined);
    const pattern = readRle(await rleText(space, 2, checkPlane(store, slice)));
    assert.deepEqual(pattern.cells, cells.slice(slice * 42, (slice + 1) * 42));
    assert.deepEqual([pattern.width, pattern.height, pattern.rule], [7, 6, undefined]);
  }
  const state = { other: grid("u8", [2, 3], { chunk: [1, 2] }), more: grid("u8", [1]) };
  const own = await runs.record("own", { state });
  own.state.other.set([0, 255, 24, 25, 0, 1]);
  await own.commit();
  await own.close();
  const args = ["export", "own", "--store", "other", "--rle"];
  const { stdout } = await everytick(args, { cwd });
  assert.equal(stdout, "#C run own, seed 0, tick 1\nx = 3, y = 2\n.yOX$pA.A!\n");
  const said = await everytick(["export", "space", "--slice", "4", "--out", "a.rle"], { cwd });
  assert.match(said.stdout, /✓ tick 3 of cells written to a\.rle\n +cells +42\n/);
  const text = await readFile(join(cwd, "a.rle"), "utf8");
  assert.match(text, /^#C run space, seed 5, tick 3, plane 4\nx = 7, y = 6\n/);
  const json = await everytick([...args, "--out", "b.rle", "--json"], { cwd });
  const { seconds, ...report } = JSON.parse(json.stdout) as { readonly seconds: number };
  assert(seconds > 0);
  assert.deepEqual(report, {
    id: "own",
    store: "other",
    format: "rle",
    out: "b.rle",
    fromTick: 1,
    tick: 1,
    ticks: 1,
    bytes: Buffer.byteLength(stdout),
    rows: 6,
  });
});

test("a pattern that is too large to start from says so", async (t) => {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  const run = await runs.record("large", { state: { cells: grid("u8", [800, 800]) } });
  for (let i = 0; i < run.state.cells.length; i++) run.state.cells[i] = i % 251;
  await run.commit();
  await run.close();
  const { stdout } = await everytick(["export", "large", "--out", "large.rle"], { cwd });
  assert.match(stdout, /note +run --pattern takes at most 1\.05 MB/);
  const text = await readFile(join(cwd, "large.rle"), "utf8");
  assert.deepEqual(
    readRle(text).cells,
    Uint8Array.from({ length: 640_000 }, (_, i) => i % 251),
  );
});

test("somebody's own world called automaton gets no rule", async (t) => {
  const folder = await temporaryFolder(t);
  await using runs = await openRuns(folder);
  const { defineWorld } = await import("../../../src/index.ts");
  const world = defineWorld({
    name: "automaton",
    version: 1,
    params: { rule: "my own" },
    state: { cells: grid("u8", [2, 2]) },
    step: ({ state }) => void (state.cells[3] = 1),
  });
  const run = await runs.record("own", { world });
  await run.step();
  const plane = checkPlane(run.card.world.stores[0] as never, undefined);
  assert.equal(await rleText(run, 1, plane), "#C run own, seed 0, tick 1\nx = 2, y = 2\n$bo!\n");
  await run.close();
});

test("what cannot be a pattern is refused with what to do instead", async (t) => {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  await (await recorded(runs, "space", { size: "7x6x5", steps: 1 })).close();
  await (await recorded(runs, "life", { size: "7x6", steps: 3 })).close();
  const state = { line: grid("u8", [3]), wide: grid("u16", [2, 2]), n: value({ n: "u8" }) };
  const own = await runs.record("own", { state, sparse: true });
  await own.commit({ tick: 5 });
  await own.close();
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["life --rle --tick 4", 1, /^TIMELINE_TICK[^]*a tick from 0 to 3/],
    ["own --store line --rle", 2, /a grid of u8 with 2 or 3 axes[^]*a grid of u8, 3\n/],
    ["own --store wide --rle", 2, /a grid of u16, 2×2\n[^]*jsonl or csv/],
    ["own --store n --rle", 2, /a store of kind value/],
    ["own --rle", 2, /--store, one of line/],
    ["space --rle", 2, /--slice N, one of the planes 0 to 4[^]*5×6×7/],
    ["space --rle --slice 5", 2, /a plane from 0 to 4/],
    ["life --rle --slice 0", 2, /a grid of 3 axes or more[^]*6×7/],
    ["life --rle --from 1", 2, /where +--rle\n[^]*found +--from\n[^]*--tick N/],
    ["life --rle --to 1 --every 1", 2, /found +--to and --every/],
    ["life --rle --changes", 2, /found +--changes/],
    ["life --rle --with-schema", 2, /found +--with-schema/],
    ["life --rle --format csv", 2, /found +--format/],
    ["life --out a.rle --to 1", 2, /where +--out a\.rle/],
    ["life --rle --json", 2, /--out, since/],
    ["life --tick 1", 2, /expected +--rle[^]*--from 1 --to 1/],
    ["life --slice 1", 2, /expected +--rle/],
    ["life --rle --out runs", 2, /a file that is not there yet/],
  ];
  for (const [line, code, says] of cases) {
    const { code: found, stderr } = await everytick(["export", ...line.split(" ")], { cwd });
    assert.match(stderr, says, line);
    assert.equal(found, code, line);
  }
});
