import { nextState, type Rule } from "./rule.ts";
import {
  type Board,
  type Cells,
  type Geometry,
  geometryOf,
  makePlaneSums,
  wordsOf,
} from "./sums.ts";

/** Advances the cells by one tick, in place. */
export type Stepper = (cells: Uint8Array) => void;

/**
 * The neighbours of a cell are found by adding each offset to its place. On a torus the sum wraps around, so on an axis
 * of length 1 or 2 one cell counts as several neighbours, and at length 1 a cell is its own neighbour. With dead edges
 * everything outside is in state 0 for ever, also for rules with birth at no neighbours.
 *
 * Only four planes of sums exist at once, since a plane can be overwritten as soon as the sums of the next one are made:
 *
 *     plane     0      …  previous  here  following   …  last
 *     sums    first                                      made ahead of time, for plane 0
 *     kept to the end, for the last plane
 */
export function makeStepper(rule: Rule, board: Board): Stepper {
  const geometry = geometryOf(rule, board);
  const { slots, outside, sumPlane } = makePlaneSums(geometry);
  const finishPlane = makeFinish(rule, geometry);
  const { planes, planesWrap } = geometry;

  return (cells) => {
    const view: Cells = { cells, words: wordsOf(cells, geometry) };
    let previous = planesWrap ? sumPlane(view, planes - 1, slots[1]) : outside;
    const first = sumPlane(view, 0, slots[0]);
    let here = first;
    for (let plane = 0; plane < planes; plane++) {
      let following = planesWrap ? first : outside;
      if (plane + 1 < planes) {
        following = sumPlane(view, plane + 1, slots[(1 + ((plane + 1) % 3)) as 1 | 2 | 3]);
      }
      finishPlane(view, plane, [previous.far, here.near, following.far]);
      previous = here;
      here = following;
    }
  };
}

/** The three arrays whose sum is the number of living neighbours, and of the cell itself in a Moore neighbourhood. */
type Addends = readonly [previous: Int32Array, here: Int32Array, following: Int32Array];
type FinishPlane = (view: Cells, plane: number, addends: Addends) => void;

function makeFinish(rule: Rule, geometry: Geometry): FinishPlane {
  const next = nextTable(rule, geometry);
  const finishCells = makeFinishCells(next, geometry);
  if (rule.states > 2) return finishCells;
  const finishPairs = makeFinishPairs(next, geometry);
  return (view, plane, addends) => {
    if (view.words === undefined) finishCells(view, plane, addends);
    else finishPairs(view.words, plane * geometry.planeWords, addends);
  };
}

/** No sum is above 27, so a sum and a state make one key. */
const sumBits = 5;

/** The next state, by `state << sumBits | sum`. */
function nextTable(rule: Rule, { moore }: Geometry): Uint8Array {
  const table = new Uint8Array(rule.states << sumBits);
  for (let key = 0; key < table.length; key++) {
    const state = key >> sumBits;
    const sum = key & ((1 << sumBits) - 1);
    table[key] = nextState(rule, state, moore && state === 1 ? sum - 1 : sum);
  }
  return table;
}

/** Two states: a word holds the keys of four cells at once, and a table takes two of them at a time. */
function makeFinishPairs(next: Uint8Array, { planeWords }: Geometry) {
  const pairs = new Uint16Array(next.length << 8);
  for (let high = 0; high < next.length; high++) {
    for (let low = 0; low < next.length; low++) {
      pairs[(high << 8) | low] = ((next[high] as number) << 8) | (next[low] as number);
    }
  }

  // Leaving words without a living cell alone was tried: it gains a tenth on empty boards and costs half on full ones.
  return (words: Int32Array, base: number, [previous, here, following]: Addends) => {
    for (let i = 0; i < planeWords; i++) {
      const sum = (previous[i] as number) + (here[i] as number) + (following[i] as number);
      const keys = sum + ((words[base + i] as number) << sumBits);
      const low = pairs[keys & 0xffff] as number;
      words[base + i] = low | ((pairs[keys >>> 16] as number) << 16);
    }
  };
}

/** Any number of states, and rows of any length. */
function makeFinishCells(next: Uint8Array, geometry: Geometry): FinishPlane {
  const { rows, width, rowWords, planeWords } = geometry;
  const sums = new Int32Array(planeWords);
  const sumBytes = new Uint8Array(sums.buffer);

  return ({ cells }, plane, [previous, here, following]) => {
    for (let i = 0; i < planeWords; i++) {
      sums[i] = (previous[i] as number) + (here[i] as number) + (following[i] as number);
    }
    let cell = plane * rows * width;
    for (let row = 0; row < rows; row++) {
      const start = row * rowWords * 4;
      for (let at = start; at < start + width; at++, cell++) {
        const key = ((cells[cell] as number) << sumBits) | (sumBytes[at] as number);
        cells[cell] = next[key] as number;
      }
    }
  };
}
