import { EverytickError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Clock } from "../types.ts";

interface Allowance {
  requests: number;
  at: number;
}

/** How many requests each client may still make: a fixed number a second, and some saved up. */
export class Rate {
  readonly #clock: Clock;
  /** By address; the one that asked last stands at the end. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws API_BUSY */
  take(address: string): void {
    const now = this.#clock.monotonic();
    const { requests, at } = this.#allowances.get(address) ?? {
      requests: limits.requestsAtOnce,
      at: now,
    };
    const earned = ((now - at) / 1000) * limits.requestsPerSecond;
    const left = Math.min(limits.requestsAtOnce, requests + earned) - 1;
    this.#allowances.delete(address);
    this.#allowances.set(address, { requests: Math.max(0, left), at: now });
    // Who is forgotten has as much as it could save up, so forgetting the one that asked first is cheap.
    if (this.#allowances.size > limits.rateAddresses) this.#forgetOldest();
    if (left >= 0) return;
    const expected = `at most ${limits.requestsPerSecond} requests a second`;
    throw new EverytickError("API_BUSY", {
      where: address,
      expected,
      next: "Try again in a second.",
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#allowances.keys();
    if (oldest !== undefined) this.#allowances.delete(oldest);
  }
}
