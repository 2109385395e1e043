import type { NumericArray } from "../../../src/types.ts";
import { categoryColour, rampTable, type Ramp } from "../paint/colours.ts";
import type { Colouring } from "../paint/grid-image.ts";
import { statesMax } from "../paint/grid-image.ts";
import type { Size } from "./faces.ts";

export interface VoxelColours {
  readonly table: Uint32Array;
  /** The index in the table for a cell. */
  readonly of: (cell: number) => number;
  /** The value of cells that are not drawn. */
  readonly nothing: number;
  /** What the colours say, for a legend. */
  readonly legend: Colouring;
}

/** One state alone says nothing by its colour, so there height does; states have their own, amounts a ramp. */
export function voxelColours(
  cells: NumericArray,
  size: Size,
  colouring: Colouring,
  ramp: Ramp,
): VoxelColours {
  if (colouring.kind === "amounts") {
    const { least, most } = colouring;
    const scale = most > least ? 255 / (most - least) : 0;
    const nothing = least <= 0 && most >= 0 ? 0 : least;
    const of = (cell: number): number => Math.round((Number(cells[cell]) - least) * scale);
    return { table: rampTable(ramp), of, nothing, legend: colouring };
  }
  if (colouring.most > 1) {
    const table = Uint32Array.from({ length: statesMax + 1 }, (_, state) =>
      categoryColour(Math.max(1, state)),
    );
    return { table, of: (cell) => Number(cells[cell]), nothing: 0, legend: colouring };
  }
  const layer = size[0] * size[1];
  const of = (cell: number): number =>
    30 + Math.round((225 * Math.floor(cell / layer)) / Math.max(1, size[2] - 1));
  const legend: Colouring = { kind: "amounts", least: 0, most: size[2] - 1, ramp, of: "height" };
  return { table: rampTable(ramp), of, nothing: 0, legend };
}
