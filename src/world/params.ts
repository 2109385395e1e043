import { EverytickError } from "../errors.ts";
import type { Param, Params } from "../types.ts";

/**
 * The defaults with the given values over them.
 * @throws WORLD_PARAM for a name that is not declared, or a value of another type than its default.
 */
export function resolveParams(defaults: Params, given: Params): Params {
  const resolved: Record<string, Param> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaults, name)) throw unknownParam(defaults, name);
    checkParam(name, value);
    const expected = typeof defaults[name];
    if (typeof value !== expected) {
      const found = `${typeof value} ${String(value)}`;
      throw new EverytickError("WORLD_PARAM", { where: name, expected: `a ${expected}`, found });
    }
    resolved[name] = value;
  }
  return Object.freeze(resolved);
}

/** Whether a card can hold the value of a parameter. @throws WORLD_PARAM */
export function checkParam(name: string, value: unknown): void {
  const isText = typeof value === "string" && value.isWellFormed();
  if (isText || typeof value === "boolean" || Number.isFinite(value)) return;
  const expected = "well-formed text, a finite number or a boolean";
  const found = typeof value === "number" ? String(value) : typeof value;
  throw new EverytickError("WORLD_PARAM", { where: name, expected, found });
}

function unknownParam(defaults: Params, name: string): EverytickError {
  const names = Object.keys(defaults);
  const expected = names.length === 0 ? "no parameters" : names.join(", ");
  return new EverytickError("WORLD_PARAM", { expected, found: name });
}
