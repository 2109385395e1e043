/** What stands in `state` for tables, edges and logs, whatever their columns. */
export interface AnyRow {
  [column: string]: unknown;
}
export interface AnyRows extends Iterable<AnyRow> {
  readonly size: number;
  readonly slotCount: number;
  readonly live: Uint8Array;
  readonly columns: { readonly [column: string]: ArrayBufferView };
  has(key: unknown): boolean;
  get(key: unknown): AnyRow | undefined;
  slotOf(key: unknown): number;
  rowAt(slot: number): AnyRow | undefined;
  keys(): Iterable<unknown>;
  /** Of edges. */
  outgoing(node: unknown): AnyRow[];
  incoming(node: unknown): AnyRow[];
}
export interface AnyTable extends AnyRows {
  insert(row: object): number;
  update(key: unknown, values: object): number;
  upsert(row: object): number;
  delete(key: unknown): void;
  assign(rows: Iterable<object>): void;
  clear(): void;
  reserve(slots: number): void;
}
export interface AnyLog extends Iterable<AnyRow> {
  readonly size: number;
  at(position: number): AnyRow | undefined;
  append(row: object): void;
}

export function tableIn(state: object, name: string): AnyTable {
  return (state as Record<string, AnyTable>)[name] as AnyTable;
}

export function logIn(state: object, name: string): AnyLog {
  return (state as Record<string, AnyLog>)[name] as AnyLog;
}
