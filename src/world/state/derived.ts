import { EverytickError } from "../../errors.ts";
import { derivedLayout } from "../../format/layout.ts";
import type { StoreDefinition, StoreSchema } from "../../types.ts";
import { callUserCode } from "../user-code.ts";
import { edgeKey } from "./live-rows.ts";
import type { LiveStore } from "./live-store.ts";
import { makeLiveStore } from "./make-live-store.ts";
import { PastEdges, PastTable } from "./past-table.ts";

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
  const layout = derivedLayout(schema);
  const store = makeLiveStore(definition.store, layout) as LiveStore;
  const into = store.present();
  const next = "The recording is unchanged.";
  callUserCode(where, next, () => definition.compute(state as never, into as never));
  // Rows are shown as those of a past table are: copies that nobody can write through.
  if (schema.kind === "table") return new PastTable(layout, store.capture(), schema.key);
  if (schema.kind === "edges") return new PastEdges(layout, store.capture(), edgeKey);
  return into;
}
