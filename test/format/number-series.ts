/** Series of states whose numbers move as those of simulations do, decided by a seed. */
import { Image } from "../../src/format/image.ts";
import {
  isGrowing,
  type ColumnLayout,
  type Layout,
  type StoreLayout,
} from "../../src/format/layout.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { Choices } from "../model/choices.ts";

export function seededBytes(seed: number, length: number): Uint8Array {
  return seededRandom(seed).bytes(length);
}

/** What a word gains in a tick; `undefined`: it stays. Floats move by their bits, through infinities and NaNs. */
export type Course = (tick: number, row: number, choices: Choices) => number | undefined;

export const courses = {
  walk: (_tick, _row, choices) => choices.below(9) - 4,
  drift: (_tick, row, choices) => 1000 + 3 * row + choices.below(3),
  counter: (_tick, row) => 1 + (row % 7),
  falling: (tick, row) => -50 * row - tick,
  noise: (_tick, _row, choices) => choices.next(),
  still: () => undefined,
  sparse: (_tick, _row, choices) => (choices.below(40) === 0 ? choices.below(1000) : undefined),
  "changing rows": (tick, row) => ((row + tick) % 5 === 0 ? undefined : 77),
  "drift with pauses": (tick, row) => {
    if (tick % 6 === 0 || (tick % 7 === 0 && row >= 30)) return undefined;
    return 500 + row;
  },
  "drift, then noise, then drift": (tick, row, choices) =>
    tick % 30 < 15 ? 3000 + row : choices.next(),
} as const satisfies Record<string, Course>;

/** How a series is made. */
export interface Series {
  readonly layout: Layout;
  readonly ticks: number;
  readonly seed: number;
  readonly course: Course;
  /** Rows of tables at the beginning. */
  readonly tableRows?: number;
}

/** The states of a series: the first, and one for each tick. */
export function statesOfSeries({ layout, ticks, seed, course, tableRows = 0 }: Series): Image[] {
  const choices = new Choices(seed);
  const first = new Image(layout);
  for (const store of layout.stores) {
    if (!isGrowing(store)) continue;
    first.reserve(store, tableRows);
    first.column(store.number, 0).bytes.fill(1, 0, tableRows);
  }
  forEachColumn(first, (store, column, bytes) => {
    const rows = liveRows(first, store);
    for (const row of rows) moveRow(bytes, row, column, () => choices.next());
  });
  const states: Image[] = [first];
  for (let tick = 1; tick <= ticks; tick++) {
    const next = new Image(layout);
    next.copyFrom(states.at(-1) as Image);
    forEachColumn(next, (store, column, bytes) => {
      for (const row of liveRows(next, store)) {
        moveRow(bytes, row, column, () => course(tick, row, choices));
      }
    });
    states.push(next);
  }
  return states;
}

/** A row dies and one is born. */
export function replaceRow(image: Image, store: StoreLayout, dead: number, born: number): void {
  image.reserve(store, born + 1);
  store.columns.forEach(({ width }, column) => {
    const { bytes } = image.column(store.number, column);
    bytes.fill(0, dead * width, (dead + 1) * width);
    bytes.fill(column === 0 ? 1 : 40 + column, born * width, (born + 1) * width);
  });
}

function forEachColumn(
  image: Image,
  visit: (store: StoreLayout, column: ColumnLayout, bytes: Uint8Array) => void,
): void {
  for (const store of image.layout.stores) {
    store.columns.forEach((column, number) => {
      const isLive = isGrowing(store) && number === 0;
      if (!isLive) visit(store, column, image.column(store.number, number).bytes);
    });
  }
}

function liveRows(image: Image, store: StoreLayout): number[] {
  const live = image.column(store.number, 0).bytes;
  const rows = Array.from({ length: isGrowing(store) ? live.length : store.rows }, (_, row) => row);
  return isGrowing(store) ? rows.filter((row) => live[row] === 1) : rows;
}

function moveRow(
  bytes: Uint8Array,
  row: number,
  { width, unit }: ColumnLayout,
  gain: () => number | undefined,
): void {
  for (let at = row * width; at < (row + 1) * width; at += unit) {
    const more = gain();
    if (more !== undefined) addTo(bytes, at, unit, more);
  }
}

/** Adds to an integer of so many bytes, which wraps. */
export function addTo(bytes: Uint8Array, at: number, unit: number, more: number): void {
  let carry = more;
  for (let byte = at; byte < at + unit; byte++) {
    carry += bytes[byte] as number;
    bytes[byte] = carry & 0xff;
    carry = Math.floor(carry / 256);
  }
}
