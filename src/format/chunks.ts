/** Where a row of a grid lies: in a run of rows along the last axis that stays within one chunk. */
export interface Place {
  chunk: number;
  /** The rows of the grid that the run covers: [begin, end). */
  begin: number;
  end: number;
  /** The number that the run's first row has within its chunk. */
  local: number;
}

/** The division of a grid into chunks; all numberings are row-major, and chunks at the end of an axis may be shorter. */
export class Chunks {
  readonly #shape: readonly number[];
  readonly #chunk: readonly number[];
  /** Number of chunks along each axis. */
  readonly #counts: readonly number[];
  readonly count: number;

  constructor(shape: readonly number[], chunk: readonly number[]) {
    this.#shape = shape;
    this.#chunk = chunk;
    this.#counts = shape.map((length, axis) => Math.ceil(length / (chunk[axis] as number)));
    this.count = this.#counts.reduce((product, count) => product * count, 1);
  }

  /** Rows of a slab: as thick as a chunk along the first axis, so that it consists of whole chunks and of adjacent rows. */
  get slabRows(): number {
    return this.#shape
      .slice(1)
      .reduce((product, length) => product * length, this.#chunk[0] as number);
  }

  /** Finds the run that holds a row; writes it into `place`. */
  locate(row: number, place: Place): void {
    let rest = row;
    let chunkStride = 1;
    let localStride = 1;
    place.chunk = 0;
    place.local = 0;
    for (let axis = this.#shape.length - 1; axis >= 0; axis--) {
      const length = this.#shape[axis] as number;
      const edge = this.#chunk[axis] as number;
      const coordinate = rest % length;
      rest = (rest - coordinate) / length;
      const inside = coordinate % edge;
      const chunk = (coordinate - inside) / edge;
      const clipped = Math.min(edge, length - chunk * edge);
      if (axis === this.#shape.length - 1) {
        place.begin = row - inside;
        place.end = place.begin + clipped;
      } else {
        place.local += localStride * inside;
      }
      place.chunk += chunkStride * chunk;
      chunkStride *= this.#counts[axis] as number;
      localStride *= clipped;
    }
  }

  /** The rows of a chunk, as runs of equal length along the last axis: where each begins in the grid, rising. */
  runs(chunk: number): { readonly starts: Float64Array; readonly length: number } {
    const rank = this.#shape.length;
    const from: number[] = [];
    const lengths: number[] = [];
    let rest = chunk;
    for (let axis = rank - 1; axis >= 0; axis--) {
      const count = this.#counts[axis] as number;
      const edge = this.#chunk[axis] as number;
      const start = (rest % count) * edge;
      rest = Math.floor(rest / count);
      from[axis] = start;
      lengths[axis] = Math.min(edge, (this.#shape[axis] as number) - start);
    }
    const runCount = lengths.slice(0, -1).reduce((product, length) => product * length, 1);
    const starts = Float64Array.from({ length: runCount }, (_, run) =>
      this.#start(run, from, lengths),
    );
    return { starts, length: lengths[rank - 1] as number };
  }

  #start(run: number, from: readonly number[], lengths: readonly number[]): number {
    const rank = this.#shape.length;
    let rest = run;
    let stride = this.#shape[rank - 1] as number;
    let start = from[rank - 1] as number;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const length = lengths[axis] as number;
      start += stride * ((from[axis] as number) + (rest % length));
      rest = Math.floor(rest / length);
      stride *= this.#shape[axis] as number;
    }
    return start;
  }
}
