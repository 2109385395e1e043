/** A camera that looks at the middle of a box from outside. Right-handed, z upwards; matrices are column-major. */

export type Vector = readonly [x: number, y: number, z: number];
type Matrix = Float32Array;

/** Angles in radians; distance in diagonals of the box. */
export interface Orbit {
  readonly yaw: number;
  readonly pitch: number;
  readonly distance: number;
}

export const firstOrbit: Orbit = { yaw: 0.72, pitch: 0.5, distance: 1.42 };
const fieldOfView = 0.62;
const pitchMax = 1.52;

export function turned({ yaw, pitch, distance }: Orbit, by: number, up: number): Orbit {
  return { yaw: yaw + by, pitch: Math.min(pitchMax, Math.max(-pitchMax, pitch + up)), distance };
}

export function nearer(orbit: Orbit, factor: number): Orbit {
  return { ...orbit, distance: Math.min(4, Math.max(0.55, orbit.distance * factor)) };
}

export interface Camera {
  readonly eye: Vector;
  /** From the box to the canvas: clip coordinates. */
  readonly matrix: Matrix;
  /** The ray of a point of the canvas, in [-1, 1] both ways, upwards. */
  ray(x: number, y: number): { readonly from: Vector; readonly towards: Vector };
}

/** @param size of the box, whose lowest corner is the origin; @param aspect width / height of the canvas */
export function cameraOf({ yaw, pitch, distance }: Orbit, size: Vector, aspect: number): Camera {
  const middle: Vector = [size[0] / 2, size[1] / 2, size[2] / 2];
  const diagonal = Math.hypot(...size);
  // A canvas that is higher than wide sees less to the sides, so it stands farther off.
  const away = (distance * diagonal) / Math.min(1, aspect) / (2 * Math.tan(fieldOfView / 2)) / 1.35;
  const back: Vector = [
    Math.cos(pitch) * Math.cos(yaw),
    Math.cos(pitch) * Math.sin(yaw),
    Math.sin(pitch),
  ];
  const right: Vector = [-Math.sin(yaw), Math.cos(yaw), 0];
  const up = cross(back, right);
  const eye = add(middle, scaled(back, away));
  const tangent = Math.tan(fieldOfView / 2);
  const near = Math.max(0.05, away - diagonal);
  const far = away + diagonal;
  const view = rows(right, up, back, eye);
  const matrix = multiplied(perspective(tangent, aspect, near, far), view);
  return {
    eye,
    matrix,
    ray: (x, y) => ({
      from: eye,
      towards: add(
        add(scaled(right, x * tangent * aspect), scaled(up, y * tangent)),
        scaled(back, -1),
      ),
    }),
  };
}

/** Where a point of the box appears, in [-1, 1] both ways. */
export function projected(matrix: Matrix, [x, y, z]: Vector): readonly [x: number, y: number] {
  const row = (i: number): number =>
    matrix[i]! * x + matrix[4 + i]! * y + matrix[8 + i]! * z + matrix[12 + i]!;
  return [row(0) / row(3), row(1) / row(3)];
}

/**
 * The first cell on a ray for which `isThere` holds, walking from cell to cell (Amanatides and Woo, 1987).
 * @param begin and `end` bound the cells that are looked at, `end` excluded.
 */
export function firstCellOn(
  { from, towards }: { readonly from: Vector; readonly towards: Vector },
  begin: Vector,
  end: Vector,
  isThere: (x: number, y: number, z: number) => boolean,
): Vector | undefined {
  let [enter, leave] = [0, Infinity];
  for (let axis = 0; axis < 3; axis++) {
    const a = (begin[axis]! - from[axis]!) / towards[axis]!;
    const b = (end[axis]! - from[axis]!) / towards[axis]!;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  if (!(enter < leave)) return undefined;
  const start = add(from, scaled(towards, enter + 1e-6));
  const cell = start.map((value, axis) =>
    Math.min(end[axis]! - 1, Math.max(begin[axis]!, Math.floor(value))),
  ) as [number, number, number];
  const step = towards.map((value) => (value < 0 ? -1 : 1));
  const next = cell.map(
    (value, axis) => (value + (step[axis]! > 0 ? 1 : 0) - from[axis]!) / towards[axis]!,
  );
  const stride = towards.map((value) => Math.abs(1 / value));
  while (cell.every((value, axis) => value >= begin[axis]! && value < end[axis]!)) {
    if (isThere(cell[0], cell[1], cell[2])) return cell;
    const axis = next.indexOf(
      Math.min(...next.map((value) => (Number.isNaN(value) ? Infinity : value))),
    );
    cell[axis]! += step[axis]!;
    next[axis]! += stride[axis]!;
  }
  return undefined;
}

function add(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function scaled(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function rows(right: Vector, up: Vector, back: Vector, eye: Vector): Matrix {
  const axes = [right, up, back];
  const matrix = new Float32Array(16);
  axes.forEach((axis, row) => {
    for (let column = 0; column < 3; column++) matrix[4 * column + row] = axis[column]!;
    matrix[12 + row] = -dot(axis, eye);
  });
  matrix[15] = 1;
  return matrix;
}

function perspective(tangent: number, aspect: number, near: number, far: number): Matrix {
  const matrix = new Float32Array(16);
  matrix[0] = 1 / (tangent * aspect);
  matrix[5] = 1 / tangent;
  matrix[10] = (near + far) / (near - far);
  matrix[11] = -1;
  matrix[14] = (2 * near * far) / (near - far);
  return matrix;
}

function multiplied(a: Matrix, b: Matrix): Matrix {
  return Float32Array.from({ length: 16 }, (_, at) => {
    const [column, row] = [at >> 2, at & 3];
    let sum = 0;
    for (let i = 0; i < 4; i++) sum += a[4 * i + row]! * b[4 * column + i]!;
    return sum;
  });
}
