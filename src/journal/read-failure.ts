import { EverytickError, isEverytickError } from "../errors.ts";
import type { ByteSource, FileStat, Lock, Vfs, VfsFile } from "../types.ts";

/** Files whose reading fails with an error of ours: whatever the disk says, callers branch on a code. */
export class CodedReads implements Vfs {
  readonly #vfs: Vfs;

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  makeDirectory(path: string): void {
    this.#vfs.makeDirectory(path);
  }

  list(path: string): string[] | undefined {
    return reading(path, () => this.#vfs.list(path));
  }

  stat(path: string): FileStat | undefined {
    return reading(path, () => this.#vfs.stat(path));
  }

  read(path: string): Uint8Array {
    return reading(path, () => this.#vfs.read(path));
  }

  open(path: string, mode: "create" | "update"): VfsFile {
    return this.#vfs.open(path, mode);
  }

  rename(from: string, to: string): void {
    this.#vfs.rename(from, to);
  }

  remove(path: string): void {
    this.#vfs.remove(path);
  }

  removeDirectory(path: string): void {
    this.#vfs.removeDirectory?.(path);
  }

  syncDirectory(path: string): void {
    this.#vfs.syncDirectory(path);
  }

  source(path: string): ByteSource {
    const source = this.#vfs.source(path);
    return {
      size: async () => source.size().catch((cause: unknown) => refuse(path, cause)),
      read: async (offset, length) =>
        source.read(offset, length).catch((cause: unknown) => refuse(path, cause)),
      close: async () => source.close(),
    };
  }

  lock(directory: string): Lock {
    return this.#vfs.lock(directory);
  }

  lockHolder(directory: string): string | undefined {
    return this.#vfs.lockHolder(directory);
  }
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    return refuse(path, cause);
  }
}

/** @throws JOURNAL_READ, or the error itself where it is ours */
function refuse(path: string, cause: unknown): never {
  if (isEverytickError(cause)) throw cause;
  const found = cause instanceof Error ? cause.message : String(cause);
  const next = "Nothing was changed. Repair the disk or the rights of the file, and try again.";
  throw new EverytickError("JOURNAL_READ", { where: path, found, next }, { cause });
}
