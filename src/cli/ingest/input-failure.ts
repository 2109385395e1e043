import { EverytickError, isEverytickError } from "../../errors.ts";
import type { Tick } from "../../types.ts";
import { visible } from "../output.ts";
import { count } from "../quantities.ts";
import type { InputLine } from "./input-lines.ts";

const shownCharacters = 80;

/** What is wrong with a line, before it is known which line it is. */
export function refusedInput(expected: string, found: string, next?: string): EverytickError {
  return new EverytickError("CLI_INPUT", { expected, found, next });
}

/** The beginning of a text as a terminal may show it. */
function shortened(text: string): string {
  // A line may be millions of characters long.
  const shown = [...visible(text.slice(0, 2 * shownCharacters))];
  if (shown.length <= shownCharacters && text.length <= 2 * shownCharacters) return shown.join("");
  return `${shown.slice(0, shownCharacters - 1).join("")}…`;
}

/**
 * The error of a line: where it stands, what was wrong with it, and what is recorded all the same. What is no fault of
 * the line is given back as it is.
 */
export function failureOfLine(
  error: unknown,
  { number, text }: InputLine,
  recordedTick: Tick | undefined,
): unknown {
  if (!isEverytickError(error) || !/^(?:CLI_INPUT|WORLD_)/.test(error.code)) return error;
  const { where: place, expected, found, next: advice } = error.details;
  const store = place === undefined ? "" : ` (${place})`;
  const recorded =
    recordedTick === undefined
      ? "Nothing of the input is recorded; correct the line and send it again."
      : `Everything up to tick ${count(recordedTick)} is recorded and durable; correct the line and send the input again with --resume.`;
  const details = {
    where: number === 0 ? "the input" : `line ${number}${store}: ${shortened(text)}`,
    expected,
    found: found === undefined ? undefined : shortened(found),
    next: advice === undefined ? recorded : `${advice} ${recorded}`,
  };
  return new EverytickError("CLI_INPUT", details, { cause: error });
}
