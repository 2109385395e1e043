/** Files that fail when they are told to, and that hold their user to the order of open, write and close. */
import assert from "node:assert/strict";
import { MemoryVfs } from "../../src/testing/index.ts";
import type { VfsFile } from "../../src/types.ts";

export type Operation =
  "open" | "write" | "truncate" | "sync" | "syncDirectory" | "rename" | "remove";

export interface Failure {
  readonly code: "ENOSPC" | "EIO";
  /** Which operation fails, counted from 0. */
  readonly at: number;
  /** Whether all later ones fail too. */
  readonly sticky: boolean;
  /** Only what happens here fails; everything, if absent. */
  readonly only?: RegExp;
}

export class FailingVfs extends MemoryVfs {
  /** Every operation so far, as `kind path`. */
  readonly operations: string[] = [];
  failure: Failure | undefined;
  /** Files that are open now. */
  openFiles = 0;
  /** Operations that a failure met. */
  failed = 0;

  /** Counts an operation, and fails if its turn has come. @returns whether a write should be cut short. */
  #step(operation: Operation, path: string): void {
    const number = this.operations.push(`${operation} ${path}`) - 1;
    const { failure } = this;
    if (failure === undefined) return;
    const isDue = failure.sticky ? number >= failure.at : number === failure.at;
    if (!isDue || failure.only?.test(path) === false) return;
    this.failed += 1;
    throw Object.assign(new Error(`${failure.code}: ${operation} ${path}`), { code: failure.code });
  }

  override open(path: string, mode: "create" | "update"): VfsFile {
    this.#step("open", path);
    const file = super.open(path, mode);
    this.openFiles += 1;
    let isOpen = true;
    const use = (operation: Operation): void => {
      assert(isOpen, `${operation} of a closed file`);
      this.#step(operation, path);
    };
    return {
      write: (bytes, offset) => {
        try {
          use("write");
        } catch (error) {
          // As a full disk does: a part of it is there.
          if (isOpen) file.write(bytes.subarray(0, bytes.length >> 1), offset);
          throw error;
        }
        file.write(bytes, offset);
      },
      truncate: (size) => {
        use("truncate");
        file.truncate(size);
      },
      sync: () => {
        use("sync");
        file.sync();
      },
      close: () => {
        assert(isOpen, `${path} is closed twice`);
        isOpen = false;
        this.openFiles -= 1;
        file.close();
      },
    };
  }

  override rename(from: string, to: string): void {
    this.#step("rename", from);
    super.rename(from, to);
  }

  override remove(path: string): void {
    this.#step("remove", path);
    super.remove(path);
  }

  override syncDirectory(path: string): void {
    this.#step("syncDirectory", path);
    super.syncDirectory(path);
  }
}
