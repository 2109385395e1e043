import assert from "node:assert/strict";
import { test } from "node:test";
import { readIdentifier, writeIdentifier } from "../../src/world/identifiers.ts";
import { refusal } from "../runs/memory-runs.ts";

test("a uuid is sixteen bytes in the order in which it is written", () => {
  const bytes = new Uint8Array(32);
  writeIdentifier("uuid", bytes, 1, "00112233-4455-6677-8899-AABBCCDDEEFF", "row.id");
  const expected = Array.from({ length: 16 }, (_, i) => i * 0x11);
  assert.deepEqual([...bytes.subarray(16)], expected);
  assert.equal(readIdentifier("uuid", bytes, 1), "00112233-4455-6677-8899-aabbccddeeff");
});

test("what is no uuid is refused, and nothing is written", async () => {
  const bytes = new Uint8Array(16);
  for (const wrong of [
    "",
    "00112233445566778899aabbccddeeff",
    "g0112233-4455-6677-8899-aabbccddeeff",
    1,
    null,
  ]) {
    await refusal(() => writeIdentifier("uuid", bytes, 0, wrong, "row.id"), "WORLD_VALUE", {
      where: /row\.id/,
    });
  }
  assert.deepEqual(bytes, new Uint8Array(16));
});

test("an H3 cell is its index as a number, and none is the empty text", () => {
  const cells = new BigUint64Array(2);
  writeIdentifier("h3", cells, 1, "8928308280FFFFF", "row.cell");
  assert.deepEqual([...cells], [0n, 0x8928308280fffffn]);
  assert.deepEqual(
    [0, 1].map((row) => readIdentifier("h3", cells, row)),
    ["", "8928308280fffff"],
  );
  writeIdentifier("h3", cells, 1, "", "row.cell");
  assert.equal(cells[1], 0n);
});

test("numbers that are no H3 cell are refused: mode, base cell and digits count", async () => {
  const wrong = {
    "an edge": "1128308280fffff",
    "base cell 122": "89f4308280fffff",
    "a digit 7 within the resolution": "8928308287fffff",
    "a digit behind the resolution": "892830828000000",
    "too few digits": "8928308280ffff",
    "no text": 0x8928308280fffffn,
  };
  for (const [what, cell] of Object.entries(wrong)) {
    const write = (): void => writeIdentifier("h3", new BigUint64Array(1), 0, cell, what);
    await refusal(write, "WORLD_VALUE", { expected: /H3/ });
  }
});
