import { indexCacheName } from "../journal/index-cache.ts";
import { segmentsAmong } from "../journal/segment-name.ts";
import type { Vfs } from "../types.ts";
import { cardName, namesBeforeCard } from "./card.ts";

const ownFolders = ["journal", "cache"];
const ownFiles: ReadonlySet<string> = new Set([...namesBeforeCard, cardName, "lock.db-journal"]);

/** Paths in a run's folder that no writer of a run makes. They are no history, and nothing reads them. */
export function strayFiles(vfs: Vfs, directory: string): string[] {
  const segments = segmentsAmong(vfs.list(`${directory}/journal`) ?? []).map(({ name }) => name);
  const inJournal = new Set([...segments, "torn"]);
  const inCache = new Set(segments.map(indexCacheName));
  const others = (folder: string, own: ReadonlySet<string>): string[] =>
    (vfs.list(`${directory}/${folder}`) ?? [])
      .filter((name) => !own.has(name))
      .map((name) => `${folder}/${name}`);
  const beside = (vfs.list(directory) ?? []).filter(
    (name) => !ownFiles.has(name) && !ownFolders.includes(name),
  );
  return [...beside, ...others("journal", inJournal), ...others("cache", inCache)];
}
