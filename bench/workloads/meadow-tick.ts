import type { Slots } from "./slots.ts";
import { nothing } from "./state.ts";
import type { Column, ColumnChange, Death, Row, TickChanges, Values } from "./workload.ts";

/** The columns of tables with slots begin with one that says where a row is. */
export const meadowColumns = [
  { store: "animals", name: "live", type: "u8" },
  { store: "animals", name: "id", type: "u32" },
  { store: "animals", name: "name", type: "utf8" },
  { store: "animals", name: "mood", type: "utf8" },
  { store: "animals", name: "x", type: "f32" },
  { store: "animals", name: "y", type: "f32" },
  { store: "animals", name: "energy", type: "f32" },
  { store: "bonds", name: "live", type: "u8" },
  { store: "bonds", name: "from", type: "u32" },
  { store: "bonds", name: "to", type: "u32" },
  { store: "bonds", name: "trust", type: "f32" },
  { store: "deaths", name: "animal", type: "u32" },
  { store: "deaths", name: "cause", type: "utf8" },
  { store: "deaths", name: "age", type: "u32" },
] as const satisfies readonly Column[];

interface AnimalRow {
  readonly id: number;
  readonly name: string;
  readonly mood: string;
  readonly x: number;
  readonly y: number;
  readonly energy: number;
}
interface BondRow {
  readonly from: number;
  readonly to: number;
  readonly trust: number;
}

/** Collects what happens in a tick, both by slot and by key. Deaths come first. */
export class MeadowTick {
  readonly #animals: Slots;
  readonly #bonds: Slots;
  readonly #deaths: Death[] = [];
  readonly #columns: ColumnChange[] = [];
  readonly #log: Row[] = [];
  readonly #animalKeys = { delete: [] as number[], insert: [] as Row[], update: [] as Row[] };
  readonly #bondKeys = { delete: [] as number[][], insert: [] as Row[], update: [] as Row[] };

  constructor(animals: Slots, bonds: Slots) {
    this.#animals = animals;
    this.#bonds = bonds;
  }

  deleteAnimals(ids: readonly number[]): void {
    this.#animalKeys.delete.push(...ids);
    this.#deaths.push({ columns: numbersOf("animals"), rows: this.#animals.give(ids) });
  }

  deleteBonds(bonds: readonly BondRow[]): void {
    this.#bondKeys.delete.push(...bonds.map(({ from, to }) => [from, to]));
    this.#deaths.push({ columns: numbersOf("bonds"), rows: this.#bonds.give(bonds.map(nameOf)) });
  }

  /** @param animals by rising id, which is the order in which slots are given. */
  insertAnimals(animals: readonly AnimalRow[]): void {
    const rows = animals.map(({ id, name, mood, x, y, energy }) => {
      return { id, name, mood, x, y, energy };
    });
    this.#animalKeys.insert.push(...rows);
    const slots = rows.map(({ id }) => this.#animals.take(id));
    this.#set("animals", slots, rows, Object.keys(rows[0] ?? {}), true);
  }

  insertBonds(bonds: readonly BondRow[]): void {
    const rows = bonds
      .map(({ from, to, trust }) => ({ from, to, trust }))
      .sort((a, b) => a.from - b.from || a.to - b.to);
    this.#bondKeys.insert.push(...rows);
    const slots = rows.map((row) => this.#bonds.take(nameOf(row)));
    this.#set("bonds", slots, rows, ["from", "to", "trust"], true);
  }

  moveAnimals(animals: readonly AnimalRow[]): void {
    const rows = animals.map(({ id, x, y, energy }) => ({ id, x, y, energy }));
    this.#animalKeys.update.push(...rows);
    this.#setAnimals(rows, ["x", "y", "energy"]);
  }

  /** Moods of animals, of which some moved, too. */
  changeMoods(animals: readonly AnimalRow[]): void {
    const rows = animals.map(({ id, mood }) => ({ id, mood }));
    const moods = new Map(rows.map(({ id, mood }) => [id, mood]));
    this.#animalKeys.update.forEach((row, place, all) => {
      const mood = moods.get(row["id"] as number);
      if (mood === undefined) return;
      all[place] = { ...row, mood };
      moods.delete(row["id"] as number);
    });
    this.#animalKeys.update.push(...rows.filter(({ id }) => moods.has(id)));
    this.#setAnimals(rows, ["mood"]);
  }

  moveBonds(bonds: readonly BondRow[]): void {
    const rows = bonds.map(({ from, to, trust }) => ({ from, to, trust }));
    this.#bondKeys.update.push(...rows);
    const slots = rows.map((row) => this.#bonds.slotOf(nameOf(row)));
    this.#set("bonds", slots, rows, ["trust"], false);
  }

  log(row: Row): void {
    this.#log.push(row);
  }

  changes(): TickChanges {
    const logged = numbersOf("deaths").map((column): ColumnChange => {
      const { name, type } = meadowColumns[column]!;
      return { column, values: valuesOf(this.#log, name, type) };
    });
    return {
      deaths: this.#deaths,
      columns: [...this.#columns, ...logged],
      keyed: {
        animals: this.#animalKeys,
        bonds: this.#bondKeys,
        deaths: { append: this.#log },
      },
    };
  }

  #setAnimals(rows: readonly (Row & { readonly id: number })[], names: readonly string[]): void {
    const slots = rows.map(({ id }) => this.#animals.slotOf(id));
    this.#set("animals", slots, rows, names, false);
  }

  #set(
    store: string,
    slots: readonly number[],
    given: readonly Row[],
    names: readonly string[],
    isBirth: boolean,
  ): void {
    const order = slots.map((_, place) => place).sort((a, b) => slots[a]! - slots[b]!);
    const rows = Uint32Array.from(order, (place) => slots[place]!);
    const inOrder = order.map((place) => given[place]!);
    const columnOf = (name: string): number =>
      meadowColumns.findIndex((each) => each.store === store && each.name === name);
    const birth = isBirth ? ({ birth: true } as const) : {};
    if (isBirth) {
      const values = new Uint8Array(rows.length).fill(1);
      this.#columns.push({ column: columnOf("live"), rows, values, ...birth });
    }
    for (const name of names) {
      const column = columnOf(name);
      const values = valuesOf(inOrder, name, meadowColumns[column]!.type);
      this.#columns.push({ column, rows, values, ...birth });
    }
  }
}

function valuesOf(rows: readonly Row[], name: string, type: Column["type"]): Values {
  const values = nothing(type, rows.length) as Row[string][];
  rows.forEach((row, place) => (values[place] = row[name]!));
  return values as Values;
}

function numbersOf(store: string): number[] {
  return meadowColumns.flatMap((column, number) => (column.store === store ? [number] : []));
}

function nameOf({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${from} ${to}`;
}
