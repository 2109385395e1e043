import type { GridSchema, NumericArray } from "../../types.ts";
import { count } from "../quantities.ts";
import { planesOf } from "../slice.ts";
import { colouring, type Range } from "./colours.ts";
import type { Picture, Room } from "./picture.ts";
import { shortNumber } from "./rows.ts";

/** A plane of cells, and how many of them one dot of the picture stands for. */
interface Plane {
  /** Where it begins and ends among all cells. */
  readonly first: number;
  readonly end: number;
  readonly rows: number;
  readonly columns: number;
  readonly dotRows: number;
  readonly dotColumns: number;
  readonly caption: string;
}

/**
 * Draws a plane of a grid, two dots to a character. A grid of more axes shows the plane that `slice` counts to. Where the
 * room is too small a dot shows the mean of several cells; it is dark only if all of them are 0, so that no lone cell is
 * lost.
 */
export function drawCells(
  { shape }: GridSchema,
  cells: NumericArray,
  slice: number,
  room: Room,
  hasColour: boolean,
): Picture {
  const plane = shape.length === 1 ? lineOf(shape, room) : planeOf(shape, slice, room);
  const dots = dotsOf(cells, plane);
  const width = Math.ceil(plane.columns / plane.dotColumns);
  const draw = hasColour ? colouredLine(colouring(rangeOf(dots, 0, dots.length))) : plainLine;
  const lines: string[] = [];
  for (let at = 0; at < dots.length; at += 2 * width) {
    lines.push(draw(dots.subarray(at, at + width), dots.subarray(at + width, at + 2 * width)));
  }
  const range = rangeOf(cells, plane.first, plane.end);
  return { lines, caption: `${plane.caption} · ${rangeText(range)}`, scrollMax: 0 };
}

function planeOf(shape: readonly number[], slice: number, room: Room): Plane {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const planes = planesOf(shape);
  const number = ((slice % planes) + planes) % planes;
  const dot = Math.max(1, Math.ceil(columns / room.columns), Math.ceil(rows / (2 * room.rows)));
  const planeText = shape.length === 2 ? "" : `, plane ${number} (0 to ${planes - 1})`;
  const dotText = dot === 1 ? "" : `, ${dot}×${dot} a dot`;
  return {
    first: number * rows * columns,
    end: (number + 1) * rows * columns,
    rows,
    columns,
    dotRows: dot,
    dotColumns: dot,
    caption: `${shape.join("×")}${planeText}${dotText}`,
  };
}

/** Cells in a row are written on as text is, from line to line. */
function lineOf([length = 0]: readonly number[], room: Room): Plane {
  const dot = Math.max(1, Math.ceil(length / (room.columns * 2 * room.rows)));
  const columns = Math.min(length, room.columns * dot);
  const rows = Math.ceil(length / columns);
  const rowText = rows === 1 ? "" : ` in rows of ${count(columns)}`;
  const dotText = dot === 1 ? "" : `, ${count(dot)} a dot`;
  const caption = `${length}${rowText}${dotText}`;
  return { first: 0, end: length, rows, columns, dotRows: 1, dotColumns: dot, caption };
}

/** The dots of a plane, row by row. Beyond the end of cells in a row there is nothing, which is as dark as 0. */
function dotsOf(cells: NumericArray, plane: Plane): Float64Array {
  const { rows, columns, dotRows, dotColumns } = plane;
  const width = Math.ceil(columns / dotColumns);
  const dots = new Float64Array(Math.ceil(rows / dotRows) * width);
  for (let at = 0, row = 0; row < rows; row += dotRows) {
    for (let column = 0; column < columns; column += dotColumns) {
      dots[at++] = dotOf(cells, plane, row, column);
    }
  }
  return dots;
}

/** The mean of the cells of a dot. Values that cancel each other out are still not 0. */
function dotOf(
  cells: NumericArray,
  { first, end, rows, columns, dotRows, dotColumns }: Plane,
  row: number,
  column: number,
): number {
  let [sum, size, isDark] = [0, 0, true];
  const rowEnd = Math.min(rows, row + dotRows);
  for (let y = row; y < rowEnd; y++) {
    const rowStart = first + y * columns;
    const rowStop = Math.min(end, rowStart + Math.min(columns, column + dotColumns));
    for (let at = rowStart + column; at < rowStop; at++) {
      const value = Number(cells[at]);
      sum += value;
      size += 1;
      if (value !== 0) isDark = false;
    }
  }
  return isDark ? 0 : sum / size || (Number.isNaN(sum) ? sum : Number.MIN_VALUE);
}

function rangeOf(values: ArrayLike<number | bigint>, first: number, end: number): Range {
  let [least, largest, leastOther, largestOther] = [Infinity, -Infinity, Infinity, -Infinity];
  let notNumbers = 0;
  for (let at = first; at < end; at++) {
    const value = Number(values[at]);
    if (Number.isNaN(value)) notNumbers++;
    if (value < least) least = value;
    if (value > largest) largest = value;
    if (value === 0 || !Number.isFinite(value)) continue;
    if (value < leastOther) leastOther = value;
    if (value > largestOther) largestOther = value;
  }
  return { least, largest, leastOther, largestOther, notNumbers };
}

function rangeText({ least, largest, notNumbers }: Range): string {
  const [from, to] = [shortNumber(least), shortNumber(largest)];
  const range = from === to ? `all ${from}` : `${from} to ${to}`;
  if (notNumbers === 0) return range;
  return least > largest ? "all NaN" : `${range}, ${count(notNumbers)} NaN`;
}

/** A colour is said only where it changes: most screens of cells are then a fraction of the bytes. */
function colouredLine(
  colourOf: (value: number | undefined) => number,
): (upper: Float64Array, lower: Float64Array) => string {
  return (upper, lower) => {
    let [line, said] = ["", ""];
    for (const [at, dot] of upper.entries()) {
      const colours = `\u001B[38;5;${colourOf(dot)};48;5;${colourOf(lower[at])}m`;
      line += colours === said ? "▀" : `${colours}▀`;
      said = colours;
    }
    return `${line}\u001B[0m`;
  };
}

function plainLine(upper: Float64Array, lower: Float64Array): string {
  const characters = Array.from(upper, (dot, at) => {
    const isLower = (lower[at] ?? 0) !== 0;
    if (dot !== 0) return isLower ? "█" : "▀";
    return isLower ? "▄" : " ";
  });
  return characters.join("").trimEnd();
}
