import { type EverytickError, kindOf } from "../../errors.ts";
import type {
  Columns,
  Log,
  NumericArray,
  StateDefinition,
  StoreDefinition,
  Table,
} from "../../types.ts";
import { schemaOf } from "../../world/index.ts";
import { staticChange } from "../../world/state/static-change.ts";
import { nearest } from "../nearest.ts";
import type { CellMessage } from "./cell-message.ts";
import { CellWriter } from "./cell-writer.ts";
import { type InputSchema, typesOf } from "./declared-schema.ts";
import type { Fields } from "./document.ts";
import { refusedInput } from "./input-failure.ts";
import { RowWriter } from "./row-writer.ts";
import { GridWriter, LogWriter, type StoreWriter, ValueWriter } from "./store-writer.ts";

type State = { readonly [store: string]: unknown };

/** Makes the changes that lines tell in a live state. */
export class StateWriter {
  readonly #schema: InputSchema;
  readonly #state: State;
  readonly #writers: ReadonlyMap<string, StoreWriter>;
  #cells: CellWriter | undefined;
  #isFirstTick: boolean;

  /** @param isFirstTick whether static stores may still be written. */
  constructor(schema: InputSchema, state: object, isFirstTick: boolean) {
    this.#schema = schema;
    this.#state = state as State;
    this.#isFirstTick = isFirstTick;
    const columns = columnsOf(schema.definition);
    this.#writers = new Map(
      Object.entries(schema.definition).flatMap(([name, store]) => {
        const writer = this.#writerOf(name, store, columns.get(name) ?? {});
        return writer === undefined ? [] : [[name, writer]];
      }),
    );
  }

  /** @throws CLI_INPUT, WORLD_VALUE, WORLD_KEY, WORLD_ROWS, WORLD_STATIC */
  writeRow(fields: Fields): void {
    const name = fields["store"];
    const writer = this.#writers.get(name as string);
    if (writer === undefined) throw this.#unknownStore(name, fields);
    if (!this.#isFirstTick) this.#checkFree(name as string);
    writer.write(fields);
  }

  /** @returns how many cells held another value than the message says. @throws CLI_INPUT, WORLD_VALUE */
  writeCells(message: CellMessage): number {
    if (this.#schema.isWhole) {
      throw refusedInput("whole rows, as was asked for", "a message, which tells changes");
    }
    this.#cells ??= new CellWriter(this.#schema.definition, this.#state);
    return this.#cells.write(message);
  }

  endTick(): void {
    for (const writer of this.#writers.values()) writer.endTick();
    this.#isFirstTick = false;
  }

  #writerOf(name: string, store: StoreDefinition, columns: Columns): StoreWriter | undefined {
    const state = this.#state;
    switch (store.kind) {
      case "table":
      case "edges":
        return new RowWriter(name, store, columns, state[name] as Table, this.#schema.isWhole);
      case "log":
        return new LogWriter(name, store, () => state[name] as Log);
      case "value":
        return new ValueWriter(name, store, () => state[name] as object);
      case "grid":
        return new GridWriter(name, store, () => state[name] as NumericArray);
      case "derived":
        return undefined;
    }
  }

  #checkFree(name: string): void {
    const store = this.#schema.definition[name];
    if (store === undefined || store.kind === "derived" || store.role !== "static") return;
    throw staticChange(name);
  }

  #unknownStore(name: unknown, fields: Fields): EverytickError {
    const names = [...this.#writers.keys()];
    if (name === undefined) {
      const [field] = Object.keys(fields).filter((each) => each !== "tick");
      return refusedInput('"store", where the row belongs', `none, beside ${field}`);
    }
    const meant = typeof name === "string" ? nearest(name, names) : undefined;
    const advice =
      meant === undefined
        ? "A store must be there in the first tick, or be declared in a schema."
        : `Did you mean ${meant}?`;
    return refusedInput(`one of the stores ${names.join(", ")}`, kindOf(name), advice);
  }
}

/** The columns of each store, with the ends of edges. @throws WORLD_DEFINITION */
function columnsOf(state: StateDefinition): ReadonlyMap<string, Columns> {
  const { stores } = schemaOf({ name: "unnamed", version: 0, params: {}, state });
  return new Map(
    stores.map((store) => [store.name, store.kind === "grid" ? {} : typesOf(store.columns)]),
  );
}
