import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cameraOf,
  firstCellOn,
  firstOrbit,
  projected,
  turned,
  type Vector,
} from "../../inspector/src/voxels/camera.ts";
import { directions, facesOf, wholeSlices } from "../../inspector/src/voxels/faces.ts";
import { seededRandom } from "../../src/testing/index.ts";

const size: Vector = [5, 4, 3];
const cellsFrom = (seed: number): Uint8Array => {
  return Uint8Array.from(seededRandom(seed).bytes(60), (byte) => (byte < 90 ? 1 : 0));
};

for (const seed of [1, 2, 3]) {
  test(`the faces are those between something and nothing, cuts closed (seed ${seed})`, () => {
    const cells = cellsFrom(seed);
    for (const slices of [
      wholeSlices(size),
      { begin: [1, 0, 1], end: [4, 3, 3] } as const,
      { begin: [0, 0, 0], end: [1, 1, 1] } as const,
    ]) {
      const isThere = (place: readonly number[]): boolean => {
        const isInside = place.every(
          (at, axis) => at >= slices.begin[axis]! && at < slices.end[axis]!,
        );
        return isInside && cells[(place[2]! * 4 + place[1]!) * 5 + place[0]!] === 1;
      };
      const { data, counts, voxels } = facesOf(cells, size, slices, 0, (cell) => cell);
      const found = new Set<string>();
      let at = 0;
      counts.forEach((count, direction) => {
        for (let i = 0; i < count; i++, at += 4) {
          const [x, y, z, colour] = data.subarray(at, at + 4);
          assert.equal(colour, (z! * 4 + y!) * 5 + x!);
          found.add(`${x} ${y} ${z} ${direction}`);
        }
      });
      const expected = new Set<string>();
      let solid = 0;
      for (let z = 0; z < 3; z++) {
        for (let y = 0; y < 4; y++) {
          for (let x = 0; x < 5; x++) {
            if (!isThere([x, y, z])) continue;
            solid++;
            directions.forEach(([dx, dy, dz], direction) => {
              if (!isThere([x + dx, y + dy, z + dz])) expected.add(`${x} ${y} ${z} ${direction}`);
            });
          }
        }
      }
      assert.deepEqual(found, expected);
      assert.equal(voxels, solid);
    }
  });
}

test("a voxel is found where it is drawn, from every side", () => {
  for (const [cell, turn] of [
    [[0, 0, 0], 0],
    [[4, 3, 2], 1],
    [[2, 1, 1], 2.5],
    [[4, 0, 2], 4],
  ] as const) {
    const camera = cameraOf(turned(firstOrbit, turn, 0), size, 1.6);
    const [x, y, z] = cell;
    const [px, py] = projected(camera.matrix, [x + 0.5, y + 0.5, z + 0.5]);
    const only = (cx: number, cy: number, cz: number): boolean => cx === x && cy === y && cz === z;
    assert.deepEqual(firstCellOn(camera.ray(px, py), [0, 0, 0], size, only), cell);
  }
});

test("a ray finds the nearest voxel, and none where it leaves the slices", () => {
  const ray = { from: [10, 1.5, 1.5], towards: [-1, 0, 0] } as const;
  const all = (): boolean => true;
  assert.deepEqual(firstCellOn(ray, [0, 0, 0], size, all), [4, 1, 1]);
  assert.deepEqual(firstCellOn(ray, [0, 0, 0], [2, 4, 3], all), [1, 1, 1]);
  assert.equal(firstCellOn(ray, [0, 2, 0], size, all), undefined);
  assert.equal(
    firstCellOn(ray, [0, 0, 0], size, () => false),
    undefined,
  );
});
