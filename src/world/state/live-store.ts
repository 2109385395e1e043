import type { ColumnImage } from "../../format/image.ts";

/** One store of the live state: what the user's code reads and writes. */
export interface LiveStore {
  /** Whether the state lives elsewhere, in the caller's own arrays or objects. */
  readonly isBound: boolean;
  /** What stands in `state` under the store's name; fetched anew each time, since arrays may move. */
  present(): unknown;
  /** The current bits. Fixed-width bytes are views of the live memory, lent until the next change. */
  capture(): readonly ColumnImage[];
  /** The bits that may have changed since the last commit, where that is known and few. */
  changes?(): readonly RowBits[] | undefined;
  /** What stands here now is committed. */
  settle?(): void;
  load(columns: readonly ColumnImage[]): void;
  /** Where rows are born and die, `planRowChanges` writes them instead. */
  write?(rows: RowBits): void;
}

/** New bits of some rows of a column: `bytes` for a fixed width, `values` for variable lengths. */
export interface RowBits {
  readonly column: number;
  readonly index: Uint32Array;
  readonly bytes: Uint8Array;
  readonly values: readonly Uint8Array[];
}
