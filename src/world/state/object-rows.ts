import { EverytickError } from "../../errors.ts";
import type { RowSource } from "../../types.ts";
import { callUserCode } from "../user-code.ts";
import { shownKey, type LiveTable } from "./live-table.ts";

type Row = { readonly [column: string]: unknown };

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
    let place = 0;
    for (const object of this.#source.objects()) yield this.#row(object, place++);
  }

  #row(object: unknown, place: number): Row {
    const columns = Object.entries(this.#source.columns);
    return Object.fromEntries(
      columns.map(([name, { get }]) => [name, get(object as never, place)]),
    );
  }

  /** Makes the objects what the rows are. @throws WORLD_THREW, RUNS_RESTORE */
  restore(): void {
    const where = `the objects of ${this.#table.name}`;
    callUserCode(where, "The recording is unchanged.", () => this.#restore());
  }

  #restore(): void {
    const { columns, create, order, arrange } = this.#source;
    const bySlot = this.#presentBySlot();
    const arranged: unknown[] = [];
    for (const slot of this.#slots(order)) {
      const row = this.#table.row(slot) as Row;
      const object = bySlot.get(slot) ?? this.#created(create, row);
      for (const [name, { set }] of Object.entries(columns))
        set?.(object as never, row[name] as never);
      arranged.push(object);
    }
    if (order !== undefined) arrange?.(arranged as never[]);
  }

  /** The objects that have a row; the others are taken away. */
  #presentBySlot(): Map<number, unknown> {
    const { objects, remove } = this.#source;
    const bySlot = new Map<number, unknown>();
    // Taking one away must not disturb the walk over the others.
    Array.from(objects()).forEach((object, place) => {
      const slot = this.#table.slotOf(this.#table.keyOf(this.#row(object, place)));
      if (slot !== -1) bySlot.set(slot, object);
      else if (remove === undefined)
        throw this.#refused("a row for each object", "one more object");
      else remove(object as never);
    });
    return bySlot;
  }

  /** The slots in use, in the order of their objects. */
  #slots(order: string | undefined): readonly number[] {
    const slots = [...this.#table.memory.slots()];
    if (order === undefined) return slots;
    const place = (slot: number): number => (this.#table.row(slot) as Row)[order] as number;
    return slots.sort((a, b) => place(a) - place(b));
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
