import { EverytickError } from "../errors.ts";
import { bytesOf } from "../format/bytes.ts";
import type { ColumnImage, Image } from "../format/image.ts";
import {
  isNumericType,
  numbersOf,
  typeOfArray,
  type Layout,
  type StoreLayout,
} from "../format/layout.ts";
import type {
  GridStore,
  NumericArray,
  NumericType,
  StateDefinition,
  VariableType,
} from "../types.ts";
import { checkNumber, decodeValue, encodeValue } from "./elements.ts";
import type { RandomStreams } from "./random.ts";

/** One store of the live state: what the user's code reads and writes. */
interface LiveStore {
  /** What stands in `state` under the store's name; fetched anew each time, since arrays may move. */
  present(): unknown;
  capture(): readonly ColumnImage[];
  load(columns: readonly ColumnImage[]): void;
  write(rows: RowBits): void;
}

/** New bits of some rows of a column: `bytes` for a fixed width, `values` for variable lengths. */
export interface RowBits {
  readonly column: number;
  readonly index: Uint32Array;
  readonly bytes: Uint8Array;
  readonly values: readonly Uint8Array[];
}

/** The state of a running simulation, in engine-owned or bound arrays. */
export class LiveState {
  readonly layout: Layout;
  /** The object that user code sees as `state`. */
  readonly state: object = {};
  readonly #stores: readonly LiveStore[];

  constructor(definition: StateDefinition, layout: Layout, random: RandomStreams) {
    this.layout = layout;
    this.#stores = layout.stores.map((store) => {
      const defined = definition[store.name];
      if (store.number === layout.randomStore) return new LiveRandom(random);
      return defined?.kind === "grid" ? new LiveGrid(defined, store) : new LiveRecord(store);
    });
    layout.stores.slice(0, -1).forEach(({ name }, number) => {
      const get = (): unknown => this.#stores[number]?.present();
      Object.defineProperty(this.state, name, { get, enumerable: true });
    });
    Object.freeze(this.state);
  }

  /** The current bits of a store. Fixed-width bytes are views of the live memory. @throws WORLD_ARRAY, WORLD_VALUE */
  captureStore(store: number): readonly ColumnImage[] {
    return (this.#stores[store] as LiveStore).capture();
  }

  /** The same of every store, in order. */
  capture(): readonly (readonly ColumnImage[])[] {
    return this.#stores.map((store) => store.capture());
  }

  load(image: Image): void {
    this.#stores.forEach((store, number) => {
      store.load(image.stores[number] as readonly ColumnImage[]);
    });
  }

  /** Writes new bits into some rows of a store. */
  write(store: number, columns: readonly RowBits[]): void {
    for (const column of columns) this.#stores[store]?.write(column);
  }
}

class LiveGrid implements LiveStore {
  readonly #store: StoreLayout;
  readonly #type: NumericType;
  readonly #source: () => NumericArray;

  constructor({ type, source }: GridStore, store: StoreLayout) {
    this.#store = store;
    this.#type = type;
    const { width } = store.columns[0] as { width: number };
    const owned = source ?? numbersOf(type, new Uint8Array(store.rows * width));
    this.#source = typeof owned === "function" ? owned : () => owned;
  }

  present(): NumericArray {
    return this.#source();
  }

  capture(): readonly ColumnImage[] {
    return [{ bytes: bytesOf(this.#checked()), values: [] }];
  }

  load([column]: readonly ColumnImage[]): void {
    bytesOf(this.#checked()).set((column as ColumnImage).bytes);
  }

  write({ index, bytes }: RowBits): void {
    const target = bytesOf(this.#checked());
    const width = bytes.length / index.length;
    index.forEach((row, i) => target.set(bytes.subarray(i * width, (i + 1) * width), row * width));
  }

  #checked(): NumericArray {
    const array = this.#source();
    const type = typeOfArray(array);
    if (type !== this.#type || array.length !== this.#store.rows) {
      throw new EverytickError("WORLD_ARRAY", {
        where: `store ${this.#store.name}`,
        expected: `${this.#store.rows} elements of ${this.#type}`,
        found: type === undefined ? typeof array : `${array.length} elements of ${type}`,
        next: "Nothing was recorded. Bind the array with a function if it moves.",
      });
    }
    return array;
  }
}

/** A record with an accessor for each column; numbers are checked when they are set. */
class LiveRecord implements LiveStore {
  readonly #store: StoreLayout;
  readonly #record: object = {};
  readonly #numbers: (NumericArray | undefined)[];
  readonly #values: unknown[];

  constructor(store: StoreLayout) {
    this.#store = store;
    this.#numbers = store.columns.map(({ type, width }) =>
      isNumericType(type) ? numbersOf(type, new Uint8Array(width)) : undefined,
    );
    this.#values = store.columns.map(({ type }) =>
      isNumericType(type) ? undefined : decodeValue(type, new Uint8Array(0)),
    );
    store.columns.forEach((_, column) => this.#defineColumn(column));
    // Shows values where Node's console would show accessors.
    const inspect = (): object => ({ ...this.#record });
    Object.defineProperty(this.#record, Symbol.for("nodejs.util.inspect.custom"), {
      value: inspect,
    });
    Object.freeze(this.#record);
  }

  #defineColumn(column: number): void {
    const { name, type } = this.#store.columns[column] as StoreLayout["columns"][number];
    const numbers = this.#numbers[column];
    const where = `${this.#store.name}.${name}`;
    const accessor = isNumericType(type)
      ? {
          get: () => numbers?.[0],
          set: (value: unknown) => void numbers?.fill(checkNumber(type, value, where) as never),
        }
      : {
          get: () => this.#values[column],
          set: (value: unknown) => {
            encodeValue(type, value, where);
            this.#values[column] = value;
          },
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

class LiveRandom implements LiveStore {
  readonly #words: Uint32Array;

  constructor({ words }: RandomStreams) {
    this.#words = words;
  }

  present(): undefined {
    return undefined;
  }

  capture(): readonly ColumnImage[] {
    return Array.from(this.#words, (_, i) => {
      return { bytes: bytesOf(this.#words.subarray(i, i + 1)), values: [] };
    });
  }

  load(columns: readonly ColumnImage[]): void {
    columns.forEach(({ bytes }, i) => bytesOf(this.#words.subarray(i, i + 1)).set(bytes));
  }

  write({ column, bytes }: RowBits): void {
    bytesOf(this.#words.subarray(column, column + 1)).set(bytes);
  }
}
