import { EverytickError } from "../errors.ts";
import type { Clock } from "../types.ts";

export interface GateOptions {
  /** How much is done at once. */
  readonly width: number;
  /** How much may wait. */
  readonly waiting: number;
  /** After which a caller is told that it takes too long. */
  readonly milliseconds: number;
}

/** Lets a few pieces of work through at once, and a few more wait. */
export class Gate {
  readonly #options: GateOptions;
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  #working = 0;

  constructor(options: GateOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Work that is given up goes on to its end and takes its place until then: it cannot be stopped half-way.
   * @throws API_BUSY, API_DEADLINE, and what the work throws
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#queue.length >= this.#options.waiting) {
      const found = `${this.#queue.length} requests that wait`;
      throw new EverytickError("API_BUSY", { found, next: "Try again." });
    }
    const answered = new AbortController();
    const { signal } = answered;
    const late = this.#clock.sleep(this.#options.milliseconds, signal);
    try {
      return await Promise.race([this.#inTurn(work, signal), late.then(() => this.#refuse())]);
    } finally {
      answered.abort();
    }
  }

  async #inTurn<T>(work: () => Promise<T>, answered: AbortSignal): Promise<T> {
    if (this.#working >= this.#options.width) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#queue.push(resolve);
      // Who wakes a waiter leaves it the place.
      await promise;
    } else {
      this.#working++;
    }
    try {
      // Nobody waits any more for what was given up in the line.
      if (answered.aborted) this.#refuse();
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#working--;
      else next();
    }
  }

  #refuse(): never {
    const expected = `an answer within ${this.#options.milliseconds} ms`;
    throw new EverytickError("API_DEADLINE", { expected, next: "Ask for less, or try again." });
  }
}
