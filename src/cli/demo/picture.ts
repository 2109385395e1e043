/** A part of a board: `left` and `top` are its first column and row. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
}

/** Draws living cells, two to a character, since characters are about twice as high as wide. */
export function drawBoard(cells: Uint8Array, boardWidth: number, frame: Frame): string[] {
  const { left, top, columns, rows } = frame;
  const isAlive = (row: number, column: number) =>
    row < top + rows && cells[row * boardWidth + column] !== 0;
  const lines: string[] = [];
  for (let row = top; row < top + rows; row += 2) {
    let line = "";
    for (let column = left; column < left + columns; column++) {
      line += halfBlock(isAlive(row, column), isAlive(row + 1, column));
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? "█" : "▀";
  return lower ? "▄" : " ";
}
