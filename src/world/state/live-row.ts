import { EverytickError } from "../../errors.ts";
import type { Element } from "../../types.ts";
import type { LiveColumn } from "./live-column.ts";

/** What a row needs of its table. */
export interface RowHost {
  readonly name: string;
  readonly columns: readonly LiveColumn[];
  isKey(column: number): boolean;
  /** Grows with each death in a slot, so that a row outlives no other. */
  generation(slot: number): number;
  isLive(slot: number): boolean;
  /** @throws WORLD_STATIC */
  checkFree(): void;
  /** A column of the slot was written. */
  touch(slot: number): void;
}

/** Makes the rows of one table: objects that read and write its columns. */
export type RowClass = new (slot: number) => object;

export function rowClassOf(host: RowHost): RowClass {
  class Row {
    readonly #slot: number;
    readonly #generation: number;

    constructor(slot: number) {
      this.#slot = slot;
      this.#generation = host.generation(slot);
    }

    static slotOf(row: Row): number {
      const slot = row.#slot;
      if (host.isLive(slot) && host.generation(slot) === row.#generation) return slot;
      throw new EverytickError("WORLD_KEY", {
        where: `a row of ${host.name}`,
        expected: "a row that lives",
        found: "one that was deleted",
      });
    }

    /** A copy. */
    toJSON(): object {
      const slot = Row.slotOf(this);
      return Object.fromEntries(
        host.columns.map((column) => [column.layout.name, column.get(slot)]),
      );
    }

    [Symbol.for("nodejs.util.inspect.custom")](): object {
      return this.toJSON();
    }
  }
  host.columns.forEach((column, number) => {
    const get = function get(this: Row): Element {
      return column.get(Row.slotOf(this));
    };
    const set = function set(this: Row, value: unknown): void {
      const slot = Row.slotOf(this);
      host.checkFree();
      column.put(slot, column.prepare(value));
      host.touch(slot);
    };
    const accessors = host.isKey(number) ? { get } : { get, set };
    const { name } = column.layout;
    Object.defineProperty(Row.prototype, name, { ...accessors, enumerable: true });
  });
  return Row;
}
