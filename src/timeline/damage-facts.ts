import type { EverytickError } from "../errors.ts";
import type { FrameEntry, FrameTable } from "../format/frame-table.ts";
import type { Tick } from "../types.ts";

/** Whether a frame is the one that an index names. */
export function isEntry(entry: FrameEntry, header: FrameEntry): boolean {
  return (
    entry.kind === header.kind &&
    entry.flags === header.flags &&
    entry.tick === header.tick &&
    entry.length === header.length &&
    entry.baseDistance === header.baseDistance &&
    entry.changedElements === header.changedElements
  );
}

/** What an error expected and found. What this version does not know names itself only. */
export function sidesOf({ code, message, details }: EverytickError): {
  expected: string;
  found: string;
} {
  const { where = "frame", expected, found = message } = details;
  const isUnknown = code === "FORMAT_UNKNOWN" && expected === undefined;
  return { expected: isUnknown ? `a known ${where}` : (expected ?? "an intact frame"), found };
}

/** The ticks that the frame at an offset records, by the index. */
export function ticksAt(table: FrameTable, offset: number): readonly [Tick, Tick] | undefined {
  for (let position = 0; position < table.count; position++) {
    if (table.offset(position) + table.length(position) <= offset) continue;
    return [table.tick(position), table.tick(position)];
  }
  return undefined;
}
