import { areSameRows } from "./row-bytes.ts";

/** The differences that a tick's parts held, which those of the next tick may be written against. */
export interface PartDifferences {
  /** `undefined`: all rows. */
  readonly rows: Uint32Array | undefined;
  readonly differences: Uint8Array;
}

/** The differences of one tick, by part and column. Only what stood in its frames as differences is there. */
export class LastDifferences {
  /** Whether all of them are there; who comes from a later tick knows only some. */
  readonly isComplete: boolean;
  readonly #parts = new Map<string, PartDifferences>();

  constructor(isComplete = true) {
    this.isComplete = isComplete;
  }

  /** Bytes of memory, nearly. */
  get bytes(): number {
    let sum = 0;
    for (const { rows, differences } of this.#parts.values()) {
      sum += (rows?.byteLength ?? 0) + differences.byteLength;
    }
    return sum;
  }

  set(key: string, part: PartDifferences): void {
    this.#parts.set(key, part);
  }

  /** The differences of the same part of the tick, if it had the same rows. */
  get(key: string, rows: Uint32Array | undefined, length: number): PartDifferences | undefined {
    const part = this.#parts.get(key);
    if (part === undefined || part.differences.length !== length) return undefined;
    return areSameRows(part.rows, rows) ? part : undefined;
  }
}

/** Numbers the parts of a tick that share store, chunk and column, so that the next tick finds its own. */
export class PartKeys {
  readonly #counts = new Map<string, number>();

  next(store: number, chunk: number | undefined, column: number): string {
    const place = `${store} ${chunk ?? ""} ${column}`;
    const count = this.#counts.get(place) ?? 0;
    this.#counts.set(place, count + 1);
    return `${place} ${count}`;
  }
}
