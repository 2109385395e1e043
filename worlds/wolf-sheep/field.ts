/** The field is a torus: who leaves it on one side comes back on the other. */
export interface Field {
  readonly width: number;
  readonly height: number;
}

/** The cell of a place, row by row. */
export function cellAt({ width }: Field, x: number, y: number): number {
  return Math.floor(y) * width + Math.floor(x);
}

/** A place on an axis, after a step of less than the axis: an f32 in [0, length). */
export function wrapped(place: number, length: number): number {
  // Rounded first, since what lies just below 0 or `length` may round up to `length` itself.
  const positive = Math.fround(place < 0 ? place + length : place);
  return positive < length ? positive : Math.fround(positive - length);
}
