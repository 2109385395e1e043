import assert from "node:assert/strict";
import { test } from "node:test";
import type { Image } from "../../src/format/image.ts";
import { layoutOf, type Layout, type StoreLayout } from "../../src/format/layout.ts";
import { NumberEncoding } from "../../src/format/number-blocks.ts";
import { nodeCodecs } from "../../src/journal/codecs-node.ts";
import { limits } from "../../src/limits.ts";
import { plainCodecs } from "../../src/testing/index.ts";
import type { ColumnSchema, ColumnType, StoreSchema } from "../../src/types.ts";
import { gridSchema, numericTypes, valueSchema, worldOf } from "./arbitraries.ts";
import { assertEqual, checkBlocks, checkChain, writeChain, type Link } from "./delta-chain.ts";
import { courses, replaceRow, statesOfSeries, type Course } from "./number-series.ts";

const node = await nodeCodecs();
const plain = await plainCodecs();
const { words, planes, differences, secondDifferences } = NumberEncoding;

function tableSchema(types: readonly ColumnType[]): StoreSchema {
  const columns = types.map((type, i): ColumnSchema => ({ name: `c${i}`, type }));
  return { kind: "table", name: "", role: "causal", key: ["c0"], columns };
}

const layoutFor = (...stores: StoreSchema[]): Layout => layoutOf(worldOf(stores));

/** The encodings of a column, tick by tick. */
function encodingsOf(links: readonly Link[], column: string): number[][] {
  return links.map(({ blocks }) => {
    return blocks.filter(({ place }) => place.startsWith(column)).map(({ encoding }) => encoding);
  });
}

function checkAll(states: readonly Image[], links: readonly Link[], codecs = node): void {
  checkBlocks(links);
  checkChain(states, links, codecs);
}

for (const type of numericTypes) {
  test(`F2: ${type} in every course reads back forwards and backwards, seed 1`, () => {
    const grid = gridSchema(type, [[150, 150]]);
    const layout = layoutFor(grid, tableSchema(["u32", type]), valueSchema([`${type}[20]`]));
    for (const course of Object.values(courses)) {
      const states = statesOfSeries({ layout, ticks: 36, seed: 1, course, tableRows: 40 });
      const links = writeChain(states, { codecs: node, keyframes: [9, 20], segments: [26] });
      checkAll(states, links);
    }
  });
}

test("F2: with codecs that pack nothing, and frames as small as can be, all is the same", () => {
  const layout = layoutFor(
    gridSchema("f64", [[60, 60]]),
    tableSchema(["u16", "i32", "f32[3]", "uuid", "h3"]),
  );
  for (const course of [courses.drift, courses["drift with pauses"], courses.walk]) {
    const states = statesOfSeries({ layout, ticks: 20, seed: 2, course, tableRows: 50 });
    for (const bodyBytes of [1, 300]) {
      const links = writeChain(states, { codecs: plain, bodyBytes, keyframes: [8] });
      const isCut = links.some(({ bodies }) => bodies.length > 2);
      assert(isCut || bodyBytes > 1);
      checkAll(states, links, plain);
    }
  }
});

test("F2: rows that are born and die lead to other row lists, and never to second differences of them", () => {
  const layout = layoutFor(tableSchema(["u32", "f64", "f32[3]", "uuid"]));
  const [store] = layout.stores as [StoreLayout];
  const { drift } = courses;
  const states = statesOfSeries({ layout, ticks: 40, seed: 3, course: drift, tableRows: 80 });
  states.forEach((state, tick) => {
    for (let event = 6; event <= tick; event += 6) replaceRow(state, store, event, 100 + event);
  });
  const links = writeChain(states, { codecs: node });
  checkAll(states, links);
  const found = encodingsOf(links, "s0.2");
  const events = [6, 12, 18, 24, 30, 36];
  for (const tick of events) assert.deepEqual(found[tick - 1], [differences], `tick ${tick}`);
  for (const tick of [5, 11, 17, 23, 29, 35]) {
    assert.deepEqual(found[tick - 1], [secondDifferences], `tick ${tick}`);
  }
  for (const encodings of encodingsOf(links, "s0.4")) assert.deepEqual(encodings, [planes]);
});

test("F2: the chunks of a large grid have differences of their own, dense and sparse", () => {
  const layout = layoutFor(
    gridSchema("u16", [
      [300, 70],
      [280, 100],
    ]),
  );
  const cases: readonly [Course, listed: boolean][] = [
    [courses.drift, false],
    // All of the rows at the beginning change, of those behind them one in three.
    [(_tick, row) => (row < 60_000 || row % 3 === 0 ? 900 + (row % 50) : undefined), true],
  ];
  for (const [course, isListed] of cases) {
    const states = statesOfSeries({ layout, ticks: 6, seed: 4, course });
    const links = writeChain(states, { codecs: node, bodyBytes: 20_000 });
    checkAll(states, links);
    const last = links.at(-1)!.blocks.filter(({ place }) => place.startsWith("s0"));
    assert(last.every(({ encoding }) => encoding === secondDifferences));
    // The rows of the last slab are too few to be cut.
    const ofChunks = last.filter(({ place }) => !place.includes("all"));
    assert.deepEqual([last.length, ofChunks.length], [13, 12]);
    const lists = ofChunks.filter(({ rows }) => rows !== "all");
    assert.equal(lists.length > 0, isListed);
  }
});

test("F2: a chunk that pauses leaves the others as they were", () => {
  const layout = layoutFor(
    gridSchema("u16", [
      [300, 150],
      [300, 150],
    ]),
  );
  const isInFirst = (row: number): boolean => row < 150 * 300 && row % 300 < 150;
  const course: Course = (tick, row) => (tick === 4 && isInFirst(row) ? undefined : 1 + (row % 99));
  const states = statesOfSeries({ layout, ticks: 5, seed: 16, course });
  const links = writeChain(states, { codecs: node });
  checkAll(states, links);
  const [seven, six] = [secondDifferences, differences];
  assert.deepEqual(encodingsOf(links, "s0").slice(2), [
    [seven, seven, seven, seven],
    [seven, seven, seven],
    [six, seven, seven, seven],
  ]);
});

test("F2: the parts of a large table's column are numbered, each leads on from its own", () => {
  const layout = layoutFor(tableSchema(["u8", "u32"]));
  const tableRows = limits.partRows + 5000;
  const course: Course = (_tick, row) => 1 + (row % 2000);
  const states = statesOfSeries({ layout, ticks: 5, seed: 5, course, tableRows });
  const links = writeChain(states, { codecs: node });
  checkAll(states, links);
  assert.deepEqual(encodingsOf(links, "s0.2"), [
    [differences, differences],
    ...Array<number[]>(4).fill([secondDifferences, secondDifferences]),
  ]);
});

test("F2: behind a keyframe and at the beginning of a segment no block is a second difference", () => {
  const layout = layoutFor(gridSchema("f32", [[200, 200]]), tableSchema(["u32", "f64"]));
  const { drift } = courses;
  const states = statesOfSeries({ layout, ticks: 40, seed: 6, course: drift, tableRows: 60 });
  const [keyframes, segments] = [
    [5, 12, 13, 30],
    [20, 30],
  ];
  const links = writeChain(states, { codecs: node, keyframes, segments });
  checkAll(states, links);
  const alone = new Set([1, 6, 13, 14, 21, 31]);
  for (const column of ["s0.0", "s1.2"]) {
    encodingsOf(links, column).forEach((encodings, i) => {
      const expected = alone.has(i + 1) ? differences : secondDifferences;
      assert.deepEqual(encodings, [expected], `${column}, tick ${i + 1}`);
    });
  }
});

test("F2: a steady drift is read back to its beginning without coming there twice", () => {
  const layout = layoutFor(gridSchema("f64", [[200, 200]]));
  const states = statesOfSeries({ layout, ticks: 40, seed: 7, course: courses.drift });
  const links = writeChain(states, { codecs: node });
  assert.deepEqual(checkChain(states, links, node), { returns: 0 });
  const alone = writeChain(states, { codecs: node, keyframes: [10, 25] });
  assert.deepEqual(checkChain(states, alone, node), { returns: 2 });
});

test("F2: fewer than 16 numbers are words, of bytes also planes; and identifiers never differences", () => {
  const types: ColumnType[] = ["u8[9]", "u16[15]", "u16[16]", "f64[15]", "f64[16]", "uuid"];
  const layout = layoutFor(valueSchema(types), tableSchema(["u32", "uuid"]));
  const course = courses.counter;
  const states = statesOfSeries({ layout, ticks: 8, seed: 8, course, tableRows: 16 });
  const links = writeChain(states, { codecs: node });
  checkAll(states, links);
  const last = (column: string): number | undefined => encodingsOf(links, column).at(-1)?.[0];
  assert.deepEqual(
    types.map((_, column) => last(`s0.${column}`)),
    [differences, words, differences, words, differences, words],
  );
  assert.equal(last("s1.2"), planes);
});

test("F2: equal input gives equal bytes in two encoders, however they are interleaved", () => {
  const layout = layoutFor(gridSchema("f32", [[900, 900]]), tableSchema(["u32", "u64", "i16[5]"]));
  for (const course of Object.values(courses)) {
    const series = { layout, ticks: 40, seed: 9, course, tableRows: 70 };
    const options = { codecs: node, keyframes: [17], segments: [29] };
    const states = statesOfSeries(series);
    const bytes = (links: readonly Link[]): unknown => links.map(({ bodies }) => bodies);
    const inner: Link[][] = [];
    const other = statesOfSeries({ ...series, seed: 10 });
    // Another encoder works between the ticks of this one.
    const onTick = (tick: number): void => {
      if (tick % 10 === 0) inner.push(writeChain(other, options));
    };
    const first = writeChain(states, { ...options, onTick });
    assertEqual(bytes(writeChain(statesOfSeries(series), options)), bytes(first), "alone");
    for (const links of inner) assertEqual(bytes(links), bytes(inner[0]!), "within");
  }
});

test("F2: what is tried and chosen never depends on time", (context) => {
  const layout = layoutFor(gridSchema("f32", [[200, 200]]));
  const course = courses["drift, then noise, then drift"];
  const states = statesOfSeries({ layout, ticks: 70, seed: 11, course });
  const expected = writeChain(states, { codecs: node });
  const refuse = (): never => assert.fail("the time was asked for");
  context.mock.method(performance, "now", refuse);
  context.mock.method(Date, "now", refuse);
  context.mock.method(process, "hrtime", refuse);
  let calls = 0;
  const slow = {
    ...node,
    zstdCompress: (bytes: Uint8Array): Uint8Array => {
      for (let again = 0; again < calls % 5; again++) node.zstdCompress(bytes);
      calls += 1;
      return node.zstdCompress(bytes);
    },
  };
  assertEqual(writeChain(states, { codecs: slow }), expected, "with slow codecs");
});

/** The ticks in which a column of numbers is tried in several encodings: zstd is called far more often. */
function trialsIn(layout: Layout, ticks: number, course: Course): number[] {
  const calls: number[] = [];
  const codecs = {
    ...node,
    zstdCompress: (bytes: Uint8Array): Uint8Array => {
      calls[calls.length - 1]! += 1;
      return node.zstdCompress(bytes);
    },
  };
  const states = statesOfSeries({ layout, ticks, seed: 12, course });
  writeChain(states, { codecs, onTick: () => calls.push(0) });
  return calls.flatMap((count, i) => (count >= 3 ? [i + 1] : []));
}

const walking: (most: number) => Course = (most) => (_tick, _row, choices) => choices.below(most);

test("F2: a steady column is tried in ticks 1, 2, 3, 4, 8, 16, and so on, at most 64 apart", () => {
  const layout = layoutFor(gridSchema("u32", [[400, 400]]));
  const expected = [1, 2, 3, 4, 8, 16, 32, 64, 128, 192, 256];
  assert.deepEqual(trialsIn(layout, 270, walking(200)), expected);
  assert.deepEqual(trialsIn(layout, 270, courses.noise), expected);
});

test("F2: a column that grows or shrinks by a fifth is tried again, one that moves less is not", () => {
  const layout = layoutFor(gridSchema("u32", [[400, 400]]));
  const steady = [1, 2, 3, 4, 8, 16];
  const change = (before: number, behind: number): number[] =>
    trialsIn(layout, 31, (tick, row, choices) =>
      walking(tick < 20 ? before : behind)(tick, row, choices),
    );
  assert.deepEqual(change(16, 18), steady);
  assert.deepEqual(change(18, 16), steady);
  assert.deepEqual(change(16, 64), [...steady, 21]);
  assert.deepEqual(change(64, 16), [...steady, 21]);
});

test("F2: a column that changes its character is written differently within a few ticks", () => {
  const layout = layoutFor(gridSchema("f32", [[300, 300]]));
  const course = courses["drift, then noise, then drift"];
  const states = statesOfSeries({ layout, ticks: 120, seed: 13, course });
  const links = writeChain(states, { codecs: node });
  checkAll(states, links);
  const found = encodingsOf(links, "s0.0").map(([encoding]) => encoding);
  for (let tick = 4; tick <= 120; tick++) {
    // In the first ticks of a phase the encoder still learns of it.
    if (tick % 15 < 4) continue;
    const expected = tick % 30 < 15 ? secondDifferences : planes;
    assert.equal(found[tick - 1], expected, `tick ${tick}`);
  }
});

test("F2: behind noise that a raw plane hides, second differences are found at the next trial", () => {
  const layout = layoutFor(gridSchema("u16", [[300, 300]]));
  for (const [turn, trial] of [
    [9, 16],
    [50, 64],
    [63, 64],
    [65, 128],
  ] as const) {
    const course: Course = (tick, row, choices) => (tick < turn ? choices.next() : 3000 + 7 * row);
    const states = statesOfSeries({ layout, ticks: trial + 2, seed: 14, course });
    const links = writeChain(states, { codecs: node });
    checkAll(states, links);
    const found = encodingsOf(links, "s0.0").map(([encoding]) => encoding);
    const expected = [planes, differences, secondDifferences, secondDifferences];
    assert.deepEqual(found.slice(trial - 2), expected, `a drift from tick ${turn} on`);
  }
});

test("F2, TAK-66: each course is written in the encoding that suits it, and costs no more than old XOR new", () => {
  const layout = layoutFor(gridSchema("u32", [[400, 400]]));
  const bytesIn = (links: readonly Link[]): number =>
    links
      .flatMap(({ blocks }) => blocks.filter(({ place }) => place.startsWith("s0")))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  const expected = {
    walk: differences,
    drift: secondDifferences,
    counter: secondDifferences,
    falling: secondDifferences,
    noise: planes,
    "changing rows": differences,
  } as const;
  const raw = 20 * (1 + 4 * 401);
  for (const [name, encoding] of Object.entries(expected)) {
    const course = courses[name as keyof typeof expected];
    const states = statesOfSeries({ layout, ticks: 20, seed: 15, course });
    const links = writeChain(states, { codecs: node });
    assert.equal(encodingsOf(links, "s0.0").at(-1)?.[0], encoding, name);
    assert(bytesIn(links) <= raw, name);
    if (name !== "noise") assert(bytesIn(links) < 0.45 * raw, `${name}: ${bytesIn(links)}`);
  }
});
