import type { NumericArray } from "../../../src/types.ts";
import { categoryColour, packed, rampTable, type Ramp } from "./colours.ts";

/** How the numbers of a grid become colours. */
export type Colouring =
  | { readonly kind: "states"; readonly most: number }
  | {
      readonly kind: "amounts";
      readonly least: number;
      readonly most: number;
      readonly ramp: Ramp;
      /** What is coloured, if it is not the value. */
      readonly of?: string;
    };

/** Up to this many, whole numbers from 0 on are states with a colour each. */
export const statesMax = 8;
const notANumber = packed([255, 0, 128]);

/** States if they are few and whole, else amounts between the least and the most of this tick. */
export function colouringOf(values: NumericArray, ramp: Ramp): Colouring {
  let [least, most, isWhole] = [Infinity, -Infinity, true];
  for (const each of values) {
    const value = Number(each);
    if (value < least) least = value;
    if (value > most) most = value;
    if (isWhole && !Number.isInteger(value)) isWhole = false;
  }
  if (least > most) return { kind: "amounts", least: 0, most: 0, ramp };
  if (isWhole && least >= 0 && most <= statesMax) return { kind: "states", most };
  return { kind: "amounts", least, most, ramp };
}

/** The colours of each cell; @param background of state 0. */
export function colourCells(
  values: NumericArray,
  colouring: Colouring,
  background: number,
  into: Uint32Array,
): void {
  if (colouring.kind === "states") {
    const colours = Uint32Array.from({ length: statesMax + 1 }, (_, state) => {
      return state === 0 ? background : categoryColour(state);
    });
    for (let i = 0; i < values.length; i++) into[i] = colours[Number(values[i])] ?? notANumber;
    return;
  }
  const { least, most, ramp } = colouring;
  const table = rampTable(ramp);
  const scale = most > least ? 255 / (most - least) : 0;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    const level = Math.min(255, Math.max(0, (value - least) * scale));
    into[i] = Number.isNaN(value) ? notANumber : table[Math.round(level)]!;
  }
}
