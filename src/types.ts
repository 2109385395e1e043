/** The public types, in the order of the data's way: state, world, recording, reading, runs. */

import type {
  ChangesOf,
  Columns,
  ColumnType,
  Element,
  NumericType,
  PastStateOf,
  Role,
  RowOf,
  StateDefinition,
  StateOf,
} from "./state-types.ts";

export type * from "./damage-types.ts";
export type * from "./ports.ts";
export type * from "./state-types.ts";

/** A step of a run: a safe integer, 0 or more. The first recorded tick of a run is usually 0. */
export type Tick = number;

// --- World -----------------------------------------------------------------------------------------------------

export type Param = string | number | boolean;
export type Params = { readonly [name: string]: Param };
/** The default `"B3/S23"` declares a string, not that one string. */
export type ParamsOf<P extends Params> = {
  readonly [K in keyof P]: P[K] extends string ? string : P[K] extends number ? number : boolean;
};

/** A seeded stream of random numbers (sfc32). Its state is recorded, so a resumed run draws on exactly. */
export interface RandomStream {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A number in [0, 1) with 53 random bits. */
  float(): number;
  /** An integer in [0, end), unbiased; `end` is at most 2^32. */
  int(end: number): number;
  /** Whether an event of this probability happens. */
  chance(probability: number): boolean;
  /** A draw from the standard normal distribution. */
  normal(): number;
  /** Shuffles in place (Fisher–Yates) and returns the same list. */
  shuffle<T extends { length: number; [index: number]: unknown }>(list: T): T;
  /** Another declared stream. @throws WORLD_STREAM */
  stream(name: string): RandomStream;
}

export interface WorldDefinition<P extends Params, D extends StateDefinition> {
  readonly name: string;
  readonly version: number;
  /** Defaults; their types are fixed by them. */
  readonly params?: P;
  readonly state: D | ((params: ParamsOf<P>) => D);
  /** Names of further random streams; `main` is always there. */
  readonly streams?: readonly string[];
  readonly eras?: readonly string[];
  readonly strata?: readonly string[];
  /** Short facts that stand in the run's card, such as a rule hash. */
  readonly labels?: (params: ParamsOf<P>) => { readonly [name: string]: string };
  readonly init?: (context: WorldContext<P, D>) => void;
  /** Advances the state by one tick, in place. */
  readonly step?: (context: WorldContext<P, D>) => void;
}
export interface WorldContext<P extends Params, D extends StateDefinition> {
  readonly state: StateOf<D>;
  /** The tick being made: 0 in `init`. */
  readonly tick: Tick;
  readonly random: RandomStream;
  readonly params: ParamsOf<P>;
}
/** A checked definition, made by `defineWorld`. */
export type World<
  P extends Params = Params,
  D extends StateDefinition = StateDefinition,
> = Readonly<WorldDefinition<P, D>> & { readonly params: P };
/**
 * Any world. Hooks are contravariant in their context, so no concrete `World` is assignable to
 * `World<Params, StateDefinition>`; this is the type that says so honestly.
 */
export interface AnyWorld {
  readonly name: string;
  readonly version: number;
  readonly params: Params;
  readonly state: StateDefinition | ((params: never) => StateDefinition);
  readonly streams?: readonly string[];
  readonly eras?: readonly string[];
  readonly strata?: readonly string[];
  readonly labels?: (params: never) => { readonly [name: string]: string };
  readonly init?: (context: never) => void;
  readonly step?: (context: never) => void;
}

// --- Recording -------------------------------------------------------------------------------------------------

/**
 * What an acknowledged tick survives. `fsync`: crash of the process, of the system, loss of power.
 * `os`: crash of the process. `memory`: nothing.
 */
export type Durability = "fsync" | "os" | "memory";

export interface Ack {
  readonly tick: Tick;
  /** The last tick that is durable at the level `durability`. */
  readonly durableTick: Tick;
  readonly durability: Durability;
}

export interface RecordOptions<D extends StateDefinition> {
  readonly state: D;
  /** Runs before each commit of a state; copies the simulation's own state into `state`. */
  readonly capture?: (state: StateOf<D>) => void;
  /** Runs at resume; writes `state` back into the simulation. */
  readonly restore?: (state: StateOf<D>) => void;
  /** Names of further random streams; `main` is always there. */
  readonly streams?: readonly string[];
  readonly params?: Params;
}
export interface RecordWorldOptions<P extends Params, D extends StateDefinition> {
  readonly world: World<P, D>;
  /** Overrides of the world's defaults. A resumed run has its own already. */
  readonly params?: Partial<ParamsOf<NoInfer<P>>>;
}
export interface RecordCommonOptions {
  /** `never` (default): the id must be new. `auto`: continue if it exists. `only`: it must exist. */
  readonly resume?: "never" | "auto" | "only";
  /** A safe integer; 0 if absent. */
  readonly seed?: number;
  /** Default `fsync`. */
  readonly durability?: Durability;
  /** How many ticks may be unacknowledged when a commit resolves. 0 (default): none. */
  readonly window?: number;
  readonly labels?: { readonly [name: string]: string };
  /** Ticks may be left out between commits. */
  readonly sparse?: boolean;
  /** SHA-256 of the simulation's source, hex; a resume with another one warns. */
  readonly codeDigest?: string;
}

export interface CommitOptions<D extends StateDefinition> {
  /** Default: the tick after `run.tick`. */
  readonly tick?: Tick;
  /** Default: the tick. */
  readonly simTime?: number;
  /** Milliseconds since 1970, UTC. Default: now. */
  readonly wallTime?: number;
  /** One of the world's eras. Default: the era of the last tick. */
  readonly era?: string;
  /** What changed. Given this, the state is not looked at; the changes are applied to it. */
  readonly changes?: ChangesOf<D>;
}

/** What opening a run for writing found and did. */
export interface Recovery {
  /** Whether the run existed already. */
  readonly resumed: boolean;
  /** The last recorded tick, from which the run continues. */
  readonly tick: Tick;
  /** Bytes that were cut from the tail: never acknowledged, kept in `keptAt`. */
  readonly tornBytes: number;
  readonly keptAt?: string;
  readonly warnings: readonly string[];
}

// --- Reading ---------------------------------------------------------------------------------------------------

/** A past state. Its arrays are the caller's own copies. */
export interface Past<D extends StateDefinition = StateDefinition> {
  readonly tick: Tick;
  readonly simTime: number;
  readonly wallTime: number;
  readonly era: string | undefined;
  readonly state: PastStateOf<D>;
  /** Hex, 32 digits: the chain of all changes up to this tick. */
  readonly historyDigest: string;
  /** Hex, 32 digits: computed from the state, whatever the way there. */
  stateDigest(): string;
}

/**
 * One element that a tick changed. `index` is row-major in a grid, 0 in a value store, else the slot of a row. A row that
 * is born or dies changes its column `$live`, too.
 */
export interface Change {
  readonly store: string;
  readonly column?: string;
  readonly index: number;
  /** Of the row, in tables and edges. */
  readonly key?: Element | readonly Element[];
  readonly old: Element;
  readonly new: Element;
}

export interface SeekOptions {
  /** Check every digest on the way: of the keyframe and of each delta. @default false */
  readonly verify?: boolean;
}
export interface PlayOptions extends SeekOptions {
  /** First tick to yield. Default: the first recorded one. */
  readonly from?: Tick;
  /** Last tick to yield, included. Below `from`: backwards. Default: the last recorded one. */
  readonly to?: Tick;
  /** Yield views that are overwritten by the next step instead of copies. @default false */
  readonly reuse?: boolean;
  readonly signal?: AbortSignal;
}
export interface SeriesOptions extends Omit<PlayOptions, "reuse"> {
  /** Measure each so-many-th recorded tick, from the first on. @default 1 */
  readonly every?: number;
}
/** What a function of the state gave at a tick. */
export interface SeriesPoint<T> {
  readonly tick: Tick;
  readonly value: T;
}
export interface LogOptions {
  /** First tick. Default: the first recorded one. */
  readonly from?: Tick;
  /** Last tick, included. Below `from`: backwards. Default: the last recorded one. */
  readonly to?: Tick;
  readonly signal?: AbortSignal;
}
/** A row of a log and the tick that appended it. */
export interface LogEntry<C extends Columns = Columns> {
  readonly tick: Tick;
  readonly row: RowOf<C>;
}
export interface FollowOptions {
  /** First tick to yield. Default: the next one. */
  readonly from?: Tick;
  readonly signal?: AbortSignal;
}

/** What the bytes of a recording are spent on; whole frames, heads included. */
export interface RecordedSizes {
  readonly ticks: number;
  readonly deltaBytes: number;
  readonly keyframes: number;
  readonly keyframeBytes: number;
  /** Bytes of row lists in deltas, a part of `deltaBytes`. */
  readonly indexBytes: number;
  readonly columns: readonly ColumnSizes[];
}
/** The blocks of a column in deltas, by encoding: an id of `docs/format.md`, section 5. */
export interface ColumnSizes {
  readonly store: string;
  readonly column: string;
  readonly encodings: readonly {
    readonly encoding: number;
    readonly blocks: number;
    readonly bytes: number;
  }[];
  /** What a trial of the encodings says of the last tick; `undefined` where there is nothing to choose. */
  readonly reason: string | undefined;
}

// --- Runs ------------------------------------------------------------------------------------------------------

/** The run's card: everything about it that does not change from tick to tick. */
export interface RunCard {
  readonly format: number;
  readonly id: string;
  readonly uuid: string;
  readonly world: WorldSchema;
  readonly worldHash: string;
  readonly codeDigest: string | null;
  readonly seed: number;
  readonly params: Params;
  readonly labels: { readonly [name: string]: string };
  readonly sparse: boolean;
  readonly parent: {
    readonly uuid: string;
    readonly tick: Tick;
    readonly historyDigest: string;
  } | null;
  readonly createdAt: string;
}
/** The world as it stands in cards and segments; `docs/format.md`, section 2. */
export interface WorldSchema {
  readonly name: string;
  readonly version: number;
  readonly params: { readonly [name: string]: "number" | "string" | "boolean" };
  readonly stores: readonly StoreSchema[];
  readonly eras: readonly string[];
  readonly strata: readonly string[];
}
export interface GridSchema {
  readonly kind: "grid";
  readonly name: string;
  readonly role: Role;
  readonly type: NumericType;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
}
export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
}
export interface ValueSchema {
  readonly kind: "value";
  readonly name: string;
  readonly role: Role;
  readonly columns: readonly ColumnSchema[];
}
export interface TableSchema {
  readonly kind: "table";
  readonly name: string;
  readonly role: Role;
  readonly key: readonly string[];
  readonly columns: readonly ColumnSchema[];
}
export interface EdgesSchema {
  readonly kind: "edges";
  readonly name: string;
  readonly role: Role;
  readonly from: string;
  readonly to: string;
  /** `from` and `to` first, with the types of the keys that they hold. */
  readonly columns: readonly ColumnSchema[];
}
export interface LogSchema {
  readonly kind: "log";
  readonly name: string;
  readonly role: Role;
  readonly columns: readonly ColumnSchema[];
}
export type StoreSchema = GridSchema | ValueSchema | TableSchema | EdgesSchema | LogSchema;

/** `recording`: a writer holds it. `closed`: its writer ended in good order. `interrupted`: neither. */
export type RunStatus = "recording" | "closed" | "interrupted";

/** Facts about a run that need a look at its journal. */
export interface RunFacts {
  readonly card: RunCard;
  readonly status: RunStatus;
  readonly firstTick: Tick;
  readonly tick: Tick;
  readonly historyDigest: string;
  readonly segments: number;
  /** Bytes of history: card and segments, keyframes and indexes in it. */
  readonly bytes: number;
  /** Bytes of derived files, rebuildable. */
  readonly cacheBytes: number;
  /** Bytes of one whole state: of tables the rows of the last tick, values of variable length left out. */
  readonly stateBytes: number;
}
