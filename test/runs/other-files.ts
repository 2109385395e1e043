/** Files with a difference: counted, read-only, or on a disk that is nearly full. */
import assert from "node:assert/strict";
import type { ByteSource, Lock, Vfs, VfsFile } from "everytick";

/** Hands everything on. */
class PassingVfs implements Vfs {
  protected readonly base: Vfs;

  constructor(base: Vfs) {
    this.base = base;
  }

  makeDirectory(path: string): void {
    this.base.makeDirectory(path);
  }

  list(path: string): string[] | undefined {
    return this.base.list(path);
  }

  stat(path: string): { readonly size: number; readonly directory: boolean } | undefined {
    return this.base.stat(path);
  }

  read(path: string): Uint8Array {
    return this.base.read(path);
  }

  open(path: string, mode: "create" | "update"): VfsFile {
    return this.base.open(path, mode);
  }

  rename(from: string, to: string): void {
    this.base.rename(from, to);
  }

  remove(path: string): void {
    this.base.remove(path);
  }

  syncDirectory(path: string): void {
    this.base.syncDirectory(path);
  }

  source(path: string): ByteSource {
    return this.base.source(path);
  }

  lock(directory: string): Lock {
    return this.base.lock(directory);
  }

  lockHolder(directory: string): string | undefined {
    return this.base.lockHolder(directory);
  }
}

/** Counts what is read and what is open. */
export class CountingVfs extends PassingVfs {
  /** Paths of sources, files and locks that are open, one entry for each. */
  readonly stillOpen: string[] = [];
  readonly reads: { readonly path: string; readonly offset: number; readonly length: number }[] =
    [];
  /** More reads than this are a reader that goes in circles; it would not let a timer stop it. */
  readsMax = 100_000;

  override open(path: string, mode: "create" | "update"): VfsFile {
    const file = super.open(path, mode);
    const closed = this.#opened(path);
    return {
      write: (bytes, offset) => file.write(bytes, offset),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => {
        closed();
        file.close();
      },
    };
  }

  override source(path: string): ByteSource {
    const source = super.source(path);
    let closed: (() => void) | undefined;
    return {
      size: async () => source.size(),
      read: async (offset, length) => {
        // Node opens a file when it is first read, and again when it is read after it was closed.
        closed ??= this.#opened(path);
        this.reads.push({ path, offset, length });
        assert(this.reads.length <= this.readsMax, `more than ${this.readsMax} reads`);
        return source.read(offset, length);
      },
      close: async () => {
        closed?.();
        closed = undefined;
        await source.close();
      },
    };
  }

  override lock(directory: string): Lock {
    const lock = super.lock(directory);
    const closed = this.#opened(`${directory} (lock)`);
    return {
      release: () => {
        closed();
        lock.release();
      },
    };
  }

  #opened(path: string): () => void {
    this.stillOpen.push(path);
    return () => {
      const at = this.stillOpen.indexOf(path);
      if (at !== -1) this.stillOpen.splice(at, 1);
    };
  }
}

/** What a system says when it refuses: the error of a call, with its code. */
function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: no, ${path}`), { code });
}

/** A folder that can be read and not written. */
export class ReadOnlyVfs extends PassingVfs {
  override makeDirectory(path: string): void {
    if (this.stat(path)?.directory !== true) throw systemError("EROFS", path);
  }

  override open(path: string): VfsFile {
    throw systemError("EROFS", path);
  }

  override rename(from: string): void {
    throw systemError("EROFS", from);
  }

  override remove(path: string): void {
    throw systemError("EROFS", path);
  }

  override lock(directory: string): Lock {
    throw systemError("EROFS", directory);
  }
}

/** A disk with so many bytes left. A write that does not fit is done in part. */
export class FullVfs extends PassingVfs {
  bytesLeft = Infinity;

  override open(path: string, mode: "create" | "update"): VfsFile {
    if (mode === "create" && this.bytesLeft === 0) throw systemError("ENOSPC", path);
    const file = super.open(path, mode);
    return {
      write: (bytes, offset) => {
        const fits = Math.min(bytes.length, this.bytesLeft);
        this.bytesLeft -= fits;
        file.write(bytes.subarray(0, fits), offset);
        if (fits < bytes.length) throw systemError("ENOSPC", path);
      },
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }
}

/** Says of every call what it was. */
export function watched(vfs: Vfs): { readonly vfs: Vfs; readonly calls: string[] } {
  const calls: string[] = [];
  const get = (target: Vfs, name: keyof Vfs): unknown => {
    const method = target[name] as (...args: readonly unknown[]) => unknown;
    return (...args: readonly unknown[]): unknown => {
      calls.push(`${name} ${String(args[0])}`);
      return method.apply(target, args as unknown[]);
    };
  };
  return { vfs: new Proxy(vfs, { get: (target, name) => get(target, name as keyof Vfs) }), calls };
}
