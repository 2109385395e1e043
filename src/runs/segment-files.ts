import type { SegmentSource } from "../journal/journal-reader.ts";
import { indexCacheName } from "../journal/index-cache.ts";
import type { Vfs } from "../types.ts";

/** The segments of a run's folder. */
export function segmentFiles(vfs: Vfs, directory: string): SegmentSource {
  return {
    list: async () => Promise.resolve(vfs.list(`${directory}/journal`) ?? []),
    open: async (name) => Promise.resolve(vfs.source(`${directory}/journal/${name}`)),
    cache: async (name) => {
      const path = `${directory}/cache/${indexCacheName(name)}`;
      return Promise.resolve(vfs.stat(path) === undefined ? undefined : vfs.read(path));
    },
  };
}

/** Bytes of the files in a folder, those in folders below left out. */
export function folderBytes(vfs: Vfs, path: string): number {
  let bytes = 0;
  for (const name of vfs.list(path) ?? []) {
    const stat = vfs.stat(`${path}/${name}`);
    if (stat !== undefined && !stat.directory) bytes += stat.size;
  }
  return bytes;
}
