import * as fs from "node:fs";
import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ByteSource, Vfs, VfsFile } from "../types.ts";
import { lockDirectory, lockHolder } from "./lock-node.ts";

const notOurs = new Set(["EACCES", "EPERM", "EINVAL", "EROFS"]);

/** The files of this machine. */
export const nodeVfs: Vfs = {
  makeDirectory,
  list: (path) => absentAsUndefined(() => fs.readdirSync(path).sort()),
  stat: (path) =>
    absentAsUndefined(() => {
      const named = fs.lstatSync(path);
      const isLink = named.isSymbolicLink();
      const stats = isLink ? fs.statSync(path) : named;
      const version = `${stats.dev}-${stats.ino}-${stats.ctimeMs}`;
      return { size: stats.size, directory: stats.isDirectory(), version, isLink };
    }),
  read: (path) => new Uint8Array(fs.readFileSync(path)),
  open: (path, mode) => new NodeFile(fs.openSync(path, mode === "create" ? "wx+" : "r+")),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path),
  removeDirectory: (path) => fs.rmdirSync(path),
  syncDirectory,
  source: (path) => new NodeSource(path),
  lock: lockDirectory,
  lockHolder,
};

/** Whoever made one of the folders may have been killed before its name was durable: all names on the way are synced. */
function makeDirectory(given: string): void {
  const path = resolve(given);
  makeMissing(path);
  for (let name = path; dirname(name) !== name; name = dirname(name)) syncOldName(name);
}

/** One level at a time: Node's own recursion never ends on some special file systems. */
function makeMissing(path: string): void {
  const parent = dirname(path);
  if (!fs.existsSync(parent)) makeMissing(parent);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    // Another process may make the same folder at the same time.
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    if (isThere && fs.statSync(path).isDirectory()) return;
    throw error;
  }
  syncDirectory(parent);
}

function syncOldName(path: string): void {
  try {
    syncDirectory(dirname(path));
  } catch (error) {
    // A folder above that we may not read, or that keeps no names, is not ours, and was not made by us.
    if (!notOurs.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function syncDirectory(path: string): void {
  const handle = fs.openSync(path, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

class NodeFile implements VfsFile {
  readonly #handle: number;

  constructor(handle: number) {
    this.#handle = handle;
  }

  write(bytes: Uint8Array, offset: number): void {
    // The system may write less than asked, above all when the disk is nearly full.
    for (let done = 0; done < bytes.length;) {
      done += fs.writeSync(this.#handle, bytes, done, bytes.length - done, offset + done);
    }
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#handle, size);
  }

  sync(): void {
    fs.fdatasyncSync(this.#handle);
  }

  close(): void {
    fs.closeSync(this.#handle);
  }
}

class NodeSource implements ByteSource {
  readonly #path: string;
  #opening: ReturnType<typeof open> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async size(): Promise<number> {
    const handle = await this.#handle();
    return (await handle.stat()).size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const handle = await this.#handle();
    const bytes = new Uint8Array(Math.max(0, length));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, offset + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    if (opening !== undefined) await (await opening).close();
  }

  #handle(): ReturnType<typeof open> {
    this.#opening ??= open(this.#path, "r");
    return this.#opening;
  }
}

function absentAsUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
