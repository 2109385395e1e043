import type { ColumnType, NumericArray, NumericType } from "../types.ts";

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

/** How the elements of a column lie in memory. */
export interface ColumnForm {
  /** The numbers that an element consists of: of an identifier its bytes or word. */
  readonly base: NumericType;
  /** Numbers in an element. */
  readonly length: number;
  /** Bytes of an element; 0 for variable lengths. */
  readonly width: number;
}

const variableForm: ColumnForm = { base: "u8", length: 0, width: 0 };

/** The form of a column type, or `undefined` if it is none. */
export function formOf(type: string): ColumnForm | undefined {
  if (isNumericType(type)) return { base: type, length: 1, width: widths[type] };
  if (type === "uuid") return { base: "u8", length: 16, width: 16 };
  if (type === "h3") return { base: "u64", length: 1, width: 8 };
  if (type === "utf8" || type === "json" || type === "bytes") return variableForm;
  const [, base = "", digits = ""] = /^(\w+)\[([1-9]\d{0,5})\]$/.exec(type) ?? [];
  if (!isNumericType(base)) return undefined;
  const length = Number(digits);
  return { base, length, width: length * widths[base] };
}

/** The type of a vector's numbers; `undefined` for what is no vector. */
export function vectorBase(type: string): NumericType | undefined {
  return type.endsWith("]") ? formOf(type)?.base : undefined;
}

/** Every column type, for messages; `f32[3]` stands for all vectors. */
export const columnTypeNames = [
  ...Object.keys(widths),
  "f32[3]",
  "uuid",
  "h3",
  "utf8",
  "json",
  "bytes",
];

export function isVariable(type: ColumnType): type is "utf8" | "json" | "bytes" {
  return type === "utf8" || type === "json" || type === "bytes";
}
