import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  compileCache,
  counterWorld,
  everytick,
  finished,
  start,
  temporaryFolder,
  writeWorld,
} from "./everytick-process.ts";

const escape = "\u001B";
const args = ["run", "counter.ts", "--ticks", "5"];

test("colours follow FORCE_COLOR and the terminal, and NO_COLOR", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const plain = await everytick([...args, "--id", "a"], { cwd });
  assert.equal(plain.stdout.includes(escape), false);
  const forced = await everytick([...args, "--id", "b"], { cwd, env: { FORCE_COLOR: "1" } });
  assert(forced.stdout.includes(`${escape}[32m✓`));
  const failed = await everytick(["show", "nope"], { cwd, env: { FORCE_COLOR: "1" } });
  assert(failed.stderr.includes(`${escape}[31mRUNS_MISSING`));
  const json = await everytick([...args, "--id", "c", "--json"], {
    cwd,
    env: { FORCE_COLOR: "1" },
  });
  assert.equal(json.stdout.includes(escape), false);
});

test("a reader of stdout that goes away ends the command quietly", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const child = start(["run", "counter.ts", "--ticks", "1000000", "--acks", "--id", "one"], {
    cwd,
  });
  const end = finished(child);
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, signal, stderr } = await end;
  assert.equal(signal, null);
  assert.equal(code, 130, "a recording nobody listens to stops in good order");
  assert.doesNotMatch(stderr, /EPIPE|bug in everytick/);
});

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const script = "/usr/bin/script";
const hasScript = existsSync(script);

test(
  "on a terminal one progress line is rewritten, and gone in the end",
  { skip: !hasScript },
  async (t) => {
    const cwd = await temporaryFolder(t);
    await writeWorld(cwd, "counter.ts", counterWorld);
    const command = [process.execPath, "--conditions=source", main, "run", "counter.ts"];
    const line = [...command, "--ticks", "200000", "--id", "one"].join(" ");
    const child = spawn(script, ["-qec", line, "/dev/null"], {
      cwd,
      env: { ...process.env, ...compileCache, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { code, stdout } = await finished(child);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\r {2}[\d,]+ of 200,000 ticks · [\d.,]+\/s · ETA /);
    assert(stdout.includes(`\r${escape}[K`), "the line is cleared");
    assert.equal(stdout.includes(`${escape}[32m`), false, "NO_COLOR holds on a terminal too");
  },
);

test("names from a recording cannot move the cursor", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  const label = ["--label", `note=${escape}[2J`];
  await everytick([...args, "--id", "one", ...label], { cwd });
  const { stdout } = await everytick(["show", "one"], { cwd });
  assert.match(stdout, /note = \\u\{1b\}\[2J/);
});
