import type { NumericArray } from "../../../src/types.ts";
import type { Vector } from "./camera.ts";

/** Lengths of the axes, fastest first: x, y, z. A cell lies at `(z * height + y) * width + x`. */
export type Size = Vector;
/** Where slices begin and end on each axis: cells [begin, end) are shown. */
export interface Slices {
  readonly begin: Vector;
  readonly end: Vector;
}

/** The directions in which a face can look, in the order of the groups. */
export const directions: readonly Vector[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
];

/** Faces of voxels that something can be seen through: x, y, z of the cell and its colour, direction by direction. */
export interface Faces {
  /** Four numbers for each face. */
  readonly data: Uint16Array;
  /** Faces in each direction, in order. */
  readonly counts: readonly number[];
  readonly voxels: number;
}

export function wholeSlices(size: Size): Slices {
  return { begin: [0, 0, 0], end: size };
}

/** On each axis whether the eye looks from its end: cells are then taken from the end on, the nearest first. */
export type FromEnd = readonly [boolean, boolean, boolean];

/**
 * The outer faces of the cells that are not `nothing`. What a slice cuts away counts as nothing, so that cuts are closed.
 * @param colours an index for each cell, in its order.
 * @param fromEnd what is near comes first, so that what it hides is not painted.
 */
export function facesOf(
  cells: NumericArray,
  size: Size,
  slices: Slices,
  nothing: number,
  colours: (cell: number) => number,
  fromEnd: FromEnd = [false, false, false],
): Faces {
  const [width, height] = size;
  const solid = new Uint8Array(cells.length);
  let voxels = 0;
  eachCell(size, slices, fromEnd, (at) => {
    if (Number(cells[at]) === nothing) return;
    solid[at] = 1;
    voxels++;
  });
  const groups = directions.map(() => new Growing());
  const layer = width * height;
  const { begin, end } = slices;
  eachCell(size, slices, fromEnd, (at, x, y, z) => {
    if (solid[at] === 0) return;
    const colour = colours(at);
    if (x + 1 >= end[0] || solid[at + 1] === 0) groups[0]!.push(x, y, z, colour);
    if (x <= begin[0] || solid[at - 1] === 0) groups[1]!.push(x, y, z, colour);
    if (y + 1 >= end[1] || solid[at + width] === 0) groups[2]!.push(x, y, z, colour);
    if (y <= begin[1] || solid[at - width] === 0) groups[3]!.push(x, y, z, colour);
    if (z + 1 >= end[2] || solid[at + layer] === 0) groups[4]!.push(x, y, z, colour);
    if (z <= begin[2] || solid[at - layer] === 0) groups[5]!.push(x, y, z, colour);
  });
  const counts = groups.map(({ length }) => length / 4);
  const data = new Uint16Array(4 * counts.reduce((sum, count) => sum + count, 0));
  let start = 0;
  for (const group of groups) {
    data.set(group.view(), start);
    start += group.length;
  }
  return { data, counts, voxels };
}

function eachCell(
  [width, height]: Size,
  { begin, end }: Slices,
  fromEnd: FromEnd,
  visit: (at: number, x: number, y: number, z: number) => void,
): void {
  const place = (axis: 0 | 1 | 2, i: number): number => {
    return fromEnd[axis] ? end[axis] - 1 - i : begin[axis] + i;
  };
  const [columns, rows, layers] = [0, 1, 2].map((axis) => end[axis]! - begin[axis]!);
  for (let k = 0; k < layers!; k++) {
    const z = place(2, k);
    for (let j = 0; j < rows!; j++) {
      const y = place(1, j);
      const row = (z * height + y) * width;
      for (let i = 0; i < columns!; i++) {
        const x = place(0, i);
        visit(row + x, x, y, z);
      }
    }
  }
}

class Growing {
  #numbers = new Uint16Array(4096);
  length = 0;

  push(a: number, b: number, c: number, d: number): void {
    if (this.length + 4 > this.#numbers.length) {
      const larger = new Uint16Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.length] = a;
    this.#numbers[this.length + 1] = b;
    this.#numbers[this.length + 2] = c;
    this.#numbers[this.length + 3] = d;
    this.length += 4;
  }

  view(): Uint16Array {
    return this.#numbers.subarray(0, this.length);
  }
}
