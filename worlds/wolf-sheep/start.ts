import type { RandomStream } from "everytick";
import { wrapped } from "./field.ts";
import { fullTurn } from "./heading.ts";
import { nextId } from "./life.ts";
import type { Settings } from "./settings.ts";
import type { Animals, State } from "./state.ts";

/** Grass on half of the cells, and animals anywhere, with up to twice the energy of a meal. */
export function populate(state: State, settings: Settings, random: RandomStream): void {
  const { field, sheep, wolves, sheepGain, wolfGain, regrowth } = settings;
  const { grass } = state;
  for (let cell = 0; cell < grass.length; cell++) {
    grass[cell] = random.chance(0.5) ? 0 : 1 + random.int(regrowth);
  }
  const place = (length: number): number => wrapped(random.float() * length, length);
  const add = (animals: Animals, gain: number): void => {
    animals.insert({
      id: nextId(state),
      x: place(field.width),
      y: place(field.height),
      heading: random.int(fullTurn),
      energy: random.float() * 2 * gain,
    });
  };
  for (let count = 0; count < sheep; count++) add(state.sheep, sheepGain);
  for (let count = 0; count < wolves; count++) add(state.wolves, wolfGain);
}
