/** The recordings behind the vectors of tables: keys, types of columns, lists of rows. */
import {
  table,
  type ColumnType,
  type Element,
  type KeyType,
  type StateDefinition,
  type Table,
} from "everytick";
import { seededRandom, type MemoryVfs } from "../../src/testing/index.ts";
import { numericTypes } from "../format/arbitraries.ts";
import { commits, record } from "./recording.ts";
import { cell, keys, uuid, words } from "./row-values.ts";

type AnyTable = Table<{ readonly [column: string]: ColumnType }>;
type Row = Record<string, Element>;

/** A table of each type of key, and one whose key has two columns. */
async function tableKeysVector(): Promise<MemoryVfs> {
  const types = Object.keys(keys) as KeyType[];
  const single = types.map((type) => [type, table({ id: type, n: "u16" }, { key: "id" })]);
  const columns = { n: "u16", name: "utf8", place: "h3" } as const;
  const several = table(columns, { key: ["place", "name"] });
  const state: StateDefinition = { ...(Object.fromEntries(single) as StateDefinition), several };
  return record(state, async (run) => {
    const live = run.state as unknown as Record<string, AnyTable>;
    const rowOf = (name: string, n: number): Row =>
      name === "several"
        ? { place: cell(n % 20), name: `name ${n}`, n }
        : { id: keys[name as KeyType](n), n };
    const keyOf = (name: string, n: number): never => {
      const { id, place, name: second } = rowOf(name, n);
      return (name === "several" ? [place, second] : id) as never;
    };
    await commits(run, 20, (tick) => {
      for (const [name, rows] of Object.entries(live)) liveOnRows(name, rows, tick, rowOf, keyOf);
    });
    await run.close();
  });
}

/** Births, deaths whose slots are used again, growth beyond 64 slots and, of some, beyond 128; a crash of the population. */
function liveOnRows(
  name: string,
  rows: AnyTable,
  tick: number,
  rowOf: (name: string, n: number) => Row,
  keyOf: (name: string, n: number) => never,
): void {
  if (!["u32", "uuid", "utf8", "several"].includes(name) || tick % 6 !== 0) {
    const [first, oldest] = [3 * (tick - 1), keyOf(name, 3 * Math.max(0, tick - 3))];
    if (tick > 2 && rows.has(oldest)) rows.delete(oldest);
    for (let n = first; n < first + 3; n++) rows.insert(rowOf(name, n));
    rows.update(keyOf(name, first + 1), { n: 60_000 + tick });
    return;
  }
  const begin = 80 + tick * 6;
  if (tick < 18) {
    for (let n = begin; n < begin + 70; n++) rows.upsert(rowOf(name, n));
    return;
  }
  const dying = [...rows].filter((row) => (row["n"] as number) % 3 > 0);
  for (const row of dying) rows.delete(keyOfRow(name, row));
}

function keyOfRow(name: string, row: Row): never {
  return (name === "several" ? [row["place"], row["name"]] : row["id"]) as never;
}

/** Every type of column in a table, with bits that values could not tell apart; texts that repeat and texts that do not. */
async function columnTypesVector(): Promise<MemoryVfs> {
  const numbers = numericTypes.flatMap((type): [string, ColumnType][] => [
    [type, type],
    [`${type}-vector`, `${type}[3]`],
  ]);
  const columns = {
    id: "u16",
    ...Object.fromEntries(numbers),
    matrix: "f32[16]",
    uuid: "uuid",
    cell: "h3",
    word: "utf8",
    text: "utf8",
    facts: "json",
    bits: "bytes",
  } as { readonly id: "u16"; readonly [column: string]: ColumnType };
  const state = {
    few: table(columns, { key: "id" }),
    many: table(columns, { key: "id" }),
    named: table({ id: "u16", name: "utf8" }, { key: "id" }),
  };
  return record<StateDefinition>(state, async (run) => {
    const live = run.state as unknown as Record<keyof typeof state, AnyTable>;
    await commits(run, 7, (tick) => {
      fillRows(live.few, tick, 3);
      if (tick % 3 === 1) fillRows(live.many, tick, 40);
      if (tick % 3 === 2) nameRows(live.named, tick);
    });
    await run.close();
  });
}

/** Names drawn at random from few, which a dictionary holds best. */
function nameRows(rows: AnyTable, tick: number): void {
  const random = seededRandom(tick);
  const names = Array.from({ length: 12 }, (_, n) => `one of twelve names, number ${n * tick}`);
  for (let id = 0; id < 300; id++) {
    rows.upsert({ id, name: names[random.bytes(1)[0]! % 12]! });
  }
}

function fillRows(rows: AnyTable, tick: number, count: number): void {
  const random = seededRandom(tick);
  for (let i = 0; i < count; i++) {
    const n = tick * 3 + i;
    rows.upsert({
      id: n % (2 * count),
      uuid: uuid(n * 65_537),
      cell: n % 3 === 0 ? "" : cell(n),
      word: words[n % 4]!,
      text: `row ${n} of tick ${tick}: ${"x".repeat(n % 7)}`,
      facts: n % 5 === 0 ? null : { age: n, kind: words[n % 4]!, at: [n / 8, -0] },
      bits: random.bytes(n % 9),
    });
  }
  const views = rows.columns as unknown as Record<string, Uint8Array>;
  for (const type of numericTypes) {
    for (const name of [type, `${type}-vector`]) {
      const { buffer, byteOffset, byteLength } = views[name]!;
      const width = byteLength / rows.live.length;
      rows.live.forEach((isLive, slot) => {
        if (isLive === 0) return;
        const bits = new Uint8Array(buffer, byteOffset + slot * width, width);
        if (tick % 2 === 0) bits.set(random.bytes(width));
        else bits.fill(slot % 4 === 0 ? 0xff : 0).fill(0x80, width - 1);
      });
    }
  }
  const matrix = views["matrix"] as unknown as Float32Array;
  rows.live.forEach((isLive, slot) => {
    if (isLive === 1) matrix.fill(tick + slot, 16 * slot, 16 * slot + 4);
  });
}

/** Columns that share their rows, that share them all but one, and that do not; whole rows that die. */
async function sharedRowsVector(): Promise<MemoryVfs> {
  const columns = { id: "u32", all: "u8", most: "u8", half: "f64", some: "utf8", none: "i32" } as const;
  const state = { rows: table(columns, { key: "id" }) };
  return record(state, async (run) => {
    const { rows } = run.state;
    for (let n = 1; n <= 48; n++) {
      const [half, some] = [n % 2 ? n / 3 : 0, n % 3 ? "" : `text ${n}`];
      rows.insert({ id: n, all: n, most: n === 7 ? 0 : n, half, some });
    }
    await run.commit();
    for (let n = 1; n <= 48; n += 3) rows.delete(n);
    await run.commit();
    for (const row of rows) {
      row.all += 100;
      if (row.id % 2 === 0) row.most += 100;
    }
    await run.commit();
    rows.clear();
    await run.commit();
    rows.insert({ id: 49, some: "alone" });
    await run.commit();
    await run.close();
  });
}

/** More than 65,536 rows at once are several parts, and several spans of their digest. */
async function largeTableVector(): Promise<MemoryVfs> {
  const count = 70_000;
  const state = { rows: table({ id: "u32", flag: "u8" }, { key: "id", capacity: count }) };
  return record(state, async (run) => {
    const { rows } = run.state;
    for (let id = 0; id < count; id++) rows.insert({ id, flag: 1 });
    await run.commit();
    rows.columns.flag.fill(2, 0, count);
    await run.commit();
    for (let id = 0; id < count; id++) if (id % 1000 > 0) rows.delete(id);
    await run.commit();
    await run.close();
  });
}

/** The vectors by name; each is made anew. */
export const rowRecordings: Readonly<Record<string, () => Promise<MemoryVfs>>> = {
  "table-keys": tableKeysVector,
  "column-types": columnTypesVector,
  "shared-rows": sharedRowsVector,
  "large-table": largeTableVector,
};
