import type { RandomStream } from "everytick";
import { cellAt, type Field, wrapped } from "./field.ts";
import { fullTurn, stepX, stepY, swayed } from "./heading.ts";
import type { Animals, Cause, Kind, State } from "./state.ts";

/** One kind of animal and how it lives. */
export interface Species {
  readonly kind: Kind;
  readonly animals: Animals;
  readonly gain: number;
  readonly birthRate: number;
  /** Eats what stands on a cell, if there is something. */
  readonly eats: (cell: number) => boolean;
}

export interface Surroundings {
  readonly state: State;
  readonly field: Field;
  readonly random: RandomStream;
}

/** In order of the slots, each animal moves, eats, and starves or has a child. */
export function liveOneTick(species: Species, { state, field, random }: Surroundings): void {
  const { kind, animals, gain, birthRate, eats } = species;
  const { live, slotCount } = animals;
  const { id, x, y, heading, energy } = animals.columns;
  const parents: number[] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    if (live[slot] === 0) continue;
    const course = swayed(heading[slot] as number, random);
    heading[slot] = course;
    x[slot] = wrapped((x[slot] as number) + (stepX[course] as number), field.width);
    y[slot] = wrapped((y[slot] as number) + (stepY[course] as number), field.height);
    const isFed = eats(cellAt(field, x[slot] as number, y[slot] as number));
    energy[slot] = (energy[slot] as number) - 1 + (isFed ? gain : 0);
    if ((energy[slot] as number) < 0) bury(state, kind, id[slot] as number, "hunger");
    else if (random.chance(birthRate)) parents.push(slot);
  }
  // Only now: the arrays behind the columns may move when a row is inserted.
  for (const slot of parents) bear(species, slot, { state, field, random });
}

function bear(
  { kind, animals }: Species,
  slot: number,
  { state, field, random }: Surroundings,
): void {
  const { id, x, y, energy } = animals.columns;
  const parent = id[slot] as number;
  const half = (energy[slot] as number) / 2;
  energy[slot] = half;
  const course = random.int(fullTurn);
  const animal = nextId(state);
  animals.insert({
    id: animal,
    x: wrapped((x[slot] as number) + (stepX[course] as number), field.width),
    y: wrapped((y[slot] as number) + (stepY[course] as number), field.height),
    heading: course,
    energy: half,
  });
  state.births.append({ animal, kind, parent });
}

export function bury(state: State, kind: Kind, animal: number, cause: Cause): void {
  const animals = kind === "sheep" ? state.sheep : state.wolves;
  animals.delete(animal);
  state.deaths.append({ animal, kind, cause });
}

export function nextId({ counters }: State): number {
  const id = counters.nextId;
  counters.nextId = id + 1;
  return id;
}
