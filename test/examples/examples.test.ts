/** Simulations that others wrote, recorded as they are: killed, started again, they are what they would have been. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openRuns } from "everytick";
import { root } from "../documents/titles.ts";
import { compareRuns, recordUntil, recordUntilKilled, type Recording } from "./example-process.ts";

const examples: { readonly [example: string]: readonly string[] } = {
  "bitecs.ts": ["rabbits"],
  "colyseus.ts": ["room"],
  "flocc.ts": ["meadow"],
  "matter-js.ts": ["boxes"],
  "rapier.ts": ["bricks"],
  "several-runs.ts": ["voters-1", "voters-2", "voters-3", "voters-4"],
};
/** Columns that an example imports; no program. */
const modules = ["matter-js-state.ts"];

/** Late enough for births, deaths and contacts. */
const acknowledgedTick = 150;
const moreTicks = 100;

for (const [example, ids] of Object.entries(examples)) {
  test(`J1, R2, W10: examples/${example}, killed with SIGKILL and started again, records what an unbroken run records`, async (t) => {
    const killed: Recording = { example, ids, folder: await temporaryFolder(t) };
    const unbroken: Recording = { example, ids, folder: await temporaryFolder(t) };
    const killedAt = await recordUntilKilled(killed, acknowledgedTick);
    const until = killedAt + moreTicks;
    const printed = await recordUntil(killed, until);
    assert.equal(await recordUntil(unbroken, until), printed);
    assert.match(printed, /tick \d+/);

    await using some = await openRuns(killed.folder);
    await using others = await openRuns(unbroken.folder);
    for (const id of ids) {
      const ticks = await compareRuns(await some.open(id), await others.open(id));
      assert.equal(ticks, until + 1);
    }
  });
}

test("every example is executed here and has its line in examples/README.md", () => {
  const files = globSync("*.ts", { cwd: join(root, "examples") });
  assert.deepEqual(new Set(files), new Set([...Object.keys(examples), ...modules]));
  const page = readFileSync(join(root, "examples/README.md"), "utf8");
  for (const example of Object.keys(examples)) {
    assert.match(page, new RegExp(`^\\| \\[.*\\]\\(${example}\\) \\|`, "m"), example);
  }
});

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "everytick-example-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
