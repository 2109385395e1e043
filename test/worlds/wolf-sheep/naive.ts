import type { RandomStream } from "everytick";
import { cos, sin } from "everytick/math";
import type { WolfSheepParams } from "../../../worlds/wolf-sheep/index.ts";

export interface Animal {
  readonly id: number;
  x: number;
  y: number;
  heading: number;
  energy: number;
}
/** Animals by slot; null where a slot is free. */
type Slots = (Animal | null)[];

/** The world as its README says it, with objects and with searches. Slow, and short enough to be believed. */
export class NaiveMeadow {
  readonly sheep: Slots = [];
  readonly wolves: Slots = [];
  readonly grass: number[];
  nextId = 0;
  readonly #params: WolfSheepParams;
  readonly #width: number;
  readonly #height: number;
  readonly #random: RandomStream;

  constructor(params: WolfSheepParams, random: RandomStream) {
    this.#params = params;
    [this.#width, this.#height] = params.size.split("x").map(Number) as [number, number];
    this.#random = random;
    this.grass = Array.from({ length: this.#width * this.#height }, () =>
      random.chance(0.5) ? 0 : 1 + random.int(params.regrowth),
    );
    for (let i = 0; i < params.sheep; i++) this.#settle(this.sheep, params.sheepGain);
    for (let i = 0; i < params.wolves; i++) this.#settle(this.wolves, params.wolfGain);
  }

  step(tick: number): void {
    const { sheepGain, wolfGain, sheepBirthRate, wolfBirthRate, regrowth } = this.#params;
    this.#pass(this.sheep, sheepGain, sheepBirthRate, (cell) => {
      if ((this.grass[cell] as number) > tick) return false;
      this.grass[cell] = tick + regrowth;
      return true;
    });
    this.#pass(this.wolves, wolfGain, wolfBirthRate, (cell) => {
      const prey = this.sheep.findIndex((sheep) => sheep !== null && this.#cellOf(sheep) === cell);
      if (prey !== -1) this.sheep[prey] = null;
      return prey !== -1;
    });
  }

  #pass(animals: Slots, gain: number, birthRate: number, eats: (cell: number) => boolean): void {
    const parents: Animal[] = [];
    animals.forEach((animal, slot) => {
      if (animal === null) return;
      const turns = this.#random.int(2500);
      animal.heading += (turns % 50) - Math.floor(turns / 50);
      animal.heading = (animal.heading + 360) % 360;
      Object.assign(animal, this.#ahead(animal, animal.heading));
      const meal = eats(this.#cellOf(animal)) ? gain : 0;
      animal.energy = Math.fround(animal.energy - 1 + meal);
      if (animal.energy < 0) animals[slot] = null;
      else if (this.#random.chance(birthRate)) parents.push(animal);
    });
    for (const parent of parents) {
      parent.energy = Math.fround(parent.energy / 2);
      const heading = this.#random.int(360);
      const place = this.#ahead(parent, heading);
      put(animals, { id: this.nextId++, ...place, heading, energy: parent.energy });
    }
  }

  #settle(animals: Slots, gain: number): void {
    const x = this.#random.float() * this.#width;
    const y = this.#random.float() * this.#height;
    const heading = this.#random.int(360);
    const energy = Math.fround(this.#random.float() * 2 * gain);
    put(animals, { id: this.nextId++, ...this.#inside(x, y), heading, energy });
  }

  #ahead({ x, y }: Animal, heading: number): { x: number; y: number } {
    const angle = (heading * Math.PI) / 180;
    return this.#inside(x + cos(angle), y + sin(angle));
  }

  #inside(x: number, y: number): { x: number; y: number } {
    const wrap = (place: number, length: number): number =>
      Math.fround(place < 0 ? place + length : place) % length;
    return { x: wrap(x, this.#width), y: wrap(y, this.#height) };
  }

  #cellOf({ x, y }: Animal): number {
    return Math.floor(y) * this.#width + Math.floor(x);
  }
}

function put(animals: Slots, animal: Animal): void {
  const free = animals.indexOf(null);
  animals[free === -1 ? animals.length : free] = animal;
}
