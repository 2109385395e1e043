import type { ColumnType, NumberArray, State, TickChanges, Values, Workload } from "./workload.ts";

const arrays = {
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** So many values that are nothing: 0 or "". */
export function nothing(type: ColumnType, length: number): Values {
  return type === "utf8" ? Array.from({ length }, () => "") : new arrays[type](length);
}

/** These bytes as numbers; copied where they do not lie on the boundary that the numbers need. */
export function numbersIn(type: Exclude<ColumnType, "utf8">, bytes: Uint8Array): NumberArray {
  const constructor = arrays[type];
  const isAligned = bytes.byteOffset % constructor.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : new Uint8Array(bytes);
  return new constructor(
    buffer as ArrayBuffer,
    byteOffset,
    byteLength / constructor.BYTES_PER_ELEMENT,
  );
}

export function bytesOf(values: NumberArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function copyState(state: State): State {
  return state.map((values) => values.slice());
}

/** Brings the state to the next tick, in place. */
export function applyTick(state: State, { deaths, columns }: TickChanges): void {
  for (const { columns: dying, rows } of deaths) {
    for (const column of dying) erase(state[column] as Values, rows);
  }
  for (const { column, rows, values } of columns) {
    const target = state[column] as Values;
    if (rows !== undefined) write(target, rows, values);
    else if (isNumbers(target) && target.length === values.length)
      target.set(values as NumberArray);
    else state[column] = values.slice();
  }
}

function erase(values: Values, rows: Uint32Array): void {
  if (isNumbers(values)) for (const row of rows) values[row] = 0;
  else for (const row of rows) values[row] = "";
}

export function write(target: Values, rows: Uint32Array, values: Values): void {
  // Both kinds are arrays that take what the other one holds.
  const to = target as unknown[];
  const from = values as unknown[];
  for (let i = 0; i < rows.length; i++) to[rows[i] as number] = from[i];
}

export function isNumbers(values: Values): values is NumberArray {
  return !Array.isArray(values);
}

/** @throws if some bit of the two states differs. */
export function assertSame(found: State, expected: State, workload: Workload, tick: number): void {
  for (const [number, { store, name }] of workload.columns.entries()) {
    const [a, b] = [found[number] as Values, expected[number] as Values];
    if (!isSame(a, b))
      throw new Error(`${workload.name}: ${store}.${name} differs at tick ${tick}`);
  }
}

function isSame(a: Values, b: Values): boolean {
  if (a.length !== b.length) return false;
  if (isNumbers(a) && isNumbers(b)) return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
  return !isNumbers(a) && a.every((text, row) => text === b[row]);
}

/** Copies of the states at some ticks. */
export function statesAt(workload: Workload, ticks: ReadonlySet<number>): Map<number, State> {
  const states = new Map<number, State>();
  const last = Math.max(...ticks);
  const state = copyState(workload.initial);
  for (let tick = 0; tick <= last; tick++) {
    if (tick > 0) applyTick(state, workload.ticks[tick - 1] as TickChanges);
    if (ticks.has(tick)) states.set(tick, copyState(state));
  }
  return states;
}
