import { draws } from "./draws.ts";
import { meadowColumns, MeadowTick } from "./meadow-tick.ts";
import { Slots } from "./slots.ts";
import { applyTick, copyState, nothing } from "./state.ts";
import type { State, TickChanges, Workload } from "./workload.ts";

const population = 20_000;
const deathsPerTick = population / 50;
const bondsPerBirth = 2;
const bondsAtFirst = population;
const bondsMovedPerTick = 200;
const size = 1000;

const syllables = ["ba", "bel", "do", "fe", "ga", "la", "lin", "mo", "na", "ri", "sa", "tu", "zo"];
const moods = ["grazing", "resting", "wandering", "fleeing", "sleeping"];
const moving = new Set(["grazing", "wandering", "fleeing"]);
const causes = ["hunger", "age", "wolf", "cold"];

interface Animal {
  readonly id: number;
  readonly name: string;
  readonly born: number;
  x: number;
  y: number;
  energy: number;
  mood: string;
}
interface Bond {
  readonly from: number;
  readonly to: number;
  trust: number;
}

/**
 * 20,000 animals with names and moods. In each tick 2 % of them die, as many are born, about half of them move, each
 * twentieth changes its mood. A log says who died of what; edges tie each one to its mother and to another one.
 */
export function meadow(ticks: number): Workload {
  const herd = new Herd();
  const columns = meadowColumns;
  const first = herd.begin();
  const changes = Array.from({ length: ticks }, (_, before) => herd.step(before + 1));
  const lengths = { animals: herd.animalSlots.end, bonds: herd.bondSlots.end, deaths: 0 };
  const initial: State = columns.map(({ store, type }) => nothing(type, lengths[store]));
  applyTick(initial, first);
  return {
    name: "meadow",
    stores: [
      { kind: "table", name: "animals", key: "id" },
      { kind: "edges", name: "bonds", from: "animals", to: "animals" },
      { kind: "log", name: "deaths" },
    ],
    columns,
    initial: copyState(initial),
    ticks: changes,
  };
}

class Herd {
  readonly animalSlots = new Slots();
  readonly bondSlots = new Slots();
  readonly #draw = draws(2024);
  readonly #animals = new Map<number, Animal>();
  /** By both ends. */
  readonly #bonds = new Map<string, Bond>();
  /** The names of the bonds of each animal. */
  readonly #bondsOf = new Map<number, Set<string>>();
  #living: number[] = [];
  #nextId = 0;

  begin(): TickChanges {
    const tick = new MeadowTick(this.animalSlots, this.bondSlots);
    tick.insertAnimals(Array.from({ length: population }, () => this.#bear(0)));
    const bonds = Array.from({ length: bondsAtFirst }, () => this.#bind(this.#one(), this.#one()));
    tick.insertBonds(bonds.filter((bond) => bond !== undefined));
    return tick.changes();
  }

  step(number: number): TickChanges {
    const tick = new MeadowTick(this.animalSlots, this.bondSlots);
    this.#letDie(number, tick);
    const animals = this.#living.map((id) => this.#animals.get(id)!);
    const names = [...this.#bonds.keys()];
    const born = Array.from({ length: deathsPerTick }, () => this.#bear(number));
    tick.insertAnimals(born);
    const bonds = born.flatMap(({ id }) =>
      Array.from({ length: bondsPerBirth }, () => this.#bind(id, this.#one())),
    );
    tick.insertBonds(bonds.filter((bond) => bond !== undefined));
    this.#live(animals, tick);
    this.#trust(names, tick);
    return tick.changes();
  }

  #letDie(number: number, tick: MeadowTick): void {
    const dead = Array.from({ length: deathsPerTick }, () => {
      const place = this.#int(this.#living.length);
      const id = this.#living[place]!;
      this.#living[place] = this.#living.at(-1)!;
      this.#living.pop();
      return this.#animals.get(id)!;
    });
    const gone = new Set(dead.flatMap(({ id }) => [...this.#bondsOf.get(id)!]));
    tick.deleteBonds([...gone].map((name) => this.#bonds.get(name)!));
    for (const name of gone) this.#unbind(name);
    tick.deleteAnimals(dead.map(({ id }) => id));
    for (const { id, born } of dead) {
      this.#animals.delete(id);
      this.#bondsOf.delete(id);
      tick.log({ animal: id, cause: this.#from(causes), age: number - born });
    }
  }

  /** Those that were there before the tick move and change their moods. */
  #live(animals: readonly Animal[], tick: MeadowTick): void {
    const moved = animals.filter(({ mood }) => moving.has(mood));
    for (const animal of moved) {
      animal.x = Math.fround(animal.x + this.#draw() - 0.5);
      animal.y = Math.fround(animal.y + this.#draw() - 0.5);
      animal.energy = Math.fround(animal.energy - 0.25 * this.#draw());
    }
    tick.moveAnimals(moved);
    const moody = animals.filter(() => this.#draw() < 0.05);
    for (const animal of moody) animal.mood = this.#from(moods);
    tick.changeMoods(moody);
  }

  #trust(names: readonly string[], tick: MeadowTick): void {
    const chosen = new Set(
      Array.from({ length: bondsMovedPerTick }, () => names[this.#int(names.length)]!),
    );
    const bonds = [...chosen].map((name) => this.#bonds.get(name)!);
    for (const bond of bonds) bond.trust = Math.fround(0.9 * bond.trust + 0.1 * this.#draw());
    tick.moveBonds(bonds);
  }

  #bear(tick: number): Animal {
    const name = Array.from({ length: 2 + this.#int(2) }, () => this.#from(syllables)).join("");
    const animal = {
      id: this.#nextId++,
      name: name[0]!.toUpperCase() + name.slice(1),
      born: tick,
      x: Math.fround(size * this.#draw()),
      y: Math.fround(size * this.#draw()),
      energy: Math.fround(50 + 50 * this.#draw()),
      mood: this.#from(moods),
    };
    this.#animals.set(animal.id, animal);
    this.#bondsOf.set(animal.id, new Set());
    this.#living.push(animal.id);
    return animal;
  }

  /** @returns nothing if both are the same, or tied already. */
  #bind(from: number, to: number): Bond | undefined {
    const name = bondName({ from, to });
    if (from === to || this.#bonds.has(name)) return undefined;
    const bond = { from, to, trust: Math.fround(this.#draw()) };
    this.#bonds.set(name, bond);
    this.#bondsOf.get(from)!.add(name);
    this.#bondsOf.get(to)!.add(name);
    return bond;
  }

  #unbind(name: string): void {
    const { from, to } = this.#bonds.get(name)!;
    this.#bonds.delete(name);
    this.#bondsOf.get(from)?.delete(name);
    this.#bondsOf.get(to)?.delete(name);
  }

  #one(): number {
    return this.#living[this.#int(this.#living.length)]!;
  }

  #int(end: number): number {
    return Math.floor(this.#draw() * end);
  }

  #from(list: readonly string[]): string {
    return list[this.#int(list.length)]!;
  }
}

function bondName({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${from} ${to}`;
}
