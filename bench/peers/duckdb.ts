import { statSync } from "node:fs";
import { join } from "node:path";
import { applyTick, nothing } from "../workloads/state.ts";
import type { ColumnChange, ColumnType, State, Workload } from "../workloads/workload.ts";
import { keyframeSpacing } from "./blob-peer.ts";
import { optionalPackage } from "./optional-package.ts";
import { asColumnChanges, packState, unpackState } from "./packed-changes.ts";
import { groupSize, type Bytes, type Mode, type Peer, type Tick } from "./peer.ts";
import { unzstd, zstd } from "./zstd.ts";

/** What is used of @duckdb/node-api. */
interface Chunk {
  setColumnValues(column: number, values: readonly unknown[]): void;
}
interface Appender {
  appendDataChunk(chunk: Chunk): void;
  flushSync(): void;
  closeSync(): void;
}
interface Statement {
  bindInteger(place: number, value: number): void;
  bindBlob(place: number, bytes: Uint8Array): void;
  run(): Promise<unknown>;
}
interface Connection {
  run(sql: string): Promise<unknown>;
  prepare(sql: string): Promise<Statement>;
  runAndReadAll(sql: string): Promise<{ getColumns(): unknown[][] }>;
  createAppender(table: string): Promise<Appender>;
  closeSync(): void;
}
interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}
type Type = object;
interface Duckdb {
  readonly DuckDBInstance: { create(path: string): Promise<Instance> };
  readonly DuckDBDataChunk: { create(types: readonly Type[], rows: number): Chunk };
  readonly UTINYINT: Type;
  readonly UINTEGER: Type;
  readonly INTEGER: Type;
  readonly FLOAT: Type;
  readonly DOUBLE: Type;
  readonly VARCHAR: Type;
}

const chunkRows = 2048;
const typeNames = {
  u8: "UTINYINT",
  u32: "UINTEGER",
  i32: "INTEGER",
  f32: "FLOAT",
  f64: "DOUBLE",
  utf8: "VARCHAR",
} as const satisfies Record<ColumnType, keyof Duckdb>;

/** DuckDB with a table for each column: (tick, row, value); at each 50th tick the whole state, as a blob, instead. */
export class DuckdbPeer implements Peer {
  #duckdb!: Duckdb;
  #path = "";
  #workload!: Workload;
  #instance!: Instance;
  #connection!: Connection;
  #appenders: Appender[] = [];
  #group = 1;
  #isInTransaction = false;

  async open(folder: string, workload: Workload, mode: Mode): Promise<void> {
    this.#duckdb = await optionalPackage<Duckdb>("@duckdb/node-api");
    this.#path = join(folder, "ticks.duckdb");
    this.#workload = workload;
    this.#group = groupSize[mode];
    this.#instance = await this.#duckdb.DuckDBInstance.create(this.#path);
    this.#connection = await this.#instance.connect();
    await this.#connection.run("create table keyframes (tick integer, state blob)");
    for (const [number, { type }] of workload.columns.entries()) {
      const columns = `tick integer, "row" uinteger, value ${typeNames[type]}`;
      await this.#connection.run(`create table c${number} (${columns})`);
      this.#appenders.push(await this.#connection.createAppender(`c${number}`));
    }
    await this.#keyframe(0, workload.initial);
  }

  async recordTick({ number, changes, after }: Tick): Promise<void> {
    if (!this.#isInTransaction) await this.#connection.run("begin");
    this.#isInTransaction = true;
    if (number % keyframeSpacing === 0) await this.#keyframe(number, after);
    else {
      for (const { column, rows, values } of asColumnChanges(changes, this.#workload)) {
        const { length } = values;
        const numbers = rows ?? Uint32Array.from({ length }, (_, row) => row);
        this.#append(column, number, numbers, [...values]);
      }
    }
    if (number % this.#group === 0) await this.sync();
  }

  async sync(): Promise<void> {
    if (this.#isInTransaction) await this.#connection.run("commit");
    this.#isInTransaction = false;
  }

  async finish(): Promise<void> {
    await this.sync();
    for (const appender of this.#appenders) appender.closeSync();
    await this.#connection.run("checkpoint");
  }

  async seek(tick: number): Promise<State> {
    const start = tick - (tick % keyframeSpacing);
    const [states] = await this.#columns(`select state from keyframes where tick = ${start}`);
    const [{ bytes }] = states as [{ readonly bytes: Uint8Array }];
    const state = unpackState(unzstd(bytes), this.#workload);
    if (tick === start) return state;
    for (const column of this.#workload.columns.keys()) {
      applyTick(state, { deaths: [], columns: [await this.#changed(column, start, tick)] });
    }
    return state;
  }

  /** How a column differs from the keyframe at `start`. */
  async #changed(column: number, start: number, tick: number): Promise<ColumnChange> {
    const { store, type } = this.#workload.columns[column]!;
    const isLog = this.#workload.stores.some(({ name, kind }) => name === store && kind === "log");
    const sql = isLog
      ? `select "row", value from c${column} where tick = ${tick} order by "row"`
      : `select "row", arg_max(value, tick) from c${column}
           where tick > ${start} and tick <= ${tick} group by "row"`;
    const [rows = [], found = []] = await this.#columns(sql);
    const values = nothing(type, found.length);
    found.forEach((value, place) => ((values as unknown[])[place] = value));
    return isLog
      ? { column, values }
      : { column, rows: Uint32Array.from(rows as number[]), values };
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  bytes(): Bytes {
    return { all: statSync(this.#path).size, deltas: undefined, beside: 0 };
  }

  async #columns(sql: string): Promise<unknown[][]> {
    return (await this.#connection.runAndReadAll(sql)).getColumns();
  }

  async #keyframe(tick: number, state: State): Promise<void> {
    const statement = await this.#connection.prepare("insert into keyframes values (?, ?)");
    statement.bindInteger(1, tick);
    statement.bindBlob(2, zstd(packState(state)));
    await statement.run();
  }

  #append(column: number, tick: number, rows: Uint32Array, values: readonly unknown[]): void {
    const { DuckDBDataChunk, INTEGER, UINTEGER } = this.#duckdb;
    const type = this.#duckdb[typeNames[this.#workload.columns[column]!.type]];
    const appender = this.#appenders[column] as Appender;
    for (let start = 0; start < rows.length; start += chunkRows) {
      const some = rows.subarray(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create([INTEGER, UINTEGER, type], some.length);
      chunk.setColumnValues(
        0,
        Array.from({ length: some.length }, () => tick),
      );
      chunk.setColumnValues(1, [...some]);
      chunk.setColumnValues(2, values.slice(start, start + some.length));
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  }
}
