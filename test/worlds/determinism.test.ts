import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { runOnArm64, skippedWithoutArm64 } from "../arm64-node.ts";

const program = ["--conditions=source", "test/worlds/determinism-program.ts"];

/** History digests that every machine must reach; a change here is a change of recorded history. */
const golden = {
  automaton: "399b0ba3551985c05eec4b4db14a6f1f",
  "wolf-sheep": "c39a30567fa462745101a3e4c968fb6b",
  portable: "419d3f0acf853dabd26486ea6d46180d",
};

type Digests = typeof golden & { readonly native: string };

function digestsOf(output: string): Digests {
  const lines = output.trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(" "))) as Digests;
}

const here = digestsOf(execFileSync(process.execPath, program, { encoding: "utf8" }));

test("W3: the automaton, wolf-sheep and a world on everytick/math reach their golden digests here", () => {
  const { native: _, ...reached } = here;
  assert.deepEqual(reached, golden);
});

test("W3: they reach the same on arm64, and the same world on Math does not", (t) => {
  if (skippedWithoutArm64(t)) return;
  const { status, stdout, stderr } = runOnArm64(program);
  assert.equal(status, 0, stderr);
  const { native, ...reached } = digestsOf(stdout);
  assert.deepEqual(reached, golden);
  // On an arm64 machine both sides are the same one.
  if (process.arch === "x64") assert.notEqual(native, here.native);
});
