import { EverytickError } from "../errors.ts";
import type { GridSchema, NumericArray } from "../types.ts";

/** Cells [begin, end) along one axis. */
export type AxisRange = readonly [begin: number, end: number];

/**
 * A region as an address says it: one range for each axis, slowest first, such as `0:64,10:20`; half-open, and either end
 * may be left out. Nothing at all is the whole grid.
 * @throws API_REQUEST
 */
export function readRegion(text: string | undefined, { shape, name }: GridSchema): AxisRange[] {
  const parts = text === undefined ? shape.map(() => ":") : text.split(",");
  const expected = `${shape.length} ranges such as 0:${shape[0]} within ${shape.join("×")}`;
  const refused = new EverytickError("API_REQUEST", {
    where: `region of ${JSON.stringify(name)}`,
    expected,
    found: JSON.stringify(text?.slice(0, 100)),
  });
  if (parts.length !== shape.length) throw refused;
  return parts.map((part, axis) => {
    const match = /^(\d{0,10}):(\d{0,10})$/.exec(part);
    const [, first = "", last = ""] = match ?? [];
    const length = shape[axis] as number;
    const range: AxisRange = [Number(first), last === "" ? length : Number(last)];
    if (match === null || range[0] >= range[1] || range[1] > length) throw refused;
    return range;
  });
}

export function cellsIn(region: readonly AxisRange[]): number {
  return region.reduce((product, [begin, end]) => product * (end - begin), 1);
}

/** The cells of a region, row-major: a copy. */
export function cellsOf<A extends NumericArray>(
  grid: A,
  shape: readonly number[],
  region: readonly AxisRange[],
): A {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const target = new (grid.constructor as new (length: number) => A)(cellsIn(region));
  const [first, last] = region.at(-1) as AxisRange;
  const run = last - first;
  const position = region.map(([begin]) => begin);
  for (let written = 0; written < target.length; written += run) {
    const offset = position.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
    target.set(grid.subarray(offset, offset + run) as never, written);
    for (let axis = region.length - 2; axis >= 0; axis--) {
      const [begin, end] = region[axis] as AxisRange;
      position[axis]! += 1;
      if ((position[axis] as number) < end) break;
      position[axis] = begin;
    }
  }
  return target;
}
