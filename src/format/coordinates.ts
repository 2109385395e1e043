/** The coordinates of a row-major index in a grid of this shape, slowest axis first. */
export function coordinatesOf(index: number, shape: readonly number[]): number[] {
  const coordinates: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    coordinates[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return coordinates;
}

/** The row-major index of coordinates, slowest axis first: the inverse of `coordinatesOf`. */
export function indexOf(coordinates: readonly number[], shape: readonly number[]): number {
  return coordinates.reduce(
    (index, coordinate, axis) => index * (shape[axis] as number) + coordinate,
    0,
  );
}
