import type { Chance } from "../../testing/index.ts";

/** Leaves one out, says one twice, swaps two, or takes one of another list. Changes the list. */
export function rearrange<T>(list: T[], chance: Chance, donors: readonly T[] = list): void {
  const at = chance.below(list.length + 1);
  const kind = chance.below(5);
  if (kind === 0) list.splice(at, 1);
  if (kind === 1 && at < list.length) list.splice(chance.below(list.length + 1), 0, list[at] as T);
  if (kind === 2 && list.length > 1) {
    const [one, other] = [chance.below(list.length), chance.below(list.length)];
    [list[one], list[other]] = [list[other] as T, list[one] as T];
  }
  if (kind === 3) list.splice(at, chance.below(list.length + 1 - at));
  if (kind === 4 && donors.length > 0) list.splice(at, chance.below(2), chance.pick(donors));
}
