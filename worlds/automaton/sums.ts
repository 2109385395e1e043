import type { Rule } from "./rule.ts";

export type Edge = "torus" | "dead";

export interface Board {
  /** Lengths of the axes, slowest first: [y, x] or [z, y, x]. */
  readonly shape: readonly number[];
  readonly edge: Edge;
}

export interface Geometry {
  /** 1 in 2-D. */
  readonly planes: number;
  readonly rows: number;
  readonly width: number;
  readonly rowWords: number;
  readonly planeWords: number;
  readonly torus: boolean;
  /** Whether the first plane and the last one are neighbours: not in 2-D, where the only plane has none. */
  readonly planesWrap: boolean;
  /** Brings the last cell of a row to the top of its word. */
  readonly wrapShift: number;
  readonly moore: boolean;
  readonly twoStates: boolean;
}

/** The cells, and the same memory four cells at a time if every row begins at a word. */
export interface Cells {
  readonly cells: Uint8Array;
  readonly words: Int32Array | undefined;
}

/**
 * What a plane adds to its own cells (`near`) and to those of the planes beside it (`far`), each cell a byte. Bytes
 * behind the end of a row are meaningless, and too small to spill into others.
 */
interface Sums {
  readonly near: Int32Array;
  readonly far: Int32Array;
}

export function geometryOf(rule: Rule, { shape, edge }: Board): Geometry {
  const [width = 1, height = 1, depth] = [...shape].reverse();
  const rowWords = Math.ceil(width / 4);
  const torus = edge === "torus";
  return {
    planes: depth ?? 1,
    rows: height,
    width,
    rowWords,
    planeWords: height * rowWords,
    torus,
    planesWrap: torus && depth !== undefined,
    wrapShift: 24 - 8 * ((width - 1) % 4),
    moore: rule.neighbourhood === "moore",
    twoStates: rule.states === 2,
  };
}

export function wordsOf(cells: Uint8Array, { width }: Geometry): Int32Array | undefined {
  if (width % 4 !== 0 || cells.byteOffset % 4 !== 0) return undefined;
  return new Int32Array(cells.buffer, cells.byteOffset, cells.length / 4);
}

export function makePlaneSums(geometry: Geometry) {
  const loadPlane = makeLoad(geometry);
  const add = geometry.moore ? addBox : addCross;
  const slots = [
    makeSums(geometry),
    makeSums(geometry),
    makeSums(geometry),
    makeSums(geometry),
  ] as const;

  const sumPlane = (view: Cells, plane: number, sums: Sums): Sums => {
    const { words, base } = loadPlane(view, plane);
    add(words, base, sums, geometry);
    return sums;
  };
  return { slots, outside: makeSums(geometry), sumPlane };
}

/** A Moore neighbourhood is a box, which adds the same to its own plane as to the others: one array serves as both. */
function makeSums({ planeWords, moore }: Geometry): Sums {
  const near = new Int32Array(planeWords);
  return { near, far: moore ? near : new Int32Array(planeWords) };
}

/** 1 in the byte of each living cell. Shifting such words by a byte moves every cell to its neighbour. */
interface Living {
  readonly words: Int32Array;
  readonly base: number;
}

function makeLoad(geometry: Geometry): (view: Cells, plane: number) => Living {
  const { rows, width, rowWords, planeWords, torus, twoStates } = geometry;
  const scratch = new Int32Array(planeWords);
  const bytes = new Uint8Array(scratch.buffer);

  return ({ cells, words }, plane) => {
    const base = plane * planeWords;
    if (words !== undefined && twoStates) return { words, base };
    if (words !== undefined) {
      for (let i = 0; i < planeWords; i++) scratch[i] = onesOf(words[base + i] as number);
      return { words: scratch, base: 0 };
    }
    let cell = plane * rows * width;
    for (let row = 0; row < rows; row++) {
      const start = row * rowWords * 4;
      for (let x = 0; x < width; x++) bytes[start + x] = cells[cell++] === 1 ? 1 : 0;
      // A row that ends within a word holds the cell that follows by wrapping around; other rows get it in `add`.
      if (width % 4 !== 0) bytes[start + width] = torus ? (bytes[start] as number) : 0;
    }
    return { words: scratch, base: 0 };
  };
}

/** 1 in each byte that is 1, else 0: a byte of `rest` is zero exactly there, and adding 0x7f sets the top bit elsewhere. */
function onesOf(word: number): number {
  const rest = word ^ 0x01010101;
  const others = ((rest & 0x7f7f7f7f) + 0x7f7f7f7f) | rest;
  return (~others >>> 7) & 0x01010101;
}

/**
 * Moore: three rows are added first, then three columns of the result. Masks empty what lies outside the board. The first
 * word is shifted by what wraps around from the last cell of the row, wherever in its word that stands.
 */
function addBox(words: Int32Array, base: number, { near }: Sums, geometry: Geometry): void {
  const { rows, rowWords, torus, wrapShift } = geometry;
  const lastRow = rows - 1;
  for (let row = 0; row < rows; row++) {
    const middle = base + row * rowWords;
    const toAbove = row > 0 ? -rowWords : lastRow * rowWords;
    const toBelow = row < lastRow ? rowWords : -lastRow * rowWords;
    const maskAbove = torus || row > 0 ? -1 : 0;
    const maskBelow = torus || row < lastRow ? -1 : 0;
    const last = middle + rowWords - 1;
    const first =
      ((words[middle + toAbove] as number) & maskAbove) +
      (words[middle] as number) +
      ((words[middle + toBelow] as number) & maskBelow);
    let left =
      ((words[last + toAbove] as number) & maskAbove) +
      (words[last] as number) +
      ((words[last + toBelow] as number) & maskBelow);
    left = torus ? left << wrapShift : 0;
    let here = first;
    for (let at = middle; at <= last; at++) {
      let right = torus ? first : 0;
      if (at < last) {
        right =
          ((words[at + 1 + toAbove] as number) & maskAbove) +
          (words[at + 1] as number) +
          ((words[at + 1 + toBelow] as number) & maskBelow);
      }
      near[at - base] = ((here << 8) | (left >>> 24)) + here + ((here >>> 8) | (right << 24));
      left = here;
      here = right;
    }
  }
}

/** Von Neumann: the four neighbours in the plane; to the planes beside it a cell adds only itself. */
function addCross(words: Int32Array, base: number, { near, far }: Sums, geometry: Geometry): void {
  const { rows, rowWords, torus, wrapShift } = geometry;
  const lastRow = rows - 1;
  for (let row = 0; row < rows; row++) {
    const middle = base + row * rowWords;
    const toAbove = row > 0 ? -rowWords : lastRow * rowWords;
    const toBelow = row < lastRow ? rowWords : -lastRow * rowWords;
    const maskAbove = torus || row > 0 ? -1 : 0;
    const maskBelow = torus || row < lastRow ? -1 : 0;
    const last = middle + rowWords - 1;
    const first = words[middle] as number;
    let left = torus ? (words[last] as number) << wrapShift : 0;
    let here = first;
    for (let at = middle; at <= last; at++) {
      const right = at < last ? (words[at + 1] as number) : torus ? first : 0;
      const across = ((here << 8) | (left >>> 24)) + ((here >>> 8) | (right << 24));
      const above = (words[at + toAbove] as number) & maskAbove;
      const below = (words[at + toBelow] as number) & maskBelow;
      near[at - base] = across + above + below;
      far[at - base] = here;
      left = here;
      here = right;
    }
  }
}
