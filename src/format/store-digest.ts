import type { ChangeFinder } from "./changes.ts";
import type { Digester, StoreDigest } from "./digest.ts";
import type { Image } from "./image.ts";
import type { StoreLayout } from "./layout.ts";

/** The digest of a whole store as changes from nothing; `undefined` if it is nothing. */
export function digestOfStore(
  store: StoreLayout,
  image: Image,
  finder: ChangeFinder,
  digester: Digester,
): StoreDigest | undefined {
  let isNothing = true;
  digester.begin();
  for (const piece of finder.pieces(store, undefined, image.stores[store.number] ?? [])) {
    digester.add(piece, image);
    isNothing = false;
  }
  return isNothing ? undefined : digester.end(store, image);
}
