import { statSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore } from "./blob-peer.ts";
import { optionalPackage } from "./optional-package.ts";
import type { Bytes } from "./peer.ts";

/** What is used of lmdb. */
interface Database {
  transactionSync(action: () => void): void;
  putSync(key: number, value: Uint8Array): unknown;
  get(key: number): Buffer;
  close(): Promise<void>;
}
interface Lmdb {
  open(options: {
    readonly path: string;
    readonly encoding: "binary";
    readonly overlappingSync: boolean;
  }): Database;
}

/** LMDB with one key for each tick; a group of ticks is a transaction, on the disk when it is committed. */
export class LmdbStore implements BlobStore {
  #path = "";
  #database!: Database;
  readonly #waiting: [tick: number, blob: Uint8Array][] = [];

  async open(folder: string): Promise<void> {
    const lmdb = await optionalPackage<Lmdb>("lmdb");
    this.#path = join(folder, "ticks.mdb");
    this.#database = lmdb.open({ path: this.#path, encoding: "binary", overlappingSync: false });
  }

  put(tick: number, blob: Uint8Array): void {
    this.#waiting.push([tick, blob]);
  }

  commit(): void {
    if (this.#waiting.length === 0) return;
    this.#database.transactionSync(() => {
      for (const [tick, blob] of this.#waiting) this.#database.putSync(tick, blob);
    });
    this.#waiting.length = 0;
  }

  finish(): void {
    this.commit();
  }

  get(from: number, to: number): Uint8Array[] {
    return Array.from({ length: to - from + 1 }, (_, place) => this.#database.get(from + place));
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  bytes(): Omit<Bytes, "deltas"> {
    const { size, blocks } = statSync(this.#path);
    // The file may be longer than what was ever written into it.
    const all = Math.min(size, 512 * blocks);
    return { all, beside: statSync(`${this.#path}-lock`).size };
  }
}
