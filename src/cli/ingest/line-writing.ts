import { counted } from "../quantities.ts";
import { type CellMessage, isCellMessage, readCellMessage } from "./cell-message.ts";
import type { InputSchema } from "./declared-schema.ts";
import type { Fields } from "./document.ts";
import type { InputLine } from "./input-lines.ts";
import { MessageSequence } from "./message-sequence.ts";
import { StateWriter } from "./state-writer.ts";

/** What has come so far. */
export interface InputCounts {
  rows: number;
  messages: number;
  /** Ticks that were recorded already, and are the same. */
  compared: number;
  /** Stretches of ticks that are recorded as missing. */
  gaps: number;
  /** Messages that came again and were left out. */
  repeated: number;
  /** Cells that held another value than a message said. */
  different: number;
}

export interface LineCounting {
  readonly counts: InputCounts;
  readonly warn: (text: string) => void;
}
export interface NumberedFields {
  readonly line: InputLine;
  readonly fields: Fields;
}

/** Writes the lines of the tick that a run is made with. @throws CLI_INPUT, WORLD_VALUE, WORLD_KEY, WORLD_ROWS */
export function writeFirstTick(
  schema: InputSchema,
  state: object,
  lines: readonly NumberedFields[],
  { onLine, ...counting }: LineCounting & { readonly onLine: (line: InputLine) => void },
): void {
  const writer = new StateWriter(schema, state, true);
  const sequence = new MessageSequence();
  for (const { line, fields } of lines) {
    onLine(line);
    const message = isCellMessage(fields) ? readCellMessage(fields) : undefined;
    const isRepeated = message !== undefined && sequence.follow(message).kind === "repeated";
    if (!isRepeated) writeLine(writer, fields, message, counting);
  }
  writer.endTick();
}

/** Writes a line, which may also say no more than that its tick happened. */
export function writeLine(
  writer: StateWriter,
  fields: Fields,
  message: CellMessage | undefined,
  { counts, warn }: LineCounting,
): void {
  if (message === undefined) {
    if (fields["store"] === undefined && Object.keys(fields).length === 1) return;
    writer.writeRow(fields);
    counts.rows += 1;
    return;
  }
  const different = writer.writeCells(message);
  counts.messages += 1;
  counts.different += different;
  if (different === 0) return;
  const cells = counted(different, "cell");
  warn(`message ${message.seq}: ${cells} held another value than it says; its new one is recorded`);
}
