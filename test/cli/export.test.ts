import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { ExportJson } from "../../src/cli/commands/export.ts";
import { grid, log, openRuns, table } from "../../src/index.ts";
import {
  everytick,
  finished,
  shapeOf,
  start,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

/** A folder with a run `one` of three ticks, and a run `large` of many. */
async function recorded(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  const state = {
    sheep: table({ id: "u32", name: "utf8", x: "f64" }, { key: "id" }),
    deaths: log({ id: "u32" }),
    soil: grid("u8", [3]),
  };
  const one = await runs.record("one", { state });
  one.state.sheep.insert({ id: 1, name: "=cmd", x: -1 });
  one.state.sheep.insert({ id: 2, name: "b,c" });
  one.state.soil[1] = 5;
  await one.commit();
  one.state.sheep.delete(2);
  one.state.deaths.append({ id: 2 });
  one.state.soil[1] = 0;
  await one.commit();
  const large = await runs.record("large", { state: { cells: grid("f64", [1000]) }, window: 1000 });
  for (let tick = 1; tick <= 300; tick++) {
    large.state.cells.fill(tick / 7);
    await large.commit();
  }
  return cwd;
}

async function exported(cwd: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await everytick(["export", ...args], { cwd });
  assert.equal(code, 0, stderr);
  return stdout;
}

test("export writes JSONL by default, and CSV where the file says so", async (t) => {
  const cwd = await recorded(t);
  assert.equal(
    await exported(cwd, "one", "--store", "sheep", "--from", "1"),
    '{"tick":1,"store":"sheep","id":1,"name":"=cmd","x":-1}\n' +
      '{"tick":1,"store":"sheep","id":2,"name":"b,c","x":0}\n' +
      '{"tick":2,"store":"sheep","id":1,"name":"=cmd","x":-1}\n',
  );
  const said = await exported(cwd, "one", "--store", "sheep", "--changes", "--out", "sheep.csv");
  assert.match(said, /✓ 3 rows of sheep written to sheep\.csv/);
  const csv = 'tick,id,name,x,deleted\r\n1,1,\'=cmd,-1,\r\n1,2,"b,c",0,\r\n2,2,,,true\r\n';
  assert.equal(await readFile(join(cwd, "sheep.csv"), "utf8"), csv);
  assert.deepEqual(await readdir(cwd), ["runs", "sheep.csv"]);
});

test("a grid is a line of values, or a line of CSV for each cell that is not 0 or that changed", async (t) => {
  const cwd = await recorded(t);
  assert.equal(
    await exported(cwd, "one", "--store", "soil", "--changes"),
    '{"tick":0,"store":"soil","values":[0,0,0]}\n' +
      '{"tick":1,"store":"soil","index":[1],"values":[5]}\n' +
      '{"tick":2,"store":"soil","index":[1],"values":[0]}\n',
  );
  const head = "tick,index,value\r\n";
  const csv = (...args: readonly string[]) =>
    exported(cwd, "one", "--store", "soil", "--format", "csv", ...args);
  assert.equal(await csv(), `${head}1,1,5\r\n`);
  assert.equal(await csv("--changes"), `${head}1,1,5\r\n2,1,0\r\n`);
});

test("--every takes each n-th tick, and --changes tells what lies between", async (t) => {
  const cwd = await recorded(t);
  const ticks = async (...args: readonly string[]) => {
    const text = await exported(cwd, "one", "--store", "deaths", ...args);
    return text.trimEnd().split("\n");
  };
  assert.deepEqual(await ticks("--every", "2"), [
    '{"tick":0}',
    '{"tick":2,"store":"deaths","id":2}',
  ]);
  assert.deepEqual(await ticks("--to", "1"), ['{"tick":0}', '{"tick":1}']);
  const soil = await exported(cwd, "one", "--store", "soil", "--every", "2", "--changes");
  assert.equal(soil.trimEnd().split("\n").at(-1), '{"tick":2}', "it is again what it was");
});

test("a file that is there is kept, unless --force replaces it", async (t) => {
  const cwd = await recorded(t);
  const path = join(cwd, "out.jsonl");
  await writeFile(path, "mine");
  const args = ["export", "one", "--store", "soil", "--out", "out.jsonl"];
  const printed = await everytick([...args.slice(0, -1), "-"], { cwd });
  assert.match(printed.stdout, /^{"tick":0/);
  const refused = await everytick(args, { cwd });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--force/);
  assert.equal(await readFile(path, "utf8"), "mine");
  const { code, stdout } = await everytick([...args, "--force", "--json"], { cwd });
  assert.equal(code, 0);
  assert.deepEqual(shapeOf(JSON.parse(stdout)), {
    id: "string",
    store: "string",
    format: "string",
    out: "string",
    fromTick: "number",
    tick: "number",
    ticks: "number",
    bytes: "number",
    rows: "number",
    seconds: "number",
  });
  const text = await readFile(path, "utf8");
  assert.equal((JSON.parse(stdout) as ExportJson).bytes, Buffer.byteLength(text));
});

test("an export that fails or is stopped leaves no half file", async (t) => {
  const cwd = await recorded(t);
  const { code } = await everytick(
    ["export", "one", "--store", "soil", "--from", "9", "--out", "a.csv"],
    { cwd },
  );
  assert.equal(code, 1);
  assert.deepEqual(await readdir(cwd), ["runs"]);
  const nowhere = await everytick(["export", "one", "--store", "soil", "--out", "no/a.csv"], {
    cwd,
  });
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /ENOENT/);
});

test("who stops reading ends the export in silence", async (t) => {
  const cwd = await recorded(t);
  const child = start(["export", "large"], { cwd });
  const end = finished(child);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, stderr } = await end;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test("what cannot be exported is refused with what there is", async (t) => {
  const cwd = await recorded(t);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["one"], 2, /--store, one of sheep \(table\), deaths \(log\), soil \(grid\)/],
    [["one", "--store", "shep"], 1, /^RUNS_STORE[^]*did you mean --store sheep\?/],
    [["nope"], 1, /^RUNS_MISSING/],
    [["one", "--store", "soil", "--from", "2", "--to", "1"], 2, /ticks that do not fall/],
    [["one", "--store", "soil", "--to", "3"], 1, /^TIMELINE_TICK[^]*a tick from 0 to 2/],
    [["one", "--store", "soil", "--json"], 2, /--out/],
    [["one", "--store", "soil", "--with-schema", "--format", "csv"], 2, /--format jsonl/],
  ];
  for (const [args, code, says] of cases) {
    const { code: found, stderr } = await everytick(["export", ...args], { cwd });
    assert.equal(found, code, args.join(" "));
    assert.match(stderr, says);
  }
});

const derivedWorld = `
import { derived } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
export const world = defineWorld({
  name: "counting",
  version: 1,
  state: {
    cells: grid("u8", [4]),
    sum: derived(value({ n: "u32" }), (state, into) => { into.n = state.cells.reduce((a, b) => a + b, 0); }),
  },
  step: ({ state, tick }) => { state.cells[tick % 4] += tick; },
});`;

test("a derived store is computed by its world: a built-in one, or one that is named", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counting.ts", derivedWorld);
  await everytick(["run", "counting.ts", "--ticks", "3", "--id", "one"], { cwd });
  const refused = await everytick(["export", "one", "--store", "sum"], { cwd });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^WORLD_DERIVED[^]*export one --store sum --world .*counting\.ts/);
  const named = await exported(
    cwd,
    "one",
    "--store",
    "sum",
    "--world",
    "counting.ts",
    "--from",
    "3",
  );
  assert.equal(named, '{"tick":3,"store":"sum","n":6}\n');
  await everytick(["run", "wolf-sheep", "--ticks", "1", "--id", "two"], { cwd });
  const builtIn = await exported(cwd, "two", "--store", "census", "--format", "csv");
  assert.match(builtIn, /^tick,sheep,wolves,grass\r\n0,\d+,\d+,\d+\r\n1,\d+,\d+,\d+\r\n$/);
});
