import { limits } from "../limits.ts";
import type { Codecs, Vfs } from "../types.ts";
import { indexCacheName, writeIndexBlock } from "./index-cache.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/**
 * Keeps the index cache of the open segment (`docs/format.md`, section 10). A cache that cannot be written is no error:
 * without it the next opening scans the segment.
 */
export class IndexCache {
  readonly #vfs: Vfs;
  readonly #directory: string;
  readonly #codecs: Codecs;
  #frames = 0;

  constructor(vfs: Vfs, directory: string, codecs: Codecs) {
    this.#vfs = vfs;
    this.#directory = `${directory}/cache`;
    this.#codecs = codecs;
  }

  /** Whether enough frames were added since the last block. */
  isBehind({ table }: SegmentWriter): boolean {
    return table.count - this.#frames >= limits.indexBlockFrames;
  }

  /** Adds a block for the frames since the last one; they must be synced. */
  extend(segment: SegmentWriter): void {
    if (segment.table.count === this.#frames) return;
    const block = writeIndexBlock(segment.table, this.#frames, segment.header, this.#codecs);
    this.#frames = segment.table.count;
    try {
      this.#vfs.makeDirectory(this.#directory);
      appendToFile(this.#vfs, this.#path(segment), block);
    } catch {
      // See above.
    }
  }

  remove(segment: SegmentWriter): void {
    this.#frames = 0;
    if (this.#vfs.stat(this.#path(segment)) !== undefined) this.#vfs.remove(this.#path(segment));
  }

  #path({ name }: SegmentWriter): string {
    return `${this.#directory}/${indexCacheName(name)}`;
  }
}

function appendToFile(vfs: Vfs, path: string, bytes: Uint8Array): void {
  const size = vfs.stat(path)?.size;
  const file = vfs.open(path, size === undefined ? "create" : "update");
  try {
    file.write(bytes, size ?? 0);
  } finally {
    file.close();
  }
}
