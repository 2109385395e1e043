import { EverytickError } from "../../errors.ts";

/** A store of role `static` is to be changed after its first tick. */
export function staticChange(store: string): EverytickError {
  const expected = "no change after the first tick";
  return new EverytickError("WORLD_STATIC", { where: store, expected, found: "a change" });
}
