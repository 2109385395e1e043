import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "../../src/format/body.ts";
import { ByteWriter } from "../../src/format/bytes.ts";
import { DifferenceReader, MissingDifferences } from "../../src/format/difference-reader.ts";
import { Image } from "../../src/format/image.ts";
import { LastDifferences, PartKeys } from "../../src/format/last-differences.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import type { StoreSchema } from "../../src/types.ts";
import { gridSchema, valueSchema, worldOf } from "./arbitraries.ts";

const codecs = await nodeCodecs();
const log: StoreSchema = {
  kind: "log",
  name: "",
  role: "causal",
  columns: [{ name: "c0", type: "u16" }],
};
const layout = layoutOf(worldOf([gridSchema("u16", [[40, 40]]), valueSchema(["uuid", "u8"]), log]));

/** A body of one part with one column, whose planes are all constant. */
function bodyOf(part: {
  readonly store?: number;
  readonly rows?: readonly number[];
  readonly column?: number;
  readonly encoding: number;
  readonly planes: readonly number[];
}): Uint8Array {
  const { store = 0, rows, column = 0, encoding, planes } = part;
  const index =
    rows === undefined ? [] : [1, ...rows.map((row, i) => row - (rows[i - 1] ?? -1) - 1)];
  const block = [encoding, ...planes.flatMap((byte) => [1, byte])];
  const out = new ByteWriter();
  const count = rows?.length ?? layout.stores[store]!.rows;
  for (const value of [0, 1, store, 0, count, index.length, 1, column, block.length]) {
    out.varint(value);
  }
  out.bytes(Uint8Array.from([...index, ...block]));
  return out.copy();
}

function imageOf(word: number): Image {
  const image = new Image(layout);
  new Uint16Array(image.column(0, 0).bytes.buffer).fill(word);
  return image;
}

interface Reading {
  readonly side: "before" | "after";
  readonly at: number;
  readonly known?: LastDifferences | undefined;
}

/** Reads a body at a state whose words are all `at`. @returns old XOR new of a word, and what was found */
function read(body: Uint8Array, { side, at, known }: Reading): [number, LastDifferences] {
  const differences = new DifferenceReader(imageOf(at), side, known);
  const [part] = readBody(body, layout, codecs, { differences }).parts;
  const { xor } = part!.columns[0]!;
  assert(xor.length > 0);
  const flips = new Set(new Uint16Array(xor.slice().buffer));
  assert.equal(flips.size, 1);
  return [[...flips][0]!, differences.found];
}

/** Zigzag of 3 is 6, of −5 is 9. */
const first = bodyOf({ encoding: 6, planes: [6, 0] });
const second = bodyOf({ encoding: 7, planes: [9, 0] });

test("F2: a difference is added to the state before and taken from the state after", () => {
  assert.equal(read(first, { side: "before", at: 1000 })[0], 1000 ^ 1003);
  assert.equal(read(first, { side: "after", at: 1003 })[0], 1000 ^ 1003);
  assert.equal(read(first, { side: "before", at: 65_534 })[0], 65_534 ^ 1, "words wrap");
});

test("F2: a second difference leads on from the difference of the tick before, and back to it", () => {
  const [, ofFirst] = read(first, { side: "before", at: 1000 });
  const [forward, ofSecond] = read(second, { side: "before", at: 1003, known: ofFirst });
  assert.equal(forward, 1003 ^ 1001, "3 − 5 = −2");
  const [back, found] = read(second, { side: "after", at: 1001, known: ofSecond });
  assert.equal(back, forward);
  // What is found on the way back is what was known on the way forwards.
  assert.equal(read(second, { side: "before", at: 1003, known: found })[0], forward);
});

test("F2: second differences whose base is not known ask for another way, with one that cannot be they are damage", () => {
  const { found: incomplete } = new DifferenceReader(imageOf(0), "after", undefined);
  for (const known of [undefined, incomplete]) {
    for (const side of ["before", "after"] as const) {
      assert.throws(() => read(second, { side, at: 0, known }), MissingDifferences);
    }
  }
  const [, all] = read(first, { side: "before", at: 0 });
  const some = bodyOf({ rows: [1, 2, 5], encoding: 6, planes: [6, 0] });
  const [, ofSome] = read(some, { side: "before", at: 0 });
  const others = [
    { body: second, known: new LastDifferences() },
    { body: second, known: ofSome },
    { body: bodyOf({ rows: [1, 2, 5], encoding: 7, planes: [9, 0] }), known: all },
    { body: bodyOf({ rows: [1, 2, 6], encoding: 7, planes: [9, 0] }), known: ofSome },
    { body: bodyOf({ rows: [1, 2], encoding: 7, planes: [9, 0] }), known: ofSome },
  ];
  for (const [i, { body, known }] of others.entries()) {
    for (const side of ["before", "after"] as const) {
      const damaged = { code: "FORMAT_DAMAGED" };
      assert.throws(() => read(body, { side, at: 0, known }), damaged, `${i}, ${side}`);
    }
  }
  const same = bodyOf({ rows: [1, 2, 5], encoding: 7, planes: [9, 0] });
  assert.equal(read(same, { side: "before", at: 3, known: ofSome })[0], 3 ^ 1);
});

test("F5: differences in a keyframe or a log, or of identifiers, are refused", () => {
  for (const encoding of [6, 7]) {
    const damaged = { code: "FORMAT_DAMAGED" };
    const body = bodyOf({ encoding, planes: [6, 0] });
    assert.throws(() => readBody(body, layout, codecs), damaged);
    const uuid = bodyOf({ store: 1, encoding, planes: Array<number>(16).fill(2) });
    const appended = bodyOf({ store: 2, rows: [0, 1], column: 1, encoding, planes: [6, 0] });
    for (const other of [uuid, appended]) {
      const differences = new DifferenceReader(imageOf(0), "before", new LastDifferences());
      assert.throws(() => readBody(other, layout, codecs, { differences }), damaged);
    }
  }
  const accepted = [
    bodyOf({ store: 1, encoding: 1, planes: Array<number>(16).fill(2) }),
    bodyOf({ store: 2, rows: [0, 1], column: 1, encoding: 1, planes: [6, 0] }),
  ];
  assert.deepEqual(
    accepted.map((body) => readBody(body, layout, codecs).parts[0]?.columns[0]?.xor.length),
    [16, 4],
  );
});

test("F2: the parts of a column are numbered in each chunk of each tick, from 0 on", () => {
  const keys = new PartKeys();
  const places: [store: number, chunk: number | undefined, column: number][] = [
    [0, undefined, 0],
    [0, 0, 0],
    [0, undefined, 1],
    [1, undefined, 0],
    [1, 10, 0],
    [11, 0, 0],
    [1, 1, 0],
    [1, 1, 10],
  ];
  const names = [0, 1, 2].map(() => places.map((place) => keys.next(...place)));
  assert.equal(new Set(names.flat()).size, 3 * places.length);
  const next = new PartKeys();
  assert.deepEqual(
    places.map((place) => next.next(...place)),
    names[0],
  );
  // No part's name depends on the parts of other places before it.
  const other = new PartKeys();
  const reversed = places.toReversed().map((place) => other.next(...place));
  assert.deepEqual(reversed.toReversed(), names[0]);
});

test("F2: what is kept of a tick is given for the same part, rows and width alone", () => {
  const last = new LastDifferences();
  const differences = Uint8Array.of(1, 2, 3, 4, 5, 6);
  last.set("listed", { rows: Uint32Array.of(1, 4, 6), differences });
  last.set("all", { rows: undefined, differences });
  assert.equal(last.get("listed", Uint32Array.of(1, 4, 6), 6)?.differences, differences);
  assert.equal(last.get("all", undefined, 6)?.differences, differences);
  const others = [
    last.get("other", undefined, 6),
    last.get("all", Uint32Array.of(1, 4, 6), 6),
    last.get("all", undefined, 12),
    last.get("listed", undefined, 6),
    last.get("listed", Uint32Array.of(1, 4), 6),
    last.get("listed", Uint32Array.of(1, 4, 7), 6),
    last.get("listed", Uint32Array.of(1, 4, 6), 3),
  ];
  assert.deepEqual(
    others,
    others.map(() => undefined),
  );
});
