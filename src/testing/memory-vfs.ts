import { EverytickError } from "../errors.ts";
import type { ByteSource, Lock, Vfs, VfsFile } from "../types.ts";
import { systemError } from "./sim-faults.ts";

/** Files in memory: the twin of the machine's own, for tests. Nothing is lost and nothing fails. */
export class MemoryVfs implements Vfs {
  readonly #files = new Map<string, MemoryFile>();
  readonly #directories = new Set<string>();
  readonly #locks = new Set<string>();

  makeDirectory(path: string): void {
    const parts = path.split("/");
    for (let end = 1; end <= parts.length; end++) {
      const directory = parts.slice(0, end).join("/");
      if (this.#files.has(directory)) throw systemError("EEXIST", directory);
      this.#directories.add(directory);
    }
  }

  list(path: string): string[] | undefined {
    if (!this.#directories.has(path)) return undefined;
    const names = [...this.#files.keys(), ...this.#directories]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1))
      .filter((name) => !name.includes("/"));
    return names.sort();
  }

  stat(path: string): { size: number; directory: boolean } | undefined {
    if (this.#directories.has(path)) return { size: 0, directory: true };
    const file = this.#files.get(path);
    return file === undefined ? undefined : { size: file.bytes.length, directory: false };
  }

  read(path: string): Uint8Array {
    return this.#file(path).bytes.slice();
  }

  open(path: string, mode: "create" | "update"): VfsFile {
    if (mode === "update") return this.#file(path);
    if (this.#files.has(path)) throw systemError("EEXIST", path);
    this.#expectParent(path);
    const file = new MemoryFile();
    this.#files.set(path, file);
    return file;
  }

  rename(from: string, to: string): void {
    this.#expectParent(to);
    if (this.#directories.has(from)) return this.#renameDirectory(from, to);
    const file = this.#file(from);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  #renameDirectory(from: string, to: string): void {
    const moved = (path: string): string => `${to}${path.slice(from.length)}`;
    const isBelow = (path: string): boolean => `${path}/`.startsWith(`${from}/`);
    for (const path of [...this.#directories].filter(isBelow)) {
      this.#directories.delete(path);
      this.#directories.add(moved(path));
    }
    for (const [path, file] of [...this.#files].filter(([name]) => isBelow(name))) {
      this.#files.delete(path);
      this.#files.set(moved(path), file);
    }
  }

  remove(path: string): void {
    this.#file(path);
    this.#files.delete(path);
  }

  removeDirectory(path: string): void {
    const names = this.list(path);
    if (names === undefined) throw systemError("ENOENT", path);
    if (names.length > 0) throw systemError("ENOTEMPTY", path);
    this.#directories.delete(path);
  }

  syncDirectory(path: string): void {
    if (!this.#directories.has(path)) throw systemError("ENOENT", path);
  }

  source(path: string): ByteSource {
    const file = (): MemoryFile => this.#file(path);
    return {
      size: async () => Promise.resolve(file().bytes.length),
      read: async (offset, length) => {
        return Promise.resolve(file().bytes.slice(offset, offset + Math.max(0, length)));
      },
      close: async () => Promise.resolve(),
    };
  }

  lock(directory: string): Lock {
    if (this.#locks.has(directory)) {
      throw new EverytickError("JOURNAL_LOCKED", { where: directory, found: "this process" });
    }
    this.#locks.add(directory);
    return { release: () => void this.#locks.delete(directory) };
  }

  lockHolder(directory: string): string | undefined {
    return this.#locks.has(directory) ? "this process" : undefined;
  }

  #expectParent(path: string): void {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!this.#directories.has(parent)) throw systemError("ENOENT", parent);
  }

  #file(path: string): MemoryFile {
    const file = this.#files.get(path);
    if (file === undefined) throw systemError("ENOENT", path);
    return file;
  }
}

class MemoryFile implements VfsFile {
  bytes = new Uint8Array(0);

  write(bytes: Uint8Array, offset: number): void {
    if (offset + bytes.length > this.bytes.length) this.truncate(offset + bytes.length);
    this.bytes.set(bytes, offset);
  }

  truncate(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, size));
    this.bytes = bytes;
  }

  sync(): void {}

  close(): void {}
}
