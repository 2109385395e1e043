/** Deltas one after the other as a journal has them, written and held against what every reader must find in them. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { partHeads } from "../../src/format/block-heads.ts";
import { BodyWriter, joinParts, readBody } from "../../src/format/body.ts";
import { applyChanges, ChangeFinder, type StoreChanges } from "../../src/format/changes.ts";
import { DifferenceReader, MissingDifferences } from "../../src/format/difference-reader.ts";
import { Image } from "../../src/format/image.ts";
import type { LastDifferences } from "../../src/format/last-differences.ts";
import { NumberEncoding } from "../../src/format/number-blocks.ts";
import { partsOf } from "../../src/format/parts.ts";
import type { Codecs } from "../../src/types.ts";

const { differences, secondDifferences } = NumberEncoding;

/** A block of numbers: the n-th part of a column in a tick, and the rows that it lists. */
export interface Block {
  readonly place: string;
  readonly rows: string;
  readonly encoding: number;
  readonly bytes: number;
}

/** What leads from one state to the next. */
export interface Link {
  readonly bodies: readonly Uint8Array[];
  readonly blocks: readonly Block[];
  /** A keyframe or the beginning of a segment lies before it. */
  readonly isAlone: boolean;
}

export interface ChainOptions {
  readonly codecs: Codecs;
  readonly bodyBytes?: number;
  /** Ticks behind which a keyframe stands: 1 is the first that is written. */
  readonly keyframes?: readonly number[];
  /** Ticks behind which another segment begins. */
  readonly segments?: readonly number[];
  /** Is told before each tick is written. */
  readonly onTick?: (tick: number) => void;
}

/** Writes the first state as a keyframe and the others as deltas. */
export function writeChain(states: readonly Image[], options: ChainOptions): Link[] {
  const { codecs, bodyBytes, keyframes = [], segments = [], onTick = () => undefined } = options;
  let bodies: Uint8Array[] = [];
  const writer = new BodyWriter(codecs, (body) => bodies.push(body.slice()), bodyBytes);
  const finder = new ChangeFinder(codecs);
  const keyframe = (state: Image): void => {
    bodies = [];
    for (const piece of piecesOf(finder, undefined, state)) writer.add(piece, true);
    writer.finishKeyframe();
  };
  keyframe(states[0] as Image);
  return states.slice(1).map((state, i): Link => {
    const tick = i + 1;
    onTick(tick);
    bodies = [];
    const places: Pick<Block, "place" | "rows">[] = [];
    const counts = new Map<string, number>();
    for (const piece of piecesOf(finder, states[i], state)) {
      places.push(...placesIn(piece, counts));
      writer.add(piece, false);
    }
    bodies.push(writer.finishDelta().slice());
    const blocks = blocksIn(bodies, places, state);
    const written = bodies;
    if (keyframes.includes(tick)) keyframe(state);
    if (segments.includes(tick)) writer.restart();
    const isAlone = i === 0 || [...keyframes, ...segments].includes(i);
    return { bodies: written, blocks, isAlone };
  });
}

function* piecesOf(
  finder: ChangeFinder,
  from: Image | undefined,
  to: Image,
): Generator<StoreChanges> {
  for (const store of to.layout.stores) {
    yield* finder.pieces(store, from?.stores[store.number], to.stores[store.number] ?? []);
  }
}

/** Numbers the parts as the page says. */
function placesIn(
  piece: StoreChanges,
  counts: Map<string, number>,
): Pick<Block, "place" | "rows">[] {
  return [...partsOf(piece)].flatMap(({ store, chunk, rows, columns }) =>
    columns.map(({ column }) => {
      const place = `${store.name}.${column} of ${chunk ?? "all"}`;
      const count = counts.get(place) ?? 0;
      counts.set(place, count + 1);
      return { place: `${place}, part ${count}`, rows: rows?.join() ?? "all" };
    }),
  );
}

function blocksIn(
  bodies: readonly Uint8Array[],
  places: readonly Pick<Block, "place" | "rows">[],
  { layout }: Image,
): Block[] {
  const columns = bodies.flatMap((body) => partHeads(body, layout)).flatMap((head) => head.columns);
  assert.equal(columns.length, places.length);
  return columns.map(({ encoding, bytes }, i) => ({ ...places[i]!, encoding, bytes }));
}

/** Second differences stand only where a reader knows what they build on. */
export function checkBlocks(links: readonly Link[]): void {
  let before = new Map<string, Block>();
  links.forEach(({ blocks, isAlone }, i) => {
    for (const { place, rows, encoding } of blocks) {
      if (encoding !== secondDifferences) continue;
      const what = `tick ${i + 1}, ${place}`;
      assert(!isAlone, `${what}: a reader may begin here`);
      const base = before.get(place);
      assert(base !== undefined, `${what}: there was no such part`);
      assert.equal(base.rows, rows, `${what}: other rows`);
      assert([differences, secondDifferences].includes(base.encoding as 6), what);
    }
    before = new Map(blocks.map((block) => [block.place, block]));
  });
}

/** Reads the chain forwards, backwards, and from each tick that stands alone. */
export function checkChain(
  states: readonly Image[],
  links: readonly Link[],
  codecs: Codecs,
): { readonly returns: number } {
  const expected = links.map((_, i) => changesBetween(states[i]!, states[i + 1]!, codecs));
  const found: (LastDifferences | undefined)[] = [undefined];
  const moving = copyOf(states[0]!);
  links.forEach((link, i) => {
    const known = link.isAlone ? undefined : found[i];
    const read = move(moving, link, "before", known, codecs);
    assertEqual(read.changes, expected[i], `tick ${i + 1}, forwards`);
    assertSame(moving, states[i + 1]!, `tick ${i + 1}, forwards`, codecs);
    found.push(read.found);
  });
  let returns = 0;
  let known = found.at(-1);
  for (let i = links.length - 1; i >= 0; i--) {
    const link = links[i]!;
    const told = move(copyOf(moving), link, "after", found[i + 1], codecs);
    assertEqual(told.changes, expected[i], `tick ${i + 1}, from what was found forwards`);
    // What is missing on the way back is fetched by coming here once more.
    try {
      known = move(copyOf(moving), link, "after", known, codecs).found;
    } catch (error) {
      assert(error instanceof MissingDifferences, String(error));
      returns += 1;
      known = told.found;
    }
    for (const { parts } of told.bodies) {
      for (const part of parts) applyChanges(moving, part, "back");
    }
    assertSame(moving, states[i]!, `tick ${i + 1}, backwards`, codecs);
  }
  return { returns };
}

/** Brings an image over a link, frame by frame. */
function move(
  image: Image,
  { bodies }: Link,
  side: "before" | "after",
  known: LastDifferences | undefined,
  codecs: Codecs,
) {
  const reader = new DifferenceReader(image, side, known);
  const read = bodies.map((bytes) => {
    const body = readBody(bytes, image.layout, codecs, { differences: reader });
    for (const part of body.parts) {
      applyChanges(image, part, side === "before" ? "forward" : "back");
    }
    return body;
  });
  const parts = read.flatMap((body) => body.parts);
  return { bodies: read, changes: plain(joinParts(parts)), found: reader.found };
}

function changesBetween(from: Image, to: Image, codecs: Codecs): unknown {
  const finder = new ChangeFinder(codecs);
  const changes = from.layout.stores.map((store) =>
    plain([finder.between(store, from.stores[store.number], to.stores[store.number]!)]),
  );
  return changes.flat();
}

/** Copies of what changes say, without what is known to their finder alone. */
function plain(changes: readonly StoreChanges[]): unknown[] {
  return changes
    .filter(({ columns }) => columns.length > 0)
    .map(({ store, columns }) => ({
      store: store.name,
      columns: columns.map(({ column, index, xor }) => {
        return { column, index: index.slice(), xor: xor.slice() };
      }),
    }));
}

function copyOf(image: Image): Image {
  const copy = new Image(image.layout);
  copy.copyFrom(image);
  return copy;
}

function assertSame(image: Image, state: Image, what: string, codecs: Codecs): void {
  assertEqual(changesBetween(image, state, codecs), [], what);
}

/** Large arrays must not be laid out side by side, which takes all memory there is. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  assert(isDeepStrictEqual(actual, expected), `${what}: not what was written`);
}
