import { kindOf } from "../errors.ts";
import type { AnyWorld, Params, StateDefinition, World, WorldDefinition } from "../types.ts";
import { checkLists, schemaOf } from "./schema.ts";
import { refused } from "./stores.ts";
import { callUserCode } from "./user-code.ts";

const brand = Symbol.for("everytick.world");

/**
 * Checks and freezes the definition of a simulation.
 * @throws WORLD_DEFINITION
 */
export function defineWorld<P extends Params, D extends StateDefinition>(
  definition: WorldDefinition<P, D>,
): World<P, D> {
  if (typeof definition !== "object" || definition === null) {
    throw refused("a world", "a definition", kindOf(definition));
  }
  const { name, version, params = {}, state, labels, init, step } = definition;
  if (Object(params) !== params) {
    throw refused("the parameters of a world", "values by name", kindOf(params));
  }
  if (typeof name !== "string" || !/^[\w.-]{1,128}$/.test(name)) {
    throw refused("the name of a world", "1 to 128 letters, digits, . _ -", JSON.stringify(name));
  }
  if (!Number.isSafeInteger(version) || version < 0) {
    throw refused(`the version of world ${name}`, "a whole number", String(version));
  }
  for (const [key, value] of Object.entries(params)) {
    const isText = typeof value === "string" && value.isWellFormed();
    const isParam = isText || typeof value === "boolean" || Number.isFinite(value);
    if (!isParam) {
      throw refused(
        `parameter ${key} of world ${name}`,
        "text, a finite number or a boolean",
        typeof value,
      );
    }
  }
  if (typeof state !== "function" && (typeof state !== "object" || state === null)) {
    throw refused(
      `the state of world ${name}`,
      "stores by name, or a function of params",
      typeof state,
    );
  }
  for (const [hook, code] of Object.entries({ labels, init, step })) {
    if (code !== undefined && typeof code !== "function") {
      throw refused(`${hook} of world ${name}`, "a function", typeof code);
    }
  }
  checkLists({ ...definition, params });
  if (typeof state !== "function") schemaOf({ ...definition, params, state });
  const world = { ...definition, params: Object.freeze({ ...params }) as P };
  Object.defineProperty(world, brand, { value: true });
  return Object.freeze(world);
}

/** Whether a value was made by `defineWorld`, of this or another copy of the package. */
export function isWorld(value: unknown): value is AnyWorld {
  return typeof value === "object" && value !== null && brand in value;
}

/** The stores of a world for these parameters. @throws WORLD_THREW */
export function stateOf(world: AnyWorld, params: Params): StateDefinition {
  const { state } = world;
  if (typeof state !== "function") return state;
  const where = `state of world ${world.name}`;
  return callUserCode(where, "Nothing was recorded.", () => state(params as never));
}
