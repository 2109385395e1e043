import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOfHex, hexOf } from "../../src/format/bytes.ts";
import { ChangeFinder, type StoreChanges } from "../../src/format/changes.ts";
import { Digester, schemaHashOf, type StoreDigest } from "../../src/format/digest.ts";
import { Image, type ColumnImage } from "../../src/format/image.ts";
import { isGrowing, layoutOf } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import type { Role, StoreSchema, WorldSchema } from "../../src/types.ts";
import {
  differences,
  gridSchema,
  statesOf,
  tableSchema,
  valueSchema,
  worldOf,
  worlds,
} from "./arbitraries.ts";
import {
  naiveHistoryDigest,
  naiveSchemaHash,
  naiveStateDigest,
  naiveStoreDigests,
  xxh3,
} from "./naive-digest.ts";

const codecs = await nodeCodecs();

/** The digests of all stores that changed and count. */
function digestsOf(from: Image | undefined, to: Image): StoreDigest[] {
  const [digester, finder] = [new Digester(codecs), new ChangeFinder(codecs)];
  return to.layout.stores.flatMap((store) => {
    if (store.digestNumber < 0) return [];
    const changes = finder.between(store, from?.stores[store.number], to.stores[store.number]!);
    return changes.columns.length === 0 ? [] : [digester.changes(changes, to)];
  });
}

const asMap = (digests: readonly StoreDigest[]): Map<number, string> => {
  return new Map(digests.map(({ number, digest }) => [number, hexOf(digest)]));
};

test("F3: XXH3-128 is the published one, in canonical form", () => {
  // The reference implementation's own value for no bytes.
  assert.equal(xxh3([]), "99aa06d3014798d86001c324468d497f");
  const hash = codecs.xxh3();
  hash.reset();
  hash.update(new Uint8Array(0));
  assert.equal(hexOf(hash.digest()), "99aa06d3014798d86001c324468d497f");
});

test("F3: digests of changes, history and state are those of the page", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), fc.maxSafeNat(), (world, seed, tick) => {
      const { from, to } = statesOf(world, seed);
      const digests = digestsOf(from, to);
      const naive = naiveStoreDigests(to, differences(from, to));
      assert.deepEqual(asMap(digests), naive);

      assert.equal(hexOf(schemaHashOf(world)), naiveSchemaHash(world));
      const previous = schemaHashOf(world);
      const history = new Digester(codecs).history(previous, tick, digests);
      assert.equal(hexOf(history), naiveHistoryDigest(hexOf(previous), tick, naive));

      const state = new Digester(codecs).state(schemaHashOf(world), digestsOf(undefined, to));
      assert.equal(hexOf(state), naiveStateDigest(world, to));
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** A grid of so many rows, of which every `stride`th is set. */
function striped(type: "u8" | "f64", rows: number, stride: number): { from: Image; to: Image } {
  const layout = layoutOf(worldOf([gridSchema(type, [[rows, 1000]])]));
  const [from, to] = [new Image(layout), new Image(layout)];
  const width = type === "u8" ? 1 : 8;
  const { bytes } = to.column(0, 0);
  for (let row = 0; row < rows; row += stride)
    bytes.fill(1 + (row % 255), row * width, row * width + width);
  return { from, to };
}

test("F3: a span is 65,536 rows, and spans without changes leave no trace", () => {
  const cases = [
    striped("u8", 65_537, 1),
    striped("f64", 140_000, 7),
    striped("u8", 262_145, 131_072),
    striped("f64", 131_073, 65_536),
  ];
  for (const { from, to } of cases) {
    assert.deepEqual(asMap(digestsOf(from, to)), naiveStoreDigests(to, differences(from, to)));
  }
});

test("F3: a digest is the same whether changes come in one piece or in many", () => {
  const { from, to } = striped("f64", 200_000, 3);
  const [store] = to.layout.stores;
  assert(store !== undefined);
  const whole = new ChangeFinder(codecs).between(store, from.stores[0], to.stores[0]!);
  const digester = new Digester(codecs);
  const expected = hexOf(digester.changes(whole, to).digest);
  const column = whole.columns[0]!;
  for (const sizes of [[1, 5, 60_000], [21_846, 1, 100_000], [65_536], [7000]]) {
    digester.begin();
    for (let at = 0, turn = 0; at < column.index.length; turn++) {
      const end = at + sizes[turn % sizes.length]!;
      const xor = column.xor.subarray(at * 8, end * 8);
      const piece: StoreChanges = {
        store,
        columns: [{ ...column, index: column.index.subarray(at, end), xor }],
      };
      digester.add(piece, to);
      at = end;
    }
    assert.equal(hexOf(digester.end(store, to).digest), expected);
  }
});

test("F3: observed stores are outside every digest, and their place leaves no trace", () => {
  const counted = [gridSchema("u8", [[5, 5]]), valueSchema(["utf8", "f64"])] as const;
  const plain = worldOf([...counted]);
  const looking = worldOf([counted[0], gridSchema("f32", [[9, 9]], "observed"), counted[1]]);
  // Names count: they are the same in both worlds, up to the store that is only looked at.
  const renamed = {
    ...looking,
    stores: looking.stores.map((store) => (store.name === "s2" ? { ...store, name: "s1" } : store)),
  };
  assert.deepEqual(schemaHashOf(renamed), schemaHashOf(plain));
  const { to } = statesOf(plain, 5);
  const other = new Image(layoutOf(looking));
  other.column(0, 0).bytes.set(to.column(0, 0).bytes);
  other.column(1, 0).bytes.fill(77);
  other.column(2, 0).values[0] = to.column(1, 0).values[0]!;
  other.column(2, 1).bytes.set(to.column(1, 1).bytes);
  for (const column of [0, 1, 2, 3]) other.column(3, column).bytes.set(to.column(2, column).bytes);
  assert.deepEqual(digestsOf(undefined, other), digestsOf(undefined, to));
});

test("F3: observed and derived stores of any kind leave no trace", () => {
  fc.assert(
    fc.property(worlds, worlds, fc.nat(), (counted, other, seed) => {
      const roles = ["observed", "derived"] as const;
      const looked = other.stores.slice(0, -1).map((store, i): StoreSchema => {
        const role = store.kind === "log" ? "observed" : roles[i % 2];
        return { ...store, name: `x${i}`, role: role as Role };
      });
      const mixed = { ...counted, stores: [...looked, ...counted.stores] };
      assert.deepEqual(schemaHashOf(mixed), schemaHashOf(counted));

      const { from, to } = statesOf(counted, seed);
      const drawn = statesOf(mixed, seed + 7);
      for (const [image, own] of [
        [from, drawn.from],
        [to, drawn.to],
      ] as const) {
        counted.stores.forEach((_, number) => {
          own.copyStore(number + looked.length, image.stores[number] as readonly ColumnImage[]);
        });
      }
      assert.deepEqual(digestsOf(drawn.from, drawn.to), digestsOf(from, to));
    }),
    { seed: 6, numRuns: 60 },
  );
});

test("F3: memory that is reserved for rows, and nothing in it, is no difference", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), fc.integer({ min: 1, max: 500 }), (world, seed, rows) => {
      const { layout, from, to } = statesOf(world, seed);
      const roomy = new Image(layout);
      roomy.copyFrom(to);
      for (const store of layout.stores.filter(isGrowing)) roomy.reserve(store, rows);
      assert.deepEqual(digestsOf(from, roomy), digestsOf(from, to));
      assert.deepEqual(digestsOf(to, roomy), []);
      assert.deepEqual(digestsOf(roomy, to), []);
    }),
    { seed: 7, numRuns: 60 },
  );
});

test("F3: the digest of a static store is one of the state, as that of any causal one", () => {
  const worldIn = (role: Role): WorldSchema => worldOf([tableSchema(["u32", "utf8"], role)]);
  const [causal, still] = [worldIn("causal"), worldIn("static")];
  assert.notDeepEqual(schemaHashOf(causal), schemaHashOf(still), "roles are part of the schema");
  const [a, b] = [statesOf(causal, 3), statesOf(still, 3)];
  assert.deepEqual(digestsOf(a.from, a.to), digestsOf(b.from, b.to));
  assert(digestsOf(undefined, b.to).some(({ number }) => number === 0));
});

test("F3: the tick, the order of stores and a single bit each change the history", () => {
  const digester = new Digester(codecs);
  const start = bytesOfHex("00".repeat(16));
  const one = { number: 0, digest: bytesOfHex("11".repeat(16)) };
  const two = { number: 1, digest: bytesOfHex("22".repeat(16)) };
  const histories = [
    digester.history(start, 1, [one, two]),
    digester.history(start, 2, [one, two]),
    digester.history(start, 1 + 2 ** 32, [one, two]),
    digester.history(start, 1, [
      { ...one, number: 1 },
      { ...two, number: 0 },
    ]),
    digester.history(start, 1, [one]),
    digester.history(bytesOfHex(`01${"00".repeat(15)}`), 1, [one, two]),
  ];
  assert.equal(new Set(histories.map(hexOf)).size, histories.length);
});
