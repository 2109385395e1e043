/** Ticks [from, to] as a moving picture. */
export interface Clip {
  readonly from: number;
  readonly to: number;
  /** Every so-many-th tick. */
  readonly every: number;
  readonly framesPerSecond: number;
  /** Of the longer side, in pixels. */
  readonly width: number;
}

export function framesOf({ from, to, every }: Clip): number {
  return Math.floor((to - from) / every) + 1;
}
