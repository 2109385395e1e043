/** Runs whose deltas are put together block by block, with every checksum and digest right. */
import { grid, log, table } from "everytick";
import { ByteReader, ByteWriter } from "../../src/format/bytes.ts";
import { FrameKind } from "../../src/format/frame.ts";
import type { MemoryVfs } from "../../src/testing/index.ts";
import {
  framesOf,
  headerOf,
  like,
  segmentOf,
  type FrameToForge,
  type ReadFrame,
} from "../journal/forge.ts";
import { putFile, segmentPaths } from "../journal/small-run.ts";
import { commits, historyOf, record } from "./recording.ts";

export const size = 20;
const ticks = 4;
const [countsStore, eventsStore, peopleStore] = [0, 1, 2];

/** Counts by which element *i* grows by *i* in each tick: at tick *t* it is *t* × *i*. */
export function countsAt(tick: number): Uint16Array {
  return Uint16Array.from({ length: size }, (_, i) => tick * i);
}

async function recorded(firstTick: number, style = {}, count = ticks): Promise<MemoryVfs> {
  const counts = countsAt(firstTick);
  const state = {
    counts: grid(counts, [size]),
    events: log({ n: "u8" }),
    people: table({ id: "uuid" }, { key: "id" }),
  };
  const vfs = await record(
    state,
    async (run) =>
      commits(run, count, (tick) => {
        counts.set(countsAt(firstTick + tick));
        if (tick === 1) run.state.events.append({ n: 5 });
      }),
    style,
  );
  return historyOf(vfs);
}

// --- Blocks ------------------------------------------------------------------------------------------------------

export type Block = readonly number[];

export interface Part {
  readonly store: number;
  readonly rows: number;
  readonly index: Block;
  readonly columns: readonly (readonly [column: number, block: Block])[];
}

const each = Array.from({ length: size }, (_, i) => i);
export const zeros: Block = [1, 0];
/** Zigzag of the differences, all below 256. */
export const growth: Block = each.map((i) => 2 * i);
export const differences: Block = [6, 0, ...growth, ...zeros];
export const second: Block = [7, ...zeros, ...zeros];

export function words(tick: number): Block {
  const [old, now] = [countsAt(tick - 1), countsAt(tick)];
  return [0, ...each.flatMap((i) => [(old[i]! ^ now[i]!) & 0xff, (old[i]! ^ now[i]!) >> 8])];
}

export function counts(block: Block, index: Block = [], rows = size): Part {
  return { store: countsStore, rows, index, columns: [[0, block]] };
}
export function event(block: Block): Part {
  const live = [0, [0, 1]] as const;
  return { store: eventsStore, rows: 1, index: [1, 0], columns: [live, [1, block]] };
}
export const event5 = event([0, 5]);
/** A row whose column of 16 bytes is this block. */
export function birth(block: Block): Part {
  const live = [0, [0, 1]] as const;
  return { store: peopleStore, rows: 1, index: [1, 0], columns: [live, [1, block]] };
}
export const gaps = (first: number, count: number): Block => [
  1,
  first,
  ...Array.from({ length: count - 1 }, () => 0),
];

/** The body of a frame with the same digests and other parts. */
function bodyLike({ body }: ReadFrame, parts: readonly Part[]): Uint8Array {
  const reader = new ByteReader(body, "a body");
  const count = reader.varint();
  const digests = reader.borrow(17 * count);
  const out = new ByteWriter();
  out.varint(count);
  out.bytes(digests);
  out.varint(parts.length);
  for (const { store, rows, index, columns } of parts) {
    for (const n of [store, 0, rows, index.length, columns.length]) out.varint(n);
    for (const [column, block] of columns) [column, block.length].forEach((n) => out.varint(n));
  }
  for (const { index, columns } of parts) {
    out.bytes(Uint8Array.from([...index, ...columns.flatMap(([, block]) => block)]));
  }
  return out.borrow().slice();
}

// --- Runs --------------------------------------------------------------------------------------------------------

const whole = await recorded(0);
const [path] = segmentPaths(whole) as [string];
const bytes = whole.read(path);
const frames = framesOf(bytes).slice(0, ticks + 1);
const { length: headerLength } = headerOf(bytes);

/** A redundant keyframe: the first frame of a run that began in that state, at the end of what `before` holds. */
async function keyframeOf(tick: number, before: ReadFrame): Promise<FrameToForge> {
  const other = await recorded(tick, {}, 1);
  const first = framesOf(other.read(segmentPaths(other)[0]!))[0]!;
  return like(
    before,
    {
      kind: FrameKind.keyframe,
      tick,
      flags: 2,
      baseDistance: 0,
      changedElements: 0,
      stateDigest: first.header.stateDigest,
    },
    first.body,
  );
}

/** Ticks from 1 on, at most 4, each with the block of its counts or the parts of them, and keyframes behind some. */
export interface Chain {
  readonly blocks: readonly (Block | readonly Part[])[];
  /** Behind the tick *at* a keyframe of the tick *of*. */
  readonly keyframes?: readonly { readonly at: number; readonly of: number }[];
  readonly first?: Block;
  /** Beside the counts of tick 1. */
  readonly others?: readonly Part[];
}

export async function chained({
  blocks,
  keyframes = [],
  first,
  others = [event5],
}: Chain): Promise<MemoryVfs> {
  const forged = [like(frames[0]!, {}, first && bodyLike(frames[0]!, [counts(first)]))];
  for (const [i, block] of blocks.entries()) {
    const frame = frames[i + 1]!;
    const parts = isOfParts(block) ? block : [counts(block)];
    forged.push(like(frame, {}, bodyLike(frame, [...parts, ...(i === 0 ? others : [])])));
    for (const { at, of } of keyframes) if (at === i + 1) forged.push(await keyframeOf(of, frame));
  }
  return withSegment(whole, path, segmentOf(headerOf(bytes), forged.map(notSynced(headerLength))));
}

function isOfParts(given: Block | readonly Part[]): given is readonly Part[] {
  return typeof given[0] === "object";
}

/** A frame that proves nothing durable. */
function notSynced(durableOffset: number): (frame: FrameToForge) => FrameToForge {
  return ({ fields, body }) => ({ fields: { ...fields, durableOffset }, body });
}

function withSegment(run: MemoryVfs, name: string, segment: Uint8Array): MemoryVfs {
  const copy = historyOf(run);
  putFile(copy, name, segment);
  return copy;
}

/** A second segment that begins with differences, then second ones, and only then has a keyframe. */
export async function lateKeyframe(block: Block): Promise<MemoryVfs> {
  const run = await recorded(0, { segmentBytesMin: 1 }, 60);
  const [, name] = segmentPaths(run) as [string, string];
  const segment = run.read(name);
  const deltas = framesOf(segment).filter(({ header }) => header.kind === FrameKind.delta);
  const [one, two] = deltas as [ReadFrame, ReadFrame];
  const forged = [
    like(one, {}, bodyLike(one, [counts(differences)])),
    like(two, {}, bodyLike(two, [counts(block)])),
    await keyframeOf(two.header.tick, two),
  ];
  const { length } = headerOf(segment);
  const cut = withSegment(run, name, segmentOf(headerOf(segment), forged.map(notSynced(length))));
  for (const later of segmentPaths(run).slice(2)) cut.remove(later);
  return cut;
}
