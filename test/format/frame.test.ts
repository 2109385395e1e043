import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FrameFlag,
  frameHeaderSize,
  FrameKind,
  isHeaderIntact,
  PlaceChecksum,
  readFrameHeader,
  writeFrame,
  type FrameFields,
} from "../../src/format/frame.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { seededRandom } from "../../src/testing/index.ts";

const codecs = await nodeCodecs();
const u32 = fc.nat(2 ** 32 - 1);
const digest = fc.uint8Array({ minLength: 16, maxLength: 16 });

const fields: fc.Arbitrary<FrameFields> = fc.record({
  kind: fc.nat(255),
  flags: fc.constantFrom(
    0,
    FrameFlag.continued,
    FrameFlag.required,
    FrameFlag.continued | FrameFlag.required,
  ),
  era: fc.nat(2 ** 16 - 1),
  epoch: u32,
  tick: fc.maxSafeNat(),
  simTime: fc.double(),
  wallTime: fc.double(),
  baseDistance: u32,
  durableOffset: u32,
  changedElements: u32,
  previousChecksum: u32,
  historyDigest: digest,
  stateDigest: fc.option(digest, { nil: undefined }),
});

const run = { uuid: seededRandom(1).bytes(16), number: 3, generation: 1 };
const place = new PlaceChecksum(codecs, run);

function frameOf(given: FrameFields, body: Uint8Array, offset = 700): Uint8Array {
  const room = new Uint8Array(frameHeaderSize + body.length);
  writeFrame(room, given, body, place, offset);
  return room;
}

test("F2: the fields of a frame read back, at any place in memory", () => {
  fc.assert(
    fc.property(fields, fc.uint8Array({ maxLength: 50 }), fc.nat(9), (given, body, shift) => {
      const memory = new Uint8Array(shift + frameHeaderSize + body.length);
      const room = memory.subarray(shift);
      const checksum = writeFrame(room, given, body, place, 700);
      const header = readFrameHeader(memory, shift);
      assert(header !== undefined);
      const { length, bodyChecksum, checksum: stored, stateDigest, flags, ...rest } = header;
      const { stateDigest: givenDigest, flags: givenFlags, ...givenRest } = given;
      assert.deepEqual(rest, givenRest);
      assert.deepEqual(stateDigest, givenDigest ?? new Uint8Array(16));
      assert.equal(flags, givenFlags | (givenDigest === undefined ? 0 : FrameFlag.stateDigest));
      assert.deepEqual([length, stored], [room.length, checksum]);
      assert.equal(bodyChecksum, place.of(body, given.epoch, 700));
      assert(isHeaderIntact(memory, shift, header, place, 700));
      assert.deepEqual(memory.subarray(shift + frameHeaderSize), body);
    }),
    { seed: 1, numRuns: 200 },
  );
});

const some: FrameFields = {
  kind: FrameKind.delta,
  flags: 0,
  era: 2,
  epoch: 5,
  tick: 1000,
  simTime: 0.5,
  wallTime: 1e12,
  baseDistance: 1,
  durableOffset: 600,
  changedElements: 7,
  previousChecksum: 99,
  historyDigest: new Uint8Array(16).fill(1),
};

test("F2: changed elements beyond 32 bits are counted as the most that fits", () => {
  const header = readFrameHeader(frameOf({ ...some, changedElements: 2 ** 40 }, new Uint8Array(0)));
  assert.equal(header?.changedElements, 2 ** 32 - 1);
});

test("F4: the checksums cover the place: run, segment, generation, epoch and offset", () => {
  const body = Uint8Array.of(1, 2, 3);
  const frame = frameOf(some, body);
  const header = readFrameHeader(frame)!;
  const uuid = run.uuid.slice();
  uuid[15]! ^= 1;
  const elsewhere: [string, PlaceChecksum, number][] = [
    ["run", new PlaceChecksum(codecs, { ...run, uuid }), 700],
    ["segment", new PlaceChecksum(codecs, { ...run, number: 4 }), 700],
    ["generation", new PlaceChecksum(codecs, { ...run, generation: 2 }), 700],
    ["offset", place, 701],
    ["offset by 2^16", place, 700 + 2 ** 16],
  ];
  for (const [what, other, offset] of elsewhere) {
    assert(!isHeaderIntact(frame, 0, header, other, offset), what);
    assert.notEqual(other.of(body, header.epoch, offset), header.bodyChecksum, what);
  }
  assert.notEqual(place.of(body, header.epoch + 1, 700), header.bodyChecksum, "epoch");
});

test("F4: every flipped bit of a header is seen by its own checksum", () => {
  const frame = frameOf(some, new Uint8Array(0));
  for (let bit = 0; bit < 8 * frameHeaderSize; bit++) {
    const flipped = frame.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const header = readFrameHeader(flipped);
    assert(header === undefined || !isHeaderIntact(flipped, 0, header, place, 700), `bit ${bit}`);
  }
});

test("F5: bytes without the magic, or too few, hold no header", () => {
  const frame = frameOf(some, new Uint8Array(0));
  assert.equal(readFrameHeader(new Uint8Array(0)), undefined);
  assert.equal(readFrameHeader(frame.subarray(1)), undefined);
  assert.equal(readFrameHeader(frame, 1), undefined);
  assert.equal(readFrameHeader(frame.subarray(0, frameHeaderSize - 1)), undefined);
});
