/** `everytick/math` returns the same bits on every machine; `Math` does not. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { runOnArm64, skippedWithoutArm64 } from "../arm64-node.ts";
import { names } from "./math-digest.ts";

/**
 * SHA-256 over 100,000 results of each function. Worlds that were recorded depend on these: a
 * change here is a change of what `everytick/math` promises.
 */
const golden = `
  sin ec0b73515de651bd262599ff404d1129b074031c665c5105479363ca0e917e98
  cos a0f741c60db93f2ff45783c7871652c273960ac2f8608e9336280fa0c6bb4c06
  tan 5821c7fd80553d20779cba765a828f0484cc60272588dfb8c0afd92800388c2c
  asin f5f5087ea008713a0c525784ea4a0c8df7a1f0512fe09ea4d76d1d0adaf0dbc5
  acos 5a9c77867a5551e9fe19ba26fb427f4c53548bf9d05b0639d456e8f36110bdb9
  atan 920ce67015fec88ddd2cf3b4bd4f5ddbd0348c804433acb4845f571dada4ec40
  atan2 1547d492a53f4fdf124c26216fc278885fd10952da4037aa51d594f601903526
  sinh 5c38855da0f4c95871bdd4db1babddebb4782ea1f77f8075d60b8c42c8ef5e6d
  cosh 4b8b177c9fec584ba375658a92b56b23a25b8fd29c2ce54340f7cfc0e971fb5e
  tanh 96c40b055b4c7fb8198711bb58d18315fb4c25773bf4b0c0aec61be7a7e78610
  asinh 2a2273fdb228dbffc5404b0b3006925692968bda0868d03dfbd4f90bea67c522
  acosh 432c5b94ff4abd7404f58f82d88127b595c74a35c4b2bb2b7b8678d4be105098
  atanh 12c5016ac9e72291debf626d0962cbb32bfd32cc7f810119ca936d7b2019cd4f
  exp 8eb027e86e74f256dbb7d6eb86f4d8559d3f020ffcac48ae7ac6f138c862e405
  expm1 f0e5af53c844c2aec95f2fbb1507497846b945060b92a1cab25ba38954426f23
  log c06f9840e98298a1b84a4d6dff9e3573445a385f63fe5c7021e88a38e616b19e
  log1p 1c2cff677e634cce9a9f49c4ccc98ac5022ead4cb9057a865e7a5d71c6f17139
  log2 a2d23ce9f88e2345007f03bf79332b6b633a076448aefcc23f01b304853e423e
  log10 c74a5e1e4e225f52467c99f558976651671997782c1fea73cfaf8ca72a0305c3
  pow dee1d781b37bb739b6a4c3b69cfcc675ab628cf8527c79ef4f28798bde2ff150
  cbrt 1fc53626c946c5ea9fbb43d72065c424469c7abc06da3bc2dd65cabb7598775f
  hypot eaa13abd5c17377b256845add5d3e7a13546d267afb407f8a22d9980001b58af
  all c8949c0018dcd12cb0d75ac6339287a81943b986c291453ce91162a90f82a6d6
`;

const program = ["test/world/math-digest.ts", "portable", "native"];

/** The lines of one of the two labels, without it. */
function linesOf(output: string, label: string): string[] {
  const prefix = `${label} `;
  const lines = output.split("\n").filter((line) => line.startsWith(prefix));
  assert.equal(lines.length, names.length + 1, output);
  return lines.map((line) => line.slice(prefix.length));
}

const expected = golden.trim().split(/\n */);

let here: string | undefined;
function outputHere(): string {
  here ??= runHere();
  return here;
}

function runHere(): string {
  const result = spawnSync(process.execPath, program, { encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

let onArm64: string | undefined;
function outputOnArm64(): string {
  if (onArm64 !== undefined) return onArm64;
  const result = runOnArm64(program);
  assert.equal(result.status, 0, result.stderr);
  onArm64 = result.stdout;
  return onArm64;
}

test("the results on this machine are the golden ones", () => {
  assert.deepEqual(linesOf(outputHere(), "portable"), expected);
});

test("the results on arm64 are the golden ones", (t) => {
  if (skippedWithoutArm64(t)) return;
  assert.deepEqual(linesOf(outputOnArm64(), "portable"), expected);
});

test("Math has other results on arm64 than on x64, so the test before can fail", (t) => {
  if (process.arch !== "x64") return t.skip("This machine is no x64.");
  if (skippedWithoutArm64(t)) return;
  assert.notDeepEqual(linesOf(outputOnArm64(), "native"), linesOf(outputHere(), "native"));
});
