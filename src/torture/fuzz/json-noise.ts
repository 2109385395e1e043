import type { Chance } from "../../testing/index.ts";
import type { Json } from "../../types.ts";

/** Keys and values that code written for objects trips over. */
const keys: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "id",
];
const values: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  -0,
  1e300,
  2 ** 31,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  "",
  "0",
  "__proto__",
  "NaN",
  "\uD800",
  "u8",
  "f64[70000]",
  "utf8",
  "table",
  "grid",
  [],
  {},
  [[]],
  ["x"],
];

/** JSON with one to three of its values or members changed. Sizes that are within all limits stay small. */
export function otherJson(value: Json, chance: Chance): Json {
  let out = value;
  for (let left = 1 + chance.below(3); left > 0; left--) out = once(out, chance);
  return out;
}

function once(value: Json, chance: Chance): Json {
  const isLeaf = typeof value !== "object" || value === null;
  if (isLeaf || chance.chance(0.05)) return otherValue(value, chance);
  if (Array.isArray(value)) return onceOfList(value, chance);
  const entries: (readonly [string, Json])[] = Object.entries(value);
  if (entries.length === 0 || chance.chance(0.15)) {
    const [key, held] = entries.length === 0 ? ["", null] : chance.pick(entries);
    const added = chance.chance(0.5) ? chance.pick(values) : held;
    return asObject([...entries, [chance.chance(0.5) ? chance.pick(keys) : `${key}2`, added]]);
  }
  const at = chance.below(entries.length);
  const [key, held] = entries[at] as readonly [string, Json];
  if (chance.chance(0.15)) entries.splice(at, 1);
  else entries[at] = [key, once(held, chance)];
  return asObject(entries);
}

function onceOfList(list: readonly Json[], chance: Chance): Json {
  const at = chance.below(list.length + 1);
  const copy = [...list];
  if (at === list.length || chance.chance(0.1))
    copy.splice(at, 0, chance.pick([...values, ...list]));
  else if (chance.chance(0.15)) copy.splice(at, 1);
  else copy[at] = once(copy[at] as Json, chance);
  return copy;
}

function otherValue(value: Json, chance: Chance): Json {
  if (typeof value === "number" && chance.chance(0.5)) return value + chance.below(5) - 2;
  if (typeof value === "string" && chance.chance(0.5)) return otherText(value, chance);
  return chance.pick(values);
}

/** A text with a few characters changed. */
export function otherText(
  text: string,
  chance: Chance,
  alphabet = "09-[]$ _aZé\0\u{1F411}",
): string {
  const at = chance.below(text.length + 1);
  const length = chance.below(4);
  const kind = chance.below(4);
  if (kind === 0) return text.slice(0, at) + text.slice(at + length);
  const added = kind === 1 ? text.slice(at, at + length) : chance.pick([...alphabet]);
  return text.slice(0, at) + added + text.slice(kind === 3 ? at + 1 : at);
}

/** Own members alone, also one called `__proto__`. */
function asObject(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}
