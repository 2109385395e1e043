import type { ErrorDetails } from "../../../src/errors.ts";
import type { Change, Element, RunCard } from "../../../src/types.ts";
import type { Strip } from "./activity.ts";

/** What the page and its two workers say to each other. Ticks are inclusive where a range is called `from` and `to`. */

export interface OpenedRun {
  readonly card: RunCard;
  readonly firstTick: number;
  readonly lastTick: number;
  readonly isRecording: boolean;
  readonly bytes: number;
  /** What ends the history early, if anything does. */
  readonly damage: Problem | undefined;
}

/** The bits of one store, trimmed to the slots that hold rows. The receiver's own. */
export interface StoreContent {
  readonly store: number;
  readonly columns: readonly { readonly bytes: Uint8Array; readonly values: Uint8Array[] }[];
}

export interface TickState {
  readonly tick: number;
  readonly simTime: number;
  readonly wallTime: number;
  readonly era: string | undefined;
  /** Hex. */
  readonly historyDigest: string;
  readonly stores: readonly StoreContent[];
}

export interface ShowRequest {
  readonly tick: number;
  /** Numbers of the stores that are looked at. */
  readonly stores: readonly number[];
  /** 0: this tick or none. 1, -1: the nearest recorded one that way, itself included. */
  readonly direction: 1 | 0 | -1;
  /** Pass over ticks that changed nothing. */
  readonly skipsQuiet: boolean;
  /** Ticks between two pictures while it plays; 0 if it does not, and nothing is fetched ahead. */
  readonly stride: number;
}

export interface TickChanges {
  readonly tick: number;
  readonly stores: readonly {
    readonly store: string;
    readonly changed: number;
    readonly born: number;
    readonly died: number;
  }[];
  /** The first of them; all, if `total` is no larger. */
  readonly changes: readonly Change[];
  readonly total: number;
}

export interface Problem {
  readonly code: string | undefined;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** One element of a grid, one row of a table, or the record of a value store. */
export interface Place {
  readonly store: number;
  /** Row-major index of a grid, slot of a table, 0 of a value store. */
  readonly row: number;
}

/** What stands at a place from a tick on. */
export interface HistoryEntry {
  readonly tick: number;
  /** One value for each column; `undefined` where no such row lives. */
  readonly values: readonly Element[] | undefined;
}
interface HistoryPart {
  readonly job: number;
  readonly entries: readonly HistoryEntry[];
  /** How far it has come. */
  readonly tick: number;
  readonly isLast: boolean;
}

export type EngineCalls = {
  open(run: string): OpenedRun;
  refresh(): { firstTick: number; lastTick: number };
  show(request: ShowRequest): TickState;
  strip(range: { from: number; end: number; buckets: number }): Strip;
  nextChanged(from: { tick: number; direction: 1 | -1 }): number | undefined;
  changes(tick: number): TickChanges;
};
export interface EngineEvents {
  /** So many segments of all were indexed. */
  readonly indexed: { readonly done: number; readonly total: number };
}

/** `rows`: live rows of a table. `column`: a number of a value store. */
export type SeriesSource =
  | { readonly kind: "rows"; readonly store: number }
  | { readonly kind: "column"; readonly store: number; readonly column: number };
/** A number for each tick, in order. */
interface SeriesPart {
  readonly job: number;
  readonly ticks: Float64Array;
  /** One array for each source; NaN where there is no number. */
  readonly values: readonly Float64Array[];
  readonly isLast: boolean;
}

/** The rows that a log took in a tick. */
export interface LogRow {
  readonly tick: number;
  readonly values: readonly (readonly [name: string, value: Element])[];
}

/** Jobs answer when they have ended or were stopped; what they find comes in parts before. */
export type SurveyCalls = {
  open(run: string): void;
  /** @param of.at the tick at which the row was chosen: its key is followed, not its slot */
  history(of: { place: Place; at: number; from: number; to: number; job: number }): void;
  series(of: { sources: readonly SeriesSource[]; from: number; to: number; job: number }): void;
  /** States go through the port, the next only when one of the last few was answered. */
  states(of: {
    from: number;
    to: number;
    stores: readonly number[];
    port: MessagePort;
    job: number;
  }): void;
  /** The last rows of a log at or before a tick, latest first. */
  events(of: { store: number; to: number; most: number; job: number }): readonly LogRow[];
  stop(job: number): void;
};
export interface SurveyEvents {
  readonly history: HistoryPart;
  readonly series: SeriesPart;
}

/** What goes through the port of a probe, and back. */
export type ProbeInput =
  | { readonly kind: "begin"; readonly card: RunCard; readonly expression: string }
  | { readonly kind: "state"; readonly tick: number; readonly stores: readonly StoreContent[] }
  | { readonly kind: "end" };
export interface ProbeResult {
  readonly ticks: Float64Array;
  readonly values: Float64Array;
  readonly isLast: boolean;
  /** Why the expression has no value, at the tick where that was first so. */
  readonly failure: string | undefined;
}
