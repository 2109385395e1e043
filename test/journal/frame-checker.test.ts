import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameChecker, isProblem, type ChainState } from "../../src/journal/frame-checker.ts";
import {
  FrameFlag,
  frameHeaderSize,
  FrameKind,
  PlaceChecksum,
  writeFrame,
  type FrameFields,
} from "../../src/format/frame.ts";
import { limits } from "../../src/limits.ts";
import { codecs } from "./small-run.ts";

const place = { uuid: new Uint8Array(16).fill(5), number: 3, generation: 0 };
const offset = 700;
const before: ChainState = {
  epoch: 4,
  previousChecksum: 99,
  lastTick: 10,
  lastGapTick: 10,
  continued: undefined,
};

const fields: FrameFields = {
  kind: FrameKind.delta,
  flags: 0,
  era: 0,
  epoch: 4,
  tick: 11,
  simTime: 11,
  wallTime: 0,
  baseDistance: 1,
  durableOffset: 600,
  changedElements: 1,
  previousChecksum: 99,
  historyDigest: new Uint8Array(16).fill(1),
};

function frame(changes: Partial<FrameFields> = {}, at = place, from = offset): Uint8Array {
  const body = Uint8Array.of(1, 2, 3, 4);
  const room = new Uint8Array(frameHeaderSize + body.length);
  writeFrame(room, { ...fields, ...changes }, body, new PlaceChecksum(codecs, at), from);
  return room;
}

/** Whether the bytes are the next valid frame; a problem that is thrown counts as one that is returned. */
function isValid(bytes: Uint8Array, state: Partial<ChainState> = {}, from = offset): boolean {
  const checker = new FrameChecker(codecs, place, { ...before, ...state });
  try {
    return !isProblem(checker.next(bytes, 0, from));
  } catch (error) {
    if ((error as { code?: unknown }).code === undefined) throw error;
    return false;
  }
}

test("F4: every flipped bit of a frame makes it invalid", () => {
  const bytes = frame();
  assert(isValid(bytes));
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert(!isValid(flipped), `bit ${bit}`);
  }
});

test("F4: a frame that is cut at any byte is invalid", () => {
  const bytes = frame();
  for (let length = 0; length < bytes.length; length++) assert(!isValid(bytes.subarray(0, length)));
});

test("F4: a frame of another run, segment, generation, offset or writer is never valid", () => {
  const otherRun = new Uint8Array(16).fill(5);
  otherRun[7] = 6;
  const elsewhere: Record<string, Uint8Array> = {
    run: frame({}, { ...place, uuid: otherRun }),
    segment: frame({}, { ...place, number: 2 }),
    generation: frame({}, { ...place, generation: 1 }),
    offset: frame({}, place, offset + frame().length),
    "an earlier writer": frame({ epoch: 3 }),
  };
  for (const [what, bytes] of Object.entries(elsewhere)) assert(!isValid(bytes), what);
  assert(!isValid(frame(), {}, offset + 4), "moved");
  const relabelled = frame();
  new DataView(relabelled.buffer).setUint32(12, 5, true);
  assert(!isValid(relabelled), "an epoch that was written over");
});

test("J7: a frame that names another one before it is not the next", () => {
  assert(!isValid(frame({ previousChecksum: 98 })));
  assert(isValid(frame(), { previousChecksum: 99 }));
});

test("F4: the order of section 4 is part of what makes a frame valid", () => {
  const { keyframe, delta, gap } = FrameKind;
  const cases: [
    name: string,
    valid: boolean,
    changes: Partial<FrameFields>,
    state?: Partial<ChainState>,
  ][] = [
    ["the next delta", true, {}],
    ["a later writer", true, { epoch: 5 }],
    ["a delta over a gap", true, { tick: 16, baseDistance: 6 }, { lastGapTick: 15 }],
    ["a delta into a gap", false, { tick: 14, baseDistance: 4 }, { lastGapTick: 15 }],
    ["a delta from nowhere", false, { tick: 12, baseDistance: 1 }],
    ["a delta that stands still", false, { tick: 10, baseDistance: 0 }],
    ["a gap", true, { kind: gap, tick: 12, baseDistance: 2 }],
    ["a gap behind a gap", true, { kind: gap, tick: 20, baseDistance: 5 }, { lastGapTick: 15 }],
    ["a gap inside a gap", false, { kind: gap, tick: 20, baseDistance: 10 }, { lastGapTick: 15 }],
    ["an empty gap", false, { kind: gap, tick: 10, baseDistance: 0 }],
    ["a redundant keyframe", true, { kind: keyframe, tick: 10, baseDistance: 0 }],
    [
      "the first keyframe",
      true,
      { kind: keyframe, flags: FrameFlag.required, tick: 0 },
      { lastTick: -1, lastGapTick: -1 },
    ],
    ["a delta first", false, { tick: 0, baseDistance: 1 }, { lastTick: -1, lastGapTick: -1 }],
    ["a redundant keyframe first", false, { kind: keyframe }, { lastTick: -1, lastGapTick: -1 }],
  ];
  for (const [name, valid, changes, state] of cases) {
    assert.equal(isValid(frame({ kind: delta, ...changes }), state), valid, name);
  }
});

test("F2: a continued group goes on with its own kind and tick, and with nothing else", () => {
  const checker = new FrameChecker(codecs, place, before);
  const first = checker.next(frame({ flags: FrameFlag.continued }), 0, offset);
  assert(!isProblem(first));
  assert.equal(checker.state.lastTick, 10, "a tick counts once its last frame is there");
  const state = checker.state;
  const { checksum: previousChecksum } = first;
  assert(isValid(frame({ previousChecksum }), state));
  assert(!isValid(frame({ previousChecksum, tick: 12 }), state));
  assert(!isValid(frame({ previousChecksum, kind: FrameKind.mark }), state));
  assert(!isProblem(checker.next(frame({ previousChecksum }), 0, offset)));
  assert.equal(checker.state.lastTick, 11);
});

test("F5: a length of more than a frame's limit, or of less than a header, asks for no memory", () => {
  for (const length of [0, 95, limits.frameBodyBytes + frameHeaderSize + 1, 2 ** 32 - 1]) {
    const bytes = frame();
    new DataView(bytes.buffer).setUint32(4, length, true);
    assert.equal(FrameChecker.lengthAt(bytes, 0), frameHeaderSize);
  }
  assert.equal(FrameChecker.lengthAt(frame(), 0), frame().length);
  assert.equal(FrameChecker.lengthAt(new Uint8Array(10), 0), frameHeaderSize);
});
