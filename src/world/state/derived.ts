import { EverytickError } from "../../errors.ts";
import { derivedLayout } from "../../format/layout.ts";
import type { StoreDefinition, StoreSchema } from "../../types.ts";
import { callUserCode } from "../user-code.ts";
import { makeLiveStore } from "./make-live-store.ts";

/**
 * The content of a derived store, computed from the others.
 * @throws WORLD_DERIVED, WORLD_THREW
 */
export function computed(
  definition: StoreDefinition | undefined,
  schema: StoreSchema,
  state: object,
): unknown {
  const where = `store ${schema.name}`;
  if (definition?.kind !== "derived") {
    const next = "Open the run with its world: runs.open(id, { world }).";
    throw new EverytickError("WORLD_DERIVED", { where, next });
  }
  const into = makeLiveStore(definition.store, derivedLayout(schema))?.present();
  const next = "The recording is unchanged.";
  callUserCode(where, next, () => definition.compute(state as never, into as never));
  return into;
}
