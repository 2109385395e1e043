/** The values of a plane: of all numbers, and of those that are finite and not 0. */
export interface Range {
  readonly least: number;
  readonly largest: number;
  readonly leastOther: number;
  readonly largestOther: number;
  readonly notNumbers: number;
}

/** Of the 256 colours that every terminal shows. From near to 0 to far from it, none too dark to be told from 0. */
const ramp = [25, 61, 97, 133, 169, 175, 211, 217, 223, 229, 231];
/** Where some values lie below 0 and some above: warm above, cold below. */
const above = [88, 124, 160, 196, 202, 208, 214, 220, 226, 229, 231];
const below = [24, 30, 31, 37, 38, 44, 45, 51, 87, 123, 195];
const zeroColour = 16;
const notNumberColour = 46;

/** The colour of a value. 0 is the background, as is what lies beyond the grid; what is no number stands out. */
export function colouring(range: Range): (value: number | undefined) => number {
  const hasBoth = range.least < 0 && range.largest > 0;
  const levelOf = levels(range, hasBoth);
  return (value) => {
    if (value === undefined || value === 0) return zeroColour;
    if (Number.isNaN(value)) return notNumberColour;
    const colours = hasBoth ? (value < 0 ? below : above) : ramp;
    return colours[Math.round(levelOf(value) * (colours.length - 1))] as number;
  };
}

/** How far a value lies from 0: 0 to 1. Values on one side of it are told apart from the nearest to 0 on. */
function levels({ leastOther, largestOther }: Range, hasBoth: boolean): (value: number) => number {
  const largest = Math.max(Math.abs(leastOther), Math.abs(largestOther));
  const least = hasBoth ? 0 : Math.min(Math.abs(leastOther), Math.abs(largestOther));
  const range = largest - least;
  return (value) => {
    if (!(range > 0) || !Number.isFinite(value)) return 1;
    return Math.min(1, Math.max(0, (Math.abs(value) - least) / range));
  };
}
