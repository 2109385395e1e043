import { indexOf } from "../../format/coordinates.ts";
import type { GridStore, Log, NumericArray, StateDefinition, Table } from "../../types.ts";
import { checkNumber } from "../../world/elements.ts";
import type { CellChange, CellMessage } from "./cell-message.ts";
import { refusedInput } from "./input-failure.ts";
import { LogWriter, type StoreWriter } from "./store-writer.ts";

type State = { readonly [store: string]: unknown };
/** Changes a cell. @returns what it held before. */
type WriteCell = (cell: CellChange) => number;

/** Makes the changes that messages of a cellular automaton tell. */
export class CellWriter {
  readonly #write: WriteCell;
  readonly #messages: StoreWriter | undefined;
  readonly #columns: readonly string[];

  /** @throws CLI_INPUT if no store takes cells */
  constructor(definition: StateDefinition, state: State) {
    this.#write = cellsOf(definition, state);
    const messages = definition["messages"];
    const isLog = messages?.kind === "log";
    this.#columns = isLog ? Object.keys(messages.columns) : [];
    const log = (): Log => state["messages"] as Log;
    this.#messages = isLog ? new LogWriter("messages", messages, log) : undefined;
  }

  /** @returns how many cells held another value than the message says. */
  write({ runId, seq, cells, timestamp }: CellMessage): number {
    let different = 0;
    for (const cell of cells) if (this.#write(cell) !== cell.old) different += 1;
    const facts = { run_id: runId, seq, cells: cells.length, timestamp };
    // A log that was declared need not have all of them.
    const wanted = Object.entries(facts).filter(([name]) => this.#columns.includes(name));
    this.#messages?.write(Object.fromEntries(wanted));
    return different;
  }
}

/** The store `cells`, a grid or a table as it is made without a schema; or else the only grid. */
function cellsOf(definition: StateDefinition, state: State): WriteCell {
  const grids = Object.keys(definition).filter((name) => definition[name]?.kind === "grid");
  const name =
    definition["cells"] === undefined && grids.length === 1 ? (grids[0] as string) : "cells";
  const store = definition[name];
  if (store?.kind === "grid") return gridCells(name, store, () => state[name] as NumericArray);
  const isTable =
    store?.kind === "table" && store.key.join() === "x,y,z" && "state" in store.columns;
  if (isTable) return tableCells(state[name] as Table);
  const expected = "a store cells for messages: a grid, or a table of state with the key x, y, z";
  throw refusedInput(expected, store === undefined ? "no such store" : `a ${store.kind}`);
}

function tableCells(table: Table): WriteCell {
  return ({ x, y, z, new: now }) => {
    const key = [x, y, z] as never;
    const before = table.get(key)?.["state"] as number | undefined;
    // Cells that are 0 have no row.
    if (now !== 0) table.upsert({ x, y, z, state: now });
    else if (before !== undefined) table.delete(key);
    return before ?? 0;
  };
}

/** x runs along the last axis. */
function gridCells(name: string, { shape, type }: GridStore, array: () => NumericArray): WriteCell {
  const isIn = (coordinates: readonly number[]): boolean =>
    coordinates.every((each, axis) => each >= 0 && each < (shape[axis] as number));
  return ({ x, y, z, new: now }) => {
    const place = [z, y, x].slice(-shape.length);
    const isFlat = (shape.length > 2 || z === 0) && (shape.length > 1 || y === 0);
    if (shape.length > 3 || !isFlat || !isIn(place)) {
      throw refusedInput(`cells of a grid of shape ${shape.join("×")}`, `x ${x}, y ${y}, z ${z}`);
    }
    const at = indexOf(place, shape);
    const numbers = array();
    const before = Number(numbers[at]);
    const isBig = type === "u64" || type === "i64";
    const value = isBig && Number.isSafeInteger(now) ? BigInt(now) : now;
    numbers[at] = checkNumber(type, value, `${name}[${at}]`) as never;
    return before;
  };
}
