import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { derived, grid, openRuns, table, value } from "../../src/index.ts";
import { everytick, temporaryFolder } from "./everytick-process.ts";

/** A run `one` with a gap, and a run `none` of which nothing can be looked at. */
async function recorded(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await using runs = await openRuns(join(cwd, "runs"));
  const state = {
    cells: grid("u8", [2, 3, 4]),
    sheep: table({ id: "u32" }, { key: "id" }),
    wide: grid("u8", [2, 500]),
    sum: derived(value({ n: "u32" }), () => {}),
  };
  const one = await runs.record("one", { state });
  one.state.cells[1] = 3;
  one.state.cells[23] = 3;
  await one.commit();
  await one.gap({ until: 6, reason: "night" });
  await one.commit();
  await (
    await runs.record("none", { state: { sum: derived(value({ n: "u32" }), () => {}) } })
  ).commit();
  return cwd;
}

test("where there is no terminal one tick is printed: the last, or the one that is named", async (t) => {
  const cwd = await recorded(t);
  const printed = async (line: string, env: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, stderr } = await everytick(["play", ...line.split(" ")], { cwd, env });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    return stdout;
  };
  assert.equal(
    await printed("one"),
    " ▀\n\n\ntick 7 of 7 · one · cells 2×3×4, plane 0 (0 to 1) · 0 to 3\n",
  );
  assert.equal(
    await printed("one --tick 1 --slice 1"),
    "\n   ▀\n\ntick 1 of 7 · one · cells 2×3×4, plane 1 (0 to 1) · 0 to 3\n",
  );
  assert.equal(await printed("one --store sheep"), "id\n\ntick 7 of 7 · one · sheep 0 rows\n");
  assert.match(await printed("one --store wide"), /2×500, 3×3 a dot/);
  const coloured = await printed("one --tick 1", { FORCE_COLOR: "1" });
  assert(coloured.startsWith("\u001B[38;5;16;48;5;16m▀\u001B[38;5;231;48;5;16m▀"));
  const plain = await printed("one --tick 1", { NO_COLOR: "1" });
  assert.equal(plain.includes("\u001B"), false);
});

test("what cannot be played is refused with what there is", async (t) => {
  const cwd = await recorded(t);
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["nope", 1, /^RUNS_MISSING/],
    ["one --tick 8", 1, /^TIMELINE_TICK[^]*a tick from 0 to 7/],
    ["one --tick 4", 1, /^TIMELINE_GAP[^]*night[^]*1 and 7/],
    ["one --store shep", 1, /^RUNS_STORE[^]*one of cells, sheep, wide\n[^]*--store sheep\?/],
    ["one --store sum", 1, /^RUNS_STORE[^]*a derived store\n[^]*export one --store sum/],
    ["one --slice 2", 2, /a plane from 0 to 1/],
    ["one --store sheep --slice 0", 2, /a grid of 3 axes or more[^]*kind table/],
    ["one --tick x", 2, /a whole number/],
    ["none", 1, /^RUNS_STORE[^]*none/],
  ];
  for (const [line, code, says] of cases) {
    const { code: found, stderr } = await everytick(["play", ...line.split(" ")], { cwd });
    assert.match(stderr, says, line);
    assert.equal(found, code, line);
  }
});
