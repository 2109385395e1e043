import { EverytickError } from "../errors.ts";
import type { Body } from "../format/body.ts";
import type { ColumnImage, Image } from "../format/image.ts";
import { liveColumn, type ColumnLayout, type Layout, type StoreLayout } from "../format/layout.ts";
import type { StoreSchema, WorldSchema } from "../types.ts";
import { SlotSet } from "./slot-set.ts";

/** What no digest tells of tables and edges: keys are unique, and free slots hold nothing (`docs/format.md`, section 2). */
export class TableChecks {
  readonly #tables: readonly CheckedTable[];
  readonly #logs: readonly StoreLayout[];

  constructor(layout: Layout, world: WorldSchema) {
    this.#tables = layout.stores.flatMap((store) => {
      const keys = keyColumns(world.stores[store.number], store);
      return keys.length === 0 || store.columns.length === 0 ? [] : [new CheckedTable(store, keys)];
    });
    this.#logs = layout.stores.filter(
      ({ lifetime, columns }) => lifetime.rows === "tick" && columns.length > 0,
    );
  }

  /** Checks a whole state. @throws FORMAT_DAMAGED */
  whole(image: Image, where: string): void {
    for (const table of this.#tables) table.whole(image, where);
    for (const log of this.#logs) checkLog(log, image, where);
  }

  /** Goes before the changes of a tick are applied. */
  before(image: Image, bodies: readonly Body[]): void {
    for (const table of this.#tables) table.before(image, bodies);
  }

  /** Checks the rows that a tick changed. @throws FORMAT_DAMAGED */
  after(image: Image, where: string): void {
    for (const table of this.#tables) table.after(image, where);
    for (const log of this.#logs) checkLog(log, image, where);
  }
}

function keyColumns(schema: StoreSchema | undefined, { columns }: StoreLayout): number[] {
  if (schema?.kind !== "table" && schema?.kind !== "edges") return [];
  const names = schema.kind === "table" ? schema.key : ["from", "to"];
  return names.map((key) => columns.findIndex(({ name }, at) => at > 0 && name === key));
}

class CheckedTable {
  readonly #store: StoreLayout;
  readonly #keys: readonly number[];
  #slots: SlotSet | undefined;
  #touched: readonly number[] = [];

  constructor(store: StoreLayout, keys: readonly number[]) {
    this.#store = store;
    this.#keys = keys;
  }

  whole(image: Image, where: string): void {
    this.#begin(image);
    const slots = image.capacity(this.#store.number);
    for (let slot = 0; slot < slots; slot++) this.#check(image, slot, where);
  }

  before(image: Image, bodies: readonly Body[]): void {
    const rows = new Set<number>();
    for (const { parts } of bodies) {
      for (const { store, columns } of parts) {
        if (store.number !== this.#store.number) continue;
        for (const { index } of columns) for (const row of index) rows.add(row);
      }
    }
    this.#touched = [...rows];
    const live = image.column(this.#store.number, liveColumn).bytes;
    for (const slot of this.#touched) if (live[slot] === 1) this.#slots?.remove(slot);
  }

  after(image: Image, where: string): void {
    // The columns may have moved to larger memory.
    if (this.#slots === undefined) this.#begin(image);
    else this.#slots.columns = this.#keyImages(image);
    for (const slot of this.#touched) this.#check(image, slot, where);
  }

  #begin(image: Image): void {
    const widths = this.#keys.map((column) => (this.#store.columns[column] as ColumnLayout).width);
    this.#slots = new SlotSet(this.#keyImages(image), widths);
  }

  #keyImages(image: Image): readonly ColumnImage[] {
    return this.#keys.map((column) => image.column(this.#store.number, column));
  }

  #check(image: Image, slot: number, where: string): void {
    const live = image.column(this.#store.number, liveColumn).bytes[slot];
    if (live === 1) {
      const twin = this.#slots?.add(slot);
      if (twin === undefined) return;
      throw this.#damaged(where, "keys that are unique", `slots ${twin} and ${slot} with one key`);
    }
    if (live !== 0) throw this.#damaged(where, "$live of 0 or 1", `${live} in slot ${slot}`);
    const full = this.#store.columns.find((column, number) => {
      return (
        number !== liveColumn && !isNothing(image.column(this.#store.number, number), column, slot)
      );
    });
    if (full === undefined) return;
    throw this.#damaged(where, "free slots that hold nothing", `${full.name} in slot ${slot}`);
  }

  #damaged(where: string, expected: string, found: string): EverytickError {
    const store = `store ${this.#store.name} of ${where}`;
    return new EverytickError("FORMAT_DAMAGED", { where: store, expected, found });
  }
}

/** The rows of a log follow each other from 0 on, each of them live, and behind them lies nothing. */
function checkLog(log: StoreLayout, image: Image, where: string): void {
  const { bytes: live } = image.column(log.number, liveColumn);
  const free = live.indexOf(0);
  const rows = free === -1 ? live.length : free;
  const isWrong = live.some((each, row) => each !== (row < rows ? 1 : 0));
  const slots = image.capacity(log.number);
  const full = log.columns.find((column, number) => {
    for (let row = rows; row < slots; row++) {
      if (!isNothing(image.column(log.number, number), column, row)) return true;
    }
    return false;
  });
  if (!isWrong && full === undefined) return;
  const expected = "rows of a log from 0 on, and nothing behind them";
  const found = `other rows, or ${full?.name ?? "nothing"} behind them`;
  throw new EverytickError("FORMAT_DAMAGED", {
    where: `store ${log.name} of ${where}`,
    expected,
    found,
  });
}

function isNothing({ bytes, values }: ColumnImage, { width }: ColumnLayout, slot: number): boolean {
  if (width === 0) return (values[slot]?.length ?? 0) === 0;
  for (let at = slot * width; at < (slot + 1) * width; at++) if (bytes[at] !== 0) return false;
  return true;
}
