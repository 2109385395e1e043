import { paramError } from "./param-error.ts";

/** A pattern as read from a file, whatever its format. */
export interface Pattern {
  readonly width: number;
  readonly height: number;
  /** States, row by row. */
  readonly cells: Uint8Array;
  /** As written in the file, without its topology. */
  readonly rule?: string;
  /** What stands behind the colon of a rule, such as `T64,64`. */
  readonly topology?: string;
  /** Of the top left cell. */
  readonly position?: { readonly x: number; readonly y: number };
  readonly comments: readonly Comment[];
}

/** A line such as `#N Gosper glider gun`: kind `N`. */
export interface Comment {
  readonly kind: string;
  readonly text: string;
}

/** Checked before anything is allocated: a file of ten bytes can declare any size. */
const patternCellsMax = 2 ** 26;

/** What is being read, and how far: for cells given one run at a time. */
export class PatternCanvas {
  readonly cells: Uint8Array;
  readonly #width: number;
  readonly #height: number;
  #x = 0;
  #y = 0;

  constructor(width: number, height: number, line: number) {
    if (width * height > patternCellsMax) {
      throw patternError(
        { line, column: 1 },
        `at most ${patternCellsMax} cells`,
        `${width} x ${height}`,
      );
    }
    this.#width = width;
    this.#height = height;
    this.cells = new Uint8Array(width * height);
  }

  /** Dead cells may lie outside the declared size, as the files of some programs have them. */
  run(count: number, state: number, at: Place): void {
    if (state !== 0) {
      if (this.#x + count > this.#width || this.#y >= this.#height) {
        const found = `a live cell at ${this.#x + count - 1}, ${this.#y}`;
        throw patternError(at, `cells within ${this.#width} x ${this.#height}`, found);
      }
      const start = this.#y * this.#width + this.#x;
      this.cells.fill(state, start, start + count);
    }
    this.#x += count;
  }

  endRows(count: number): void {
    this.#x = 0;
    this.#y += count;
  }
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export function patternError(
  { line, column }: Place,
  expected: string,
  found: string,
  next?: string,
) {
  const where = `pattern, line ${line}, column ${column}`;
  return paramError({ where, expected, found, ...(next === undefined ? {} : { next }) });
}
