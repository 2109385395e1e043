/**
 * Cells of the H3 grid, made from the layout of their indexes (https://h3geo.org/docs/core-library/h3Indexing): 4 bits of
 * mode from bit 59, 4 of resolution from bit 52, 7 of base cell from bit 45, then 3 for the child taken at each of 15
 * resolutions; 7 where there is none.
 */

const finest = 15;
const childrenOfHexagon = 7;

function shiftOf(resolution: number): bigint {
  return 3n * BigInt(finest - resolution);
}

export function resolutionOf(cell: string): number {
  return Number((BigInt(`0x${cell}`) >> 52n) & 0xfn);
}

/** The cell that is reached from a base cell by taking these children; base cell 20 is a hexagon. */
export function cellOf(baseCell: number, children: readonly number[]): string {
  let cell = (1n << 59n) | (BigInt(children.length) << 52n) | (BigInt(baseCell) << 45n);
  for (let resolution = 1; resolution <= finest; resolution++) {
    cell |= BigInt(children[resolution - 1] ?? 7) << shiftOf(resolution);
  }
  return cell.toString(16);
}

/** The cell of a coarser resolution that holds this one. */
export function ancestorOf(cell: string, resolution: number): string {
  let ancestor = (BigInt(`0x${cell}`) & ~(0xfn << 52n)) | (BigInt(resolution) << 52n);
  for (let finer = resolution + 1; finer <= finest; finer++) ancestor |= 7n << shiftOf(finer);
  return ancestor.toString(16);
}

/** The cells of a finer resolution in a hexagon. */
export function descendantsOf(cell: string, resolution: number): string[] {
  const next = resolutionOf(cell) + 1;
  if (next > resolution) return [cell];
  const coarse = (BigInt(`0x${cell}`) & ~(0xfn << 52n)) | (BigInt(next) << 52n);
  return Array.from({ length: childrenOfHexagon }, (_, child) => {
    const digit = (7n ^ BigInt(child)) << shiftOf(next);
    return descendantsOf((coarse ^ digit).toString(16), resolution);
  }).flat();
}
