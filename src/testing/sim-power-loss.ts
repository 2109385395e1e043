import type { Chance } from "./chance.ts";
import { type ContentPiece, type Fate, SimInode } from "./sim-content.ts";
import { SimFolder, type SimEntry } from "./sim-names.ts";

/** One change that no sync covers yet: of a file's content, or of a folder's names. */
export type Unsynced = ContentPiece["kind"] | "names";

/** Decides what becomes of each unsynced change, in the order in which `unsynced` lists them. */
export type Survival = (change: Unsynced, number: number) => Fate;

export const nothingSurvives: Survival = () => "lost";
export const everythingSurvives: Survival = () => "kept";
/** Every write is torn; names and lengths are there. */
export const everythingIsTorn: Survival = (change) => (change === "data" ? "first half" : "kept");
/** Lengths are there and data is not, as delayed allocation leaves files. */
export const onlyLengthsSurvive: Survival = (change) => (change === "data" ? "lost" : "kept");
/** Data is there and names are not. */
export const onlyContentSurvives: Survival = (change) => (change === "names" ? "lost" : "kept");

/** The changes whose bits are set are there, the others are not. */
export function subset(bits: number): Survival {
  return (_, number) => ((bits >>> number) & 1 ? "kept" : "lost");
}

/** Any mixture: each change is there, torn, or lost. */
export function mixture(chance: Chance): Survival {
  const kept = chance.next() / 2 ** 32;
  const torn = chance.below(3) === 0 ? 0.3 : 0;
  return () => {
    if (chance.chance(torn)) return chance.pick(["first half", "second half"] as const);
    return chance.chance(kept) ? "kept" : "lost";
  };
}

/** Everything below a folder that may exist after a loss of power, each once, in a fixed order. */
function reachable(root: SimFolder): SimEntry[] {
  const found = new Set<SimEntry>([root]);
  for (const entry of found) {
    if (entry instanceof SimFolder) for (const below of entry.possible()) found.add(below);
  }
  return [...found];
}

/** The changes below a folder that no sync covers yet. */
export function unsyncedBelow(root: SimFolder): Unsynced[] {
  return reachable(root).flatMap((entry) =>
    entry instanceof SimFolder
      ? entry.changes.map(() => "names" as const)
      : entry.pieces.map(({ kind }) => kind),
  );
}

/** The folder as power loss leaves it; a tree of its own, durable as it is. */
export function folderAfterPowerLoss(root: SimFolder, survival: Survival): SimFolder {
  let number = 0;
  const decided = new Map<SimEntry, readonly Fate[]>();
  for (const entry of reachable(root)) {
    const changes =
      entry instanceof SimFolder
        ? entry.changes.map(() => "names" as const)
        : entry.pieces.map(({ kind }) => kind);
    const fates = changes.map((change) => survival(change, number++));
    decided.set(entry, fates);
  }
  const copies = new Map<SimEntry, SimEntry>();
  const copy = (entry: SimEntry): SimEntry => {
    const before = copies.get(entry);
    if (before !== undefined) return before;
    const fates = decided.get(entry) ?? [];
    const made =
      entry instanceof SimInode
        ? entry.afterPowerLoss(fates)
        : new SimFolder(
            new Map(
              [...entry.afterPowerLoss(fates.map((fate) => fate === "kept"))].map(
                ([name, below]) => [name, copy(below)] as const,
              ),
            ),
          );
    copies.set(entry, made);
    return made;
  };
  return copy(root) as SimFolder;
}
