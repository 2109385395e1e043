import { paramError } from "./param-error.ts";
import { type Comment, type Pattern, PatternCanvas, patternError, type Place } from "./pattern.ts";

/** No run can be longer than the largest pattern; more digits are an attack or damage. */
const runLengthMax = 2 ** 26;
const lineLengthMax = 70;

/**
 * Reads a pattern in the run-length encoding that Life programs exchange: comment lines, a header, runs of `b` and `o`
 * or of the states `.`, `A` to `X`, `pA` to `yO`, rows ended by `$`, and `!`. What follows the `!` is ignored.
 * @throws WORLD_PARAM with line and column
 */
export function readRle(text: string): Pattern {
  const lines = text.split(/\r\n|\n|\r/);
  const comments: Comment[] = [];
  const headerLine = findHeader(lines, comments);
  const header = parseHeader(lines[headerLine - 1] ?? "", headerLine);
  const canvas = new PatternCanvas(header.width, header.height, headerLine);
  readRuns(lines, headerLine, canvas, comments);
  const { width, height } = header;
  return { width, height, cells: canvas.cells, comments, ...factsOf(header.rule, comments) };
}

/** @returns the number of the header's line, counted from 1. */
function findHeader(lines: readonly string[], comments: Comment[]): number {
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("#Life")) {
      const place = { line: index + 1, column: 1 };
      throw patternError(place, "the RLE format", line, "Save the pattern as RLE.");
    }
    if (line.startsWith("#")) comments.push(parseComment(line));
    else if (line.trim() !== "") return index + 1;
  }
  throw patternError({ line: lines.length, column: 1 }, "a header such as x = 3, y = 3", "the end");
}

function parseHeader(line: string, number: number) {
  const header = /^\s*x\s*=\s*(\d{1,9})\s*,\s*y\s*=\s*(\d{1,9})\s*(?:,\s*rule\s*=(.*))?$/i;
  const [, width, height, rule] = header.exec(line) ?? [];
  if (width === undefined || height === undefined) {
    throw patternError({ line: number, column: 1 }, "a header such as x = 3, y = 3", `"${line}"`);
  }
  return { width: Number(width), height: Number(height), rule: rule?.trim() };
}

function parseComment(line: string): Comment {
  return { kind: line.slice(1, 2).trim(), text: line.slice(2).trim() };
}

/** The header's rule is split at its colon; `#r` stands in for it, and `#P` or `#R` give a position. */
function factsOf(headerRule: string | undefined, comments: readonly Comment[]) {
  const written = headerRule || comments.find(({ kind }) => kind === "r")?.text || "";
  const [rule = "", topology] = written.split(":").map((part) => part.trim());
  const positions = comments.filter(({ kind }) => kind === "P" || kind === "R");
  const [, x, y] = /^([+-]?\d{1,9})[\s,]+([+-]?\d{1,9})$/.exec(positions[0]?.text ?? "") ?? [];
  return {
    ...(rule === "" ? {} : { rule }),
    ...(topology === undefined ? {} : { topology }),
    ...(x === undefined ? {} : { position: { x: Number(x), y: Number(y) } }),
  };
}

function readRuns(
  lines: readonly string[],
  headerLine: number,
  canvas: PatternCanvas,
  comments: Comment[],
): void {
  let count: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (index < headerLine) continue;
    if (line.startsWith("#")) {
      comments.push(parseComment(line));
      continue;
    }
    for (let i = 0; i < line.length; i++) {
      const tag = line.charAt(i);
      const place = { line: index + 1, column: i + 1 };
      if (/\s/.test(tag)) continue;
      if (tag >= "0" && tag <= "9") {
        count = 10 * (count ?? 0) + Number(tag);
        if (count > runLengthMax) {
          throw patternError(place, `a run of at most ${runLengthMax}`, `${count} and more`);
        }
        continue;
      }
      if (tag === "!") return;
      if (count === 0) throw patternError(place, "a run of at least one cell", "0");
      if (tag === "$") canvas.endRows(count ?? 1);
      else if (tag >= "p" && tag <= "y") canvas.run(count ?? 1, highState(line, i++, place), place);
      else canvas.run(count ?? 1, lowState(tag, place), place);
      count = undefined;
    }
  }
  const end = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  const next = "The file may be cut off. If it is complete, put a ! at its end.";
  throw patternError(end, 'a "!" that ends the pattern', "the end of the text", next);
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWX";

function lowState(tag: string, place: Place): number {
  if (tag === "b" || tag === ".") return 0;
  if (tag === "o") return 1;
  const letter = letters.indexOf(tag);
  if (letter < 0) throw patternError(place, "a digit or one of b o . A-X p-y $ !", `"${tag}"`);
  return letter + 1;
}

/** States above 24 take two letters: `pA` is 25, `yO` is 255. */
function highState(line: string, index: number, place: Place): number {
  const pair = line.slice(index, index + 2);
  const letter = letters.indexOf(pair.charAt(1));
  const state = 24 * (pair.charCodeAt(0) - 111) + letter + 1;
  if (pair.length < 2 || letter < 0 || state > 255) {
    throw patternError(place, "a state from pA to yO", `"${pair}"`);
  }
  return state;
}

/** Writes cells in one canonical way: equal cells give equal text, and no line of runs is longer than 70. */
export function writeRle(
  cells: Uint8Array,
  { x, y, rule }: { readonly x: number; readonly y: number; readonly rule?: string },
): string {
  if (cells.length !== x * y) {
    const found = String(cells.length);
    throw paramError({ where: "writeRle", expected: `${x * y} cells for ${x} x ${y}`, found });
  }
  const tags = cells.some((state) => state > 1) ? stateTag : lifeTag;
  const lines = [`x = ${x}, y = ${y}${rule === undefined ? "" : `, rule = ${rule}`}`];
  let line = "";
  for (const run of runsOf(cells, x, tags)) {
    if (line.length + run.length > lineLengthMax) {
      lines.push(line);
      line = "";
    }
    line += run;
  }
  return `${[...lines, line].join("\n")}\n`;
}

function* runsOf(cells: Uint8Array, width: number, tag: (state: number) => string) {
  const run = (count: number, what: string) => (count === 1 ? what : `${count}${what}`);
  let rowsEnded = 0;
  for (let row = 0; row < cells.length; row += width, rowsEnded++) {
    let written = row;
    for (let at = row; at < row + width;) {
      const state = cells[at] as number;
      let end = at + 1;
      while (end < row + width && cells[end] === state) end++;
      if (state !== 0) {
        if (rowsEnded > 0) yield run(rowsEnded, "$");
        rowsEnded = 0;
        if (at > written) yield run(at - written, tag(0));
        yield run(end - at, tag(state));
        written = end;
      }
      at = end;
    }
  }
  yield "!";
}

const lifeTag = (state: number): string => (state === 0 ? "b" : "o");

function stateTag(state: number): string {
  if (state === 0) return ".";
  const letter = letters.charAt((state - 1) % 24);
  return state <= 24 ? letter : String.fromCharCode(111 + Math.floor((state - 1) / 24)) + letter;
}
