import { EverytickError } from "../errors.ts";
import type { AnyWorld, Param, Params } from "../types.ts";
import { nearest } from "./nearest.ts";

/** Reads `--param` pairs by the types that the world's defaults declare. */
export function parseParams(world: AnyWorld, pairs: ReadonlyMap<string, string>): Params {
  return Object.fromEntries(
    [...pairs].map(([name, text]) => [name, parseParam(world, name, text)]),
  );
}

function parseParam(world: AnyWorld, name: string, text: string): Param {
  const declared = Object.hasOwn(world.params, name) ? world.params[name] : undefined;
  if (declared === undefined) throw unknownParam(world, name);
  if (typeof declared === "number") return parseNumber(world, name, text);
  if (typeof declared === "boolean") return parseBoolean(world, name, text);
  return text;
}

function parseNumber(world: AnyWorld, name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw wrongType(world, name, "a number", text);
  return value;
}

function parseBoolean(world: AnyWorld, name: string, text: string): boolean {
  if (text !== "true" && text !== "false") throw wrongType(world, name, "true or false", text);
  return text === "true";
}

function unknownParam(world: AnyWorld, name: string): EverytickError {
  const names = Object.keys(world.params);
  const meant = nearest(name, names);
  return new EverytickError("WORLD_PARAM", {
    where: `world ${world.name}, --param ${name}`,
    expected: names.length === 0 ? "no parameters; this world has none" : describeParams(world),
    found: name,
    next: meant === undefined ? undefined : `did you mean --param ${meant}=…?`,
  });
}

function wrongType(world: AnyWorld, name: string, expected: string, found: string): EverytickError {
  return new EverytickError("WORLD_PARAM", {
    where: `world ${world.name}, --param ${name}`,
    expected: `${expected}, such as the default ${String(world.params[name])}`,
    found: JSON.stringify(found),
  });
}

function describeParams(world: AnyWorld): string {
  const described = Object.entries(world.params).map(
    ([name, value]) => `${name} (${typeof value})`,
  );
  return `one of ${described.join(", ")}`;
}
