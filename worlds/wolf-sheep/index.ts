import { defineWorld } from "everytick";
import { liveOneTick } from "./life.ts";
import { readSettings } from "./settings.ts";
import { sheepOf, wolvesOf } from "./species.ts";
import { populate } from "./start.ts";
import { stateOf } from "./state.ts";

export type { WolfSheepParams } from "./settings.ts";
export type { Cause, Kind } from "./state.ts";

/** Wolves eat sheep, sheep eat grass, grass grows back. */
export const wolfSheep = defineWorld({
  name: "wolf-sheep",
  version: 1,
  params: {
    size: "128x128",
    sheep: 600,
    wolves: 300,
    sheepGain: 4,
    wolfGain: 30,
    sheepBirthRate: 0.05,
    wolfBirthRate: 0.05,
    regrowth: 30,
  },
  state: (params) => stateOf(readSettings(params)),
  init({ state, random, params }) {
    populate(state, readSettings(params), random);
  },
  step({ state, tick, random, params }) {
    const settings = readSettings(params);
    const surroundings = { state, random, field: settings.field };
    state.counters.tick = tick;
    liveOneTick(sheepOf(state, tick, settings), surroundings);
    liveOneTick(wolvesOf(state, settings), surroundings);
  },
});
