import { Chunks } from "./chunks.ts";
import type { ColumnType, NumericArray, NumericType, StoreSchema, WorldSchema } from "../types.ts";

/** Width in bytes of each numeric type. */
export const widths: Readonly<Record<NumericType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  f16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
};

const arrayClasses = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  f16: Float16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f32: Float32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const;

/** The bytes seen as numbers; no copy. The offset of `bytes` must suit the type. */
export function numbersOf(type: NumericType, bytes: Uint8Array): NumericArray {
  return new arrayClasses[type](
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength / widths[type],
  );
}

/** The type that an array's class stands for, or `undefined`. A `Buffer` is a `Uint8Array`. */
export function typeOfArray(array: unknown): NumericType | undefined {
  for (const [type, arrayClass] of Object.entries(arrayClasses)) {
    if (array instanceof arrayClass) return type as NumericType;
  }
  return array instanceof Uint8ClampedArray ? "u8" : undefined;
}

export function isNumericType(type: string): type is NumericType {
  return Object.hasOwn(widths, type);
}

/** How the bits of a state lie in memory, made from a world's schema. */
export interface Layout {
  readonly stores: readonly StoreLayout[];
  /** The number of `$random`, which is always the last store. */
  readonly randomStore: number;
}
export interface StoreLayout {
  readonly name: string;
  /** Position in the world. */
  readonly number: number;
  /** Position among the stores that digests cover; -1 for an observed store. */
  readonly digestNumber: number;
  readonly rows: number;
  readonly columns: readonly ColumnLayout[];
  readonly chunks: Chunks | undefined;
}
export interface ColumnLayout {
  readonly name: string;
  readonly type: ColumnType;
  /** Bytes of an element; 0 for variable lengths. */
  readonly width: number;
}

export const randomStoreName = "$random";

export function layoutOf(world: WorldSchema): Layout {
  let digested = 0;
  const stores = world.stores.map((store, number) => {
    const digestNumber = store.role === "observed" ? -1 : digested++;
    return storeLayout(store, number, digestNumber);
  });
  return { stores, randomStore: stores.length - 1 };
}

function storeLayout(store: StoreSchema, number: number, digestNumber: number): StoreLayout {
  const base = { name: store.name, number, digestNumber };
  if (store.kind === "value") {
    const columns = store.columns.map(({ name, type }) => columnLayout(name, type));
    return { ...base, rows: 1, columns, chunks: undefined };
  }
  const rows = store.shape.reduce((product, length) => product * length, 1);
  const chunks = new Chunks(store.shape, store.chunk);
  return { ...base, rows, columns: [columnLayout("", store.type)], chunks };
}

function columnLayout(name: string, type: ColumnType): ColumnLayout {
  return { name, type, width: isNumericType(type) ? widths[type] : 0 };
}

/** Bytes of the fixed-width columns of one whole state. */
export function stateBytes(layout: Layout): number {
  let bytes = 0;
  for (const store of layout.stores) {
    for (const column of store.columns) bytes += store.rows * column.width;
  }
  return bytes;
}
