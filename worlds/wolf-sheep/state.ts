import { derived, grid, log, type StateOf, table, value } from "everytick";
import type { Settings } from "./settings.ts";

/** Energy is what an animal can go without food, in ticks. */
const animal = { id: "u32", x: "f32", y: "f32", heading: "u16", energy: "f32" } as const;

/**
 * Two tables, since sheep live their tick before wolves do, and a wolf looks for sheep alone. Both share their ids, so that
 * an id in a log is one animal.
 */
export function stateOf({ field, sheep, wolves }: Settings) {
  return {
    sheep: table(animal, { key: "id", capacity: sheep }),
    wolves: table(animal, { key: "id", capacity: wolves }),
    /** The tick from which grass stands on a cell. A countdown would change everywhere in each tick. */
    grass: grid("u32", [field.height, field.width]),
    counters: value({ tick: "u32", nextId: "u32" }),
    births: log({ animal: "u32", kind: "utf8", parent: "u32" }),
    deaths: log({ animal: "u32", kind: "utf8", cause: "utf8" }),
    census: derived(value({ sheep: "u32", wolves: "u32", grass: "u32" }), takeCensus),
  };
}

export type State = StateOf<ReturnType<typeof stateOf>>;
export type Animals = State["sheep"];
export type Kind = "sheep" | "wolf";
export type Cause = "hunger" | "eaten";

interface Counted {
  readonly sheep: { readonly size: number };
  readonly wolves: { readonly size: number };
  readonly grass: Uint32Array;
  readonly counters: { readonly tick: number };
}
interface Census {
  sheep: number;
  wolves: number;
  /** Cells on which grass stands. */
  grass: number;
}

function takeCensus({ sheep, wolves, grass, counters }: Counted, into: Census): void {
  into.sheep = sheep.size;
  into.wolves = wolves.size;
  into.grass = grass.reduce((count, back) => (back <= counters.tick ? count + 1 : count), 0);
}
