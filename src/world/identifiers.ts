import { EverytickError, kindOf } from "../errors.ts";
import type { IdentifierType, NumericArray } from "../types.ts";

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const h3Pattern = /^[0-9a-f]{15,16}$/i;

/** Writes an identifier into its column; nothing of an `h3` is "". @throws WORLD_VALUE */
export function writeIdentifier(
  type: IdentifierType,
  numbers: NumericArray,
  row: number,
  value: unknown,
  where: string,
): void {
  if (type === "h3") {
    numbers[row] = cellOf(value, where) as never;
    return;
  }
  if (typeof value !== "string" || !uuidPattern.test(value)) {
    throw refused(where, "a uuid: 8-4-4-4-12 hexadecimal digits", value);
  }
  let at = 16 * row;
  for (let digit = 0; digit < value.length; digit += 2) {
    if (value[digit] === "-") digit++;
    numbers[at++] = Number.parseInt(value.slice(digit, digit + 2), 16) as never;
  }
}

/** An identifier as text, in lower case. */
export function readIdentifier(type: IdentifierType, numbers: NumericArray, row: number): string {
  if (type === "h3") {
    const cell = numbers[row] as bigint;
    return cell === 0n ? "" : cell.toString(16);
  }
  let text = "";
  for (let byte = 0; byte < 16; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) text += "-";
    text += hexPairs[numbers[16 * row + byte] as number] as string;
  }
  return text;
}

/** The index of an H3 cell (https://h3geo.org/docs/core-library/h3Indexing): mode 1, a base cell, a digit for each resolution. */
function cellOf(value: unknown, where: string): bigint {
  if (value === "") return 0n;
  if (typeof value === "string" && h3Pattern.test(value)) {
    const cell = BigInt(`0x${value}`);
    if (isCell(cell)) return cell;
  }
  throw refused(where, "the index of an H3 cell, 15 hexadecimal digits", value);
}

const modeOfCells = 1;
const baseCells = 122;
const digitUnused = 7;
const resolutionMax = 15;

function isCell(cell: bigint): boolean {
  const high = Number(cell >> 32n);
  const mode = (high >>> 27) & 0xf;
  const reserved = (high >>> 24) & 0x7;
  const resolution = (high >>> 20) & 0xf;
  const baseCell = (high >>> 13) & 0x7f;
  const isHead = high < 2 ** 31 && mode === modeOfCells && reserved === 0 && baseCell < baseCells;
  if (!isHead) return false;
  for (let digit = 1; digit <= resolutionMax; digit++) {
    const value = Number((cell >> BigInt(3 * (resolutionMax - digit))) & 7n);
    if (digit <= resolution ? value === digitUnused : value !== digitUnused) return false;
  }
  return true;
}

function refused(where: string, expected: string, value: unknown): EverytickError {
  return new EverytickError("WORLD_VALUE", { where, expected, found: kindOf(value) });
}
