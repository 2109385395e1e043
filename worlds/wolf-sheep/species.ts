import { Flock } from "./flock.ts";
import { bury, type Species } from "./life.ts";
import type { Settings } from "./settings.ts";
import type { State } from "./state.ts";

/** Sheep eat the grass of their cell. */
export function sheepOf(state: State, tick: number, settings: Settings): Species {
  const { grass, sheep } = state;
  const eats = (cell: number): boolean => {
    if ((grass[cell] as number) > tick) return false;
    grass[cell] = tick + settings.regrowth;
    return true;
  };
  return {
    kind: "sheep",
    animals: sheep,
    gain: settings.sheepGain,
    birthRate: settings.sheepBirthRate,
    eats,
  };
}

/** Wolves eat one sheep of their cell. */
export function wolvesOf(state: State, settings: Settings): Species {
  const flock = new Flock(state.sheep, settings.field);
  const { id } = state.sheep.columns;
  const eats = (cell: number): boolean => {
    const prey = flock.take(cell);
    if (prey === -1) return false;
    bury(state, "sheep", id[prey] as number, "eaten");
    return true;
  };
  return {
    kind: "wolf",
    animals: state.wolves,
    gain: settings.wolfGain,
    birthRate: settings.wolfBirthRate,
    eats,
  };
}
