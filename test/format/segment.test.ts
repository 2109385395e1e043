import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isEverytickError } from "../../src/errors.ts";
import { canonicalJson } from "../../src/format/json.ts";
import {
  readSegmentHeader,
  segmentHeaderLength,
  writeSegmentHeader,
  type SegmentHeader,
} from "../../src/format/segment.ts";
import { sha256 } from "../../src/format/sha256.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { gridSchema, worldOf, worlds } from "./arbitraries.ts";

const codecs = await nodeCodecs();
const u32 = fc.nat(2 ** 32 - 1);
const random = seededRandom(1);
const world = worldOf([gridSchema("u8", [[4, 2]])]);

const small: Omit<SegmentHeader, "length"> = {
  uuid: random.bytes(16),
  number: 2,
  generation: 0,
  firstTick: 17,
  plannedSize: 0,
  epoch: 3,
  historyDigest: random.bytes(16),
  worldHash: sha256(canonicalJson(world, "world")),
  world,
};
const bytes = writeSegmentHeader(small, codecs);

/** The header with some of its bytes changed and its checksum made right again. */
function forged(change: (view: DataView, copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  change(view, copy);
  view.setUint32(copy.length - 4, codecs.crc32(copy.subarray(0, -4)), true);
  return copy;
}

const read = (given: Uint8Array): SegmentHeader => readSegmentHeader(given, "a.seg", codecs);

test("F2: a segment header reads back, with whatever follows it", () => {
  const numbers = fc.record({
    number: u32,
    generation: u32,
    epoch: u32,
    firstTick: fc.maxSafeNat(),
    plannedSize: fc.maxSafeNat(),
  });
  fc.assert(
    fc.property(worlds, numbers, fc.uint8Array(), (any, given, rest) => {
      const header = { ...small, ...given, world: any };
      const written = writeSegmentHeader(header, codecs);
      assert.equal(segmentHeaderLength(written.subarray(0, 16)), written.length);
      assert.deepEqual(read(Uint8Array.of(...written, ...rest)), {
        ...header,
        length: written.length,
      });
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("F4: a segment header that is cut at any byte is refused", () => {
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => read(bytes.subarray(0, length)),
      { code: "FORMAT_DAMAGED" },
      `${length} bytes`,
    );
  }
});

test("F4: every flipped bit of a segment header is refused", () => {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    // What the rest of a newer format would look like is not known, so its checksum cannot be asked first.
    const isVersion = bit >> 4 === 4;
    const code = isVersion ? "FORMAT_NEWER" : "FORMAT_DAMAGED";
    assert.throws(() => read(flipped), { code }, `bit ${bit}`);
  }
});

test("F6: a newer format is refused with both versions and what to do", () => {
  const newer = forged((view) => view.setUint16(8, 1, true));
  assert.throws(
    () => read(newer),
    (error) => {
      assert(isEverytickError(error, "FORMAT_NEWER"));
      assert.deepEqual([error.details.expected, error.details.found], ["format 0", "format 1"]);
      assert.match(error.details.where ?? "", /a\.seg/);
      return error.details.next !== undefined;
    },
  );
});

test("F6: an unknown layout is refused", () => {
  const other = forged((view) => view.setUint16(10, 1, true));
  assert.throws(() => read(other), { code: "FORMAT_UNKNOWN" });
});

test("F5: a header with a right checksum around wrong content is a coded error", () => {
  const cases = [
    forged((view) => view.setUint32(60, 5, true)),
    forged((_, copy) => copy.fill(0x7b, 112, 120)),
    forged((_, copy) => copy.fill(0xff, 112, 120)),
    forged((_, copy) => copy.fill(0x20, 112, -4)),
  ];
  for (const given of cases) assert.throws(() => read(given), { code: "FORMAT_DAMAGED" });
});

test("F5: no length of a header is believed beyond its limit", () => {
  const huge = forged((view) => view.setUint32(12, 2 ** 32 - 1, true));
  assert.equal(segmentHeaderLength(huge), limits.segmentHeaderBytes);
  assert.equal(segmentHeaderLength(new Uint8Array(3)), 16);
  assert.throws(() => read(huge), { code: "FORMAT_DAMAGED" });
  const tiny = forged((view) => view.setUint32(12, 0, true));
  assert.throws(() => read(tiny), { code: "FORMAT_DAMAGED" });
});
