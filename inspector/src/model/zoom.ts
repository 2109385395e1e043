import type { Span } from "./view-link.ts";

/** Fewer ticks than this are never spread over the scrubber. */
const ticksMin = 20;

/**
 * A wider or narrower span around a tick that stays where it is.
 * @returns `undefined` for the whole run
 */
export function zoomed(span: Span, whole: Span, around: number, factor: number): Span | undefined {
  const ticks = span.to + 1 - span.from;
  const wholeTicks = whole.to + 1 - whole.from;
  const wanted = Math.max(Math.min(ticksMin, wholeTicks), Math.round(ticks * factor));
  if (wanted >= wholeTicks) return undefined;
  const share = (around - span.from) / ticks;
  return shifted({ from: 0, to: wanted - 1 }, whole, Math.round(around - share * wanted));
}

/** The span moved to begin at a tick, kept within the whole. */
export function shifted({ from, to }: Span, whole: Span, start: number): Span {
  const ticks = to - from;
  const begin = Math.min(Math.max(whole.from, start), Math.max(whole.from, whole.to - ticks));
  return { from: begin, to: begin + ticks };
}
