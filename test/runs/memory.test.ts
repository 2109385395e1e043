import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const MB = 2 ** 20;

function inMB(marks: readonly number[]): string {
  return `${marks.map((bytes) => Math.round(bytes / MB)).join(" ")} MB`;
}

/** Resident growth at ten moments of a recording. */
function growth(elements: number, ticks: number, changes: number): number[] {
  const program = join(import.meta.dirname, "memory-program.ts");
  // When V8 doubles its young generation is its own choice; here it is doubled before the start.
  const young = ["--min-semi-space-size=8", "--max-semi-space-size=8"];
  const options = ["--expose-gc", ...young, "--conditions=source", program];
  const numbers = [elements, ticks, changes].map(String);
  const output = execFileSync(process.execPath, [...options, ...numbers], { encoding: "utf8" });
  return JSON.parse(output) as number[];
}

test("memory grows by at most four states and 32 MB, and stays flat over 10,000 ticks", () => {
  const elements = 64 * 1024;
  const marks = growth(elements, 10_000, 100);
  const last = marks.at(-1) as number;
  assert.ok(last <= 4 * 4 * elements + 32 * MB, inMB(marks));
  // From the first thousand ticks on.
  assert.ok(last - (marks[0] as number) <= 6 * MB, inMB(marks));
});

test("memory grows by at most four states and 32 MB for a state of 32 MB", () => {
  const elements = 8 * MB;
  const marks = growth(elements, 20, elements / 20);
  assert.ok(Math.max(...marks) <= 4 * 4 * elements + 32 * MB, inMB(marks));
});
