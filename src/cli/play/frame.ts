import type { Run } from "../../runs/index.ts";
import type { StoreSchema, Tick } from "../../types.ts";
import { visible } from "../output.ts";
import { count } from "../quantities.ts";
import { drawStore, type Picture, type Room } from "./picture.ts";
import type { Player } from "./player.ts";
import { recordedPast } from "./recorded-past.ts";

/** One look at a run. */
export interface Frame extends Picture {
  /** The tick that is seen: the one asked for, or the next that is recorded. */
  readonly tick: Tick;
}

type Look = Pick<Player, "tick" | "towards" | "store" | "slice" | "scroll">;

/** Where one looks: the run, its stores and how the picture is drawn. */
export interface Stage {
  readonly run: Run;
  readonly stores: readonly StoreSchema[];
  readonly hasColours: boolean;
}

/** @throws JOURNAL_DAMAGED and all that a look at a tick can meet, but not that the tick lies in a gap. */
export async function drawFrame(stage: Stage, look: Look, room: Room): Promise<Frame> {
  const past = await recordedPast(stage.run, look.tick, look.towards);
  const picture = drawStore(past, storeOf(stage, look), look, room, stage.hasColours);
  return { ...picture, tick: past.tick };
}

export function storeOf({ stores }: Stage, { store }: Pick<Player, "store">): StoreSchema {
  return stores[store] as StoreSchema;
}

/** `tick 5 of 400`. */
export function placeText(tick: Tick, { run }: Stage): string {
  return `tick ${count(tick)} of ${count(run.tick)}`;
}

/** `life · cells 64×64 · 0 to 1`. */
export function factsText(stage: Stage, look: Look, caption: string): string {
  return `${visible(stage.run.id)} · ${visible(storeOf(stage, look).name)} ${caption}`;
}
