import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseEncoding,
  encodingNames,
  type EncodingSize,
} from "../../src/format/encoding-choice.ts";
import { NumberEncoding } from "../../src/format/number-blocks.ts";

/** Sizes by encoding. */
function sized(sizes: { readonly [encoding: number]: number }): EncodingSize[] {
  return Object.entries(sizes).map(([encoding, size]) => {
    return { encoding: Number(encoding) as EncodingSize["encoding"], size };
  });
}

const { words, planes, differences, secondDifferences } = NumberEncoding;

test("F2: the smallest encoding is chosen, whatever the order in which they were tried", () => {
  const sizes = [
    [planes, 300],
    [differences, 200],
    [secondDifferences, 100],
  ] as const;
  for (const smallest of [planes, differences, secondDifferences]) {
    const tried = sizes.map(([encoding, size]) => [encoding, encoding === smallest ? 7 : size]);
    for (const order of [tried, tried.toReversed()]) {
      const given = order.map(([encoding, size]) => ({ encoding, size })) as EncodingSize[];
      assert.equal(chooseEncoding(given).encoding, smallest);
    }
  }
});

test("F2: of equal encodings the simplest is chosen", () => {
  const equal = { [words]: 9, [planes]: 9, [differences]: 9, [secondDifferences]: 9 };
  assert.equal(chooseEncoding(sized(equal)).encoding, words);
  const { [words]: _, ...inPlanes } = equal;
  assert.equal(chooseEncoding(sized(inPlanes)).encoding, planes);
  assert.equal(chooseEncoding(sized({ ...inPlanes, [planes]: 10 })).encoding, differences);
  assert.equal(
    chooseEncoding(sized({ ...inPlanes, [planes]: 10 })).reason,
    "9 bytes, 0.0 % below second differences",
  );
});

test("F2: the reason says by how much the next best was beaten", () => {
  const { reason } = chooseEncoding(
    sized({
      [planes]: 400,
      [differences]: 200,
      [secondDifferences]: 150,
    }),
  );
  assert.equal(reason, "150 bytes, 25.0 % below differences");
  assert.equal(
    chooseEncoding(sized({ [planes]: 999, [differences]: 1000 })).reason,
    "999 bytes, 0.1 % below differences",
  );
  assert.equal(
    chooseEncoding(sized({ [planes]: 200, [secondDifferences]: 100 })).reason,
    "100 bytes, 50.0 % below xor",
  );
});

test("F2: where nothing, or one encoding alone, was tried, the reason says so", () => {
  assert.deepEqual(chooseEncoding([]), { encoding: planes, reason: "nothing was tried" });
  assert.deepEqual(chooseEncoding(sized({ [differences]: 5 })), {
    encoding: differences,
    reason: "nothing else was tried",
  });
});

test("F2: every encoding has a name of its own", () => {
  const names = Object.values(NumberEncoding).map((encoding) => encodingNames[encoding]);
  assert.equal(new Set(names).size, Object.keys(NumberEncoding).length);
  assert(names.every((name) => name.length > 0));
});
