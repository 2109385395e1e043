import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  applyChanges,
  ChangeFinder,
  changedElements,
  type StoreChanges,
} from "../../src/format/changes.ts";
import { bytesOf } from "../../src/format/bytes.ts";
import { Image } from "../../src/format/image.ts";
import { numbersOf, widths } from "../../src/format/column-types.ts";
import {
  fixedBytes,
  isGrowing,
  isInKeyframes,
  layoutOf,
  rowBytes,
  type StoreLayout,
} from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import type { NumericType } from "../../src/types.ts";
import {
  differences,
  differencesIn,
  edgesSchema,
  gridSchema,
  logSchema,
  numericTypes,
  statesOf,
  tableSchema,
  valueSchema,
  worldOf,
  worlds,
} from "./arbitraries.ts";

const codecs = await nodeCodecs();

/** The changes of every store; each is used before the next is sought, since the finder reuses its buffers. */
function eachChange(from: Image, to: Image, use: (changes: StoreChanges) => void): void {
  const finder = new ChangeFinder(codecs);
  for (const store of from.layout.stores) {
    use(finder.between(store, from.stores[store.number], to.stores[store.number]!));
  }
}

function assertSame(a: Image, b: Image): void {
  assert.deepEqual(differences(a, b), []);
}

test("F2: the finder finds what looking at every element finds", () => {
  fc.assert(
    fc.property(
      worlds,
      fc.nat(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (world, seed, share) => {
        const { from, to } = statesOf(world, seed, share);
        const found: ReturnType<typeof differencesIn> = [];
        eachChange(from, to, (changes) => {
          const those = differencesIn([changes], from);
          assert.equal(changedElements(changes), those.length);
          found.push(...those);
        });
        assert.deepEqual(found, differences(from, to));
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

test("F2: changes lead forwards to the one state and back to the other", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { layout, from, to } = statesOf(world, seed);
      const moving = new Image(layout);
      moving.copyFrom(from);
      eachChange(from, to, (changes) => applyChanges(moving, changes, "forward"));
      assertSame(moving, to);
      eachChange(from, to, (changes) => applyChanges(moving, changes, "back"));
      assertSame(moving, from);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("F1: the changes from nothing are those from an untouched state", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { layout, to } = statesOf(world, seed);
      const nothing = new Image(layout);
      const finder = new ChangeFinder(codecs);
      const found = layout.stores.flatMap((store) => {
        return differencesIn([finder.between(store, undefined, to.stores[store.number]!)], nothing);
      });
      assert.deepEqual(found, differences(nothing, to));
    }),
    { seed: 3, numRuns: 100 },
  );
});

test("F2: pieces are the same changes, cut where a slab of chunks ends once it has many rows", () => {
  const shapes: readonly (readonly (readonly [number, number])[])[] = [
    [
      [40, 7],
      [100, 30],
      [50, 50],
    ],
    [[300_000, 1000]],
    [
      [3, 1],
      [100_000, 100_000],
    ],
  ];
  for (const [number, axes] of shapes.entries()) {
    const layout = layoutOf(worldOf([gridSchema("u16", axes)]));
    const [store] = layout.stores as [StoreLayout];
    const image = new Image(layout);
    const { bytes } = image.column(0, 0);
    for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + number) % 251;
    const whole = new ChangeFinder(codecs).between(store, undefined, image.stores[0]!).columns[0]!;
    const [index, xor]: [number[], number[]] = [[], []];
    let count = 0;
    for (const piece of new ChangeFinder(codecs).pieces(store, undefined, image.stores[0]!)) {
      const [column] = piece.columns;
      count += 1;
      assert(column !== undefined && column.index.length > 0);
      for (const row of column.index) index.push(row);
      for (const byte of column.xor) xor.push(byte);
    }
    assert(count > 1);
    assert.deepEqual(Uint32Array.from(index), whole.index);
    assert.deepEqual(Uint8Array.from(xor), whole.xor);
  }
});

/** Pairs of bits that a comparison of values would take for equal, or for different. */
const telling: Partial<Record<NumericType, readonly [bigint, bigint][]>> = {
  f16: [
    [0x0000n, 0x8000n],
    [0x7e00n, 0x7e01n],
    [0x7e00n, 0xfe00n],
  ],
  f32: [
    [0n, 0x8000_0000n],
    [0x7fc0_0000n, 0x7fc0_0001n],
    [0x7f80_0001n, 0x7fc0_0001n],
  ],
  f64: [
    [0n, 1n << 63n],
    [0x7ff8n << 48n, (0x7ff8n << 48n) + 1n],
    [(0x7ff0n << 48n) + 1n, 0x7ff8n << 48n],
  ],
};

for (const type of numericTypes) {
  const width = widths[type];
  const world = worldOf([gridSchema(type, [[3, 3]]), valueSchema([type])]);
  const pairs: readonly [bigint, bigint][] = telling[type] ?? [
    [0n, 1n],
    [0n, 1n << BigInt(8 * width - 1)],
  ];

  test(`F2: ${type} is compared by its bits: −0, payloads of NaN, the highest bit`, () => {
    const layout = layoutOf(world);
    for (const [a, b] of pairs) {
      const [from, to] = [a, b].map((bits) => {
        const image = new Image(layout);
        const element = bytesOf(BigUint64Array.of(bits)).subarray(0, width);
        image.column(0, 0).bytes.set(element, width);
        image.column(1, 0).bytes.set(element);
        return image;
      }) as [Image, Image];
      const found = differences(from, to).map(({ store, row }) => [store, row]);
      assert.deepEqual(found, [
        [0, 1],
        [1, 0],
      ]);
      eachChange(from, from, (changes) =>
        assert.equal(changes.columns.length, 0, "equal bits, also of NaN"),
      );
      const moving = new Image(layout);
      moving.copyFrom(from);
      eachChange(from, to, (changes) => applyChanges(moving, changes, "forward"));
      assertSame(moving, to);
    }
  });

  test(`F2: a large grid of ${type} is searched to its last element, page by page`, () => {
    const rows = 3 * 4096 + 5;
    const large = layoutOf(worldOf([gridSchema(type, [[rows, rows]])]));
    const [from, to] = [new Image(large), new Image(large)];
    const touched = [0, 4095, 4096, 8191, rows - 1];
    for (const row of touched) to.column(0, 0).bytes[row * width + width - 1] = 1;
    const found = new ChangeFinder(codecs).between(large.stores[0]!, from.stores[0], to.stores[0]!);
    assert.deepEqual([...(found.columns[0]?.index ?? [])], touched);
  });
}

test("F2: memory of a caller is compared where it lies, at any offset that its type allows", () => {
  const layout = layoutOf(worldOf([gridSchema("u16", [[2000, 2000]])]));
  const from = new Image(layout);
  const lent = new Uint16Array(2001).subarray(1);
  lent[1999] = 0xabcd;
  const columns = [{ bytes: bytesOf(lent), values: [] }];
  const [column] = new ChangeFinder(codecs).between(
    layout.stores[0]!,
    from.stores[0],
    columns,
  ).columns;
  assert.deepEqual([[...column!.index], [...column!.xor]], [[1999], [0xcd, 0xab]]);
});

test("F2: a layout says which rows grow, which stand once, and what stands nowhere", () => {
  const layout = layoutOf(
    worldOf([
      tableSchema(["u32", "f32[3]", "utf8", "uuid"]),
      edgesSchema("u32", "h3", ["f64"], "static"),
      logSchema(["u8"], "observed"),
      gridSchema("u8", [[5, 5]], "derived"),
      tableSchema(["u32"], "derived"),
    ]),
  );
  const [flock, roads, news, heat, sums] = layout.stores as [StoreLayout, ...StoreLayout[]];
  assert.deepEqual(
    flock.columns.map(({ name, base, width, unit }) => [name, base, width, unit]),
    [
      ["$live", "u8", 1, 1],
      ["c0", "u32", 4, 4],
      ["c1", "f32", 12, 4],
      ["c2", "u8", 0, 0],
      ["c3", "u8", 16, 16],
    ],
  );
  assert.deepEqual(
    roads!.columns.map(({ name, width }) => [name, width]),
    [
      ["$live", 1],
      ["from", 4],
      ["to", 8],
      ["c0", 8],
    ],
  );
  assert.deepEqual(
    layout.stores.map(({ digestNumber }) => digestNumber),
    [0, 1, -1, -1, -1, 2],
  );
  assert.deepEqual(layout.stores.map(isInKeyframes), [true, false, false, false, false, true]);
  assert.deepEqual(layout.stores.map(isGrowing), [true, true, true, false, true, false]);
  assert.deepEqual([heat!.columns, sums!.columns], [[], []]);
  assert.deepEqual([rowBytes(flock), news!.rows, fixedBytes(layout)], [33, limits.tableRows, 16]);
});

test("F5: an image grows by doubling, keeps what it holds, and not beyond the limits", () => {
  const layout = layoutOf(worldOf([tableSchema(["u32", "utf8"])]));
  const [store] = layout.stores as [StoreLayout];
  const image = new Image(layout);
  const capacities = [0, 1, 64, 65, 100, 129, 1000, 1000].map((rows) => {
    image.reserve(store, rows);
    return image.capacity(0);
  });
  assert.deepEqual(capacities, [0, 64, 64, 128, 128, 256, 1000, 1000]);
  image.column(0, 0).bytes[999] = 1;
  image.column(0, 2).values[999] = Uint8Array.of(5);
  image.reserve(store, 1001);
  assert.deepEqual([image.column(0, 0).bytes[999], image.column(0, 2).values[999]?.[0]], [1, 5]);
  assert.equal(image.column(0, 2).values.length, image.capacity(0));
  for (const rows of [limits.tableRows + 1, 2 ** 32, 2 ** 53]) {
    assert.throws(() => image.reserve(store, rows), { code: "FORMAT_DAMAGED" });
  }
  assert.equal(image.capacity(0), 2000);

  const copy = new Image(layout);
  copy.reserve(store, 3000);
  copy.column(0, 0).bytes.fill(1);
  copy.column(0, 2).values.fill(Uint8Array.of(9));
  copy.copyFrom(image);
  assert.deepEqual(differences(copy, image), [], "what lies behind the copy became nothing");
  copy.clear();
  assert.deepEqual(differences(copy, new Image(layout)), []);
});

test("F2: a layout counts rows, widths and bytes as the page says", () => {
  const world = worldOf([
    gridSchema("u16", [
      [3, 2],
      [4, 4],
    ]),
    valueSchema(["f64", "utf8"], "observed"),
    valueSchema(["i8"]),
  ]);
  const layout = layoutOf(world);
  assert.deepEqual(
    layout.stores.map(({ digestNumber }) => digestNumber),
    [0, -1, 1, 2],
  );
  assert.deepEqual(
    layout.stores.map(({ rows }) => rows),
    [12, 1, 1, 1],
  );
  assert.equal(layout.randomStore, 3);
  assert.equal(fixedBytes(layout), 12 * 2 + 8 + 1 + 16);
  for (const type of numericTypes) {
    assert.equal(numbersOf(type, new Uint8Array(16)).BYTES_PER_ELEMENT, widths[type]);
  }
});
