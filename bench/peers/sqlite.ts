import { statSync } from "node:fs";
import { join } from "node:path";
import { optionalPackage } from "./optional-package.ts";
import type { BlobStore } from "./blob-peer.ts";
import type { Bytes } from "./peer.ts";

/** What is used of better-sqlite3. */
interface Statement {
  run(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
}
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
interface Sqlite {
  readonly default: new (path: string) => Database;
}

/** SQLite with one row for each tick; a group of ticks is a transaction. WAL, `synchronous` full. */
export class SqliteStore implements BlobStore {
  #path = "";
  #database!: Database;
  #put!: Statement;
  #get!: Statement;
  #isInTransaction = false;

  async open(folder: string): Promise<void> {
    const { default: Open } = await optionalPackage<Sqlite>("better-sqlite3");
    this.#path = join(folder, "ticks.sqlite");
    this.#database = new Open(this.#path);
    this.#database.exec(`
      pragma page_size = 16384; pragma journal_mode = wal; pragma synchronous = full;
      create table ticks (tick integer primary key, blob blob not null)`);
    this.#put = this.#database.prepare("insert into ticks values (?, ?)");
    this.#get = this.#database.prepare(
      "select blob from ticks where tick between ? and ? order by tick",
    );
  }

  put(tick: number, blob: Uint8Array): void {
    if (!this.#isInTransaction) this.#database.exec("begin");
    this.#isInTransaction = true;
    this.#put.run(tick, blob);
  }

  commit(): void {
    if (this.#isInTransaction) this.#database.exec("commit");
    this.#isInTransaction = false;
  }

  finish(): void {
    this.commit();
    this.#database.exec("pragma wal_checkpoint(truncate)");
  }

  get(from: number, to: number): Uint8Array[] {
    const rows = this.#get.all(from, to) as { readonly blob: Uint8Array }[];
    return rows.map(({ blob }) => blob);
  }

  close(): void {
    this.#database.close();
  }

  bytes(): Omit<Bytes, "deltas"> {
    // The write-ahead log is empty after the checkpoint; its index is a cache.
    return { all: statSync(this.#path).size, beside: statSync(`${this.#path}-shm`).size };
  }
}
