import { isEverytickError } from "../../errors.ts";
import type { RunStatus } from "../../types.ts";
import { visibleLines } from "../output.ts";
import { count } from "../quantities.ts";
import { exitCodes } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { planesOf } from "../slice.ts";
import { milliseconds } from "../stopwatch.ts";
import { cutToWidth } from "../text-width.ts";
import { drawFrame, factsText, type Frame, placeText, type Stage, storeOf } from "./frame.ts";
import type { Room } from "./picture.ts";
import { advance, type Playable, type Player, press } from "./player.ts";
import { Screen } from "./screen.ts";

const frameMilliseconds = 1000 / 30;
/** How often to look for new ticks; and, where none came, whether there still is a recorder. */
const lookMilliseconds = 250;
const statusMilliseconds = 2000;
/** Time that a slow frame makes up for by leaving ticks out. */
const lagMillisecondsMax = 1000;

/** Plays until it is left: draws what has changed, at most so many times a second. */
export async function watch(
  shell: Shell,
  stage: Stage,
  start: Player,
  status: () => Promise<RunStatus>,
): Promise<void> {
  const { signal } = shell;
  const growth = new Growth(stage, status);
  let player = start;
  let playable = await growth.look({
    first: 0,
    last: 0,
    stores: stage.stores.length,
    isLive: false,
    scrollMax: 0,
  });
  let shown: readonly unknown[] = [];
  let advancedAt = milliseconds();
  let owed = 0;
  using screen = new Screen((key) => (player = press(player, key, playable)));
  while (!player.hasQuit && !signal.aborted) {
    const startedAt = milliseconds();
    playable = await growth.look(playable);
    const wanted = [player, playable.last, playable.isLive, screen.generation];
    if (wanted.some((each, index) => each !== shown[index])) {
      const asked = player;
      const frame = await look(stage, asked, screen.room);
      playable = { ...playable, scrollMax: frame.scrollMax };
      const seen = settled(asked, frame);
      screen.show(frame.lines, [
        stateText(stage, seen, playable, frame),
        keyText(stage, seen, frame),
      ]);
      // A key that came meanwhile is drawn next.
      if (player === asked) player = seen;
      shown = [seen, ...wanted.slice(1)];
    }
    const rest = player.isPlaying
      ? frameMilliseconds + startedAt - milliseconds()
      : lookMilliseconds;
    await screen.change(Math.max(0, rest), signal);
    const now = milliseconds();
    owed += (player.speed * Math.min(lagMillisecondsMax, now - advancedAt)) / 1000;
    advancedAt = now;
    if (!player.isPlaying) owed = 0;
    else if (owed >= 1) {
      player = advance(player, Math.floor(owed), playable);
      owed %= 1;
    }
  }
  if (signal.aborted) shell.exitCode = exitCodes.interrupted;
}

type Seen = Frame & { readonly hasFailed: boolean };

/** Damage is shown where it is met: what lies before and behind it can still be seen. */
async function look(stage: Stage, player: Player, room: Room): Promise<Seen> {
  try {
    return { ...(await drawFrame(stage, player, room)), hasFailed: false };
  } catch (error) {
    if (!isEverytickError(error)) throw error;
    const lines = visibleLines(error.message).split("\n");
    return {
      tick: player.tick,
      lines: lines.slice(0, room.rows).map((line) => cutToWidth(line, room.columns)),
      caption: "cannot be shown",
      scrollMax: 0,
      hasFailed: true,
    };
  }
}

function settled(player: Player, { tick, hasFailed }: Seen): Player {
  if (tick === player.tick && !(hasFailed && player.isPlaying)) return player;
  return { ...player, tick, isPlaying: player.isPlaying && !hasFailed };
}

function stateText(stage: Stage, player: Player, { first, isLive }: Playable, seen: Seen): string {
  const { isPlaying, direction, speed, typed, tick } = player;
  const facts = factsText(stage, player, seen.caption);
  if (typed !== undefined) {
    return `go to tick ${typed}_ · ${count(first)} to ${count(stage.run.tick)} · ${facts}`;
  }
  const arrow = direction === 1 ? "▶" : "◀";
  const sign = isPlaying ? arrow : direction === 1 ? "■" : "■◀";
  const live = isLive ? ", growing" : "";
  return `${sign} ${placeText(tick, stage)}${live} · ${speed} ticks/s · ${facts}`;
}

/** The keys that do something here, the most needed first: a narrow terminal cuts the rest. */
function keyText(stage: Stage, player: Player, { scrollMax }: Seen): string {
  const store = storeOf(stage, player);
  const hasPlanes = store.kind === "grid" && planesOf(store.shape) > 1;
  const keys = ["q quit", "space play", "←→ step", "shift ±10"];
  if (stage.stores.length > 1) keys.push("tab store");
  if (hasPlanes) keys.push("[ ] plane");
  if (scrollMax > 0) keys.push("↑↓ rows");
  return [...keys, "g tick", "r reverse", "+- speed"].join(" · ");
}

/** Whether a run grows, as far as one sees without asking all the time. */
class Growth {
  readonly #stage: Stage;
  readonly #status: () => Promise<RunStatus>;
  #lookedAt = -Infinity;
  #knownAt = -Infinity;

  constructor(stage: Stage, status: () => Promise<RunStatus>) {
    this.#stage = stage;
    this.#status = status;
  }

  async look(playable: Playable): Promise<Playable> {
    const now = milliseconds();
    if (now - this.#lookedAt < lookMilliseconds) return playable;
    const isFirst = this.#lookedAt === -Infinity;
    this.#lookedAt = now;
    const { run } = this.#stage;
    await run.refresh();
    const [first, last] = [run.firstTick, run.tick];
    let { isLive } = playable;
    if (!isFirst && last > playable.last) {
      isLive = true;
      this.#knownAt = now;
    } else if (isFirst || (isLive && now - this.#knownAt >= statusMilliseconds)) {
      isLive = (await this.#status()) === "recording";
      this.#knownAt = now;
    }
    return { ...playable, first, last, isLive };
  }
}
