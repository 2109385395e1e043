import type { StoreSchema } from "../types.ts";
import { visible } from "./output.ts";
import { usageError } from "./usage.ts";

/** How many planes the two fastest axes of a grid make. */
export function planesOf(shape: readonly number[]): number {
  return shape.slice(0, -2).reduce((product, length) => product * length, 1);
}

/** @throws CLI_USAGE if `--slice` names no plane of the store. */
export function checkSlice(store: StoreSchema, slice: number | undefined): void {
  if (slice === undefined) return;
  const where = `--slice, store ${visible(store.name)}`;
  if (store.kind !== "grid" || store.shape.length < 3) {
    const found =
      store.kind === "grid"
        ? `a grid of ${store.shape.join("×")}`
        : `a store of kind ${store.kind}`;
    throw usageError({ where, expected: "a grid of 3 axes or more", found, next: "leave it out" });
  }
  const planes = planesOf(store.shape);
  if (slice < planes) return;
  throw usageError({ where, expected: `a plane from 0 to ${planes - 1}`, found: String(slice) });
}
