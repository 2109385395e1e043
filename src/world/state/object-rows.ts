import { EverytickError } from "../../errors.ts";
import type { RowSource } from "../../types.ts";
import { callUserCode } from "../user-code.ts";
import { shownKey, type LiveTable } from "./live-table.ts";

/** The rows of a table that follow from objects which somebody else keeps. */
export class ObjectRows {
  readonly #table: LiveTable;
  readonly #source: RowSource;

  constructor(table: LiveTable, source: RowSource) {
    this.#table = table;
    this.#source = source;
  }

  /** Makes the rows what the objects are. @throws WORLD_THREW, WORLD_KEY, WORLD_VALUE */
  capture(): void {
    const where = `the objects of ${this.#table.name}`;
    callUserCode(where, "Nothing of this tick was recorded.", () => {
      this.#table.assign(this.#rows());
    });
  }

  *#rows(): Generator<object> {
    for (const object of this.#source.objects()) yield this.#row(object);
  }

  #row(object: unknown): { [column: string]: unknown } {
    const columns = Object.entries(this.#source.columns);
    return Object.fromEntries(columns.map(([name, { get }]) => [name, get(object as never)]));
  }

  /** Makes the objects what the rows are. @throws WORLD_THREW, RUNS_RESTORE */
  restore(): void {
    const where = `the objects of ${this.#table.name}`;
    callUserCode(where, "The recording is unchanged.", () => this.#restore());
  }

  #restore(): void {
    const { objects, columns, create, remove } = this.#source;
    const bySlot = new Map<number, unknown>();
    // Taking one away must not disturb the walk over the others.
    const present = Array.from(objects());
    for (const object of present) {
      const slot = this.#table.slotOf(this.#table.keyOf(this.#row(object)));
      if (slot !== -1) bySlot.set(slot, object);
      else if (remove === undefined)
        throw this.#refused("a row for each object", "one more object");
      else remove(object as never);
    }
    for (const slot of this.#table.memory.slots()) {
      const row = this.#table.row(slot) as { [column: string]: unknown };
      const object = bySlot.get(slot) ?? this.#created(create, row);
      for (const [name, { set }] of Object.entries(columns))
        set?.(object as never, row[name] as never);
    }
  }

  #created(create: RowSource["create"], row: object): unknown {
    if (create !== undefined) return create(row as never);
    const key = shownKey(this.#table.keyOf(row as never));
    throw this.#refused(`an object for the row ${key}`, "none; give `create`");
  }

  #refused(expected: string, found: string): EverytickError {
    const where = `the objects of ${this.#table.name}`;
    return new EverytickError("RUNS_RESTORE", { where, expected, found });
  }
}
