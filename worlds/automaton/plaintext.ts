import { type Comment, type Pattern, PatternCanvas, patternError } from "./pattern.ts";

/** Whether the first line that says anything is a `!` comment or a row of cells, as in `.cells` files. */
export function isPlaintext(text: string): boolean {
  const [firstLine = ""] = text.trimStart().split(/[\r\n]/, 1);
  return /^(?:!|[.O*]+\s*$)/.test(firstLine);
}

/** Reads the plaintext format: `!` comments, then rows of `.` and `O` (or `*`). @throws WORLD_PARAM with line and column */
export function readPlaintext(text: string): Pattern {
  const comments: Comment[] = [];
  const lines = text.trimEnd().split(/\r\n|\n|\r/);
  const isRow = (line: string) => !line.startsWith("!");
  const rows = lines.filter(isRow).map((line) => line.trimEnd());
  const width = rows.reduce((longest, row) => Math.max(longest, row.length), 0);
  const canvas = new PatternCanvas(width, rows.length, 1);
  for (const [index, line] of lines.entries()) {
    if (!isRow(line)) {
      comments.push(plaintextComment(line));
      continue;
    }
    for (const [x, tag] of [...line.trimEnd()].entries()) {
      const place = { line: index + 1, column: x + 1 };
      if (!".O*".includes(tag)) throw patternError(place, "one of . O *", `"${tag}"`);
      canvas.run(1, tag === "." ? 0 : 1, place);
    }
    canvas.endRows(1);
  }
  return { width, height: rows.length, cells: canvas.cells, comments };
}

function plaintextComment(line: string): Comment {
  const [, name] = /^!\s*Name:\s*(.*)$/i.exec(line) ?? [];
  return name === undefined
    ? { kind: "C", text: line.slice(1).trim() }
    : { kind: "N", text: name.trim() };
}
