/** A glider in two of its phases; the other two, and the three other directions, are these turned and mirrored. */
const phases = [
  [0b010, 0b001, 0b111],
  [0b101, 0b011, 0b010],
] as const;

/** The sixteen ways in which a glider fills its box of 3 x 3, as nine bits, row by row. */
const gliderCodes: ReadonlySet<number> = new Set(phases.flatMap(allViews));

/**
 * Counts the isolated gliders of Life in a 2-D state: boxes of 3 x 3 that hold one, with no other cell in the ring around
 * them. The board counts as a torus, so a glider that crosses its seam counts; on a board with dead edges the result is
 * the same, unless two things meet across the seam.
 */
export function countGliders(cells: Uint8Array, width: number, height: number): number {
  // On a smaller torus a box would meet itself.
  if (width < 5 || height < 5) return 0;
  let count = 0;
  for (let at = 0; at < cells.length; at++) {
    if (cells[at] === 0) continue;
    const x = at % width;
    const y = (at - x) / width;
    // The cell is in the top row of its box, and the first one there: so each box is met once.
    for (let left = x - 2; left <= x; left++) {
      const box = { cells, width, height, left: left - 1, top: y - 1 };
      if (isFirstOfTopRow(box, x) && isGlider(box)) count++;
    }
  }
  return count;
}

/** A box of 5 x 5: a glider's, and the ring around it. */
interface Box {
  readonly cells: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

function isAlive({ cells, width, height, left, top }: Box, x: number, y: number): boolean {
  const row = (top + y + height) % height;
  return cells[row * width + ((left + x + width) % width)] !== 0;
}

function isFirstOfTopRow(box: Box, x: number): boolean {
  for (let before = 1; before < x - box.left; before++) {
    if (isAlive(box, before, 1)) return false;
  }
  return true;
}

function isGlider(box: Box): boolean {
  let code = 0;
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 5; x++) {
      const alive = isAlive(box, x, y);
      const inRing = x === 0 || x === 4 || y === 0 || y === 4;
      if (alive && inRing) return false;
      if (!inRing) code = (code << 1) | (alive ? 1 : 0);
    }
  }
  return gliderCodes.has(code);
}

function allViews(rows: readonly number[]): number[] {
  const views: number[] = [];
  let view = [...rows];
  for (let turn = 0; turn < 4; turn++) {
    view = turned(view);
    views.push(codeOf(view), codeOf([...view].reverse()));
  }
  return views;
}

/** A quarter turn: the columns, from the bottom up, become the rows. */
function turned(rows: readonly number[]): number[] {
  return [2, 1, 0].map((bit) =>
    [...rows].reverse().reduce((row, source) => (row << 1) | ((source >> bit) & 1), 0),
  );
}

function codeOf(rows: readonly number[]): number {
  return rows.reduce((code, row) => (code << 3) | row, 0);
}
