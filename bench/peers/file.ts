import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writevSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore } from "./blob-peer.ts";
import type { Bytes } from "./peer.ts";

const headBytes = 8;

/** An appended file: for each tick its number (u32), the length of its blob (u32), the blob. */
export class FileStore implements BlobStore {
  #file = 0;
  #end = 0;
  /** Where the blob of each tick lies, found by a look through the file. */
  #places: { readonly offset: number; readonly length: number }[] = [];

  open(folder: string): void {
    this.#file = openSync(join(folder, "ticks"), "w+");
  }

  put(tick: number, blob: Uint8Array): void {
    const head = Buffer.alloc(headBytes);
    head.writeUInt32LE(tick, 0);
    head.writeUInt32LE(blob.length, 4);
    this.#end += writevSync(this.#file, [head, blob], this.#end);
  }

  commit(): void {
    fdatasyncSync(this.#file);
  }

  finish(): void {
    this.commit();
    const head = Buffer.alloc(headBytes);
    for (let offset = 0; offset < this.#end;) {
      readSync(this.#file, head, 0, headBytes, offset);
      const length = head.readUInt32LE(4);
      this.#places[head.readUInt32LE(0)] = { offset: offset + headBytes, length };
      offset += headBytes + length;
    }
  }

  get(from: number, to: number): Uint8Array[] {
    return this.#places.slice(from, to + 1).map(({ offset, length }) => {
      const blob = Buffer.allocUnsafeSlow(length);
      readSync(this.#file, blob, 0, length, offset);
      return blob;
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  bytes(): Omit<Bytes, "deltas"> {
    return { all: fstatSync(this.#file).size, beside: 0 };
  }
}
