/** `verify`, `recover` and `doctor` as somebody uses them on the day when a disk misbehaves. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test, type TestContext } from "node:test";
import {
  counterWorld,
  everytick,
  finished,
  start,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

/** A folder with two runs of 40 ticks; made once, copied for each test. */
let template = "";
before(async (t) => {
  template = await temporaryFolder(t as TestContext);
  const world = await writeWorld(template, "counter.ts", counterWorld);
  for (const id of ["left", "right"]) {
    const args = ["run", world, "--ticks", "40", "--id", id];
    assert.equal((await everytick(args, { cwd: template })).code, 0);
  }
});

async function copied(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  cpSync(template, cwd, { recursive: true });
  return cwd;
}

const segment = "0000000000000000.seg";

/** Flips a bit in the middle of a run's only segment. */
function damage(cwd: string, id: string, share = 0.6): void {
  const path = join(cwd, "runs", id, "journal", segment);
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length * share);
  bytes[at]! ^= 8;
  writeFileSync(path, bytes);
}

test("L7: verify without an id looks at all runs, and ends with 3 if one is damaged", async (t) => {
  const cwd = await copied(t);
  const sound = await everytick(["verify"], { cwd });
  assert.equal(sound.code, 0, sound.stderr);
  assert.match(sound.stdout, /run left: every.*\n[^]*run right: every[^]*2 runs verified/);
  damage(cwd, "right");
  const { code, stdout } = await everytick(["verify", "--json"], { cwd });
  assert.equal(code, 3);
  const document = JSON.parse(stdout) as {
    ok: boolean;
    runs: { id: string; ok: boolean; damage: { file: string }[] }[];
  };
  assert.equal(document.ok, false);
  assert.deepEqual(
    document.runs.map(({ id, ok }) => [id, ok]),
    [
      ["left", true],
      ["right", false],
    ],
  );
  assert.equal(document.runs[1]?.damage[0]?.file, `journal/${segment}`);
  writeFileSync(join(cwd, "runs", "left", "run.json"), "{}");
  const both = await everytick(["verify", "left", "right"], { cwd });
  assert.equal(both.code, 3);
  assert.match(both.stdout, /RUNS_CARD[^]*run right: 1 damage/);
});

test("L7, R8: recover makes a run that verifies and is resumed, and says what is lost", async (t) => {
  const cwd = await copied(t);
  damage(cwd, "right");
  const original = readFileSync(join(cwd, "runs", "right", "journal", segment));
  const text = await everytick(["recover", "right", "--out", "mended"], { cwd });
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /run mended: \d+ of 41 ticks brought back from right/);
  assert.deepEqual(readFileSync(join(cwd, "runs", "right", "journal", segment)), original);
  assert.equal((await everytick(["verify", "mended"], { cwd })).code, 0);
  const elsewhere = ["recover", "right", "--out", "right", "--out-dir", "other", "--json"];
  const json = await everytick(elsewhere, { cwd });
  assert.equal(json.code, 0, json.stderr);
  const report = JSON.parse(json.stdout) as Record<string, number> & { lostTicks: unknown[] };
  assert.equal(report["salvaged"]! + report["lost"]!, report["possible"]);
  const shown = JSON.parse(
    (await everytick(["verify", "right", "--dir", "other", "--json"], { cwd })).stdout,
  ) as {
    ticks: number;
  };
  assert.equal(shown.ticks, report["salvaged"]);
  const resumed = await everytick(["resume", "mended", "--world", "counter.ts", "--ticks", "60"], {
    cwd,
  });
  assert.equal(resumed.code, 0, resumed.stderr);
});

test("L7, R8: where nothing is left, recover ends with 3, says so and makes no run", async (t) => {
  const cwd = await copied(t);
  const path = join(cwd, "runs", "left", "journal", segment);
  writeFileSync(path, readFileSync(path).fill(0, 300));
  const { code, stderr } = await everytick(["recover", "left", "--out", "new"], { cwd });
  assert.equal(code, 3);
  assert.match(stderr, /JOURNAL_DAMAGED[^]*No tick could be brought back/);
  assert.deepEqual(readdirSync(join(cwd, "runs")), ["left", "right"]);
  const taken = await everytick(["recover", "right", "--out", "left"], { cwd });
  assert.equal(taken.code, 4);
  assert.equal((await everytick(["recover", "right"], { cwd })).code, 2);
});

test("L7: killed at any moment, recover leaves no run of the new id", async (t) => {
  const cwd = await copied(t);
  for (const delay of [150, 250, 300, 350, 400]) {
    const id = `killed${delay}`;
    const child = start(["recover", "right", "--out", id], { cwd });
    setTimeout(() => child.kill("SIGKILL"), delay);
    const { code } = await finished(child);
    const names = readdirSync(join(cwd, "runs"));
    if (!names.includes(id)) continue;
    const { code: verified } = await everytick(["verify", id], { cwd });
    assert.equal(verified, 0, `${id} ended with ${code}`);
  }
});

test("L8: doctor says what it looked at, changes nothing, and ends with 1 at a problem", async (t) => {
  const cwd = await copied(t);
  const list = (): string[] =>
    (readdirSync(join(cwd, "runs"), { recursive: true }) as string[]).sort();
  const names = list();
  const sound = await everytick(["doctor", "--json"], { cwd });
  assert.equal(sound.code, 0, sound.stdout);
  const { findings } = JSON.parse(sound.stdout) as { findings: { check: string; level: string }[] };
  const checks = findings.map(({ check }) => check);
  for (const check of ["node", "sqlite", "zstd", "file system", "space", "writing", "clock"]) {
    assert(checks.includes(check), check);
  }
  assert.deepEqual(list(), names);
  mkdirSync(join(cwd, "runs", ".recover-1"));
  writeFileSync(join(cwd, "runs", "left", "notes.txt"), "mine");
  writeFileSync(join(cwd, "runs", "left", "lock.json"), "{}");
  const warned = await everytick(["doctor"], { cwd });
  assert.equal(warned.code, 0, warned.stdout);
  assert.match(warned.stdout, /! \.recover-1: left by an unfinished recover/);
  assert.match(warned.stdout, /! left: its recorder died/);
  assert.match(warned.stdout, /! left: a stray file, notes\.txt/);
  damage(cwd, "right", 0.97);
  writeFileSync(join(cwd, "runs", "left", "run.json"), "{}");
  const broken = await everytick(["doctor"], { cwd });
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /✗ left: its card: RUNS_CARD/);
  const file = await everytick(["doctor", "--dir", "counter.ts"], { cwd });
  assert.equal(file.code, 1);
  assert.match(file.stdout, /is a file/);
  const none = await everytick(["doctor", "--dir", "not/yet"], { cwd });
  assert.equal(none.code, 0, none.stdout);
});
