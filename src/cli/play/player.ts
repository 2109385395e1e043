import type { Tick } from "../../types.ts";
import type { Key, Wish } from "./keys.ts";

/** Where playing stands. Ticks per second may be fractions; `typed` is a tick being typed. */
export interface Player {
  readonly tick: Tick;
  /** On which side to look for a recorded tick if this one is none: where the last move led to. */
  readonly towards: 1 | -1;
  readonly isPlaying: boolean;
  readonly direction: 1 | -1;
  readonly speed: number;
  readonly store: number;
  readonly slice: number;
  readonly scroll: number;
  readonly typed: string | undefined;
  readonly hasQuit: boolean;
}
/** What there is to play. */
export interface Playable {
  readonly first: Tick;
  readonly last: Tick;
  readonly stores: number;
  /** Whether more ticks are to come: the end is then waited at. */
  readonly isLive: boolean;
  /** How far the store that is seen can be scrolled. */
  readonly scrollMax: number;
}

const speedMin = 0.25;
const speedMax = 8192;
const tickDigitsMax = 15;

export function startAt(tick: Tick, store: number, slice: number): Player {
  return {
    tick,
    towards: -1,
    isPlaying: false,
    direction: 1,
    speed: 16,
    store,
    slice,
    scroll: 0,
    typed: undefined,
    hasQuit: false,
  };
}

/** What a key makes of it. A tick that is being typed is given up for any other wish. */
export function press(player: Player, key: Key, playable: Playable): Player {
  switch (key.name) {
    case "digit":
      if (player.typed === undefined || player.typed.length >= tickDigitsMax) return player;
      return { ...player, typed: player.typed + key.digit };
    case "erase":
      return { ...player, typed: player.typed?.slice(0, -1) };
    case "accept":
      return accept(player, playable);
    case "goto":
      return { ...player, isPlaying: false, typed: "" };
    case "cancel":
    case "suspend":
      return { ...player, typed: undefined };
    case "quit":
      return { ...player, hasQuit: true };
    default:
      return wish({ ...player, typed: undefined }, key, playable);
  }
}

function accept(player: Player, playable: Playable): Player {
  const { typed } = player;
  if (typed === undefined || typed === "") return { ...player, typed: undefined };
  return { ...goTo(player, Number(typed), -1, playable), typed: undefined };
}

function wish(player: Player, key: Wish, playable: Playable): Player {
  const { tick, speed } = player;
  const { first, last, stores, scrollMax } = playable;
  switch (key.name) {
    case "toggle":
      return player.isPlaying ? { ...player, isPlaying: false } : playOn(player, playable);
    case "reverse":
      return { ...player, direction: player.direction === 1 ? -1 : 1 };
    case "faster":
      return { ...player, speed: Math.min(speedMax, 2 * speed) };
    case "slower":
      return { ...player, speed: Math.max(speedMin, speed / 2) };
    case "step":
      return goTo(player, tick + key.by, key.by > 0 ? 1 : -1, playable);
    case "first":
      return goTo(player, first, 1, playable);
    case "last":
      return goTo(player, last, -1, playable);
    case "store": {
      const store = (player.store + key.by + stores) % stores;
      return { ...player, store, slice: 0, scroll: 0 };
    }
    case "slice":
      return { ...player, slice: player.slice + key.by };
    case "scroll": {
      // Rows may have gone since it was scrolled.
      const scroll = Math.min(scrollMax, player.scroll) + key.by;
      return { ...player, scroll: Math.min(scrollMax, Math.max(0, scroll)) };
    }
  }
}

function goTo(player: Player, wanted: Tick, towards: 1 | -1, { first, last }: Playable): Player {
  return { ...player, isPlaying: false, tick: Math.min(last, Math.max(first, wanted)), towards };
}

/** From the end there is nothing to play, so that it begins anew; the end of a run that grows is waited at. */
function playOn(player: Player, { first, last, isLive }: Playable): Player {
  const [start, end] = player.direction === 1 ? [first, last] : [last, first];
  const isOver = player.tick === end && !(isLive && player.direction === 1);
  return { ...player, isPlaying: true, tick: isOver ? start : player.tick };
}

/** Goes on by so many ticks, and stops at the end. */
export function advance(player: Player, ticks: number, { first, last, isLive }: Playable): Player {
  const { direction } = player;
  const wanted = player.tick + direction * ticks;
  const tick = Math.min(last, Math.max(first, wanted));
  const isPlaying = direction === 1 ? tick < last || isLive : tick > first;
  if (tick === player.tick && isPlaying === player.isPlaying) return player;
  return { ...player, tick, isPlaying, towards: direction };
}
