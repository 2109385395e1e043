import type { ColumnImage } from "../format/image.ts";
import type { Tick } from "../types.ts";
import type { RowBits } from "../world/state/live-store.ts";

/** One tick on its way to the journal: flat, so that it can cross to another thread. */
export interface TickInput {
  readonly tick: Tick;
  readonly simTime: number;
  readonly wallTime: number;
  /** Index into the world's eras. */
  readonly era: number;
  /** In order of the stores; a store that is absent did not change. */
  readonly stores: readonly StoreInput[];
}
/**
 * Either the whole bits of a store, lent until `append` returns, or explicit changes: rows rising, each once; rows whose
 * bits stay the same are no change.
 */
export type StoreInput =
  | { readonly store: number; readonly state: readonly ColumnImage[] }
  | { readonly store: number; readonly changes: readonly RowBits[] };
/** Ticks that were not recorded, and why. */
export interface GapInput {
  /** The last missing tick. */
  readonly lastTick: Tick;
  readonly wallTime: number;
  readonly reason: string;
}

/** Where ticks go. The order of calls is the order of history. */
export interface Sink {
  /** The last tick that is durable at the sink's level. */
  readonly durableTick: Tick;
  /** Takes the tick; everything it lends is copied or used before this returns. @throws JOURNAL_WRITE, JOURNAL_POISONED */
  append(input: TickInput): void;
  appendGap(gap: GapInput): void;
  /** Resolves when everything appended is durable. @throws JOURNAL_WRITE, JOURNAL_POISONED */
  flush(): Promise<void>;
  /** Makes everything appended readable by others, durable or not. */
  publish(): Promise<void>;
  /** Flushes, marks the end in good order, and lets go of the files. */
  close(): Promise<void>;
  /** Called with each advance of `durableTick`. */
  onDurable: ((tick: Tick) => void) | undefined;
}
