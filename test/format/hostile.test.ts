/** Bytes that nobody wrote, or that were changed since: a coded error or an answer, nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEverytickError } from "../../src/errors.ts";
import { partHeads } from "../../src/format/block-heads.ts";
import { BodyWriter, readBody } from "../../src/format/body.ts";
import { ByteWriter } from "../../src/format/bytes.ts";
import { applyChanges, ChangeFinder } from "../../src/format/changes.ts";
import { readFrameIndex, readTrailer, writeFrameIndex } from "../../src/format/frame-index.ts";
import { DifferenceReader } from "../../src/format/difference-reader.ts";
import { FrameTable } from "../../src/format/frame-table.ts";
import { readFrameHeader } from "../../src/format/frame.ts";
import { Image } from "../../src/format/image.ts";
import { layoutOf, type Layout } from "../../src/format/layout.ts";
import type { LastDifferences } from "../../src/format/last-differences.ts";
import { readSegmentHeader, writeSegmentHeader } from "../../src/format/segment.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { readIndexBlocks, writeIndexBlock } from "../../src/journal/index-cache.ts";
import { limits } from "../../src/limits.ts";
import type { Codecs } from "../../src/types.ts";
import {
  edgesSchema,
  gridSchema,
  logSchema,
  stateNear,
  tableSchema,
  valueSchema,
  worldOf,
} from "./arbitraries.ts";

const node = await nodeCodecs();

/** Refuses to unpack more than a reader may ever ask for, before the memory is taken. */
function bounded(bytesMax: number): Codecs {
  return {
    ...node,
    zstdDecompress: (bytes, rawLength) => {
      assert(rawLength <= bytesMax, `${rawLength} bytes were believed`);
      return node.zstdDecompress(bytes, rawLength);
    },
  };
}

/** Runs a reader; an error must be one of ours. @returns whether it gave an answer. */
function survives(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    return false;
  }
}

/** Some changes to bytes: set one, flip a bit, cut out, put in, repeat the end. */
interface Mutation {
  readonly kind: number;
  readonly at: number;
  readonly value: number;
}
const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({ kind: fc.nat(4), at: fc.nat(), value: fc.nat(255) }),
  { minLength: 1, maxLength: 4 },
);

function mutated(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let list = [...bytes];
  for (const { kind, at, value } of changes) {
    const place = list.length === 0 ? 0 : at % list.length;
    if (kind === 0) list[place] = value;
    if (kind === 1) list[place] = (list[place] ?? 0) ^ (1 << (value & 7));
    if (kind === 2) list.splice(place, value & 15);
    if (kind === 3) list.splice(place, 0, value, value ^ 0x80);
    if (kind === 4) list = [...list, ...list.slice(-(value & 31))];
  }
  return Uint8Array.from(list);
}

const world = worldOf([
  gridSchema("u16", [
    [40, 16],
    [40, 16],
  ]),
  valueSchema(["utf8", "f64", "bytes"]),
  gridSchema("f32", [[5, 2]], "observed"),
  tableSchema(["u32", "f32[3]", "utf8"]),
  edgesSchema("uuid", "h3", ["json"], "static"),
  logSchema(["i16", "bytes"]),
  tableSchema(["u8"], "derived"),
]);
const layout = layoutOf(world);

function bodyOf(share: number): Uint8Array {
  const writer = new BodyWriter(node, () => undefined);
  addTo(writer, undefined, stateNear(new Image(layout), 1, share));
  return writer.finishKeyframe().slice();
}

function addTo(writer: BodyWriter, from: Image | undefined, to: Image): void {
  const finder = new ChangeFinder(node);
  for (const store of layout.stores) {
    const changes = finder.between(store, from?.stores[store.number], to.stores[store.number]!);
    writer.add(changes, from === undefined);
    const digest = new Uint8Array(16).fill(store.number);
    if (store.digestNumber >= 0) writer.addDigest({ number: store.digestNumber, digest });
  }
}

/** The states of a drift, and the bodies that lead from each to the next: the later ones hold second differences. */
const drift = [0, 1, 2, 3].map((tick) => {
  const image = new Image(layout);
  const cells = new Uint16Array(image.column(0, 0).bytes.buffer);
  cells.forEach((_, i) => (cells[i] = tick * (500 + 37 * i) + i * i + ((i * tick) % 7)));
  return image;
});
const driftBodies = driftWritten();

function driftWritten(): Uint8Array[] {
  const writer = new BodyWriter(node, () => undefined);
  return drift.slice(1).map((to, i) => {
    addTo(writer, drift[i], to);
    return writer.finishDelta().slice();
  });
}

assert.equal(partHeads(driftBodies.at(-1)!, layout)[0]?.columns[0]?.encoding, 7);

/** What each of the bodies finds of its tick. */
const driftDifferences = driftBodies.reduce<LastDifferences[]>((known, body, i) => {
  const differences = new DifferenceReader(drift[i]!, "before", known.at(-1));
  readBody(body, layout, node, { differences });
  return [...known, differences.found];
}, []);

/** Reads the last body of the drift, or what became of it. */
function readDelta(bytes: Uint8Array, side: "before" | "after"): unknown {
  const [image, known] = side === "before" ? [drift[2], 1] : [drift[3], 2];
  const differences = new DifferenceReader(image!, side, driftDifferences[known]);
  return readBody(bytes, layout, bounded(limits.frameBodyBytes), { differences });
}

const readers: Record<string, (bytes: Uint8Array) => unknown> = {
  "a body": (bytes) => readBody(bytes, layout, bounded(limits.frameBodyBytes)),
  "a delta, read forwards": (bytes) => readDelta(bytes, "before"),
  "a delta, read backwards": (bytes) => readDelta(bytes, "after"),
  "an index": (bytes) => {
    const table = new FrameTable(500);
    readFrameIndex(bytes, 0, table, bounded(36 * limits.indexEntries));
    return table;
  },
  "a segment header": (bytes) => readSegmentHeader(bytes, "a.seg", node),
  "a cache": (bytes) => readIndexBlocks(bytes, place, 500, node),
  "a frame header": (bytes) => readFrameHeader(bytes),
  "a trailer": (bytes) => readTrailer(bytes),
};

const place = { uuid: new Uint8Array(16).fill(7), number: 0, generation: 0 };
const table = new FrameTable(500);
for (let tick = 0; tick < 60; tick++) {
  table.push({
    kind: 3,
    flags: 0,
    tick,
    length: 100 + (tick % 7),
    baseDistance: 1,
    changedElements: tick,
  });
}
const header = { ...place, firstTick: 0, plannedSize: 0, epoch: 1 };
const digests = { historyDigest: new Uint8Array(16), worldHash: new Uint8Array(32) };
const samples: Record<string, readonly Uint8Array[]> = {
  "a body": [bodyOf(0.02), bodyOf(0.2), bodyOf(0.9), bodyOf(0)],
  "a delta, read forwards": driftBodies.slice(2),
  "a delta, read backwards": driftBodies.slice(2),
  "an index": [writeFrameIndex(table, 0, 0, node)],
  "a segment header": [writeSegmentHeader({ ...header, ...digests, world }, node)],
  "a cache": [writeIndexBlock(table, 0, place, node)],
};

for (const [name, read] of Object.entries(readers)) {
  test(`F5: arbitrary bytes are no ${name.replace(/^an? /, "")}, or harmless`, () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 2000 }));
    fc.assert(
      fc.property(bytes, (given) => void survives(() => read(given))),
      { seed: 1, numRuns: 1000 },
    );
  });
}

for (const [name, originals] of Object.entries(samples)) {
  test(`F5, TAK-66: ${name} that was changed is refused or gives an answer`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...originals), mutations, (original, changes) => {
        survives(() => readers[name]?.(mutated(original, changes)));
      }),
      { seed: 2, numRuns: 1500 },
    );
  });
}

test("F5: a segment header is refused also where its checksum was made right", () => {
  const [original] = samples["a segment header"]!;
  fc.assert(
    fc.property(mutations, (changes) => {
      const bytes = mutated(original!, changes);
      if (bytes.length < 20) return;
      const view = new DataView(bytes.buffer);
      const length = Math.min(view.getUint32(12, true), bytes.length);
      if (length >= 20) view.setUint32(length - 4, node.crc32(bytes.subarray(0, length - 4)), true);
      survives(() => readers["a segment header"]?.(bytes));
    }),
    { seed: 3, numRuns: 1500 },
  );
});

test("F5: a cache with a right checksum around a wrong index is a coded error or ends there", () => {
  const [original] = samples["a cache"]!;
  fc.assert(
    fc.property(mutations, (changes) => {
      const content = mutated(original!.subarray(36), changes);
      const block = Uint8Array.of(...original!.subarray(0, 36), ...content);
      const view = new DataView(block.buffer);
      view.setUint32(4, block.length - 8, true);
      view.setUint32(0, node.crc32(block.subarray(4)), true);
      survives(() => readIndexBlocks(block, place, 500, node));
    }),
    { seed: 4, numRuns: 1000 },
  );
});

/** A body of parts, each with one column of one u16 row (word 7) unless it says otherwise. */
interface PartToWrite {
  readonly store?: number;
  readonly chunk?: number;
  readonly rows?: number;
  readonly columns?: readonly number[];
}
function crafted(parts: readonly PartToWrite[], digestNumbers: readonly number[] = []): Uint8Array {
  const out = new ByteWriter();
  out.varint(digestNumbers.length);
  for (const number of digestNumbers) {
    out.varint(number);
    out.bytes(new Uint8Array(16));
  }
  out.varint(parts.length);
  const [index, words] = [Uint8Array.of(1, 0), Uint8Array.of(0, 7, 0)];
  for (const { store = 0, chunk = 0, rows = 1, columns = [0] } of parts) {
    for (const value of [store, chunk, rows, index.length, columns.length]) out.varint(value);
    for (const column of columns) for (const value of [column, words.length]) out.varint(value);
  }
  for (const { columns = [0] } of parts) {
    out.bytes(index);
    for (const _ of columns) out.bytes(words);
  }
  return out.copy();
}

const twoColumns: Layout = layoutOf(
  worldOf([gridSchema("u16", [[4, 2]]), valueSchema(["u16", "u16"])]),
);
const readCrafted = (bytes: Uint8Array): unknown => readBody(bytes, twoColumns, node);

test("F5: a part of a store, chunk, column or row that there is not is refused", () => {
  assert(survives(() => readCrafted(crafted([{}], [0, 1]))));
  assert(
    survives(() =>
      readCrafted(crafted([{ chunk: 1 }, { chunk: 2 }, { store: 1, columns: [0, 1] }])),
    ),
  );
  const wrong = [
    { store: 3 },
    { chunk: 3 },
    { store: 1, chunk: 1 },
    { columns: [1] },
    { rows: 5 },
    { rows: 2 },
    { chunk: 1, rows: 3 },
  ];
  for (const part of wrong) {
    assert.throws(
      () => readCrafted(crafted([part])),
      { code: "FORMAT_DAMAGED" },
      JSON.stringify(part),
    );
  }
});

test("F5: stores, columns and digests that do not rise are refused", () => {
  const wrong: [what: string, body: Uint8Array][] = [
    ["digests", crafted([{}], [1, 0])],
    ["a digest twice", crafted([{}], [0, 0])],
    ["a digest of no store", crafted([{}], [3])],
    ["stores", crafted([{ store: 1 }, { store: 0 }])],
    ["columns", crafted([{ store: 1, columns: [1, 0] }])],
    ["a column twice", crafted([{ store: 1, columns: [0, 0] }])],
  ];
  const accepted = wrong.filter(([, body]) => survives(() => readCrafted(body)));
  assert.deepEqual(
    accepted.map(([what]) => what),
    [],
  );
});

test("F5: parts that list more rows than their store has are refused: no body unpacks to many states", () => {
  const wrong = [
    Array(5).fill({}),
    [{ chunk: 1 }, { chunk: 1 }, {}, {}, {}],
    Array(2).fill({ store: 1 }),
  ];
  for (const parts of wrong as PartToWrite[][]) {
    assert.throws(() => readCrafted(crafted(parts)), { code: "FORMAT_DAMAGED" });
  }
});

/** A body of one part of a table, whose rows begin at `row`: its live flags, then a column of one varint length. */
function tablePart(
  rows: number,
  row: number,
  column: number,
  block: readonly number[],
): Uint8Array {
  const out = new ByteWriter();
  const index = new ByteWriter();
  index.u8(1);
  index.varint(row);
  for (let i = 1; i < rows; i++) index.varint(0);
  for (const value of [0, 1, 0, 0, rows, index.length, 1, column, block.length]) out.varint(value);
  out.bytes(index.borrow());
  out.bytes(Uint8Array.from(block));
  return out.copy();
}

test("F5: a body makes no table larger than the limits, and none of no rows", () => {
  const wide = layoutOf(worldOf([tableSchema(["u32", "u8[65536]", "utf8"])]));
  const read = (bytes: Uint8Array): Image => {
    const image = new Image(wide);
    const codecs = bounded(limits.frameBodyBytes);
    for (const part of readBody(bytes, wide, codecs).parts) applyChanges(image, part, "forward");
    return image;
  };
  const flags = (rows: number): number[] => [1, 1, rows > 0 ? 1 : 0];
  assert.equal(read(tablePart(3, 5, 0, flags(3))).capacity(0), 64);
  const damaged: Readonly<Record<string, Uint8Array>> = {
    "no rows": tablePart(0, 0, 0, flags(0)),
    "more rows than a part lists": tablePart(limits.partRows + 1, 0, 0, flags(1)),
    "a row behind the last": tablePart(1, limits.tableRows, 0, [1, 1, 1]),
    "rows that take more memory than a state has": tablePart(1, 2 ** 20, 0, [1, 1, 1]),
    "a part of more bytes than a frame": tablePart(2000, 0, 2, [1, 1, 1]),
    "no index": Uint8Array.of(0, 1, 0, 0, 1, 0, 1, 0, 3, 1, 1, 1),
    "a chunk": Uint8Array.of(0, 1, 0, 1, 1, 2, 1, 0, 3, 1, 0, 1, 1, 1),
  };
  for (const [what, bytes] of Object.entries(damaged)) {
    assert.throws(() => read(bytes), { code: "FORMAT_DAMAGED" }, what);
  }
});

test("F5: a part of a derived store is refused, since none stands in a file", () => {
  const derived = layoutOf(worldOf([tableSchema(["u8"], "derived")]));
  const bytes = tablePart(1, 0, 0, [1, 1, 1]);
  assert.throws(() => readBody(bytes, derived, node), { code: "FORMAT_DAMAGED" });
});

test("F5: no count is believed that its bytes cannot hold", () => {
  const counts = [
    [0xff, 0xff, 0xff, 0xff, 0x0f],
    [0, 0xff, 0xff, 0xff, 0xff, 0x0f],
    [0, 1, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff, 0x0f],
    [0, 1, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0, 3],
  ];
  for (const bytes of counts) {
    assert.throws(() => readCrafted(Uint8Array.from(bytes)), { code: "FORMAT_DAMAGED" });
  }
  const index = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x08];
  assert.throws(() => readers["an index"]?.(Uint8Array.from(index)), { code: "FORMAT_DAMAGED" });
});

test("F5: a zstd frame that unpacks to more than it says is refused in the memory it says", () => {
  const bomb = node.zstdCompress(new Uint8Array(64 * 1024 * 1024));
  assert.throws(() => node.zstdDecompress(bomb, 1000), RangeError);
  assert.throws(() => node.zstdDecompress(bomb, 0), RangeError);
});
