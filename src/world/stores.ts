import { EverytickError, kindOf } from "../errors.ts";
import { columnTypeNames, formOf, typeOfArray, widths } from "../format/column-types.ts";
import { limits } from "../limits.ts";
import type {
  ArrayOf,
  Columns,
  GridStore,
  NumericArray,
  NumericType,
  Role,
  ValueStore,
} from "../types.ts";

export interface GridOptions {
  /** Chunk lengths for each axis; deltas of large ticks are stored by chunk. Default 32³, or 128² in two dimensions. */
  readonly chunk?: readonly number[];
  /** Default `causal`. */
  readonly role?: Role;
}

type TypeOf<A> = { [T in NumericType]: A extends ArrayOf[T] ? T : never }[NumericType];

/**
 * A dense array of numbers, row-major. Given a type, the engine owns the array; given an array (or a function that
 * returns it, for heaps that move), that array is read at each commit and written at resume.
 * @throws WORLD_DEFINITION
 */
export function grid<T extends NumericType>(
  type: T,
  shape: readonly number[],
  options?: GridOptions,
): GridStore<T>;
export function grid<A extends NumericArray>(
  source: A | (() => A),
  shape: readonly number[],
  options?: GridOptions,
): GridStore<TypeOf<A>>;
export function grid(
  typeOrSource: NumericType | NumericArray | (() => NumericArray),
  shape: readonly number[],
  { chunk, role = "causal" }: GridOptions = {},
): GridStore {
  if (typeof typeOrSource === "string") {
    return gridStore(typeOrSource, shape, chunk, role);
  }
  const array = typeof typeOrSource === "function" ? typeOrSource() : typeOrSource;
  const type = typeOfArray(array);
  if (type === undefined) {
    throw refused("the array of a grid", "a typed array of numbers", kindOf(array));
  }
  return Object.freeze({ ...gridStore(type, shape, chunk, role), source: typeOrSource });
}

/** A checked grid. @throws WORLD_DEFINITION */
export function gridStore(
  type: NumericType,
  shape: readonly number[],
  chunk: readonly number[] | undefined,
  role: Role,
): GridStore {
  if (!Object.hasOwn(widths, type)) {
    throw refused("the type of a grid", Object.keys(widths).join(" "), kindOf(type));
  }
  if (!isLengths(shape) || shape.length > limits.gridRank) {
    throw refused(
      "the shape of a grid",
      `1 to ${limits.gridRank} whole lengths above 0`,
      kindOf(shape),
    );
  }
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements > limits.gridElements) {
    throw refused(
      "the shape of a grid",
      `at most ${limits.gridElements} elements`,
      String(elements),
    );
  }
  const edges = chunk ?? defaultChunk(shape.length);
  if (!isLengths(edges) || edges.length !== shape.length) {
    throw refused("the chunk of a grid", `${shape.length} whole lengths above 0`, kindOf(edges));
  }
  const clipped = edges.map((edge, axis) => Math.min(edge, shape[axis] as number));
  const chunkBytes = clipped.reduce((product, length) => product * length, widths[type]);
  if (chunkBytes > limits.chunkBytes) {
    throw refused("the chunk of a grid", `at most ${limits.chunkBytes} bytes`, String(chunkBytes));
  }
  return Object.freeze({
    kind: "grid",
    type,
    shape: [...shape],
    chunk: clipped,
    role: checkRole(role),
  });
}

function isLengths(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((length) => Number.isSafeInteger(length) && length > 0)
  );
}

function defaultChunk(rank: number): number[] {
  const edge = [65_536, 128, 32][rank - 1] ?? 16;
  return Array.from({ length: rank }, () => edge);
}

/**
 * One record of named columns, such as `value({ rain: "f64", season: "utf8" })`.
 * @throws WORLD_DEFINITION
 */
export function value<const C extends Columns>(
  columns: C,
  { role = "causal" }: { readonly role?: Role } = {},
): ValueStore<C> {
  return Object.freeze({
    kind: "value",
    columns: checkColumns("a value store", columns),
    role: checkRole(role),
  });
}

/** @throws WORLD_DEFINITION */
export function checkColumns<C extends Columns>(what: string, columns: C): C {
  if (typeof columns !== "object" || columns === null) {
    throw refused(`the columns of ${what}`, "types by name", kindOf(columns));
  }
  const names = Object.keys(columns);
  if (names.length === 0 || names.length > limits.columns) {
    throw refused(`the columns of ${what}`, `1 to ${limits.columns}`, String(names.length));
  }
  for (const [name, type] of Object.entries(columns)) {
    const form = typeof type === "string" ? formOf(type) : undefined;
    if (form === undefined) {
      throw refused(`the type of column ${name}`, columnTypeNames.join(" "), kindOf(type));
    }
    if (form.width > limits.columnBytes) {
      const expected = `at most ${limits.columnBytes} bytes in a row`;
      throw refused(`the type of column ${name}`, expected, String(form.width));
    }
  }
  return Object.freeze({ ...columns });
}

const roles: readonly Role[] = ["causal", "observed", "static"];

/** `derived` is no role that one gives: `derived(…)` does. */
export function checkRole(role: Role): Role {
  if (roles.includes(role)) return role;
  throw refused("the role of a store", "causal, observed or static", kindOf(role));
}

export function refused(where: string, expected: string, found: string): EverytickError {
  return new EverytickError("WORLD_DEFINITION", { where, expected, found });
}
