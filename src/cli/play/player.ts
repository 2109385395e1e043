import type { Tick } from "../../types.ts";
import type { Key } from "./keys.ts";

/** Where playing stands. Ticks per second may be fractions; `typed` is a tick being typed. */
export interface Player {
  readonly tick: Tick;
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
}

const speedMin = 0.25;
const speedMax = 8192;
const tickDigitsMax = 15;

export function startAt(tick: Tick, store: number): Player {
  const view = { store, slice: 0, scroll: 0, typed: undefined };
  return { tick, isPlaying: false, direction: 1, speed: 16, hasQuit: false, ...view };
}

/** What a key makes of it. */
export function press(player: Player, key: Key, { first, last, stores }: Playable): Player {
  const { tick, speed, typed } = player;
  const at = (wanted: Tick): Tick => Math.min(last, Math.max(first, wanted));
  switch (key.name) {
    case "toggle":
      return { ...player, isPlaying: !player.isPlaying };
    case "reverse":
      return { ...player, direction: player.direction === 1 ? -1 : 1 };
    case "faster":
      return { ...player, speed: Math.min(speedMax, 2 * speed) };
    case "slower":
      return { ...player, speed: Math.max(speedMin, speed / 2) };
    case "step":
      return { ...player, isPlaying: false, tick: at(tick + key.by) };
    case "first":
      return { ...player, isPlaying: false, tick: first };
    case "last":
      return { ...player, isPlaying: false, tick: last };
    case "store": {
      const store = (player.store + key.by + stores) % stores;
      return { ...player, store, slice: 0, scroll: 0 };
    }
    case "slice":
      return { ...player, slice: player.slice + key.by };
    case "scroll":
      return { ...player, scroll: Math.max(0, player.scroll + key.by) };
    case "goto":
      return { ...player, isPlaying: false, typed: "" };
    case "digit":
      if (typed === undefined || typed.length >= tickDigitsMax) return player;
      return { ...player, typed: typed + key.digit };
    case "erase":
      return { ...player, typed: typed?.slice(0, -1) };
    case "accept": {
      const wanted = typed === undefined || typed === "" ? tick : at(Number(typed));
      return { ...player, typed: undefined, tick: wanted };
    }
    case "quit":
      return { ...player, hasQuit: true };
  }
}

/** Goes on by so many ticks, and stops at the end. */
export function advance(player: Player, ticks: number, { first, last }: Playable): Player {
  const wanted = player.tick + player.direction * ticks;
  const tick = Math.min(last, Math.max(first, wanted));
  const isPlaying = player.direction === 1 ? tick < last : tick > first;
  return { ...player, tick, isPlaying };
}
