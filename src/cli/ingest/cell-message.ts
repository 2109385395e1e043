import { kindOf } from "../../errors.ts";
import type { StateDefinition, Tick } from "../../types.ts";
import { log, table } from "../../world/index.ts";
import { type Fields, isFields, tickOf } from "./document.ts";
import { refusedInput } from "./input-failure.ts";

/** A cell that a generation of a cellular automaton changed. */
export interface CellChange {
  readonly x: number;
  readonly y: number;
  /** 0 in two dimensions. */
  readonly z: number;
  readonly old: number;
  readonly new: number;
}
/** What a cellular automaton broadcasts: all that one generation changed. */
export interface CellMessage {
  readonly runId: string;
  /** Counts the messages of a run. */
  readonly seq: number;
  readonly generation: Tick;
  readonly cells: readonly CellChange[];
  readonly timestamp: unknown;
}

/** Where messages are recorded when no schema says otherwise: cells that are 0 have no row. */
export const cellStores = {
  cells: table({ x: "i32", y: "i32", z: "i32", state: "f64" }, { key: ["x", "y", "z"] }),
  messages: log({ run_id: "utf8", seq: "f64", cells: "u32", timestamp: "json" }),
} satisfies StateDefinition;

export function isCellMessage(fields: Fields): boolean {
  return fields["tick"] === undefined && fields["generation"] !== undefined;
}

/** @throws CLI_INPUT */
export function readCellMessage(fields: Fields): CellMessage {
  const { run_id: runId, seq, cells, timestamp = null, generation: _, ...others } = fields;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw refusedInput("run_id, seq, generation, cells and timestamp", `a field ${other}`);
  }
  if (typeof runId !== "string") throw refusedInput('"run_id", a string', kindOf(runId));
  if (!isCount(seq)) throw refusedInput('"seq", a whole number from 0 on', kindOf(seq));
  if (!Array.isArray(cells)) throw refusedInput('"cells", a list', kindOf(cells));
  const generation = tickOf(fields, "generation");
  return { runId, seq, generation, cells: cells.map(readCell), timestamp };
}

function readCell(cell: unknown): CellChange {
  const { coord, old, new: now } = isFields(cell) ? cell : {};
  const { x, y, z = 0 } = isFields(coord) ? coord : {};
  const isPlace = Number.isInteger(x) && Number.isInteger(y) && Number.isInteger(z);
  if (isPlace && typeof old === "number" && typeof now === "number") {
    return { x: x as number, y: y as number, z: z as number, old, new: now };
  }
  const expected = '{"coord": {"x", "y", "z"}, "old", "new"}, coordinates whole numbers';
  throw refusedInput(`cells like ${expected}`, JSON.stringify(cell));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
