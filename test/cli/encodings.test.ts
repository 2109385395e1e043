import assert from "node:assert/strict";
import { test } from "node:test";
import type { EncodingsJson } from "../../src/cli/encodings.ts";
import { everytick, temporaryFolder } from "./everytick-process.ts";

test("show --encodings says how each column is written, what it weighs, and why", async (t) => {
  const cwd = await temporaryFolder(t);
  const params = ["--param", "sheep=400", "--param", "wolves=100"];
  const run = ["run", "wolf-sheep", "--ticks", "30", "--id", "meadow", "--seed", "3", ...params];
  assert.equal((await everytick(run, { cwd })).code, 0);

  const { code, stdout } = await everytick(["show", "meadow", "--encodings"], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^ +deltas +[\d.]+ kB · [\d.]+ (k?B) per tick$/m);
  assert.match(stdout, /^ +keyframes +\d+ · [\d.]+ kB · [\d.]+ % of both$/m);
  assert.match(stdout, /^ +sheep\.x +differences +30 .*\d+ bytes, \d+\.\d % below xor$/m);
  assert.match(stdout, /^ +deaths\.cause +(heap|dictionary)/m);

  const machine = await everytick(["show", "meadow", "--encodings", "--json"], { cwd });
  const document = JSON.parse(machine.stdout) as EncodingsJson;
  const columnBytes = document.columns
    .flatMap(({ encodings }) => encodings)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  assert.equal(document.ticks, 31);
  const content = columnBytes + document.indexBytes;
  assert(content < document.deltaBytes && content > document.deltaBytes / 2);
  assert(document.columns.some(({ reason }) => /^\d+ bytes, .* % below /.test(reason ?? "")));
  assert(document.cacheBytes > 0);
});
