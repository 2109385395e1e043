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
 * room is too small a dot stands for several cells: then it shows the one farthest from 0, so that no lone cell is lost.
 */
export function drawCells(
  { shape }: GridSchema,
  cells: NumericArray,
  slice: number,
  room: Room,
  hasColour: boolean,
): Picture {
  const plane = shape.length === 1 ? lineOf(shape, room) : planeOf(shape, slice, room);
  const range = rangeOf(cells, plane);
  const colourOf = colouring(range);
  const lines: string[] = [];
  for (let row = 0; row < plane.rows; row += 2 * plane.dotRows) {
    const dots: (readonly [number | undefined, number | undefined])[] = [];
    for (let column = 0; column < plane.columns; column += plane.dotColumns) {
      const lower = dotOf(cells, plane, row + plane.dotRows, column);
      dots.push([dotOf(cells, plane, row, column), lower]);
    }
    lines.push(hasColour ? colouredLine(dots, colourOf) : plainLine(dots));
  }
  return { lines, caption: `${plane.caption} · ${rangeText(range)}`, scrollMax: 0 };
}

function planeOf(shape: readonly number[], slice: number, room: Room): Plane {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const planes = planesOf(shape);
  const number = ((slice % planes) + planes) % planes;
  const dot = Math.max(1, Math.ceil(columns / room.columns), Math.ceil(rows / (2 * room.rows)));
  const planeText = shape.length === 2 ? "" : `, plane ${number} (0 to ${planes - 1})`;
  const dotText = dot === 1 ? "" : ` · each dot the farthest from 0 of ${dot}×${dot}`;
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
  const dotText = dot === 1 ? "" : ` · each dot the farthest from 0 of ${count(dot)}`;
  const caption = `${length}${rowText}${dotText}`;
  return { first: 0, end: length, rows, columns, dotRows: 1, dotColumns: dot, caption };
}

/** What a dot shows of its cells: NaN before all else, or the value farthest from 0; `undefined` beyond the grid. */
function dotOf(
  cells: NumericArray,
  { first, end, rows, columns, dotRows, dotColumns }: Plane,
  row: number,
  column: number,
): number | undefined {
  let found: number | undefined;
  const rowEnd = Math.min(rows, row + dotRows);
  const columnEnd = Math.min(columns, column + dotColumns);
  for (let y = row; y < rowEnd; y++) {
    const rowStart = first + y * columns;
    for (let at = rowStart + column; at < Math.min(end, rowStart + columnEnd); at++) {
      const value = Number(cells[at]);
      if (Number.isNaN(value)) return value;
      if (found === undefined || Math.abs(value) > Math.abs(found)) found = value;
    }
  }
  return found;
}

function rangeOf(cells: NumericArray, { first, end }: Plane): Range {
  let [least, largest, leastOther, largestOther] = [Infinity, -Infinity, Infinity, -Infinity];
  let notNumbers = 0;
  for (let at = first; at < end; at++) {
    const value = Number(cells[at]);
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

type Dots = readonly (readonly [upper: number | undefined, lower: number | undefined])[];

/** A colour is said only where it changes: a screen of cells is then a tenth of the bytes. */
function colouredLine(dots: Dots, colourOf: (value: number | undefined) => number): string {
  let [line, said] = ["", ""];
  for (const [upper, lower] of dots) {
    const colours = `\u001B[38;5;${colourOf(upper)};48;5;${colourOf(lower)}m`;
    line += colours === said ? "▀" : `${colours}▀`;
    said = colours;
  }
  return `${line}\u001B[0m`;
}

function plainLine(dots: Dots): string {
  const isSet = (value: number | undefined) => value !== undefined && value !== 0;
  const characters = dots.map(([upper, lower]) => {
    if (isSet(upper)) return isSet(lower) ? "█" : "▀";
    return isSet(lower) ? "▄" : " ";
  });
  return characters.join("").trimEnd();
}
