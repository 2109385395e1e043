import type { StoreSchema, WorldSchema } from "../types.ts";
import { canonicalJson } from "../format/json.ts";

/** The first thing in which two worlds differ: what was recorded, and what is given now. */
export function worldDifference(
  recorded: WorldSchema,
  given: WorldSchema,
): { where: string; expected: string; found: string } | undefined {
  for (const key of ["name", "version", "params", "eras", "strata"] as const) {
    const difference = compare(`the world's ${key}`, recorded[key], given[key]);
    if (difference !== undefined) return difference;
  }
  const names = new Set([...recorded.stores, ...given.stores].map(({ name }) => name));
  for (const name of names) {
    const [a, b] = [recorded, given].map((world) => storeOf(world, name));
    const difference = compare(`store ${name}`, a, b);
    if (difference !== undefined) return difference;
  }
  const orders = [recorded, given].map(({ stores }) => stores.map(({ name }) => name));
  return compare("the order of the stores", orders[0], orders[1]);
}

function storeOf({ stores }: WorldSchema, name: string): StoreSchema | "no such store" {
  return stores.find((store) => store.name === name) ?? "no such store";
}

function compare(
  where: string,
  recorded: unknown,
  given: unknown,
): { where: string; expected: string; found: string } | undefined {
  const [expected, found] = [canonicalJson(recorded, where), canonicalJson(given, where)];
  return expected === found ? undefined : { where, expected, found };
}
