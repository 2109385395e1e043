import type { GridSchema, NumericArray } from "../../types.ts";

/** Room on a screen, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}
/** A picture of a plane of a grid, and what one has to know of it. */
export interface Picture {
  readonly lines: readonly string[];
  readonly caption: string;
}

/** From dark to light; 256 colours, so that every terminal shows them. */
const ramp = [17, 18, 54, 55, 91, 92, 128, 134, 170, 176, 212, 218, 224, 230];
const background = 16;

/**
 * Draws a plane of a grid, two cells to a character. A grid of more axes shows the plane that `slice` counts to; a plane
 * that is larger than the room shows each so-many-th cell, and says so.
 */
export function drawCells(
  { shape }: GridSchema,
  cells: NumericArray,
  slice: number,
  room: Room,
  hasColour: boolean,
): Picture {
  const [height, width] = shape.length === 1 ? [1, shape[0] as number] : shape.slice(-2);
  const [rows, columns] = [height as number, width as number];
  const planes = cells.length / (rows * columns);
  const plane = ((slice % planes) + planes) % planes;
  const step = Math.max(1, Math.ceil(columns / room.columns), Math.ceil(rows / (2 * room.rows)));
  const first = plane * rows * columns;
  const at = (row: number, column: number): number =>
    row < rows ? Number(cells[first + row * columns + column]) : Number.NaN;
  const levelOf = scale(cells, first, first + rows * columns);
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 2 * step) {
    let line = "";
    for (let column = 0; column < columns; column += step) {
      const [upper, lower] = [levelOf(at(row, column)), levelOf(at(row + step, column))];
      line += hasColour ? coloured(upper, lower) : plain(upper, lower);
    }
    lines.push(hasColour ? `${line}\u001B[0m` : line.trimEnd());
  }
  const planeText = planes === 1 ? "" : ` · plane ${plane} of ${planes}`;
  const stepText = step === 1 ? "" : ` · 1 cell of ${step}×${step}`;
  return { lines, caption: `${shape.join("×")}${planeText}${stepText}` };
}

/** The place of a value between the least and the largest of the plane: 0 to 1; −1 for zero and what is no number. */
function scale(cells: NumericArray, begin: number, end: number): (value: number) => number {
  let [least, largest] = [Infinity, -Infinity];
  for (let i = begin; i < end; i++) {
    const value = Number(cells[i]);
    if (value === 0 || !Number.isFinite(value)) continue;
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const range = largest - least;
  return (value) => {
    if (value === 0 || Number.isNaN(value)) return -1;
    return range > 0 ? Math.min(1, Math.max(0, (value - least) / range)) : 1;
  };
}

function colourOf(level: number): number {
  return level < 0 ? background : (ramp[Math.round(level * (ramp.length - 1))] as number);
}

function coloured(upper: number, lower: number): string {
  return `\u001B[38;5;${colourOf(upper)};48;5;${colourOf(lower)}m▀`;
}

function plain(upper: number, lower: number): string {
  if (upper >= 0) return lower >= 0 ? "█" : "▀";
  return lower >= 0 ? "▄" : " ";
}
