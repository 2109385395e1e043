import { join } from "node:path";
import { nothing } from "../workloads/state.ts";
import type { ColumnChange, ColumnType, State, Values, Workload } from "../workloads/workload.ts";
import { optionalPackage } from "./optional-package.ts";
import { asColumnChanges } from "./packed-changes.ts";
import { groupSize, type Bytes, type Mode, type Peer, type Tick } from "./peer.ts";
import { PostgresCluster } from "./postgres-cluster.ts";

/** What is used of pg. */
interface Client {
  connect(): Promise<void>;
  query(sql: string, values?: readonly unknown[]): Promise<{ readonly rows: unknown[] }>;
  end(): Promise<void>;
}
interface Pg {
  readonly default: {
    readonly Client: new (options: { host: string; user: string; database: string }) => Client;
  };
}

/** A grid is cut into chunks of this edge, a column into chunks of so many rows. */
const chunkEdge = 32;
const chunkRows = 4096;

type Value = number | string | null;
interface Diff {
  readonly voxel_id: readonly number[];
  readonly old: Value;
  readonly new: Value;
}

const schema = `
  create table tak_chunk_events (
    id uuid primary key default gen_random_uuid(), zone_id text not null,
    chunk_coords integer[] not null, tick_id bigint not null, diffs jsonb not null,
    rule_hash text not null, meta jsonb, inserted_at timestamp not null default now(),
    unique (zone_id, chunk_coords, tick_id));
  create index on tak_chunk_events (zone_id);
  create index on tak_chunk_events (tick_id);
  create index on tak_chunk_events (rule_hash)`;

/**
 * The design of the TAK document: PostgreSQL, one row for each chunk and tick, its changes as JSONB
 * `[{ voxel_id, old, new }]`, no keyframes. A voxel's id is its place in a grid, or (column, row).
 */
export class JsonbPeer implements Peer {
  #cluster!: PostgresCluster;
  #client!: Client;
  #workload!: Workload;
  #group = 1;
  #isInTransaction = false;
  #bytes = 0;

  async open(folder: string, workload: Workload, mode: Mode): Promise<void> {
    const { default: pg } = await optionalPackage<Pg>("pg");
    this.#workload = workload;
    this.#group = groupSize[mode];
    this.#cluster = await PostgresCluster.start(join(folder, "cluster"));
    const host = this.#cluster.socket;
    this.#client = new pg.Client({ host, user: "bench", database: "postgres" });
    await this.#client.connect();
    await this.#client.query(schema);
    const empty = workload.columns.map(({ type }, column) =>
      nothing(type, workload.initial[column]!.length),
    );
    const columns = workload.initial.map((values, column): ColumnChange => ({ column, values }));
    await this.#insert(0, columns, empty);
    await this.sync();
  }

  async recordTick({ number, changes, before }: Tick): Promise<void> {
    await this.#insert(number, asColumnChanges(changes, this.#workload), before);
    if (number % this.#group === 0) await this.sync();
  }

  async #insert(tick: number, columns: readonly ColumnChange[], before: State): Promise<void> {
    if (!this.#isInTransaction) await this.#client.query("begin");
    this.#isInTransaction = true;
    for (const [chunk, diffs] of this.#chunks(columns, before)) {
      const sql = `insert into tak_chunk_events (zone_id, chunk_coords, tick_id, diffs, rule_hash)
        values ('zone', $1, $2, $3, 'rule')`;
      await this.#client.query(sql, [`{${chunk}}`, tick, JSON.stringify(diffs)]);
    }
  }

  async sync(): Promise<void> {
    if (this.#isInTransaction) await this.#client.query("commit");
    this.#isInTransaction = false;
  }

  async finish(): Promise<void> {
    await this.sync();
    const sql = "select pg_total_relation_size('tak_chunk_events') as bytes";
    const [row] = (await this.#client.query(sql)).rows as [{ readonly bytes: string }];
    this.#bytes = Number(row.bytes);
  }

  /** The events of all ticks up to this one, applied in order: the design has no other way. */
  async seek(tick: number): Promise<State> {
    const { columns, initial } = this.#workload;
    const state = columns.map(({ type }, column): Values => {
      return this.#isLog(column) ? [] : nothing(type, initial[column]!.length);
    });
    const sql = "select diffs from tak_chunk_events where tick_id = $1 order by chunk_coords";
    for (let at = 0; at <= tick; at++) {
      const { rows } = await this.#client.query(sql, [at]);
      for (const { diffs } of rows as { readonly diffs: Diff[] }[]) {
        this.#apply(state, diffs, at === tick);
      }
    }
    return state.map((values, column) => {
      const { type } = columns[column]!;
      return this.#isLog(column) ? listed(type, values as unknown[]) : values;
    });
  }

  #apply(state: State, diffs: readonly Diff[], isLast: boolean): void {
    for (const { voxel_id: id, new: value } of diffs) {
      const [column, row] = this.#placeOf(id);
      // The rows of a log belong to their tick alone.
      if (this.#isLog(column) && !isLast) continue;
      (state[column] as unknown[])[row] = value;
    }
  }

  #chunks(columns: readonly ColumnChange[], before: State): Map<string, Diff[]> {
    const chunks = new Map<string, Diff[]>();
    for (const { column, rows, values } of columns) {
      const isLog = this.#isLog(column);
      for (let place = 0; place < values.length; place++) {
        const row = rows?.[place] ?? place;
        const id = this.#idOf(column, row);
        const chunk = this.#chunkOf(id);
        const old = isLog ? null : (before[column]![row] as Value);
        const diff = { voxel_id: id, old, new: values[place]! };
        const diffs = chunks.get(chunk);
        if (diffs === undefined) chunks.set(chunk, [diff]);
        else diffs.push(diff);
      }
    }
    return chunks;
  }

  #shape(): readonly number[] | undefined {
    const [store] = this.#workload.stores;
    return store?.kind === "grid" ? store.shape : undefined;
  }

  #idOf(column: number, row: number): number[] {
    const shape = this.#shape();
    if (shape === undefined) return [column, row];
    const id: number[] = [];
    let rest = row;
    for (const length of shape.toReversed()) {
      id.push(rest % length);
      rest = Math.floor(rest / length);
    }
    return id;
  }

  #placeOf(id: readonly number[]): [column: number, row: number] {
    const shape = this.#shape();
    if (shape === undefined) return [id[0]!, id[1]!];
    return [0, id.reduceRight((row, at, axis) => row * shape.at(-1 - axis)! + at, 0)];
  }

  #chunkOf(id: readonly number[]): string {
    const isGrid = this.#shape() !== undefined;
    if (!isGrid) return `${id[0]},${Math.floor(id[1]! / chunkRows)}`;
    return id.map((at) => Math.floor(at / chunkEdge)).join(",");
  }

  #isLog(column: number): boolean {
    const { store } = this.#workload.columns[column]!;
    return this.#workload.stores.some(({ name, kind }) => name === store && kind === "log");
  }

  async close(): Promise<void> {
    await this.#client.end();
    await this.#cluster.stop();
  }

  /** Tables and indexes; the write-ahead log is not counted. */
  bytes(): Bytes {
    return { all: this.#bytes, deltas: undefined, beside: 0 };
  }
}

function listed(type: ColumnType, list: readonly unknown[]): Values {
  const values = nothing(type, list.length);
  list.forEach((value, place) => ((values as unknown[])[place] = value));
  return values;
}
