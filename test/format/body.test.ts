import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BodyWriter, joinParts, readBody, type Body } from "../../src/format/body.ts";
import { applyChanges, ChangeFinder } from "../../src/format/changes.ts";
import { DifferenceReader } from "../../src/format/difference-reader.ts";
import type { StoreDigest } from "../../src/format/digest.ts";
import { Image } from "../../src/format/image.ts";
import { layoutOf } from "../../src/format/layout.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import { plainCodecs, seededRandom } from "../../src/testing/index.ts";
import type { Codecs } from "../../src/types.ts";
import {
  differences,
  differencesIn,
  gridSchema,
  statesOf,
  valueSchema,
  worldOf,
  worlds,
} from "./arbitraries.ts";

const node = await nodeCodecs();
const plain = await plainCodecs();

interface Written {
  /** A keyframe, as changes from nothing. */
  readonly isWhole: boolean;
  readonly bodies: readonly Uint8Array[];
  readonly digests: readonly StoreDigest[];
}

/** Writes what leads from one state to another; `from` may be nothing. The digests only mark their stores. */
function write(
  from: Image | undefined,
  to: Image,
  bodyBytes?: number,
  codecs = node,
  isWhole = from === undefined,
): Written {
  const [bodies, digests]: [Uint8Array[], StoreDigest[]] = [[], []];
  const writer = new BodyWriter(codecs, (body) => bodies.push(body.slice()), bodyBytes);
  const finder = new ChangeFinder(codecs);
  for (const store of to.layout.stores) {
    if (store.columns.length === 0) continue;
    let changed = false;
    for (const piece of finder.pieces(
      store,
      from?.stores[store.number],
      to.stores[store.number]!,
    )) {
      writer.add(piece, isWhole || store.lifetime.rows === "tick");
      changed = true;
    }
    if (!changed || store.digestNumber < 0) continue;
    digests.push({ number: store.digestNumber, digest: new Uint8Array(16).fill(store.number) });
    writer.addDigest(digests.at(-1)!);
  }
  const last = isWhole ? writer.finishKeyframe() : writer.finishDelta();
  bodies.push(last.slice());
  return { isWhole, bodies, digests };
}

/** Reads bodies and holds everything they say against the two states. */
function checkRead(written: Written, from: Image, to: Image, codecs = node): void {
  const { isWhole, bodies, digests } = written;
  const read = readFrom(bodies, isWhole ? undefined : { image: from, side: "before" }, to, codecs);
  const parts = read.flatMap((body) => body.parts);
  assert.deepEqual(
    read.flatMap((body) => body.digests),
    digests,
  );
  assert.deepEqual(differencesIn(joinParts(parts), from), differences(from, to));

  const moving = new Image(to.layout);
  moving.copyFrom(from);
  for (const part of parts) applyChanges(moving, part, "forward");
  assert.deepEqual(differences(moving, to), []);
  if (!isWhole) {
    assert.deepEqual(readFrom(bodies, { image: moving, side: "after" }, to, codecs), read);
  }
  for (const part of parts.toReversed()) applyChanges(moving, part, "back");
  assert.deepEqual(differences(moving, from), []);
}

/** A keyframe is read without any state, a delta at the state on either side of it. */
function readFrom(
  bodies: readonly Uint8Array[],
  at: { readonly image: Image; readonly side: "before" | "after" } | undefined,
  { layout }: Image,
  codecs: Codecs,
): Body[] {
  const options = at && { differences: new DifferenceReader(at.image, at.side, undefined) };
  return bodies.map((body) => readBody(body, layout, codecs, options));
}

test("F2: reading gives the changes that were written, for every type and any bits", () => {
  const shares = fc.constantFrom(0, 0.02, 0.3, 0.9, 1);
  fc.assert(
    fc.property(worlds, fc.nat(), shares, fc.boolean(), (world, seed, share, packs) => {
      const { from, to } = statesOf(world, seed, share);
      const codecs = packs ? node : plain;
      checkRead(write(from, to, undefined, codecs), from, to, codecs);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("F2: a tick continued over many bodies is the same tick", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), fc.integer({ min: 1, max: 400 }), (world, seed, bodyBytes) => {
      const { from, to } = statesOf(world, seed);
      const written = write(from, to, bodyBytes);
      checkRead(written, from, to);
      for (const body of written.bodies.slice(0, -1)) assert(body.length >= bodyBytes);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test("F1: a keyframe is the changes from nothing, and read without a state", () => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const { layout, to } = statesOf(world, seed);
      const nothing = new Image(layout);
      const keyframe = write(undefined, to);
      assert.deepEqual(keyframe, write(nothing, to, undefined, node, true));
      checkRead(keyframe, nothing, to);
    }),
    { seed: 3, numRuns: 100 },
  );
});

const large = {
  "64 × 64 × 64 voxels": gridSchema("u8", [
    [64, 32],
    [64, 32],
    [64, 32],
  ]),
  "a plane with clipped chunks": gridSchema("u16", [
    [300, 64],
    [301, 70],
  ]),
  "one long axis": gridSchema("f64", [[90_001, 8192]]),
  "one chunk alone": gridSchema("i32", [
    [300, 300],
    [300, 300],
  ]),
} as const;

for (const [name, schema] of Object.entries(large)) {
  test(`F2, TAK-36: changes of more than 65,536 rows are cut by chunk and joined again: ${name}`, () => {
    const layout = layoutOf(worldOf([schema]));
    const [store] = layout.stores;
    assert(store !== undefined);
    const width = store.columns[0]?.width as number;
    for (const [seed, share] of [
      [1, 0.9],
      [2, 0.3],
      [3, 0.05],
    ] as const) {
      const random = seededRandom(seed);
      const [from, to] = [new Image(layout), new Image(layout)];
      from.column(0, 0).bytes.set(random.bytes(store.rows * width));
      to.copyFrom(from);
      const chosen = random.bytes(store.rows);
      const changed: number[] = [];
      for (let row = 0; row < store.rows; row++) {
        if ((chosen[row] as number) >= 256 * share) continue;
        to.column(0, 0).bytes[row * width + (row % width)]! ^= 1 + (row % 255);
        changed.push(row);
      }
      const { bodies } = write(from, to, 100_000);
      const read = readFrom(bodies, { image: from, side: "before" }, to, node);
      const parts = read.flatMap((body) => body.parts);
      const [joined, ...others] = joinParts(parts);
      assert.deepEqual(others, []);
      assert.deepEqual(joined?.columns[0]?.index, Uint32Array.from(changed));
      for (const part of parts) applyChanges(from, part, "forward");
      assert(node.equal(from.column(0, 0).bytes, to.column(0, 0).bytes));
      if (changed.length > limits.partRows && store.chunks!.count > 1) {
        assert(parts.length > 1, "a region can be read alone");
      }
    }
  });
}

test("F2, TAK-57: a sparse delta weighs a small part of the whole state", () => {
  const layout = layoutOf(worldOf([large["64 × 64 × 64 voxels"]]));
  const [from, to] = [new Image(layout), new Image(layout)];
  from.column(0, 0).bytes.set(seededRandom(4).bytes(64 ** 3));
  to.copyFrom(from);
  for (let row = 0; row < 64 ** 3; row += 200) to.column(0, 0).bytes[row]! ^= 1;
  const [delta, keyframe] = [write(from, to), write(undefined, to)];
  checkSmaller(delta.bodies[0]!.length, keyframe.bodies[0]!.length / 100);
  checkRead(delta, from, to);
});

function checkSmaller(bytes: number, than: number): void {
  assert(bytes < than, `${bytes} bytes, not below ${than}`);
}

test("F2: a value store keeps empty and huge values, and what they replaced", () => {
  const layout = layoutOf(worldOf([valueSchema(["utf8", "bytes", "json", "u8"])]));
  const images = [1, 2, 3].map((seed) => {
    const image = new Image(layout);
    const random = seededRandom(seed);
    const lengths = [
      [0, 300_000, 3],
      [200_000, 0, 0],
      [1, 5, 400_000],
    ][seed - 1]!;
    lengths.forEach((length, column) => (image.column(0, column).values[0] = random.bytes(length)));
    return image;
  }) as [Image, Image, Image];
  for (const [from, to] of [
    [0, 1],
    [1, 2],
    [2, 0],
    [0, 2],
  ] as const) {
    checkRead(write(images[from], images[to]), images[from], images[to]);
  }
});

test("F2: a record of many values at their limit stays within the frames that a reader accepts", () => {
  const columns = 5;
  const layout = layoutOf(worldOf([valueSchema(Array(columns).fill("bytes"))]));
  const image = new Image(layout);
  for (let column = 0; column < columns; column++) {
    image.column(0, column).values[0] = new Uint8Array(limits.valueBytes).fill(column);
  }
  // As if the values could not be packed.
  const stored = { ...node, zstdCompress: (bytes: Uint8Array) => bytes };
  for (const body of write(undefined, image, undefined, stored).bodies) {
    assert(body.length <= limits.frameBodyBytes, `${body.length} bytes in one frame`);
  }
});

test("F2: the writer is ready for the next tick, and for one without changes", () => {
  const { layout, from, to } = statesOf(worldOf([gridSchema("u8", [[9, 9]])]), 1);
  const full: Uint8Array[] = [];
  const writer = new BodyWriter(node, (body) => full.push(body.slice()), 1);
  assert.deepEqual([...writer.finishDelta()], [0, 0]);
  const [store] = layout.stores;
  writer.add(new ChangeFinder(node).between(store!, from.stores[0], to.stores[0]!), false);
  assert.equal(full.length, 1);
  assert.deepEqual([...writer.finishDelta()], [0, 0]);
  assert.deepEqual(readBody(writer.finishKeyframe(), layout, node), { digests: [], parts: [] });
});
