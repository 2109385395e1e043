import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { LsJson } from "../../src/cli/commands/ls.ts";
import type { VerifyJson } from "../../src/cli/commands/verify.ts";
import type { FailureJson } from "../../src/cli/failure.ts";
import { grid, openRuns } from "../../src/index.ts";
import { counterWorld, everytick, temporaryFolder, writeWorld } from "./everytick-process.ts";

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: readonly RegExp[];
}

const usage = /^CLI_USAGE {2}/;
const cases: readonly Case[] = [
  { title: "no command", args: [], code: 2, says: [/Usage:/] },
  { title: "an unknown command", args: ["rnu"], code: 2, says: [usage, /Did you mean run\?/] },
  { title: "an unknown option", args: ["ls", "--jsno"], code: 2, says: [usage, /--json/] },
  { title: "a missing argument", args: ["show"], code: 2, says: [usage, /show --help/] },
  { title: "an unknown run", args: ["show", "nope"], code: 1, says: [/^RUNS_MISSING/] },
  { title: "an unknown run to verify", args: ["verify", "nope"], code: 1, says: [/^RUNS_MISSING/] },
  { title: "an unknown run to resume", args: ["resume", "nope"], code: 1, says: [/^RUNS_MISSING/] },
  { title: "an id that leaves the folder", args: ["show", "../x"], code: 2, says: [/^RUNS_ID/] },
  {
    title: "an id that leaves the folder, to record",
    args: ["run", "counter.ts", "--ticks", "1", "--id", "../x"],
    code: 2,
    says: [/^RUNS_ID/],
  },
  {
    title: "no goal",
    args: ["run", "counter.ts"],
    code: 2,
    says: [usage, /--ticks N/, /--steps N/],
  },
  {
    title: "two goals",
    args: ["run", "counter.ts", "--ticks", "1", "--steps", "1"],
    code: 2,
    says: [usage],
  },
  {
    title: "ticks that are no number",
    args: ["run", "counter.ts", "--ticks", "1.5"],
    code: 2,
    says: [usage, /expected +a whole number/, /found +"1.5"/],
  },
  {
    title: "negative ticks",
    args: ["run", "counter.ts", "--ticks", "-1"],
    code: 2,
    says: [usage, /found +"-1"/],
  },
  {
    title: "more ticks than a number can count",
    args: ["run", "counter.ts", "--ticks", "9007199254740993"],
    code: 2,
    says: [usage],
  },
  {
    title: "a seed that is no number",
    args: ["run", "counter.ts", "--ticks", "1", "--seed", "abc"],
    code: 2,
    says: [usage],
  },
  {
    title: "an unknown durability",
    args: ["run", "counter.ts", "--ticks", "1", "--durability", "disk"],
    code: 2,
    says: [usage, /fsync, os, memory/],
  },
  {
    title: "an unknown parameter",
    args: ["run", "counter.ts", "--ticks", "1", "--param", "nam=x"],
    code: 2,
    says: [/^WORLD_PARAM/, /by \(number\), loud \(boolean\), name \(string\)/, /--param name=/],
  },
  {
    title: "a parameter of the wrong type",
    args: ["run", "counter.ts", "--ticks", "1", "--param", "by=many"],
    code: 2,
    says: [/^WORLD_PARAM/, /expected +a number/, /found +"many"/],
  },
  {
    title: "a boolean that is none",
    args: ["run", "counter.ts", "--ticks", "1", "--param", "loud=yes"],
    code: 2,
    says: [/^WORLD_PARAM/, /true or false/],
  },
  {
    title: "a parameter that the world itself refuses",
    args: ["run", "automaton", "--ticks", "1", "--param", "rule=B9/S9"],
    code: 2,
    says: [/^WORLD_PARAM/],
  },
  {
    title: "a parameter without a value",
    args: ["run", "counter.ts", "--ticks", "1", "--param", "by"],
    code: 2,
    says: [usage, /name=value/],
  },
  {
    title: "a pattern for a world without patterns",
    args: ["run", "counter.ts", "--ticks", "1", "--pattern", "x"],
    code: 2,
    says: [usage, /automaton/],
  },
  {
    title: "a pattern that is not there",
    args: ["run", "automaton", "--ticks", "1", "--pattern", "nope.rle"],
    code: 2,
    says: [usage, /no such file or name/, /gosper-glider-gun/],
  },
  {
    title: "a missing world",
    args: ["run", "automatn", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/, /no such file/, /did you mean automaton\?/],
  },
  {
    title: "a folder for a world",
    args: ["run", ".", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/, /a folder/],
  },
  {
    title: "a module that exports no world",
    args: ["run", "empty.ts", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/, /exports: answer/],
  },
  {
    title: "a module that exports two worlds",
    args: ["run", "two.ts", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/, /2 worlds/],
  },
  {
    title: "a module that throws while loading",
    args: ["run", "throws.ts", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/, /no coffee/, /throws\.ts:2/],
  },
  {
    title: "a module that is no TypeScript",
    args: ["run", "garbled.ts", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_MODULE/],
  },
  {
    title: "a world that throws in init",
    args: ["run", "bad-init.ts", "--ticks", "1"],
    code: 1,
    says: [/^WORLD_THREW/, /init of world bad-init/, /bad-init\.ts:\d/],
  },
];

async function folderOfWorlds(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  const bad = (name: string, hook: string) => `
export const world = defineWorld({
  name: "${name}", version: 1, state: { cells: grid("u8", [8]) },
  ${hook},
});`;
  await writeWorld(cwd, "counter.ts", counterWorld);
  await writeWorld(cwd, "empty.ts", "export const answer = 42;");
  await writeWorld(
    cwd,
    "two.ts",
    `${counterWorld}\nexport const other = defineWorld({ ...counter });`,
  );
  await writeWorld(cwd, "throws.ts", `throw new Error("no coffee");`);
  await writeWorld(cwd, "garbled.ts", "export const = ;");
  await writeWorld(cwd, "bad-init.ts", bad("bad-init", `init() { throw new Error("no init"); }`));
  const step = `step({ state, tick }) { if (tick === 12) throw new Error("no step"); state.cells[0] = tick; }`;
  await writeWorld(cwd, "bad-step.ts", bad("bad-step", step));
  return cwd;
}

test("L1: bad input is told apart, with an exit code, and without a stack of our own", async (t) => {
  const cwd = await folderOfWorlds(t);
  for (const { title, args, code, says } of cases) {
    await t.test(title, async () => {
      const result = await everytick(args, { cwd });
      assert.equal(result.code, code, result.stderr);
      for (const pattern of says) assert.match(result.stderr, new RegExp(pattern, "m"));
      assert.doesNotMatch(result.stderr, /src\/(cli|runs|world)\/|is a bug in everytick/);
      assert.equal(result.stdout, "");
    });
  }
});

test("L2: --json says failures as one document", async (t) => {
  const cwd = await temporaryFolder(t);
  const { code, stdout } = await everytick(["show", "nope", "--json"], { cwd });
  assert.equal(code, 1);
  const { error } = JSON.parse(stdout) as FailureJson;
  assert.deepEqual(Object.keys(error), ["code", "message", "where", "expected", "found", "next"]);
  assert.equal(error.code, "RUNS_MISSING");
  const unparsed = await everytick(["show", "--json"], { cwd });
  assert.equal(unparsed.code, 2);
  assert.match(unparsed.stdout, /"CLI_USAGE"/);
});

test("C6: a world that throws in step keeps the ticks before, and the run can go on", async (t) => {
  const cwd = await folderOfWorlds(t);
  const args = ["run", "bad-step.ts", "--ticks", "20", "--id", "one"];
  const { code, stderr } = await everytick(args, { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /WORLD_THREW/);
  assert.match(stderr, /step of world bad-step, tick 12/);
  assert.match(stderr, /bad-step\.ts:\d/);
  assert.match(stderr, /stopped after tick 11; durable up to tick 11/);
  const verified = await everytick(["verify", "one", "--json"], { cwd });
  assert.equal((JSON.parse(verified.stdout) as VerifyJson).lastTick, 11);
});

test("a world that throws in init leaves no run behind", async (t) => {
  const cwd = await folderOfWorlds(t);
  const args = ["run", "bad-init.ts", "--ticks", "1", "--id", "one"];
  assert.equal((await everytick(args, { cwd })).code, 1);
  const again = await everytick(args, { cwd });
  assert.match(again.stderr, /WORLD_THREW/, "and not RUNS_EXISTS");
});

test("a run that exists is a conflict, and a goal in the past a usage error", async (t) => {
  const cwd = await folderOfWorlds(t);
  const args = ["run", "counter.ts", "--ticks", "20", "--id", "one"];
  assert.equal((await everytick(args, { cwd })).code, 0);
  const again = await everytick(args, { cwd });
  assert.equal(again.code, 4);
  assert.match(again.stderr, /^RUNS_EXISTS/);
  const back = await everytick(["resume", "one", "--ticks", "10"], { cwd });
  assert.equal(back.code, 2);
  assert.match(back.stderr, /at tick 20/);
  const reached = await everytick(["resume", "one"], { cwd });
  assert.equal(reached.code, 2);
  assert.match(reached.stderr, /goal of tick 20 is reached/);
});

test("R3: a run continues as it was: other parameters are refused", async (t) => {
  const cwd = await folderOfWorlds(t);
  const args = ["run", "counter.ts", "--ticks", "20", "--id", "one"];
  assert.equal((await everytick(args, { cwd })).code, 0);
  const changed = await everytick([...args, "--resume", "--param", "by=9"], { cwd });
  assert.equal(changed.code, 1);
  assert.match(changed.stderr, /^RUNS_PARAMS/);
  const other = await everytick(["resume", "one", "--steps", "1", "--world", "bad-step.ts"], {
    cwd,
  });
  assert.equal(other.code, 1);
  assert.match(other.stderr, /^RUNS_WORLD/);
});

test("a run that a program of its own recorded is not resumed without a world", async (t) => {
  const cwd = await temporaryFolder(t);
  {
    await using runs = await openRuns(join(cwd, "runs"));
    await using run = await runs.record("own", { state: { cells: grid("u8", [8]) } });
    run.state.cells[0] = 1;
    await run.commit();
  }
  const { code, stderr } = await everytick(["resume", "own", "--steps", "1"], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /^WORLD_MISSING/);
  assert.match(stderr, /resume own --world/);
});

test("L1: damage is found, told with its place, and exits with 3", async (t) => {
  const cwd = await folderOfWorlds(t);
  const args = ["run", "counter.ts", "--ticks", "2000", "--id", "one"];
  assert.equal((await everytick(args, { cwd })).code, 0);
  await flipByteInTheMiddle(join(cwd, "runs/one/journal"));
  const { code, stdout } = await everytick(["verify", "one"], { cwd });
  assert.equal(code, 3);
  assert.match(stdout, /✗ run one: 1 damage found/);
  assert.match(stdout, /file .*\.seg, byte [\d,]+/);
  assert.match(stdout, /expected/);
  assert.match(stdout, /found/);
  const machine = await everytick(["verify", "one", "--json"], { cwd });
  assert.equal(machine.code, 3);
  const { ok, damage } = JSON.parse(machine.stdout) as VerifyJson;
  assert.equal(ok, false);
  assert.equal(damage.length, 1);
});

test("R6: a damaged card exits with 3 and does not hide the sound runs", async (t) => {
  const cwd = await folderOfWorlds(t);
  for (const id of ["one", "two"]) {
    const args = ["run", "counter.ts", "--ticks", "3", "--id", id];
    assert.equal((await everytick(args, { cwd })).code, 0);
  }
  const card = join(cwd, "runs/one/run.json");
  await writeFile(
    card,
    (await readFile(card, { encoding: "utf8" })).replace('"seed":0', '"seed":1'),
  );
  const shown = await everytick(["show", "one"], { cwd });
  assert.equal(shown.code, 3);
  assert.match(shown.stderr, /^RUNS_CARD/);
  const listed = await everytick(["ls"], { cwd });
  assert.equal(listed.code, 3);
  assert.match(listed.stdout, /two +counter/);
  assert.match(listed.stdout, /one .*damaged/);
  const machine = await everytick(["ls", "--json"], { cwd });
  const { runs } = JSON.parse(machine.stdout) as LsJson;
  assert.deepEqual(
    runs.map(({ id, error }) => [id, error]),
    [
      ["one", "RUNS_CARD"],
      ["two", null],
    ],
  );
});

async function flipByteInTheMiddle(journal: string): Promise<void> {
  const [name] = (await readdir(journal)).filter((file) => file.endsWith(".seg"));
  assert(name !== undefined);
  const path = join(journal, name);
  const bytes = await readFile(path);
  const { size } = await stat(path);
  // A segment that is written ahead ends in zeros; the middle of what was written is meant.
  const end = bytes.findLastIndex((byte) => byte !== 0);
  const middle = Math.floor(Math.min(size, end) / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x40;
  await writeFile(path, bytes);
}
