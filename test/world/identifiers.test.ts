import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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

/** A cell of a resolution: mode 1, a base cell, and a digit below 7 for each resolution up to it. */
function cellOf(resolution: number, baseCell: number, digits: readonly number[]): bigint {
  let cell = (1n << 59n) | (BigInt(resolution) << 52n) | (BigInt(baseCell) << 45n);
  for (let digit = 1; digit <= 15; digit++) {
    const value = digit <= resolution ? (digits[digit - 1] as number) : 7;
    cell |= BigInt(value) << BigInt(3 * (15 - digit));
  }
  return cell;
}

test("cells of every resolution are written and read, in the spelling of H3, seed 2", () => {
  const digits = fc.array(fc.nat(6), { minLength: 15, maxLength: 15 });
  fc.assert(
    fc.property(
      fc.nat(15),
      fc.nat(121),
      digits,
      fc.boolean(),
      (resolution, base, list, isUpper) => {
        const cell = cellOf(resolution, base, list);
        const text = cell.toString(16);
        assert.equal(text.length, 15);
        const numbers = new BigUint64Array(3);
        writeIdentifier("h3", numbers, 1, isUpper ? text.toUpperCase() : text, "c");
        assert.deepEqual([...numbers], [0n, cell, 0n]);
        assert.equal(readIdentifier("h3", numbers, 1), text);
        // With its leading zero it is the same cell.
        writeIdentifier("h3", numbers, 2, `0${text}`, "c");
        assert.equal(numbers[2], cell);
      },
    ),
    { seed: 2, numRuns: 500 },
  );
});

test("a cell with one wrong digit is refused at every resolution", async () => {
  for (let resolution = 0; resolution <= 15; resolution++) {
    const list = Array.from({ length: 15 }, (_, i) => (i * 5) % 7);
    const cell = cellOf(resolution, 20, list);
    for (let digit = 1; digit <= 15; digit++) {
      const shift = BigInt(3 * (15 - digit));
      const wrong = (cell & ~(7n << shift)) | ((digit <= resolution ? 7n : 3n) << shift);
      const write = (): void =>
        writeIdentifier("h3", new BigUint64Array(1), 0, wrong.toString(16), "row.cell");
      await refusal(write, "WORLD_VALUE", { where: /^row\.cell$/, expected: /H3/ });
    }
  }
});

test("any sixteen bytes are a uuid, in lower case when they are read, seed 3", () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(bytes, fc.boolean(), (given, isUpper) => {
      const text = readIdentifier("uuid", given, 0);
      assert.match(text, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.equal(text.replaceAll("-", ""), Buffer.from(given).toString("hex"));
      const written = new Uint8Array(48).fill(1);
      writeIdentifier("uuid", written, 1, isUpper ? text.toUpperCase() : text, "id");
      assert.deepEqual(written.subarray(16, 32), given);
      assert(written.every((byte, i) => (i >= 16 && i < 32) || byte === 1));
    }),
    { seed: 3, numRuns: 300 },
  );
});
