/** Ticks in a second at speed 1. */
export const ticksPerSecond = 60;
const speedMin = 0.01;
const speedMax = 10_000;

export interface PlayState {
  /** The place in time: ticks and a fraction. */
  readonly position: number;
  readonly direction: 1 | -1;
  readonly speed: number;
  readonly firstTick: number;
  readonly lastTick: number;
}

/**
 * Where play stands after so many seconds.
 * @param shown the tick on the screen. Up to speed 1 every tick is shown, however long it takes; faster, time decides and
 *   ticks are passed over, which the page says.
 */
export function playedOn(state: PlayState, shown: number, seconds: number): number {
  const { position, direction, speed, firstTick, lastTick } = state;
  let next = position + direction * speed * ticksPerSecond * seconds;
  // The tick after the one that is on its way may be asked for already, so that no picture waits for a question.
  if (speed <= 1) next = direction === 1 ? Math.min(next, shown + 2) : Math.max(next, shown - 2);
  return Math.min(lastTick, Math.max(firstTick, next));
}

/** Ticks between two pictures: what is made ready ahead. */
export function strideOf(speed: number): number {
  return Math.max(1, Math.round(speed));
}

/** Doubled or halved, within what there is; from 1 it comes back to 1. */
export function otherSpeed(speed: number, factor: 2 | 0.5): number {
  const next = speed * factor;
  return Math.min(speedMax, Math.max(speedMin, next));
}

export function speedText(speed: number): string {
  if (speed >= 10) return `${Math.round(speed).toLocaleString("en")}×`;
  return `${Number(speed.toPrecision(2))}×`;
}
