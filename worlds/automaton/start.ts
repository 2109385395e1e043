import { paramError } from "./param-error.ts";
import type { Pattern } from "./pattern.ts";
import type { Settings } from "./settings.ts";

/** Each cell lives with a probability of `density`: one draw per cell, so that a seed means the same on any board of its size. */
export function sow(cells: Uint8Array, density: number, random: { uint32(): number }): void {
  const threshold = density * 2 ** 32;
  for (let i = 0; i < cells.length; i++) cells[i] = random.uint32() < threshold ? 1 : 0;
}

/**
 * Puts a pattern on an empty board: at its own position if it has one, else in the middle; in 3-D into the middle plane.
 * A position counts from the top left cell of the board, and wraps around on a torus.
 * @throws WORLD_PARAM
 */
export function place(cells: Uint8Array, pattern: Pattern, { rule, board }: Settings): void {
  const [boardWidth = 1, boardHeight = 1, depth = 1] = [...board.shape].reverse();
  const { width, height, position } = pattern;
  const middle = (length: number, side: number) => Math.floor((length - side) / 2);
  const left = position?.x ?? middle(boardWidth, width);
  const top = position?.y ?? middle(boardHeight, height);
  const fits = width <= boardWidth && height <= boardHeight;
  const inside = left >= 0 && top >= 0 && left + width <= boardWidth && top + height <= boardHeight;
  if (!fits || (board.edge === "dead" && !inside)) {
    throw paramError({
      where: "pattern",
      expected: `a pattern that fits into ${boardWidth} x ${boardHeight}`,
      found: `${width} x ${height} at ${left}, ${top}`,
      next: fits ? "Remove the #P or #R line to have it in the middle." : "Set a larger size.",
    });
  }
  const stateMax = pattern.cells.reduce((most, state) => Math.max(most, state), 0);
  if (stateMax >= rule.states) {
    const expected = `states below ${rule.states}, the number of states of the rule`;
    throw paramError({ where: "pattern", expected, found: String(stateMax) });
  }
  const wrap = (at: number, length: number) => ((at % length) + length) % length;
  const plane = Math.floor(depth / 2) * boardHeight;
  cells.fill(0);
  for (let y = 0; y < height; y++) {
    const row = (plane + wrap(top + y, boardHeight)) * boardWidth;
    for (let x = 0; x < width; x++) {
      cells[row + wrap(left + x, boardWidth)] = pattern.cells[y * width + x] as number;
    }
  }
}
