import { EverytickError, kindOf } from "../../errors.ts";
import type { StoreLayout } from "../../format/layout.ts";

export type Values = { readonly [column: string]: unknown };

/** Takes the rows that user code gives to a table or log. */
export class GivenRows {
  readonly #store: string;
  readonly #names: ReadonlySet<string>;
  /** Whether every object has something by the name of a column, such as `constructor`, also where no value is given. */
  readonly #isInherited: boolean;

  /** @param store its first column says which rows live, and is given by nobody. */
  constructor({ name, columns }: StoreLayout) {
    this.#store = name;
    this.#names = new Set(columns.slice(1).map((column) => column.name));
    this.#isInherited = [...this.#names].some((column) => column in Object.prototype);
  }

  /** The values of a row by column. @throws WORLD_VALUE for what is no row of the store */
  valuesOf(row: unknown): Values {
    if (typeof row !== "object" || row === null) {
      throw this.#refused("a row: values by column", kindOf(row));
    }
    for (const name in row) {
      if (!this.#names.has(name)) {
        throw this.#refused([...this.#names].join(", "), `a column ${name}`);
      }
    }
    return this.#isInherited ? ownValues(row) : (row as Values);
  }

  #refused(expected: string, found: string): EverytickError {
    return new EverytickError("WORLD_VALUE", { where: this.#store, expected, found });
  }
}

/** What a row can list, and nothing that objects have anyway. */
function ownValues(row: object): Values {
  const values = Object.create(null) as { [column: string]: unknown };
  for (const name in row) values[name] = (row as Values)[name];
  return values;
}
