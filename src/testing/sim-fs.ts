import { EverytickError } from "../errors.ts";
import type { ByteSource, Lock, Vfs, VfsFile } from "../types.ts";
import type { ManualClock } from "./ports.ts";
import { SimInode } from "./sim-content.ts";
import { FaultPlan, systemError, type SimOperation } from "./sim-faults.ts";
import { bytesBelow, findBelow, nameOf, partsOf, type SimEntry, SimFolder } from "./sim-names.ts";
import { Trace } from "./sim-trace.ts";
import {
  folderAfterPowerLoss,
  type Survival,
  type Unsynced,
  unsyncedBelow,
} from "./sim-power-loss.ts";

export interface SimFsOptions {
  /** What reaches the disk as a whole or not at all. Default 512. */
  readonly blockBytes?: number;
  /** Moved by what each operation costs. */
  readonly clock?: ManualClock;
  /** Milliseconds that an operation takes. */
  readonly latency?: (operation: SimOperation, path: string) => number;
  /** Syncs that say they are done and are not: disks that lie, and tests of tests. */
  readonly swallows?: (operation: SimOperation, path: string) => boolean;
  /** Names of folders are volatile, too, as the system's own call leaves them; the port promises more. */
  readonly hasVolatileFolders?: boolean;
}

/**
 * Files on a disk with a cache, behind the `Vfs` port. Content is volatile until its file is synced, names until their
 * folder is. Power can be lost at any moment, with any subset of what was not synced kept, torn or reordered; the disk can
 * fail, fill up and become read-only. Nothing is left to chance but what the caller draws.
 */
export class SimFs implements Vfs {
  readonly faults = new FaultPlan();
  /** Called after each operation that changed something; may throw, as a process that is killed there. */
  onChange: (operation: SimOperation, path: string) => void = () => undefined;
  /** Bytes that all files together can have. */
  capacity = Number.POSITIVE_INFINITY;
  isReadOnly = false;
  /** Operations so far, by kind. */
  readonly counts = new Map<SimOperation, number>();
  readonly trace = new Trace();
  /** Files that are open now. */
  openFiles = 0;
  readonly #root: SimFolder;
  readonly #options: SimFsOptions;
  readonly #locks = new Set<string>();
  /** Handles of an earlier process do nothing any more. */
  #process = 0;

  constructor(options: SimFsOptions = {}, root: SimFolder = new SimFolder()) {
    this.#options = options;
    this.#root = root;
  }

  /** What no sync covers yet, in the order in which a `Survival` is asked. */
  get unsynced(): Unsynced[] {
    return unsyncedBelow(this.#root);
  }

  /** The disk when power comes back; this one stays as it is. */
  afterPowerLoss(survival: Survival, options = this.#options): SimFs {
    return new SimFs(options, folderAfterPowerLoss(this.#root, survival));
  }

  /** The process is gone, with its locks and handles; what it wrote is still in the system's cache. */
  killProcess(): void {
    this.#locks.clear();
    this.#process += 1;
    this.openFiles = 0;
  }

  makeDirectory(path: string): void {
    this.#begin("makeDirectory", path);
    let folder = this.#root;
    for (const name of partsOf(path)) {
      let next = folder.names.get(name);
      if (next === undefined) {
        this.#expectWritable(path);
        next = new SimFolder();
        folder.change(new Map([[name, next]]));
        this.onChange("makeDirectory", path);
      }
      if (next instanceof SimInode) throw systemError("EEXIST", path);
      // The port promises that the names are durable, also those that somebody else had made.
      if (this.#options.hasVolatileFolders !== true) folder.sync();
      folder = next;
    }
    this.onChange("makeDirectory", path);
  }

  list(path: string): string[] | undefined {
    this.#begin("list", path);
    const found = this.#find(path);
    return found instanceof SimFolder ? [...found.names.keys()].sort() : undefined;
  }

  stat(path: string): { size: number; directory: boolean } | undefined {
    this.#begin("stat", path);
    const found = this.#find(path);
    if (found === undefined) return undefined;
    const directory = found instanceof SimFolder;
    return { size: directory ? 0 : found.size, directory };
  }

  read(path: string): Uint8Array {
    this.#begin("read", path);
    return this.#file(path).read();
  }

  open(path: string, mode: "create" | "update"): VfsFile {
    this.#begin(mode, path);
    if (mode === "update") {
      const found = this.#file(path);
      this.#expectWritable(path);
      return this.#handle(path, found);
    }
    if (this.#find(path) !== undefined) throw systemError("EEXIST", path);
    const folder = this.#folder(path);
    this.#expectWritable(path);
    const inode = new SimInode(this.#options.blockBytes ?? 512);
    folder.change(new Map([[nameOf(path), inode]]));
    this.onChange("create", path);
    return this.#handle(path, inode);
  }

  rename(from: string, to: string): void {
    this.#begin("rename", from);
    const entry = this.#find(from);
    if (entry === undefined) throw systemError("ENOENT", from);
    const [source, target] = [this.#folder(from), this.#folder(to)];
    this.#expectWritable(from);
    if (source === target) {
      const both: [string, SimEntry | undefined][] = [
        [nameOf(from), undefined],
        [nameOf(to), entry],
      ];
      source.change(new Map(both));
    } else {
      target.change(new Map([[nameOf(to), entry]]));
      source.change(new Map([[nameOf(from), undefined]]));
    }
    this.onChange("rename", from);
  }

  remove(path: string): void {
    this.#begin("remove", path);
    this.#file(path);
    this.#expectWritable(path);
    this.#folder(path).change(new Map([[nameOf(path), undefined]]));
    this.onChange("remove", path);
  }

  syncDirectory(path: string): void {
    this.#begin("syncDirectory", path);
    const folder = this.#find(path);
    if (!(folder instanceof SimFolder)) throw systemError("ENOENT", path);
    if (!this.#swallows("syncDirectory", path)) folder.sync();
    this.onChange("syncDirectory", path);
  }

  source(path: string): ByteSource {
    return {
      size: async () => {
        this.#begin("size", path);
        return Promise.resolve(this.#file(path).size);
      },
      read: async (offset, length) => {
        const end = offset + Math.max(0, length);
        const isShort = this.#begin("range", path) === "SHORT";
        const bytes = this.#file(path).read(offset, end);
        return Promise.resolve(isShort ? bytes.slice(0, bytes.length >> 1) : bytes);
      },
      close: async () => Promise.resolve(),
    };
  }

  lock(directory: string): Lock {
    this.#begin("lock", directory);
    if (this.#locks.has(directory)) {
      throw new EverytickError("JOURNAL_LOCKED", { where: directory, found: "this process" });
    }
    this.#expectWritable(directory);
    this.#locks.add(directory);
    const process = this.#process;
    return {
      release: () => {
        if (process === this.#process) this.#locks.delete(directory);
      },
    };
  }

  lockHolder(directory: string): string | undefined {
    return this.#locks.has(directory) ? "this process" : undefined;
  }

  #handle(path: string, inode: SimInode): VfsFile {
    this.openFiles += 1;
    const process = this.#process;
    let isOpen = true;
    const expectOpen = (): void => {
      if (!isOpen || process !== this.#process) throw systemError("EBADF", path);
    };
    return {
      write: (bytes, offset) => {
        expectOpen();
        this.#write(path, inode, bytes, offset);
      },
      truncate: (size) => {
        expectOpen();
        this.#begin("truncate", path, size);
        this.#expectWritable(path);
        inode.truncate(size);
        this.onChange("truncate", path);
      },
      sync: () => {
        expectOpen();
        this.#sync(path, inode);
      },
      close: () => {
        expectOpen();
        isOpen = false;
        this.openFiles -= 1;
        this.#begin("close", path);
      },
    };
  }

  /** A disk that fails or is full has taken a part of what it was given. */
  #write(path: string, inode: SimInode, bytes: Uint8Array, offset: number): void {
    const code = this.#step("write", path, bytes.length);
    if (code !== undefined) {
      inode.write(bytes.subarray(0, bytes.length >> 1), offset);
      this.onChange("write", path);
      throw systemError(code, `write ${path}`);
    }
    this.#expectWritable(path);
    const room = this.capacity - bytesBelow(this.#root) + Math.max(0, inode.size - offset);
    inode.write(bytes.subarray(0, Math.max(0, Math.min(bytes.length, room))), offset);
    this.onChange("write", path);
    if (room >= bytes.length) return;
    this.faults.count("ENOSPC", "write");
    throw systemError("ENOSPC", `write ${path}`);
  }

  #sync(path: string, inode: SimInode): void {
    const code = this.#step("sync", path);
    if (code !== undefined) {
      inode.dropUnsynced();
      throw systemError(code, `sync ${path}`);
    }
    if (!this.#swallows("sync", path)) inode.sync();
    this.onChange("sync", path);
  }

  /** @returns `SHORT`, if there is to be less. @throws the system's error that was injected */
  #begin(operation: SimOperation, path: string, length = 0): string | undefined {
    const code = this.#step(operation, path, length);
    if (code !== undefined && code !== "SHORT") throw systemError(code, `${operation} ${path}`);
    return code;
  }

  #step(operation: SimOperation, path: string, length = 0): string | undefined {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    this.trace.add(`${operation} ${path} ${length}`);
    const { clock, latency } = this.#options;
    if (latency !== undefined) clock?.advance(latency(operation, path));
    return this.faults.next(operation, path);
  }

  #swallows(operation: SimOperation, path: string): boolean {
    return this.#options.swallows?.(operation, path) ?? false;
  }

  #expectWritable(path: string): void {
    if (!this.isReadOnly) return;
    this.faults.count("EROFS", "write");
    throw systemError("EROFS", path);
  }

  #find(path: string): SimEntry | undefined {
    return findBelow(this.#root, path);
  }

  #file(path: string): SimInode {
    const found = this.#find(path);
    if (found instanceof SimInode) return found;
    throw systemError(found === undefined ? "ENOENT" : "EISDIR", path);
  }

  #folder(path: string): SimFolder {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const found = this.#find(parent);
    if (found instanceof SimFolder) return found;
    throw systemError("ENOENT", parent);
  }
}
