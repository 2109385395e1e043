import type { ColumnImage } from "../../format/image.ts";
import type { EdgesStore, TableStore } from "../../types.ts";
import type { StoreLayout } from "../../format/layout.ts";
import { ObjectRows } from "./object-rows.ts";
import { LiveLog, LogDoor } from "./live-log.ts";
import type { LiveStore, RowBits } from "./live-store.ts";
import { LiveTable } from "./live-table.ts";
import { EdgesDoor, TableDoor } from "./table-door.ts";

/** A table or edges as one store of the live state. */
export class LiveRows implements LiveStore {
  readonly isBound: boolean;
  readonly table: LiveTable;
  readonly #door: TableDoor;
  readonly #objects: ObjectRows | undefined;

  constructor(definition: TableStore | EdgesStore, store: StoreLayout) {
    const isTable = definition.kind === "table";
    this.table = new LiveTable(store, isTable ? definition.key : edgeKey, definition.capacity);
    this.#door = isTable ? new TableDoor(this.table) : new EdgesDoor(this.table);
    const source = isTable ? definition.source : undefined;
    this.isBound = source !== undefined;
    this.#objects = source === undefined ? undefined : new ObjectRows(this.table, source);
  }

  present(): TableDoor {
    return this.#door;
  }

  capture(): readonly ColumnImage[] {
    this.#objects?.capture();
    return this.table.memory.capture();
  }

  changes(): readonly RowBits[] | undefined {
    // All rows follow the objects anew, so all are touched.
    return this.#objects === undefined ? this.table.memory.changes() : undefined;
  }

  settle(): void {
    this.table.memory.settle();
  }

  load(columns: readonly ColumnImage[]): void {
    this.table.load(columns);
    this.writeBack();
  }

  /** Makes the objects that the rows follow what the rows are. */
  writeBack(): void {
    this.#objects?.restore();
  }
}

export const edgeKey = ["from", "to"] as const;

/** A log as one store of the live state. */
export class LiveRowLog implements LiveStore {
  readonly isBound = false;
  readonly log: LiveLog;
  readonly #door: LogDoor;

  constructor(store: StoreLayout) {
    this.log = new LiveLog(store);
    this.#door = new LogDoor(this.log);
  }

  present(): LogDoor {
    return this.#door;
  }

  capture(): readonly ColumnImage[] {
    return this.log.capture();
  }

  /** The rows of a tick that is recorded are no part of the next. */
  load(): void {
    this.log.clear();
  }
}
