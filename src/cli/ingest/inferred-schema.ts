import { kindOf } from "../../errors.ts";
import type { ColumnType, StateDefinition, StoreDefinition } from "../../types.ts";
import { integerRanges } from "../../world/elements.ts";
import { log, table } from "../../world/index.ts";
import { cellStores, isCellMessage } from "./cell-message.ts";
import { columnOf, type Fields, wordsOfLine } from "./document.ts";
import { refusedInput } from "./input-failure.ts";

const declare = "Declare the stores in a schema: see record --help.";
const keyColumn = "key";

/** Finds the stores and the types of their columns from the rows of the first tick. */
export class InferredSchema {
  readonly #stores = new Map<string, InferredStore>();
  #hasCells = false;

  /** Whether nothing has been seen from which a store follows. */
  get isEmpty(): boolean {
    return this.#stores.size === 0 && !this.#hasCells;
  }

  /** @throws CLI_INPUT for a row that does not go with the rows before */
  see(fields: Fields): void {
    if (isCellMessage(fields)) {
      this.#hasCells = true;
      return;
    }
    const name = fields["store"];
    if (name === undefined) return;
    if (typeof name !== "string") throw refusedInput('"store", a name', kindOf(name));
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = new InferredStore(name, fields[keyColumn] !== undefined);
      this.#stores.set(name, store);
    }
    store.see(fields);
  }

  /** @throws CLI_INPUT, WORLD_DEFINITION */
  definition(): StateDefinition {
    const rows = [...this.#stores].map(([name, store]) => [name, store.definition()] as const);
    const stores = Object.fromEntries<StoreDefinition>(rows);
    return this.#hasCells ? { ...cellStores, ...stores } : stores;
  }
}

class InferredStore {
  readonly #name: string;
  readonly #isTable: boolean;
  readonly #types = new Map<string, ColumnType>();
  /** Of each part of the key. */
  readonly #keyTypes: ColumnType[] = [];
  #keyParts: number | undefined;

  constructor(name: string, isTable: boolean) {
    this.#name = name;
    this.#isTable = isTable;
  }

  see(fields: Fields): void {
    const key = fields[keyColumn];
    if ((key !== undefined) !== this.#isTable) {
      const [expected, found] = this.#isTable ? ["a key", "none"] : ["no key", "one"];
      throw refusedInput(`${expected}, as in the rows of ${this.#name} before`, found, declare);
    }
    if (this.#isTable) this.#seeKey(key);
    for (const [field, value] of Object.entries(fields)) {
      if (field === keyColumn || wordsOfLine.includes(field)) continue;
      const name = columnOf(field);
      const [before, type] = [this.#types.get(name), typeOf(value)];
      this.#types.set(name, before === undefined || before === type ? type : "json");
    }
  }

  #seeKey(key: unknown): void {
    const parts: unknown[] = Array.isArray(key) ? key : [key];
    this.#keyParts ??= parts.length;
    if (parts.length !== this.#keyParts) {
      throw refusedInput(`a key of ${this.#keyParts} parts`, `${parts.length} parts`, declare);
    }
    parts.forEach((part, i) => {
      const [before, type] = [this.#keyTypes[i], keyTypeOf(part)];
      const both = before === undefined || before === type ? type : widerKey(before, type);
      if (both === undefined) throw refusedInput(`a key of ${before}`, kindOf(part), declare);
      this.#keyTypes[i] = both;
    });
  }

  definition(): StoreDefinition {
    const columns = Object.fromEntries(this.#types);
    if (!this.#isTable) {
      if (this.#types.size > 0) return log(columns);
      throw refusedInput(`columns in the rows of ${this.#name}`, "none", declare);
    }
    const [first, ...others] = this.#keyTypes;
    if (others.length === 0)
      return table({ [keyColumn]: first, ...columns } as never, { key: keyColumn });
    const keys = this.#keyTypes.map((type, i) => [`${keyColumn}${i + 1}`, type] as const);
    const clash = keys.find(([name]) => this.#types.has(name));
    if (clash !== undefined)
      throw refusedInput("names for the parts of the key", clash[0], declare);
    return table({ ...Object.fromEntries(keys), ...columns } as never, {
      key: keys.map(([name]) => name),
    });
  }
}

function typeOf(value: unknown): ColumnType {
  if (typeof value === "number") return "f64";
  return typeof value === "string" ? "utf8" : "json";
}

function keyTypeOf(part: unknown): ColumnType {
  if (typeof part === "string") return "utf8";
  const [low, high] = integerRanges["u32"] as readonly [number, number];
  if (!Number.isSafeInteger(part)) {
    throw refusedInput("a key: a whole number below 2^53, or a string", kindOf(part), declare);
  }
  return (part as number) >= low && (part as number) <= high ? "u32" : "i64";
}

/** The type of whole-number keys some of which need 64 bits. */
function widerKey(a: ColumnType, b: ColumnType): ColumnType | undefined {
  return a === "utf8" || b === "utf8" ? undefined : "i64";
}
