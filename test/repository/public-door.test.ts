/** What comes through the public door: adding a name, or taking one away, is a decision that shows here. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as everytick from "everytick";

const names = [
  "EverytickError",
  "LiveRun",
  "Run",
  "Runs",
  "canonicalJson",
  "coordinatesOf",
  "defineWorld",
  "derived",
  "edges",
  "errorCodes",
  "formatVersion",
  "grid",
  "indexOf",
  "isEverytickError",
  "isWorld",
  "limits",
  "log",
  "openRuns",
  "sha256Hex",
  "table",
  "value",
];

test("`everytick` exports exactly these names", () => {
  assert.deepEqual(Object.keys(everytick).sort(), names);
});

test("every subpath opens", async () => {
  const manifest = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  for (const subpath of Object.keys(exports)) {
    const specifier = `everytick${subpath.slice(1)}`;
    const module = (await import(specifier)) as object;
    assert(Object.keys(module).length > 0, `${specifier} exports nothing`);
  }
});
