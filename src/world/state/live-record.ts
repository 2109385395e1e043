import { bytesOf } from "../../format/bytes.ts";
import { isVariable, numbersOf } from "../../format/column-types.ts";
import type { ColumnImage } from "../../format/image.ts";
import type { ColumnLayout, StoreLayout } from "../../format/layout.ts";
import type { NumericArray, VariableType } from "../../types.ts";
import { decodeValue, encodeValue, readElement, writeElement } from "../elements.ts";
import type { LiveStore, RowBits } from "./live-store.ts";

/** A record with an accessor for each column; what has a fixed width is checked when it is set. */
export class LiveRecord implements LiveStore {
  readonly isBound = false;
  readonly #store: StoreLayout;
  readonly #record: object = {};
  readonly #numbers: (NumericArray | undefined)[];
  readonly #values: unknown[];

  constructor(store: StoreLayout) {
    this.#store = store;
    this.#numbers = store.columns.map(({ base, width }) =>
      width === 0 ? undefined : numbersOf(base, new Uint8Array(width)),
    );
    this.#values = store.columns.map(({ type }) =>
      isVariable(type) ? decodeValue(type, new Uint8Array(0)) : undefined,
    );
    store.columns.forEach((column, number) => this.#defineColumn(column, number));
    // Shows values where Node's console would show accessors.
    const inspect = (): object => ({ ...this.#record });
    Object.defineProperty(this.#record, Symbol.for("nodejs.util.inspect.custom"), {
      value: inspect,
    });
    Object.freeze(this.#record);
  }

  #defineColumn(column: ColumnLayout, number: number): void {
    const { name, type } = column;
    const numbers = this.#numbers[number];
    const where = `${this.#store.name}.${name}`;
    const accessor = isVariable(type)
      ? {
          get: () => this.#values[number],
          set: (value: unknown) => {
            encodeValue(type, value, where);
            this.#values[number] = value;
          },
        }
      : {
          get: () => readElement(column, numbers as NumericArray, 0),
          set: (value: unknown) => writeElement(column, numbers as NumericArray, 0, value, where),
        };
    Object.defineProperty(this.#record, name, { ...accessor, enumerable: true });
  }

  present(): object {
    return this.#record;
  }

  capture(): readonly ColumnImage[] {
    return this.#store.columns.map(({ name, type }, column) => {
      const numbers = this.#numbers[column];
      if (numbers !== undefined) return { bytes: bytesOf(numbers), values: [] };
      // Objects and bytes may have been changed in place since they were set.
      const where = `${this.#store.name}.${name}`;
      const value = encodeValue(type as VariableType, this.#values[column], where);
      return { bytes: new Uint8Array(0), values: [value] };
    });
  }

  load(columns: readonly ColumnImage[]): void {
    columns.forEach(({ bytes, values }, column) => {
      const numbers = this.#numbers[column];
      if (numbers !== undefined) return bytesOf(numbers).set(bytes);
      this.#setValue(column, values[0] as Uint8Array);
    });
  }

  write({ column, bytes, values }: RowBits): void {
    const numbers = this.#numbers[column];
    if (numbers !== undefined) return bytesOf(numbers).set(bytes);
    this.#setValue(column, values[0] as Uint8Array);
  }

  #setValue(column: number, bytes: Uint8Array): void {
    const { type } = this.#store.columns[column] as StoreLayout["columns"][number];
    this.#values[column] = decodeValue(type as VariableType, bytes);
  }
}
