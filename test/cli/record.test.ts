import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { test } from "node:test";
import type { FailureJson } from "../../src/cli/failure.ts";
import type { RecordJson } from "../../src/cli/record-report.ts";
import { everytick, finished, shapeOf, start, temporaryFolder } from "./everytick-process.ts";

const row = (tick: number, x: number) => `{"tick":${tick},"store":"a","key":1,"x":${x}}\n`;
const input = [0, 1, 2].map((tick) => row(tick, tick / 2)).join("");

test("record says what came out, and what to do next", async (t) => {
  const cwd = await temporaryFolder(t);
  const { code, stdout, stderr } = await everytick(["record", "--stdin", "one"], { cwd, input });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.match(stdout, /✓ 3 rows in .*; the run is at tick 2/);
  assert.match(stdout, /export one --out one\.jsonl/);
  const again = await everytick(["record", "--stdin", "one"], { cwd, input });
  assert.equal(again.code, 4);
  assert.match(again.stderr, /^RUNS_EXISTS[^]*record --stdin one --resume/);
  const shown = await everytick(["show", "one"], { cwd });
  assert.match(shown.stdout, /record --stdin one --resume/, "it has no world to resume with");
});

test("L2: record --json prints one document of a stable shape", async (t) => {
  const cwd = await temporaryFolder(t);
  const labels = ["--label", "model=v3"];
  const args = ["record", "--stdin", "one", "--json", "--durability", "os", ...labels];
  const { code, stdout, stderr } = await everytick(args, { cwd, input });
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as RecordJson;
  assert.deepEqual(shapeOf(document), {
    id: "string",
    folder: "string",
    durability: "string",
    recovery: { resumed: "boolean", tick: "number", tornBytes: "number", warnings: [] },
    fromTick: "number",
    tick: "number",
    rows: "number",
    messages: "number",
    compared: "number",
    gaps: "number",
    repeated: "number",
    different: "number",
    interrupted: "boolean",
    seconds: "number",
    rowsPerSecond: "number",
    bytes: "number",
    rawBytes: "number",
    bytesPerTick: "number",
    historyDigest: "string",
  });
  assert.deepEqual([document.rows, document.tick, document.durability], [3, 2, "os"]);
  const shown = await everytick(["show", "one"], { cwd });
  assert.match(shown.stdout, /model = v3/);
  assert.match(shown.stdout, /code +e3b0c442/, "of no code");
});

test("record --resume continues a run, compares what comes again, and starts one that is not there", async (t) => {
  const cwd = await temporaryFolder(t);
  const args = ["record", "--stdin", "one", "--resume", "--json"];
  const began = await everytick(args, { cwd, input });
  assert.equal(began.code, 0, began.stderr);
  const more = await everytick(args, { cwd, input: input + row(7, 1) });
  assert.equal(more.code, 0, more.stderr);
  assert.equal(more.stderr, "", "no warning that code has changed");
  const { fromTick, tick, compared } = JSON.parse(more.stdout) as RecordJson;
  assert.deepEqual({ fromTick, tick, compared }, { fromTick: 2, tick: 7, compared: 3 });
  const other = await everytick(args, { cwd, input: row(0, 5) });
  assert.equal(other.code, 4);
  assert.match(other.stderr, /RECORDER_CONFLICT/);
});

test("L5: a bad line exits with 1, tells its number, and the run before it is whole", async (t) => {
  const cwd = await temporaryFolder(t);
  const bad = `${input}\u001B[2J no JSON\n`;
  const { code, stdout, stderr } = await everytick(["record", "--stdin", "one", "--json"], {
    cwd,
    input: bad,
  });
  assert.equal(code, 1);
  assert.match(stderr, /line 4: \\u\{1b\}\[2J no JSON/, "control characters are shown, not sent");
  const { error } = JSON.parse(stdout) as FailureJson;
  assert.equal(error.code, "CLI_INPUT");
  const verified = await everytick(["verify", "one"], { cwd });
  assert.match(verified.stdout, /ticks +0 to 1 · 2 sound/);
});

test("--schema takes a file, and its mistakes are told as such", async (t) => {
  const cwd = await temporaryFolder(t);
  const schema = {
    schema: { a: { kind: "table", key: "key", columns: { key: "u32", x: "f32" } } },
  };
  await writeFile(join(cwd, "stores.json"), JSON.stringify(schema, undefined, 2));
  await writeFile(join(cwd, "bad.json"), '{"schema":{"a":{"kind":"log","columns":{"x":"f65"}}}}');
  const args = ["record", "--stdin", "one", "--schema"];
  const good = await everytick([...args, "stores.json"], { cwd, input });
  assert.equal(good.code, 0, good.stderr);
  const { stdout } = await everytick(["show", "one"], { cwd });
  assert.match(stdout, /a: table of key u32, x f32/);
  const bad = await everytick([...args, "bad.json"], { cwd, input });
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /--schema bad\.json, the type of column x/);
  const missing = await everytick([...args, "nowhere.json"], { cwd, input });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /ENOENT.*nowhere\.json/);
});

test("record without --stdin says what to write", async (t) => {
  const cwd = await temporaryFolder(t);
  const { code, stderr } = await everytick(["record", "one"], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /--stdin/);
});

test("L3: Ctrl-C records up to the tick that is known to be over, and exits with 130", async (t) => {
  const cwd = await temporaryFolder(t);
  const args = ["record", "--stdin", "one", "--acks", "--window", "0"];
  const child = start(args, { cwd, input: "open" });
  const end = finished(child);
  assert(child.stdout !== null && child.stdin !== null);
  child.stdin.write(input);
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { ack: { durableTick: number } }).ack.durableTick === 1) break;
  }
  child.kill("SIGINT");
  const { code, stderr } = await end;
  assert.equal(code, 130, stderr);
  const { stdout } = await everytick(["show", "one", "--json"], { cwd });
  const { state, tick } = JSON.parse(stdout) as { state: string; tick: number };
  assert.deepEqual({ state, tick }, { state: "closed", tick: 1 }, "tick 2 may be half");
});

// --- A simulation in Python --------------------------------------------------------------------------------------

const python = "python3";
const walkers = join(import.meta.dirname, "../../examples/python/walkers.py");
const isMissing = spawnSync(python, ["--version"]).status !== 0;
const isCI = process.env["CI"] !== undefined;
const message = "needs python3; on Debian `apt-get install python3` brings it";
const skip = isMissing && !isCI ? message : false;

test(
  "the simulation in Python is recorded from its lines, the same each time",
  { skip },
  async (t) => {
    const cwd = await temporaryFolder(t);
    const printed = spawnSync(python, [walkers, "30", "7"], { encoding: "utf8" });
    assert.equal(printed.status, 0, printed.stderr);
    const args = ["record", "--stdin", "--json"];
    const recorded = await everytick([...args, "one"], { cwd, input: printed.stdout });
    assert.equal(recorded.code, 0, recorded.stderr);
    const report = JSON.parse(recorded.stdout) as RecordJson;
    assert.equal(report.tick, 30);
    assert(report.rows > 3000);
    const { stdout } = await everytick(["export", "one", "--store", "walkers", "--from", "30"], {
      cwd,
    });
    assert.equal(stdout.trimEnd().split("\n").length, 100, "whoever dies is replaced");
    const again = spawnSync(python, [walkers, "30", "7"], { encoding: "utf8" });
    assert.equal(again.stdout, printed.stdout);
  },
);
