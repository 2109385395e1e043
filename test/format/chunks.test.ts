import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Chunks, type Place } from "../../src/format/chunks.ts";
import { coordinatesOf, indexOf } from "../../src/format/coordinates.ts";

interface Grid {
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
}

/** Of any rank that a world may have; an edge may be longer than its axis. */
const grids: fc.Arbitrary<Grid> = fc.integer({ min: 1, max: 8 }).chain((rank) => {
  const lengthMax = [200, 24, 9, 5, 4, 3, 3, 2][rank - 1] as number;
  const axis = fc.tuple(
    fc.integer({ min: 1, max: lengthMax }),
    fc.integer({ min: 1, max: lengthMax + 2 }),
  );
  return fc.array(axis, { minLength: rank, maxLength: rank }).map((axes) => ({
    shape: axes.map(([length]) => length),
    chunk: axes.map(([, edge]) => edge),
  }));
});

const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);

/** Chunk and local number of a row, straight from the words of docs/format.md, section 5. */
function naivePlace({ shape, chunk }: Grid, row: number): { chunk: number; local: number } {
  const at = coordinatesOf(row, shape);
  const counts = shape.map((length, axis) => Math.ceil(length / chunk[axis]!));
  const number = at.map((coordinate, axis) => Math.floor(coordinate / chunk[axis]!));
  const inside = at.map((coordinate, axis) => coordinate % chunk[axis]!);
  const clipped = shape.map((length, axis) =>
    Math.min(chunk[axis]!, length - number[axis]! * chunk[axis]!),
  );
  return { chunk: indexOf(number, counts), local: indexOf(inside, clipped) };
}

test("F2: coordinates are row-major, the last axis fastest, and lead back to the index", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 5].map((index) => coordinatesOf(index, [2, 3])),
    [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 2],
    ],
  );
  fc.assert(
    fc.property(grids, fc.nat(), ({ shape }, any) => {
      const index = any % product(shape);
      assert.equal(indexOf(coordinatesOf(index, shape), shape), index);
    }),
    { seed: 1 },
  );
});

test("F2: each row lies in the chunk and at the place that the page names, on all ranks", () => {
  fc.assert(
    fc.property(grids, (given) => {
      const chunks = new Chunks(given.shape, given.chunk);
      const place: Place = { chunk: -1, begin: -1, end: -1, local: -1 };
      for (let row = 0; row < product(given.shape); row++) {
        chunks.locate(row, place);
        assert(place.begin <= row && row < place.end);
        const local = place.local + row - place.begin;
        assert.deepEqual({ chunk: place.chunk, local }, naivePlace(given, row));
        const lastOfRun = naivePlace(given, place.end - 1);
        assert.equal(lastOfRun.chunk, place.chunk, "a run stays within its chunk");
        assert.equal(lastOfRun.local - local, place.end - 1 - row, "a run is one piece");
      }
    }),
    { seed: 2, numRuns: 150 },
  );
});

test("F2: the runs of a chunk are its rows in order, and all chunks together are the grid", () => {
  fc.assert(
    fc.property(grids, (given) => {
      const chunks = new Chunks(given.shape, given.chunk);
      const rows = Array.from({ length: product(given.shape) }, (_, row) => row);
      const byChunk = Map.groupBy(rows, (row) => naivePlace(given, row).chunk);
      assert.equal(chunks.count, byChunk.size);
      for (const [chunk, expected] of byChunk) {
        const { starts, length } = chunks.runs(chunk);
        const found = [...starts].flatMap((start) => Array.from({ length }, (_, i) => start + i));
        assert.deepEqual(found, expected);
      }
    }),
    { seed: 3, numRuns: 150 },
  );
});

test("F2: the chunks at the end of an axis are clipped", () => {
  const chunks = new Chunks([5, 7], [4, 3]);
  assert.equal(chunks.count, 6);
  assert.deepEqual(chunks.runs(5), { starts: Float64Array.of(34), length: 1 });
  assert.deepEqual(chunks.runs(2), { starts: Float64Array.of(6, 13, 20, 27), length: 1 });
});
