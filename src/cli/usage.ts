import { InvalidArgumentError } from "commander";
import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";

/** Readers of option values. What they throw, commander names together with the option. */

/** A count of ticks as it is typed or pasted from our own output: `10000`, `10_000` or `10,000`. */
export function parseCount(text: string): number {
  const plain = /^\d{1,3}(?:[_,]\d{3})+$/.test(text) ? text.replaceAll(/[_,]/g, "") : text;
  const value = /^\d+$/.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Expected a whole number, 0 or more.");
  }
  return value;
}

export function parsePositiveCount(text: string): number {
  const value = parseCount(text);
  if (value === 0) throw new InvalidArgumentError("Expected a whole number, 1 or more.");
  return value;
}

export function parseSeed(text: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new InvalidArgumentError("Expected a whole number, at most 2^53 - 1 either way.");
  }
  return value;
}

export function parseWindow(text: string): number {
  const value = parseCount(text);
  if (value > limits.window) {
    throw new InvalidArgumentError(`Expected a whole number, at most ${limits.window}.`);
  }
  return value;
}

export function parsePort(text: string): number {
  const value = parseCount(text);
  if (value > 65_535) throw new InvalidArgumentError("Expected a whole number from 0 to 65535.");
  return value;
}

/** Collects `name=value` pairs of a repeatable option; the last one of a name counts. */
export function collectPair(
  text: string,
  earlier: ReadonlyMap<string, string>,
): Map<string, string> {
  const split = text.indexOf("=");
  if (split < 1) throw new InvalidArgumentError("Expected name=value.");
  return new Map(earlier).set(text.slice(0, split), text.slice(split + 1));
}

export function usageError(details: {
  readonly where?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly next?: string;
}): EverytickError {
  return new EverytickError("CLI_USAGE", details);
}
