import assert from "node:assert/strict";
import { test } from "node:test";
import type { DemoJson } from "../../src/cli/commands/demo.ts";
import type { ShowJson } from "../../src/cli/commands/show.ts";
import { counterWorld, everytick, temporaryFolder, writeWorld } from "./everytick-process.ts";

test("the demo ends green, and can be shown again", async (t) => {
  const cwd = await temporaryFolder(t);
  const { code, stdout, stderr } = await everytick(["demo", "--json"], { cwd });
  assert.equal(code, 0, stderr);
  const demo = JSON.parse(stdout) as DemoJson;
  assert.equal(demo.ok, true);
  assert.equal(demo.checks.length, 6);
  assert(demo.voxels.recoveredTick >= demo.voxels.acknowledged);
  assert.equal(demo.gun.gliders, 40);

  const again = await everytick(["demo"], { cwd });
  assert.equal(again.code, 0, again.stderr);
  const lines = again.stdout.split("\n");
  assert(lines.length <= 46, `${lines.length} lines`);
  assert.match(again.stdout, /✓ all 6 checks hold/);
});

test("the demo touches no run that is not its own", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeWorld(cwd, "counter.ts", counterWorld);
  await everytick(["run", "counter.ts", "--ticks", "3", "--id", "demo-voxels"], { cwd });
  const { code, stderr } = await everytick(["demo"], { cwd });
  assert.equal(code, 4);
  assert.match(stderr, /RUNS_EXISTS/);
  assert.match(stderr, /everytick\.demo/);
  const shown = await everytick(["show", "demo-voxels", "--json"], { cwd });
  assert.equal((JSON.parse(shown.stdout) as ShowJson).tick, 3);
});
